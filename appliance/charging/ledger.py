"""What a turn of the charging loop writes down: one transaction, or nothing.

The relays are switched before this, so a slow card delays no opening and no
closing. What could not be written is decided again by the next turn.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime

from appliance.billing import journal
from appliance.billing.journal import Signer
from appliance.charging import granted, grants, lasting, sessions
from appliance.charging.granted import Grant
from appliance.charging.points import Point
from appliance.charging.sessions import Session
from appliance.errors import Refused
from appliance.opened import Opened
from appliance.store.database import Db


@dataclass(frozen=True, slots=True)
class Begin:
    """A session that begins."""

    grant: Grant
    meter_id: int | None
    begin_wh: int | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """A session that ends."""

    session: Session
    ended_at: datetime
    reason: str
    end_wh: int | None
    remarks: tuple[str, ...]
    over_s: float | None = None  # CLOCK_BOOTTIME when its grant ended; None: an outage was in between


@dataclass(slots=True)
class Entries:
    """Everything one turn decided."""

    ended_grants: list[tuple[Grant, str]] = field(default_factory=list)
    begins: list[Begin] = field(default_factory=list)
    late_counters: list[tuple[Session, int]] = field(default_factory=list)
    remarks: list[tuple[Session, str]] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    free: list[Point] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ended_grants or self.begins or self.late_counters or self.remarks or self.ends or self.free)


def write(opened: Opened, entries: Entries) -> None:
    """Write everything down. Raises StoreError."""
    when, now = opened.clock, opened.clock.now()
    doubt = () if grants.calendar_trusted(opened) else ("clock",)
    signer = _signer(opened) if entries.ends else None
    with opened.store.write() as db:
        for session, remark in entries.remarks:
            sessions.note_remark(db, session, remark)
        for grant, reason in entries.ended_grants:
            granted.end(db, now, grant.id, reason)
        for end in entries.ends:
            lasting.end(db, when, end.session.id, end.over_s)
            sessions.end(
                db, now, end.session, ended_at=end.ended_at, end_wh=end.end_wh, reason=end.reason,
                remarks=(*end.remarks, *doubt),
            )  # fmt: skip
            if signer is not None:
                journal.enter(db, now, signer, end.session.id)
        for begin in entries.begins:
            if _is_open(db, begin.grant):
                sessions.begin(
                    db, when, grant_id=begin.grant.id, meter_id=begin.meter_id, begin_wh=begin.begin_wh,
                    remarks=(*begin.remarks, *doubt),
                )  # fmt: skip
        for session, counter_wh in entries.late_counters:
            sessions.note_begin(db, session, counter_wh)
        for point in entries.free:
            if granted.row_open(db, point.id) is None:
                granted.give_free(db, when, point)


def try_out(opened: Opened) -> None:
    """Find out whether the store takes entries again: the open grants are written as they are. Raises StoreError."""
    with opened.store.write(ring=False) as db:
        db.execute("UPDATE grants SET until_s=until_s WHERE ended_at IS NULL")


def _signer(opened: Opened) -> Signer | None:
    """Who signs the journal; None without a device key: the next core enters what is missing."""
    with contextlib.suppress(Refused):
        return Signer.of(opened.key())
    return None


def _is_open(db: Db, grant: Grant) -> bool:
    """Tell whether nobody ended or replaced the grant since the turn looked."""
    current = granted.row_open(db, grant.point_id)
    return current is not None and current.id == grant.id
