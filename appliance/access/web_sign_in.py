"""The gate of the web admin: a password, a presence code while it is the default one, a second factor where it is set.

1. A guess is counted in the store, for the account and for the web as a
terminal, before it is looked at. 2. A name nobody bears takes as long as a
wrong password. 3. While an account has the well-known default password, the
presence code is asked too and nothing opens but the change of password.
4. An account with a second factor is asked for its code in a step of its own;
a right password alone forgives no wrong code. 5. Every sign-in makes a new session.

Waits are short on purpose (15 minutes for an account, one for the terminal): a
good password needs no more, and nobody else's guesses keep the household out.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance import audit, clock
from appliance.access import passwords, presence, throttle, totp, verifier, web_accounts, web_sessions, web_window
from appliance.access.web_sessions import WebSession
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store.database import Db

STRANGER = "?"  # stands for a name nobody bears
LONGEST_ACCOUNT_WAIT_S = 900.0
LONGEST_TERMINAL_WAIT_S = 60.0
HALF_WAY_S = 300.0  # how long a right password waits for its code


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sign-in failed, without saying which part was wrong. `wait_s`: until the next try is looked at."""

    wait_s: float


@dataclass(frozen=True, slots=True)
class HalfWay:
    """The password was right and a code is asked for. Kept by the surface, out of reach of who signs in."""

    account_id: int
    opening: int
    since_s: float  # on the boot clock


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    name: str
    password_hash: str
    is_default: bool


def sign_in(
    opened: Opened, name: str, password: str, presence_code: str, address: str, browser: str
) -> str | HalfWay | Refusal:
    """A new session's token, the way to the second factor, or the refusal. Raises Refused when the window is closed."""
    name = name.strip()[: web_accounts.LONGEST_NAME]
    guess = _guess(opened, name, password + "\0" + presence_code)
    account, wait_s = _count(opened, name, guess)
    if wait_s:
        return Refusal(wait_s)
    right = verifier.matches(account.password_hash if account else None, password[: passwords.LONGEST])
    with opened.store.write() as db:
        opening = _require_open(db, opened.clock)
        if right and account and account.is_default:
            right = presence.is_right(opened.key(), opening, presence_code)
        if not right or account is None:
            return _refuse(opened, db, STRANGER if account is None else account.name, name, address)
        if totp.is_on_in(db, account.id):
            for place in (web_accounts.throttle_of(account.name), web_accounts.TERMINAL):
                throttle.forgive_typos(db, place, [guess])  # this one was right; wrong codes before it stay counted
            return HalfWay(account.id, opening, opened.clock.boottime_s())
        return _let_in(opened, db, account, opening, address, browser)


def give_code(opened: Opened, half: HalfWay, code: str, address: str, browser: str) -> str | Refusal:
    """The second step: a code of the app or a recovery code. Raises Refused: too late, no known time."""
    with opened.store.read() as db:
        name = db.execute("SELECT name FROM web_accounts WHERE id=?", (half.account_id,)).get
        opening = _require_open(db, opened.clock)
    late = not 0 <= opened.clock.boottime_s() - half.since_s <= HALF_WAY_S
    if name is None or late or half.opening != opening:
        raise Refused(N_("This took too long: sign in again."))
    totp.require_time(opened, code)
    account, wait_s = _count(opened, name, _guess(opened, name, "code\0" + code))
    if wait_s:
        return Refusal(wait_s)
    with opened.store.write() as db:
        if account is None or not totp.take(opened, db, account.id, code):
            return _refuse(opened, db, name, name, address)
        return _let_in(opened, db, account, opening, address, browser)


def sign_out(opened: Opened, who: WebSession) -> None:
    """End the session that asks."""
    web_sessions.end(opened, who.id, who.actor)


def confirm(opened: Opened, who: WebSession, password: str) -> Refusal | None:
    """Ask a signed-in person for the password again; None when it is right. Counted like a sign-in."""
    account, wait_s = _count(opened, who.name, _guess(opened, who.name, password))
    if wait_s:
        return Refusal(wait_s)
    right = verifier.matches(account.password_hash if account else None, password[: passwords.LONGEST])
    with opened.store.write() as db:
        if not right:
            audit.record(db, opened.clock.now(), who.actor, "web.refuse", who.name)
            return Refusal(_wait(opened, db, who.name))
        throttle.forgive(db, web_accounts.throttle_of(who.name))
        throttle.forgive(db, web_accounts.TERMINAL)
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
        return web_sessions.start(db, now, who.account_id, opening, row[0], row[1])


def _let_in(opened: Opened, db: Db, account: _Account, opening: int, address: str, browser: str) -> str:
    now = opened.clock.now()
    throttle.forgive(db, web_accounts.throttle_of(account.name))
    throttle.forgive(db, web_accounts.TERMINAL)
    db.execute("DELETE FROM web_sessions WHERE opening<>?", (opening,))
    audit.record(db, now, audit.Actor("admin", account.name), "web.sign_in", account.name, address=address)
    return web_sessions.start(db, now, account.id, opening, address, browser)


def _refuse(opened: Opened, db: Db, known: str, name: str, address: str) -> Refusal:
    audit.record(db, opened.clock.now(), audit.Actor("admin", known), "web.refuse", known, address=address)
    return Refusal(_wait(opened, db, name))


def _guess(opened: Opened, name: str, typed: str) -> bytes:
    """A keyed hash that recognises the same guess without telling it."""
    return opened.key().keyed_hash("guess/web", name.casefold() + "\0" + typed)


def _count(opened: Opened, name: str, guess_hash: bytes) -> tuple[_Account | None, float]:
    """Write the guess down as a failure unless a wait runs; return the account of that name and the wait."""
    with opened.store.write() as db:
        _require_open(db, opened.clock)
        wait_s = _wait(opened, db, name)
        if not wait_s:
            throttle.count(db, opened.clock, _place(opened, db, name), guess_hash, LONGEST_ACCOUNT_WAIT_S)
            throttle.count(db, opened.clock, web_accounts.TERMINAL, guess_hash, LONGEST_TERMINAL_WAIT_S)
        row = db.execute(
            "SELECT id, name, password_hash, is_default FROM web_accounts WHERE name=?", (name,)
        ).fetchone()
    return (_Account(row[0], row[1], row[2], bool(row[3])) if row else None), wait_s


def _wait(opened: Opened, db: Db, name: str) -> float:
    places = (_place(opened, db, name), web_accounts.TERMINAL)
    return max(throttle.remaining_s(db, opened.clock, place) for place in places)


def _place(opened: Opened, db: Db, name: str) -> str:
    """Where guesses at a name are counted. What nobody is called may be a password in the wrong field: never kept."""
    if db.execute("SELECT 1 FROM web_accounts WHERE name=?", (name,)).get:
        return web_accounts.throttle_of(name)
    return f"{web_accounts.throttle_of(STRANGER)}:{opened.key().keyed_hash('web name', name.casefold()).hex()[:16]}"


def _require_open(db: Db, when: clock.Clock) -> int:
    """The opening in force. Raises Refused when the window is closed."""
    window = web_window.state_in(db, when)
    if not window.open:
        raise Refused(N_("The web admin is closed: enable it at the touchscreen."))
    return window.opening
