"""Web accounts: who may sign in to the web admin, as what, and for how long.

1. A guess is counted in the store, for the account and for the web as a
terminal, before it is looked at. 2. A name nobody bears takes as long as a
wrong password. 3. While an account has the well-known default password, the
presence code is asked too and nothing opens but the change of password.
4. A session is 256 random bits of which only the SHA-256 is kept; it is valid
only in the opening of the window it was made in, and every sign-in makes a new one.

Waits are short on purpose (15 minutes for an account, one for the terminal): a
good password needs no more, and nobody else's guesses keep the household out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from appliance import audit, clock, errors
from appliance.access import passwords, presence, throttle, verifier, web_window
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.opened import Opened
from appliance.store.database import Db

ROLES = ("viewer", "operator", "admin")  # each may do what the one before may, and more
DEFAULT = "admin"  # name and password after a reset
TERMINAL = "web"
STRANGER = "?"  # stands for a name nobody bears
LONGEST_ACCOUNT_WAIT_S = 900.0
LONGEST_TERMINAL_WAIT_S = 60.0
TOKEN_BYTES = 32
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser."""

    id: int
    account_id: int
    name: str
    role: str
    must_change: bool  # the password is still the default
    language: str | None
    opening: int
    remaining_s: float  # of the window, on the boot clock

    @property
    def actor(self) -> audit.Actor:
        return audit.Actor("admin", self.name)

    def may(self, role: str) -> bool:
        """Tell whether this person has `role` or more."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sign-in failed, without saying which part was wrong. `wait_s`: until the next try is looked at."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    name: str
    password_hash: str
    is_default: bool


def ensure_default(opened: Opened) -> None:
    """Make the default account at the first start of an appliance."""
    with opened.store.read() as db:
        there = db.execute("SELECT 1 FROM web_accounts WHERE name=?", (DEFAULT,)).fetchone()
    if there is None:
        reset_admin(opened, audit.CORE)


def reset_admin(opened: Opened, actor: audit.Actor) -> None:
    """Bring back user `admin` with password `admin` and end every session; PIN and all else stay."""
    password_hash, now = verifier.make(DEFAULT), opened.clock.now()
    with opened.store.write() as db:
        db.execute(
            "INSERT INTO web_accounts (name, role, password_hash, is_default, changed_at) VALUES (?,'admin',?,1,?)"
            " ON CONFLICT (name) DO UPDATE SET role='admin', password_hash=excluded.password_hash, is_default=1,"
            " changed_at=excluded.changed_at",
            (DEFAULT, password_hash, clock.utc_text(now)),
        )
        db.execute("DELETE FROM web_sessions")
        throttle.forgive(db, _throttle(DEFAULT))
        throttle.forgive(db, TERMINAL)
        audit.record(db, now, actor, "web_account.reset", DEFAULT)


def add(opened: Opened, actor: audit.Actor, name: str, role: str, password: str) -> None:
    """Make an account. Raises BadInput for a poor password, an unknown role or a name that is taken."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(N_("A user name has 1 to {most} characters."), field="name", most=LONGEST_NAME)
    if role not in ROLES:
        raise BadInput(N_("A role is one of: {roles}."), field="role", roles=", ".join(ROLES))
    passwords.require_good(password, password, name)
    password_hash, now = verifier.make(password), opened.clock.now()
    try:
        with opened.store.write() as db:
            db.execute(
                "INSERT INTO web_accounts (name, role, password_hash, changed_at) VALUES (?,?,?,?)",
                (name, role, password_hash, clock.utc_text(now)),
            )
            audit.record(db, now, actor, "web_account.add", name, role=role)
    except errors.StoreConflict:
        raise BadInput(N_("There is a user called {name} already."), field="name", name=name) from None


def has_default_password(opened: Opened) -> bool:
    """Tell whether admin/admin is in force: surfaces warn, sign-in asks for the presence code."""
    with opened.store.read() as db:
        return bool(db.execute("SELECT 1 FROM web_accounts WHERE is_default=1").fetchone())


def sign_in(opened: Opened, name: str, password: str, presence_code: str, address: str, browser: str) -> str | Refusal:
    """A new session's token, or the refusal. Raises Refused when the window is closed."""
    name = name.strip()[:LONGEST_NAME]
    account, wait_s = _count(opened, name, password + "\0" + presence_code)
    if wait_s:
        return Refusal(wait_s)
    right = verifier.matches(account.password_hash if account else None, password[: passwords.LONGEST])
    now = opened.clock.now()
    with opened.store.write() as db:
        opening = _require_open(db, opened.clock)
        if right and account and account.is_default:
            right = presence.is_right(opened.key(), opening, presence_code)
        if not right or account is None:
            known = STRANGER if account is None else account.name
            audit.record(db, now, audit.Actor("admin", known), "web.refuse", known, address=address)
            return Refusal(_wait(opened, db, name))
        throttle.forgive(db, _throttle(account.name))
        throttle.forgive(db, TERMINAL)
        db.execute("DELETE FROM web_sessions WHERE opening<>?", (opening,))
        audit.record(db, now, audit.Actor("admin", account.name), "web.sign_in", account.name, address=address)
        return _new_session(db, now, account.id, opening, address, browser)


def session(opened: Opened, token: str) -> WebSession | None:
    """The session a browser showed the token of; None when there is none in this opening."""
    with opened.store.read() as db:
        window = web_window.state_in(db, opened.clock)
        row = db.execute(
            "SELECT s.id, a.id, a.name, a.role, a.is_default, a.language FROM web_sessions s"
            " JOIN web_accounts a ON a.id=s.account_id WHERE s.token_hash=? AND s.opening=?",
            (_hash(token), window.opening),
        ).fetchone()
    if row is None or not window.open:
        return None
    number, account_id, name, role, is_default, language = row
    return WebSession(number, account_id, name, role, bool(is_default), language, window.opening, window.remaining_s)


def sign_out(opened: Opened, who: WebSession) -> None:
    """End one session."""
    with opened.store.write() as db:
        db.execute("DELETE FROM web_sessions WHERE id=?", (who.id,))
        audit.record(db, opened.clock.now(), who.actor, "web.sign_out", who.name)


def confirm(opened: Opened, who: WebSession, password: str) -> Refusal | None:
    """Ask a signed-in person for the password again; None when it is right. Counted like a sign-in."""
    account, wait_s = _count(opened, who.name, password)
    if wait_s:
        return Refusal(wait_s)
    right = verifier.matches(account.password_hash if account else None, password[: passwords.LONGEST])
    with opened.store.write() as db:
        if not right:
            audit.record(db, opened.clock.now(), who.actor, "web.refuse", who.name)
            return Refusal(_wait(opened, db, who.name))
        throttle.forgive(db, _throttle(who.name))
        throttle.forgive(db, TERMINAL)
    return None


def change_password(opened: Opened, who: WebSession, current: str, password: str, again: str) -> str | Refusal:
    """Replace the password; return the token of a new session, the only one left. Raises BadInput."""
    passwords.require_good(password, again, who.name)
    if password == current:
        raise BadInput(N_("The new password is the old one: choose another."), field="password")
    refusal = confirm(opened, who, current)
    if refusal:
        return refusal
    password_hash, now = verifier.make(password), opened.clock.now()
    with opened.store.write() as db:
        opening = _require_open(db, opened.clock)
        row = db.execute("SELECT address, browser FROM web_sessions WHERE id=?", (who.id,)).fetchone()
        if row is None:
            raise Refused(N_("This sign-in has ended: sign in again."))
        db.execute(
            "UPDATE web_accounts SET password_hash=?, is_default=0, changed_at=? WHERE id=?",
            (password_hash, clock.utc_text(now), who.account_id),
        )
        db.execute("DELETE FROM web_sessions WHERE account_id=?", (who.account_id,))
        audit.record(db, now, who.actor, "web_account.change_password", who.name)
        return _new_session(db, now, who.account_id, opening, row[0], row[1])


def choose_language(opened: Opened, who: WebSession, language: str) -> None:
    """Keep the language of one account."""
    with opened.store.write() as db:
        db.execute("UPDATE web_accounts SET language=? WHERE id=?", (language, who.account_id))
        if not db.changes():
            raise NotFound(N_("This account is gone."), field="name")


def _count(opened: Opened, name: str, guess: str) -> tuple[_Account | None, float]:
    """Write the guess down as a failure unless a wait runs; return the account of that name and the wait."""
    guess_hash = opened.key().keyed_hash("guess/web", name.casefold() + "\0" + guess)
    with opened.store.write() as db:
        _require_open(db, opened.clock)
        wait_s = _wait(opened, db, name)
        if not wait_s:
            throttle.count(db, opened.clock, _place(opened, db, name), guess_hash, LONGEST_ACCOUNT_WAIT_S)
            throttle.count(db, opened.clock, TERMINAL, guess_hash, LONGEST_TERMINAL_WAIT_S)
        row = db.execute(
            "SELECT id, name, password_hash, is_default FROM web_accounts WHERE name=?", (name,)
        ).fetchone()
    return (_Account(row[0], row[1], row[2], bool(row[3])) if row else None), wait_s


def _wait(opened: Opened, db: Db, name: str) -> float:
    places = (_place(opened, db, name), TERMINAL)
    return max(throttle.remaining_s(db, opened.clock, place) for place in places)


def _place(opened: Opened, db: Db, name: str) -> str:
    """Where guesses at a name are counted. What nobody is called may be a password in the wrong field: never kept."""
    if db.execute("SELECT 1 FROM web_accounts WHERE name=?", (name,)).get:
        return _throttle(name)
    return f"{_throttle(STRANGER)}:{opened.key().keyed_hash('web name', name.casefold()).hex()[:16]}"


def _throttle(name: str) -> str:
    return f"web:{name.casefold()}"


def _require_open(db: Db, when: clock.Clock) -> int:
    """The opening in force. Raises Refused when the window is closed."""
    window = web_window.state_in(db, when)
    if not window.open:
        raise Refused(N_("The web admin is closed: enable it at the touchscreen."))
    return window.opening


def _new_session(db: Db, now: datetime, account_id: int, opening: int, address: str, browser: str) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.execute(
        "INSERT INTO web_sessions (token_hash, account_id, opening, created_at, address, browser) VALUES (?,?,?,?,?,?)",
        (_hash(token), account_id, opening, clock.utc_text(now), address[:64], browser[:200]),
    )
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
