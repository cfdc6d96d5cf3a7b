"""Signed-in browsers: 256 random bits each, of which only the SHA-256 is kept, valid in one opening of the window.

`all_of` and `end` let people see who is signed in and send them away; the next
request of an ended session is refused.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from appliance import audit, clock
from appliance.access import web_window
from appliance.errors import N_, NotFound
from appliance.opened import Opened
from appliance.store.database import Db

ROLES = ("viewer", "operator", "admin")  # each may do what the one before may, and more
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebSession:
    """A signed-in browser, as it asks."""

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
class Browser:
    """A signed-in browser, as others see it."""

    id: int
    account_id: int
    name: str
    signed_in_at: datetime
    address: str
    browser: str


def start(db: Db, now: datetime, account_id: int, opening: int, address: str, browser: str) -> str:
    """Begin a session inside the caller's transaction; return its token, which is told once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.execute(
        "INSERT INTO web_sessions (token_hash, account_id, opening, created_at, address, browser) VALUES (?,?,?,?,?,?)",
        (_hash(token), account_id, opening, clock.utc_text(now), address[:64], browser[:200]),
    )
    return token


def of_token(opened: Opened, token: str) -> WebSession | None:
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


def all_of(opened: Opened) -> list[Browser]:
    """Who is signed in now, newest first; nobody while the window is closed."""
    with opened.store.read() as db:
        window = web_window.state_in(db, opened.clock)
        rows = db.execute(
            "SELECT s.id, a.id, a.name, s.created_at, s.address, s.browser FROM web_sessions s"
            " JOIN web_accounts a ON a.id=s.account_id WHERE s.opening=? ORDER BY s.id DESC",
            (window.opening,),
        ).fetchall()
    if not window.open:
        return []
    return [
        Browser(number, account, name, clock.from_utc_text(at), address, kind)
        for number, account, name, at, address, kind in rows
    ]


def end(opened: Opened, session_id: int, actor: audit.Actor) -> None:
    """Sign one browser out. Raises NotFound when it is gone."""
    with opened.store.write() as db:
        name = db.execute(
            "SELECT a.name FROM web_sessions s JOIN web_accounts a ON a.id=s.account_id WHERE s.id=?", (session_id,)
        ).get
        if name is None:
            raise NotFound(N_("This sign-in has ended already."), field="session")
        db.execute("DELETE FROM web_sessions WHERE id=?", (session_id,))
        audit.record(db, opened.clock.now(), actor, "web.sign_out", str(name))


def end_all(opened: Opened, actor: audit.Actor, *, but: int | None = None) -> int:
    """Sign every browser out, `but` one; return how many."""
    with opened.store.write() as db:
        db.execute("DELETE FROM web_sessions WHERE id IS NOT ?", (but,))
        count = db.changes()
        if count:
            audit.record(db, opened.clock.now(), actor, "web.sign_out_all", "web admin", count=count)
        return count


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
