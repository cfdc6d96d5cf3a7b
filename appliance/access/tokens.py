"""Access tokens: keys of apps and phones, each confirmed, and taken away again, by a person.

1. `create` makes a token that is `pending`; its secret is told this once. 2. A
signed-in person compares the matching number and confirms it; a token never
confirms one. 3. From then on it is `active` until it is revoked, deleted or
expires. `revoke` keeps the row, `delete` does not; the audit stays with both.

A pending token dies after a day. What expired or was revoked never becomes
active again: not by a restart, nor by a clock that was set back.
"""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance import audit, clock
from appliance.access import tokens_origin, tokens_secret
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db, Store

ROLES = ("read", "charge", "admin")  # each may do what the one before may, and more
STATES = ("pending", "active", "revoked", "expired")
CONFIRMERS = ("admin", "touch", "cli")  # surfaces behind a sign-in: password, settings PIN, the machine itself
PENDING = timedelta(hours=24)
FORGET_UNCONFIRMED = timedelta(days=7)  # after it died
LONGEST_NAME = 40
LONGEST_APP = 60


@dataclass(frozen=True, slots=True)
class Token:
    """One access token, without its secret."""

    id: int
    state: str  # of STATES
    role: str  # of ROLES
    name: str
    app: str
    matching_number: str  # '123 456', on both sides
    installation: str | None  # bound to this one; None: not used yet
    identification_id: int | None  # whose charging it starts
    created_at: datetime
    created_by: str
    pending_until: datetime
    confirmed_at: datetime | None
    confirmed_by: str | None
    expires_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    last_used_at: datetime | None
    last_used_from: str

    def may(self, role: str) -> bool:
        """Tell whether it has `role` or more."""
        return ROLES.index(self.role) >= ROLES.index(role)


SELECT = (
    "SELECT id, state, role, name, app, matching_number, installation, identification_id, created_at, created_by,"
    " pending_until, confirmed_at, confirmed_by, expires_at, ended_at, ended_by, last_used_at, last_used_from"
    " FROM access_tokens"
)


FORGOTTEN = "SELECT id FROM access_tokens WHERE state='expired' AND confirmed_at IS NULL AND ended_at<?"


def of_row(row: tuple[Any, ...]) -> Token:
    """A row of SELECT as a value."""
    values = list(row)
    for place in (8, 10, 11, 13, 14, 16):
        values[place] = None if values[place] is None else clock.from_utc_text(values[place])
    return Token(*values)


def all(store: Store, now: datetime | None = None) -> list[Token]:
    """All tokens: those that wait first, then the newest. With `now`, what is over by then is called expired."""
    with store.read() as db:
        found = [of_row(row) for row in db.execute(f"{SELECT} ORDER BY state<>'pending', id DESC")]
        if now is None:
            return found
        idle_days = int(settings.in_force(db, "tokens.idle_days"))
    return [dataclasses.replace(one, state="expired") if is_over(one, now, idle_days) else one for one in found]


def get(store: Store, token_id: int) -> Token:
    """One token. Raises NotFound."""
    with store.read() as db:
        return row(db, token_id)


def row(db: Db, token_id: int) -> Token:
    """One token inside a transaction. Raises NotFound."""
    found = db.execute(f"{SELECT} WHERE id=?", (token_id,)).fetchone()
    if found is None:
        raise NotFound(
            N_("There is no access token with the number {number}; 'wattward tokens list' shows them."),
            field="token", number=token_id,
        )  # fmt: skip
    return of_row(found)


def counts(store: Store) -> dict[str, int]:
    """How many tokens there are in each state."""
    with store.read() as db:
        found = db.execute("SELECT state, count(*) FROM access_tokens GROUP BY state").fetchall()
    return {state: 0 for state in STATES} | {state: int(number) for state, number in found}


def create(
    it: Opened, actor: audit.Actor, name: str, app: str = "", role: str = "charge", installation: str | None = None
) -> tuple[Token, str]:
    """A new pending token and its secret, which is told nowhere else and never again. Raises BadInput."""
    secret = tokens_secret.make()
    with it.store.write() as db:
        return insert(db, it.clock.now(), actor, secret, name, app, role, installation), secret


def insert(
    db: Db, now: datetime, actor: audit.Actor, secret: str, name: str, app: str, role: str, installation: str | None
) -> Token:
    """Write a pending token down inside the caller's transaction. Raises BadInput."""
    name, app = checked_name(name), app.strip()
    if len(app) > LONGEST_APP or not (app.isprintable()):
        raise BadInput(N_("The name of an app has at most {most} characters."), field="app", most=LONGEST_APP)
    check_role(role)
    db.execute(
        "INSERT INTO access_tokens (token_hash, role, name, app, matching_number, installation, created_at,"
        " created_by, pending_until) VALUES (?,?,?,?,?,?,?,?,?)",
        (tokens_secret.hashed(secret), role, name, app, _matching_number(), installation, clock.utc_text(now),
         signed(actor), clock.utc_text(now + PENDING)),
    )  # fmt: skip
    made = row(db, db.last_insert_rowid())
    audit.record(db, now, actor, "token.create", name, token=made.id, app=app, role=role)
    return made


def confirm(
    it: Opened, token_id: int, actor: audit.Actor, *, role: str | None = None, expires_at: datetime | None = None
) -> Token:
    """Let a pending token in; `role` replaces the one it asked for. Raises NotFound, Refused, BadInput."""
    if actor.surface not in CONFIRMERS:
        raise Refused(N_("An access token cannot confirm access tokens: sign in to the web admin and confirm it."))
    now = it.clock.now()
    if expires_at is not None and expires_at <= now:
        raise BadInput(N_("The end of an access token lies in the future."), field="expires_on")
    with it.store.write() as db:
        old = row(db, token_id)
        if old.state == "pending" and old.pending_until <= now:
            _end(db, now, old, "expired", audit.CORE)
            old = row(db, token_id)
        if old.state == "active":
            return old  # a double click
        if old.state == "pending":
            db.execute(
                "UPDATE access_tokens SET state='active', role=?, confirmed_at=?, confirmed_by=?, expires_at=?"
                " WHERE id=?",
                (check_role(role or old.role), clock.utc_text(now), signed(actor),
                 expires_at and clock.utc_text(expires_at), token_id),
            )  # fmt: skip
            tokens_origin.forgive(db, old.created_by)
            audit.record(
                db, now, actor, "token.confirm", old.name, token=token_id, role=role or old.role, expires_at=expires_at
            )  # fmt: skip
            return row(db, token_id)
    raise Refused(N_("This access token has ended: make a new one in the app."))


def revoke(it: Opened, token_id: int, actor: audit.Actor) -> Token:
    """End a token for good and keep its row. Raises NotFound."""
    with it.store.write() as db:
        old = row(db, token_id)
        if old.state in ("revoked", "expired"):
            return old
        _end(db, it.clock.now(), old, "revoked", actor)
        return row(db, token_id)


def delete(it: Opened, token_id: int, actor: audit.Actor) -> None:
    """Take a token and its row away. Raises NotFound."""
    with it.store.write() as db:
        old = row(db, token_id)
        forget_code(db, it.clock.now(), old)
        db.execute("DELETE FROM access_tokens WHERE id=?", (token_id,))
        audit.record(db, it.clock.now(), actor, "token.delete", old.name, token=token_id, state=old.state)


def rename(it: Opened, token_id: int, name: str, actor: audit.Actor) -> Token:
    """Call a token something else. Raises NotFound, BadInput."""
    name = checked_name(name)
    with it.store.write() as db:
        old = row(db, token_id)
        if name != old.name:
            db.execute("UPDATE access_tokens SET name=? WHERE id=?", (name, token_id))
            audit.record(db, it.clock.now(), actor, "token.rename", name, token=token_id, old=old.name)
        return row(db, token_id)


def tidy(db: Db, now: datetime) -> None:
    """Write down what has expired, and forget what nobody ever confirmed. Only while the calendar is believed."""
    for found in _over(db, now):
        _end(db, now, found, "expired", audit.CORE)
    for number in _forgotten(db, now):
        db.execute("DELETE FROM access_tokens WHERE id=?", (number,))


def any_over(db: Db, now: datetime) -> bool:
    """Tell whether `tidy` would find anything to do."""
    return bool(_over(db, now) or _forgotten(db, now))


def _forgotten(db: Db, now: datetime) -> list[int]:
    return [row[0] for row in db.execute(FORGOTTEN, (clock.utc_text(now - FORGET_UNCONFIRMED),)).fetchall()]


def _over(db: Db, now: datetime) -> list[Token]:
    idle_days = int(settings.in_force(db, "tokens.idle_days"))
    rows = db.execute(f"{SELECT} WHERE state IN ('pending', 'active')").fetchall()
    return [found for found in map(of_row, rows) if is_over(found, now, idle_days)]


def is_over(token: Token, now: datetime, idle_days: int) -> bool:
    """Tell whether a token that waits or is active has outlived its time, though its row does not say so yet."""
    if token.state == "pending":
        return token.pending_until <= now
    if token.state != "active":
        return False
    if token.expires_at is not None and token.expires_at <= now:
        return True
    used = token.last_used_at or token.confirmed_at
    return idle_days > 0 and used is not None and used + timedelta(days=idle_days) < now


def check_role(role: str) -> str:
    """One of ROLES. Raises BadInput."""
    if role not in ROLES:
        raise BadInput(N_("A role is one of: {roles}."), field="role", roles=", ".join(ROLES))
    return role


def checked_name(name: str) -> str:
    """A name as it is kept. Raises BadInput."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput(N_("The name of an access token has 1 to {most} characters."), field="name", most=LONGEST_NAME)
    return name


def signed(actor: audit.Actor) -> str:
    """Who did it, as rows keep it."""
    return f"{actor.surface}:{actor.name}"


def _end(db: Db, now: datetime, old: Token, state: str, actor: audit.Actor) -> None:
    forget_code(db, now, old)
    db.execute(
        "UPDATE access_tokens SET state=?, ended_at=?, ended_by=? WHERE id=?",
        (state, clock.utc_text(now), signed(actor), old.id),
    )
    event = "token.revoke" if state == "revoked" else "token.expire"
    audit.record(db, now, actor, event, old.name, token=old.id, was=old.state)


def forget_code(db: Db, now: datetime, old: Token) -> None:
    """The identification it charged with ends with it."""
    db.execute(
        "UPDATE identifications SET removed_at=?, code_hash=NULL, code_sealed=NULL, active=0"
        " WHERE id=? AND removed_at IS NULL",
        (clock.utc_text(now), old.identification_id),
    )


def _matching_number() -> str:
    digits = f"{secrets.randbelow(1_000_000):06}"
    return f"{digits[:3]} {digits[3:]}"
