"""The permissions to charge as rows: at most one open grant per point.

A grant names who it is for and the boot it was given in, which it does not
outlive. It is written open and changed once, when it ends. Who may be given
one is decided in `grants` (people) and `controller` (free mode, outages) only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance import audit, clock
from appliance.charging import points
from appliance.charging.points import Point
from appliance.store.database import Db


@dataclass(frozen=True, slots=True)
class Grant:
    """An open permission to charge at one point, with what the core must know of its owner."""

    id: int
    point_id: int
    reason: str
    user_id: int | None
    identification_id: int | None  # None: the point's mode is free
    boot_id: str
    granted_at: datetime
    until_s: float  # CLOCK_BOOTTIME: end of the start window
    owner_blocked: bool = False  # or archived
    withdrawn: bool = False  # the identification was removed or made inactive


SELECT_OPEN = (
    "SELECT grants.id, point_id, reason, grants.user_id, identification_id, boot_id, granted_at, until_s,"
    " coalesce(users.blocked OR users.archived_at IS NOT NULL, 0), coalesce(NOT identifications.active, 0)"
    " FROM grants LEFT JOIN users ON users.id = grants.user_id"
    " LEFT JOIN identifications ON identifications.id = identification_id WHERE ended_at IS NULL"
)


def _grant(row: tuple[Any, ...]) -> Grant:
    number, point_id, reason, user_id, identification_id, boot_id, granted_at, until_s, blocked, withdrawn = row
    return Grant(
        number, point_id, reason, user_id, identification_id, boot_id, clock.from_utc_text(granted_at), until_s,
        bool(blocked), bool(withdrawn),
    )  # fmt: skip


def rows_open(db: Db) -> list[Grant]:
    """The grants that are not ended."""
    return [_grant(row) for row in db.execute(SELECT_OPEN)]


def row_open(db: Db, point_id: int) -> Grant | None:
    """The open grant of one point."""
    found = db.execute(f"{SELECT_OPEN} AND point_id=?", (point_id,)).fetchone()
    return None if found is None else _grant(found)


def ending_of(db: Db, grant_id: int) -> tuple[datetime, str] | None:
    """When and why a grant ended; None while it is open."""
    found = db.execute("SELECT ended_at, end_reason FROM grants WHERE id=?", (grant_id,)).fetchone()
    return None if found is None or found[0] is None else (clock.from_utc_text(found[0]), found[1])


def last_ending(db: Db, point_id: int) -> tuple[datetime, str] | None:
    """When and why the newest grant of a point ended."""
    newest = db.execute("SELECT id FROM grants WHERE point_id=? ORDER BY id DESC LIMIT 1", (point_id,)).get
    return None if newest is None else ending_of(db, newest)


def was_stopped_by(db: Db, point_id: int, user_id: int, terminal: str, since: str) -> bool:
    """Tell whether somebody stopped a grant of a point at a terminal since a moment."""
    return bool(
        db.execute(
            "SELECT 1 FROM grants WHERE point_id=? AND ended_user_id=? AND ended_terminal=? AND end_reason='stop'"
            " AND ended_at>? LIMIT 1",
            (point_id, user_id, terminal, since),
        ).get
    )


def end(db: Db, now: datetime, grant_id: int, reason: str, *, terminal: str = "", user_id: int | None = None) -> None:
    """End a grant inside the caller's transaction; one that ended already stays as it is.

    `terminal` and `user_id`: where somebody ended it, and who, as far as that is known.
    """
    db.execute(
        "UPDATE grants SET ended_at=?, end_reason=?, ended_terminal=?, ended_user_id=? WHERE id=? AND ended_at IS NULL",
        (clock.utc_text(now), reason, terminal, user_id, grant_id),
    )


def give_free(db: Db, when: clock.Clock, point: Point) -> int:
    """The grant of a point whose mode is free; it goes on by its lease. Core only."""
    grant_id = insert(
        db, when, point.id, reason="free", user_id=None, identification_id=None, until_s=when.boottime_s()
    )
    audit.record(db, when.now(), audit.CORE, "charging.authorize", point.name, grant=grant_id, reason="free")
    return grant_id


def renew(db: Db, when: clock.Clock, old: Grant) -> int:
    """A new grant for the session of `old`, which an outage ended; it goes on by its lease. Core only."""
    same_boot = old.boot_id == when.boot_id
    end(db, when.now(), old.id, "core_restart" if same_boot else "power_cut")
    grant_id = insert(
        db, when, old.point_id, reason="resume" if same_boot else "power_return", user_id=old.user_id,
        identification_id=old.identification_id, until_s=when.boottime_s(),
    )  # fmt: skip
    subject = points.row(db, old.point_id).name
    audit.record(db, when.now(), audit.CORE, "charging.resume", subject, grant=grant_id, was=old.id)
    return grant_id


def insert(
    db: Db, when: clock.Clock, point_id: int, *, reason: str, user_id: int | None, identification_id: int | None,
    until_s: float, terminal: str = "",
) -> int:  # fmt: skip
    """Write a grant; return its id. Raises StoreConflict while another is open at the point."""
    db.execute(
        "INSERT INTO grants (point_id, reason, user_id, identification_id, boot_id, granted_at, until_s, terminal)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (point_id, reason, user_id, identification_id, when.boot_id, clock.utc_text(when.now()), until_s, terminal),
    )
    return db.last_insert_rowid()
