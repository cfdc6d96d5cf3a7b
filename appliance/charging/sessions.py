"""Charging sessions: who charged where, from which counter reading to which.

A session begins when the relay is closed and the car draws power, and holds
the charging meter's counter at its begin and end in Wh; its energy is their
difference by construction. Once ended it is never edited: the store refuses.
What could not be measured is NULL and has a remark, never an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance import audit, clock
from appliance.charging import codes, lasting
from appliance.errors import N_, NotFound
from appliance.store.database import Db, Store

REMARKS = {
    "begin_late": N_("The meter was first read after the begin; energy before that is missing."),
    "meter_silent": N_("The meter did not answer for a while."),
    "end_stale": N_("The meter did not answer at the end; the last reading before it counts."),
    "no_reading": N_("The meter could not be read; the energy is not known."),
    "counter_back": N_("The meter counts less at the end than at the begin; the energy is not known."),
    "meter_replaced": N_("The meter's counter jumped, maybe because it was replaced; the energy is not known."),
    "reversed": N_("The meter counted the wrong way round; the energy is not known."),
    "meter_shared": N_("Another charging point charged on the same meter; the energy is not known."),
    "interrupted": N_("The appliance was out for a short while."),
    "relay_stuck": N_("The relay was not seen to open at the end."),
    "power_return": N_("The appliance was without power for a short while."),
    "clock": N_("Date and time were not known for certain."),
    "restored": N_("Ended when a backup was restored; the counter at its end is not known."),
}
UNMEASURED = ("meter_replaced", "reversed", "meter_shared")  # then the counters say nothing about the energy


@dataclass(frozen=True, slots=True)
class Session:
    """One session, running while `ended_at` is None."""

    id: int
    point_id: int
    point: str
    grant_id: int  # the grant it runs on now
    user_id: int | None
    user: str | None
    identification: str | None  # masked
    meter_id: int | None
    began_at: datetime
    begin_wh: int | None
    ended_at: datetime | None
    end_wh: int | None
    end_reason: str | None
    remark_codes: tuple[str, ...] = ()  # of REMARKS
    vehicle_id: int | None = None  # whose card it was
    identification_id: int | None = None
    seen_wh: int | None = None  # the counter when the core last noted that it runs
    boot_id: str = ""  # the boot it began in
    began_s: float | None = None  # CLOCK_BOOTTIME of that boot when it began; None: an older version did not note it

    @property
    def unmeasured(self) -> bool:
        """Tell whether its energy cannot be known, whatever the counters say."""
        return not set(UNMEASURED).isdisjoint(self.remark_codes)

    @property
    def energy_wh(self) -> int | None:
        """What was charged; None while it runs or when a counter could not be read."""
        return None if self.begin_wh is None or self.end_wh is None else self.end_wh - self.begin_wh

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know about it, in English sentences that can be translated one by one."""
        return tuple(REMARKS[code] for code in self.remark_codes if code in REMARKS)

    @property
    def remark(self) -> str:
        """All remarks as one English text."""
        return " ".join(self.remarks)


SELECT = (
    "SELECT sessions.id, sessions.point_id, points.name, sessions.grant_id, sessions.user_id,"
    " users.first_name || ' ' || users.last_name, identifications.type, sessions.meter_id, sessions.began_at,"
    " sessions.begin_wh, sessions.ended_at, sessions.end_wh, sessions.end_reason, sessions.remark,"
    " identifications.code_tail, sessions.vehicle_id, sessions.identification_id, sessions.seen_wh,"
    " sessions.boot_id, sessions.began_s"
    " FROM sessions JOIN points ON points.id = sessions.point_id LEFT JOIN users ON users.id = sessions.user_id"
    " LEFT JOIN identifications ON identifications.id = sessions.identification_id"
)


def _session(row: tuple[Any, ...]) -> Session:
    number, point_id, point, grant_id, user_id, user, type, meter_id, began_at, begin_wh = row[:10]
    ended_at, end_wh, end_reason, remark, tail, vehicle_id, identification_id, seen_wh, boot_id, began_s = row[10:]
    return Session(
        number, point_id, point, grant_id, user_id, user, None if type is None else codes.masked(type, tail),
        meter_id, clock.from_utc_text(began_at), begin_wh,
        None if ended_at is None else clock.from_utc_text(ended_at), end_wh, end_reason, tuple(remark.split()),
        vehicle_id, identification_id, seen_wh, boot_id, began_s,
    )  # fmt: skip


def rows_running(db: Db) -> list[Session]:
    """The sessions that are not ended."""
    return [_session(row) for row in db.execute(f"{SELECT} WHERE sessions.ended_at IS NULL ORDER BY sessions.id")]


def runs_on(db: Db, grant_id: int) -> bool:
    """Tell whether a session runs on this grant."""
    return bool(db.execute("SELECT 1 FROM sessions WHERE grant_id=? AND ended_at IS NULL", (grant_id,)).get)


def running(store: Store) -> list[Session]:
    """The sessions that are not ended."""
    with store.read() as db:
        return rows_running(db)


def newest(store: Store, limit: int = 100, user: int | None = None) -> list[Session]:
    """The newest sessions, newest first; those of one user (by id) or of all."""
    with store.read() as db:
        found = db.execute(
            f"{SELECT} WHERE ?1 IS NULL OR sessions.user_id=?1"
            " ORDER BY sessions.began_at DESC, sessions.id DESC LIMIT ?2",
            (user, limit),
        )
        return [_session(row) for row in found]


def between(store: Store, began: datetime, ended: datetime) -> list[Session]:
    """The sessions that began in [began, ended), newest first."""
    with store.read() as db:
        found = db.execute(
            f"{SELECT} WHERE sessions.began_at >= ? AND sessions.began_at < ?"
            " ORDER BY sessions.began_at DESC, sessions.id DESC",
            (clock.utc_text(began), clock.utc_text(ended)),
        )
        return [_session(row) for row in found]


def get(store: Store, session_id: int) -> Session:
    """One session. Raises NotFound."""
    with store.read() as db:
        row = db.execute(f"{SELECT} WHERE sessions.id=?", (session_id,)).fetchone()
    if row is None:
        raise NotFound(N_("There is no session with the number {number}."), number=session_id)
    return _session(row)


def first_began(store: Store) -> datetime | None:
    """When the first session of all began; None before there is any."""
    with store.read() as db:
        text = db.execute("SELECT min(began_at) FROM sessions").get
    return None if text is None else clock.from_utc_text(text)


def rows_at(db: Db, point_id: int, limit: int) -> list[Session]:
    """The newest sessions at one point, newest first."""
    found = db.execute(f"{SELECT} WHERE sessions.point_id=? ORDER BY sessions.id DESC LIMIT ?", (point_id, limit))
    return [_session(row) for row in found]


def begin(
    db: Db, when: clock.Clock, *, grant_id: int, meter_id: int | None, begin_wh: int | None, remarks: tuple[str, ...]
) -> int:
    """Begin the session of a grant; return its id. Core only."""
    now = when.now()
    db.execute(
        "INSERT INTO sessions (point_id, grant_id, user_id, identification_id, vehicle_id, meter_id, boot_id, began_at,"
        " began_s, seen_at, begin_wh, seen_wh, remark) SELECT point_id, grants.id, grants.user_id, identification_id,"
        " identifications.vehicle_id, ?1, ?2, ?3, ?7, ?3, ?4, ?4, ?5 FROM grants"
        " LEFT JOIN identifications ON identifications.id = identification_id WHERE grants.id=?6",
        (meter_id, when.boot_id, clock.utc_text(now), begin_wh, " ".join(remarks), grant_id, when.boottime_s()),
    )
    number = db.last_insert_rowid()
    lasting.begin(db, when, number)
    audit.record(db, now, audit.CORE, "session.begin", f"session {number}", grant=grant_id, begin_wh=begin_wh)
    return number


def note_begin(db: Db, session: Session, begin_wh: int) -> None:
    """Write the counter of a running session whose meter was silent at its begin. Core only."""
    codes = _joined(session.remark_codes, ("begin_late",))
    db.execute("UPDATE sessions SET begin_wh=?1, seen_wh=?1, remark=?2 WHERE id=?3", (begin_wh, codes, session.id))


def note_remark(db: Db, session: Session, remark: str) -> None:
    """Add a remark to a running session. Core only."""
    db.execute("UPDATE sessions SET remark=? WHERE id=?", (_joined(session.remark_codes, (remark,)), session.id))


def mark(store: Store, when: clock.Clock, counters_wh: Mapping[int, int | None], *, trusted: bool) -> None:
    """Note that these sessions run, and what their meters count: what the core goes on from after an outage. Core only.

    Not `trusted`: date and time are not known. A counter is None while it is not.
    """
    at = clock.utc_text(when.now()) if trusted else None
    with store.write(ring=False) as db:
        db.executemany(
            "UPDATE sessions SET seen_wh=?, seen_at=coalesce(?, seen_at) WHERE id=? AND ended_at IS NULL",
            [(wh, at, session_id) for session_id, wh in counters_wh.items()],
        )
        lasting.mark(db, when)


def seen_at(db: Db, session_id: int) -> datetime:
    """When a session was marked last."""
    text = db.execute("SELECT coalesce(seen_at, began_at) FROM sessions WHERE id=?", (session_id,)).get
    return clock.from_utc_text(text)


def go_on(db: Db, session: Session, grant_id: int, remark: str = "interrupted") -> None:
    """Let a running session go on under a new grant, after an outage. Core only."""
    codes = _joined(session.remark_codes, (remark,))
    db.execute("UPDATE sessions SET grant_id=?, remark=? WHERE id=?", (grant_id, codes, session.id))


def end(
    db: Db, now: datetime, session: Session, *, ended_at: datetime, end_wh: int | None, reason: str,
    remarks: tuple[str, ...],
) -> None:  # fmt: skip
    """End a session for good. A counter that went backwards gives no energy. Core only."""
    if end_wh is not None and session.begin_wh is not None and end_wh < session.begin_wh:
        end_wh, remarks = None, (*remarks, "counter_back")
    db.execute(
        "UPDATE sessions SET ended_at=?, end_wh=?, end_reason=?, remark=? WHERE id=?",
        (clock.utc_text(max(ended_at, session.began_at)), end_wh, reason, _joined(session.remark_codes, remarks),
         session.id),
    )  # fmt: skip
    audit.record(db, now, audit.CORE, "session.end", f"session {session.id}", reason=reason, end_wh=end_wh)


def _joined(codes: tuple[str, ...], more: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys((*codes, *more)))
