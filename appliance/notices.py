"""What went wrong, until somebody read it: faults that are kept in the store from their begin to after their end.

`follow` compares the faults of this moment with what is kept and writes only
what changed; it may be called by anybody, any number of times. A fault that
comes back within `SAME_S` is the same one, so a loose cable does not fill the list.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import clock, faults
from appliance.faults import Fault
from appliance.opened import Opened
from appliance.store.database import Db, Store

SAME_S = 600.0  # back this soon after its end: the same notice
KEPT = 200  # notices; those that are active or unread stay in any case


@dataclass(frozen=True, slots=True)
class Notice:
    """A fault, active or over, and whether somebody read of it."""

    id: int
    fault: Fault
    ended_at: datetime | None
    read: bool

    @property
    def active(self) -> bool:
        return self.ended_at is None

    @property
    def code(self) -> str:
        """What a person can name on the telephone: `meter-unreachable`."""
        return f"{self.fault.source.partition(':')[0]}-{self.fault.code}".replace("_", "-")


def follow(it: Opened) -> bool:
    """Keep what began and what ended; tell whether something did. Raises StoreError."""
    now = it.clock.now()
    found = {(fault.source, fault.code): fault for fault in faults.active(it.live)}
    with it.store.read() as db:
        rows = db.execute("SELECT source, code, message, fields FROM notices WHERE ended_at IS NULL").fetchall()
    kept = {(source, code): (message, fields) for source, code, message, fields in rows}
    changed = [one for key, one in found.items() if kept.get(key) != (one.message, _fields(one))]
    over = [key for key in kept if key not in found]
    if not changed and not over:
        return False
    with it.store.write() as db:
        for source, code in over:
            db.execute(
                "UPDATE notices SET ended_at=? WHERE source=? AND code=? AND ended_at IS NULL",
                (clock.utc_text(now), source, code),
            )
        for fault in changed:
            _keep(db, now, fault)
        db.execute(
            "DELETE FROM notices WHERE ended_at IS NOT NULL AND read_at IS NOT NULL"
            " AND id NOT IN (SELECT id FROM notices ORDER BY began_at DESC LIMIT ?)",
            (KEPT,),
        )
    return True


def newest(store: Store, most: int = 50) -> list[Notice]:
    """Active ones first, then unread ones, then the newest. Raises StoreError."""
    with store.read() as db:
        rows = db.execute(
            "SELECT id, source, code, message, fields, began_at, ended_at, read_at FROM notices"
            " ORDER BY ended_at IS NOT NULL, ended_at IS NOT NULL AND read_at IS NOT NULL, began_at DESC, id DESC"
            " LIMIT ?",
            (most,),
        ).fetchall()
    return [
        Notice(
            number,
            Fault(source, code, message, json.loads(fields), clock.from_utc_text(began)),
            None if ended is None else clock.from_utc_text(ended),
            read is not None,
        )
        for number, source, code, message, fields, began, ended, read in rows
    ]


def mark_read(it: Opened, numbers: Collection[int]) -> None:
    """Somebody saw these. Raises StoreError."""
    with it.store.write() as db:
        for number in numbers:
            db.execute(
                "UPDATE notices SET read_at=? WHERE id=? AND read_at IS NULL", (clock.utc_text(it.clock.now()), number)
            )


def _keep(db: Db, now: datetime, fault: Fault) -> None:
    """A fault that began, came back, or says something else now."""
    said = (fault.message, _fields(fault))
    lately = clock.utc_text(now - timedelta(seconds=SAME_S))
    known = db.execute(
        "SELECT id FROM notices WHERE source=? AND code=? AND (ended_at IS NULL OR ended_at >= ?) ORDER BY id DESC",
        (fault.source, fault.code, lately),
    ).fetchone()
    if known is not None:
        db.execute("UPDATE notices SET message=?, fields=?, ended_at=NULL WHERE id=?", (*said, known[0]))
        return
    db.execute(
        "INSERT INTO notices (source, code, message, fields, began_at) VALUES (?,?,?,?,?)",
        (fault.source, fault.code, *said, clock.utc_text(fault.since)),
    )


def _fields(fault: Fault) -> str:
    return json.dumps(fault.values, default=str)
