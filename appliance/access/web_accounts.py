"""Web accounts: who may sign in to the web admin, and as what. How one gets in is `web_sign_in`.

There is always an administrator, and always a way back for who stands before the
appliance: `reset_admin`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appliance import audit, clock, errors
from appliance.access import passwords, throttle, verifier
from appliance.access.web_sessions import ROLES, WebSession
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.opened import Opened
from appliance.store.database import Db

DEFAULT = "admin"  # name and password after a reset
TERMINAL = "web"
LONGEST_NAME = 64
LAST_ADMIN = N_("This is the only administrator: make another one first.")


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `is_default`: it has the well-known password; `second_factor`: it asks for a code, too."""

    id: int
    name: str
    role: str
    is_default: bool
    second_factor: bool
    changed_at: datetime


def all(store_of: Opened) -> list[Account]:  # noqa: A001 - as in the other rooms
    """Every account, by name."""
    with store_of.store.read() as db:
        return [_account(row) for row in db.execute(f"{ACCOUNTS} ORDER BY name")]


def get(opened: Opened, account_id: int) -> Account:
    """One account. Raises NotFound."""
    with opened.store.read() as db:
        return _get(db, account_id)


def ensure_default(opened: Opened) -> None:
    """Make the default account at the first start of an appliance."""
    with opened.store.read() as db:
        there = db.execute("SELECT 1 FROM web_accounts WHERE name=?", (DEFAULT,)).fetchone()
    if there is None:
        reset_admin(opened, audit.CORE)


def reset_admin(opened: Opened, actor: audit.Actor) -> None:
    """Bring back user `admin` with password `admin`, no second factor, every session ended; PIN and all else stay."""
    password_hash, now = verifier.make(DEFAULT), opened.clock.now()
    with opened.store.write() as db:
        db.execute(
            "INSERT INTO web_accounts (name, role, password_hash, is_default, changed_at) VALUES (?,'admin',?,1,?)"
            " ON CONFLICT (name) DO UPDATE SET role='admin', password_hash=excluded.password_hash, is_default=1,"
            " changed_at=excluded.changed_at",
            (DEFAULT, password_hash, clock.utc_text(now)),
        )
        db.execute("DELETE FROM web_totp WHERE account_id=(SELECT id FROM web_accounts WHERE name=?)", (DEFAULT,))
        db.execute("DELETE FROM web_sessions")
        throttle.forgive(db, throttle_of(DEFAULT))
        throttle.forgive(db, TERMINAL)
        audit.record(db, now, actor, "web_account.reset", DEFAULT)


def add(opened: Opened, actor: audit.Actor, name: str, role: str, password: str) -> int:
    """Make an account; return its number. Raises BadInput: poor password, unknown role, taken name."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(N_("A user name has 1 to {most} characters."), field="name", most=LONGEST_NAME)
    _require_role(role)
    passwords.require_good(password, password, name)
    password_hash, now = verifier.make(password), opened.clock.now()
    try:
        with opened.store.write() as db:
            number: int = db.execute(
                "INSERT INTO web_accounts (name, role, password_hash, changed_at) VALUES (?,?,?,?) RETURNING id",
                (name, role, password_hash, clock.utc_text(now)),
            ).get
            audit.record(db, now, actor, "web_account.add", name, role=role)
            return number
    except errors.StoreConflict:
        raise BadInput(N_("There is a user called {name} already."), field="name", name=name) from None


def give_role(opened: Opened, account_id: int, role: str, actor: audit.Actor) -> None:
    """Let somebody do more or less; it works at the next request. Raises BadInput, NotFound, Refused."""
    _require_role(role)
    with opened.store.write() as db:
        account = _get(db, account_id)
        if account.role == role:
            return
        if role != "admin":
            _require_another_admin(db, account)
        db.execute("UPDATE web_accounts SET role=? WHERE id=?", (role, account_id))
        audit.record(db, opened.clock.now(), actor, "web_account.role", account.name, role=role)


def set_password(opened: Opened, account_id: int, password: str, actor: audit.Actor) -> None:
    """A new password by an administrator, for who forgot it; that person is signed out. Raises BadInput, NotFound."""
    account = get(opened, account_id)
    passwords.require_good(password, password, account.name)
    password_hash, now = verifier.make(password), opened.clock.now()
    with opened.store.write() as db:
        db.execute(
            "UPDATE web_accounts SET password_hash=?, is_default=0, changed_at=? WHERE id=?",
            (password_hash, clock.utc_text(now), account_id),
        )
        db.execute("DELETE FROM web_sessions WHERE account_id=?", (account_id,))
        throttle.forgive(db, throttle_of(account.name))
        audit.record(db, now, actor, "web_account.set_password", account.name)


def remove(opened: Opened, account_id: int, actor: audit.Actor) -> None:
    """Take an account away; its sessions end with it. Raises NotFound, Refused for the last administrator."""
    with opened.store.write() as db:
        account = _get(db, account_id)
        _require_another_admin(db, account)
        db.execute("DELETE FROM web_accounts WHERE id=?", (account_id,))
        throttle.forgive(db, throttle_of(account.name))
        audit.record(db, opened.clock.now(), actor, "web_account.remove", account.name)


def has_default_password(opened: Opened) -> bool:
    """Tell whether admin/admin is in force: surfaces warn, sign-in asks for the presence code."""
    with opened.store.read() as db:
        return bool(db.execute("SELECT 1 FROM web_accounts WHERE is_default=1").fetchone())


def choose_language(opened: Opened, who: WebSession, language: str) -> None:
    """Keep the language of one account."""
    with opened.store.write() as db:
        db.execute("UPDATE web_accounts SET language=? WHERE id=?", (language, who.account_id))
        if not db.changes():
            raise NotFound(N_("This account is gone."), field="name")


def throttle_of(name: str) -> str:
    """Where wrong passwords of an account are counted."""
    return f"web:{name.casefold()}"


ACCOUNTS = "SELECT id, name, role, is_default, id IN (SELECT account_id FROM web_totp), changed_at FROM web_accounts"


def _account(row: tuple[int, str, str, int, int, str]) -> Account:
    number, name, role, is_default, second, changed_at = row
    return Account(number, name, role, bool(is_default), bool(second), clock.from_utc_text(changed_at))


def _get(db: Db, account_id: int) -> Account:
    row = db.execute(f"{ACCOUNTS} WHERE id=?", (account_id,)).fetchone()
    if row is None:
        raise NotFound(N_("This account is gone."), field="name")
    return _account(row)


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise BadInput(N_("A role is one of: {roles}."), field="role", roles=", ".join(ROLES))


def _require_another_admin(db: Db, account: Account) -> None:
    others = db.execute("SELECT 1 FROM web_accounts WHERE role='admin' AND id<>?", (account.id,)).get
    if account.role == "admin" and others is None:
        raise Refused(LAST_ADMIN)
