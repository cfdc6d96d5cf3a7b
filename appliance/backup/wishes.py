"""Wishes: things a surface asks for and the core does, satisfied by comparison.

A wish is one row: done when `finished_at >= wanted_at`. A second wish while
one waits changes nothing; one that comes while the work runs makes it run
again. Times only compare with each other, so a calendar that jumps neither
loses a wish nor repeats one for ever.

1. `wish` writes what is wanted. 2. `due` tells whether something is to do.
3. `claim` notes the start. 4. `finish` writes the outcome of what was claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import audit, clock
from appliance.store.database import Db, Store

BACKUP = "backup"
OK = "ok"
TICK = timedelta(milliseconds=1)  # the resolution of stored times


@dataclass(frozen=True, slots=True)
class Wish:
    """What was wanted last under a name, and what became of it."""

    name: str
    wanted_at: datetime
    wanted_by: str
    started_at: datetime | None
    finished_at: datetime | None
    outcome: str | None

    @property
    def done(self) -> bool:
        return self.finished_at is not None and self.finished_at >= self.wanted_at


def wish(db: Db, now: datetime, actor: audit.Actor, name: str) -> datetime:
    """Want something, unless it is wanted and not begun; return the moment by which to await it."""
    last = _find(db, name)
    if last is not None and not last.done and last.started_at is None:
        return last.wanted_at
    wanted_at = now
    if last is not None:  # after everything this row has seen, whatever the calendar says
        wanted_at = max(now, last.wanted_at + TICK, (last.finished_at or last.wanted_at) + TICK)
    db.execute(
        "INSERT INTO wishes (name, wanted_at, wanted_by) VALUES (?1,?2,?3)"
        " ON CONFLICT DO UPDATE SET wanted_at=?2, wanted_by=?3, started_at=NULL",
        (name, clock.utc_text(wanted_at), f"{actor.surface}:{actor.name}"),
    )
    audit.record(db, now, actor, f"{name}.wish", name)
    return wanted_at


def find(store: Store, name: str) -> Wish | None:
    """The last wish of that name; None when there never was one."""
    with store.read() as db:
        return _find(db, name)


def due(store: Store, name: str) -> bool:
    """Tell whether there is something to do. Also true after a crash in the middle of doing it."""
    last = find(store, name)
    return last is not None and not last.done


def claim(db: Db, now: datetime, name: str) -> Wish | None:
    """Note that the work begins; None when nothing is wanted."""
    db.execute(
        "UPDATE wishes SET started_at=? WHERE name=? AND (finished_at IS NULL OR finished_at < wanted_at)",
        (clock.utc_text(now), name),
    )
    return _find(db, name) if db.changes() else None


def finish(db: Db, now: datetime, claimed: Wish, outcome: str) -> None:
    """Write the outcome of what was claimed; a wish that came since stays due."""
    finished_at = max(now, claimed.wanted_at)
    db.execute(
        "UPDATE wishes SET finished_at = CASE WHEN wanted_at = ?2 THEN ?3 ELSE ?2 END, outcome=?4 WHERE name=?1",
        (claimed.name, clock.utc_text(claimed.wanted_at), clock.utc_text(finished_at), outcome),
    )


def _find(db: Db, name: str) -> Wish | None:
    row = db.execute(
        "SELECT wanted_at, wanted_by, started_at, finished_at, outcome FROM wishes WHERE name=?", (name,)
    ).fetchone()
    if row is None:
        return None
    wanted_at, wanted_by, started_at, finished_at, outcome = row
    return Wish(
        name, clock.from_utc_text(wanted_at), wanted_by, _moment(started_at), _moment(finished_at), outcome
    )  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return None if text is None else clock.from_utc_text(text)
