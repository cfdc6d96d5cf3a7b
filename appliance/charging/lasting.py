"""How long sessions lasted, on the boot clock: a calendar that is set, forward or back, changes nothing.

While a session runs its time is noted every `MARK_S`, and when it ends for good.
Across a restart nobody knows when after the last note it stopped: it counts as
if it had run until the next one was due, so a restart never gives time away.

What was ended by another way than the core's (a restore), or before this was
noted, lasted as long as the calendar says.
"""

from __future__ import annotations

from appliance import clock
from appliance.charging.lifecycle import Moment
from appliance.store.database import Db

MARK_S = 120.0  # real seconds
GRANTED = "grant_id IN (SELECT id FROM grants WHERE ended_at IS NULL)"
COUNT = "UPDATE sessions SET lasted_s = lasted_s + {more}, counted_s = {until}, counted_boot_id = :boot_id"
KNOWN = "max(0.0, :now_s - counted_s)"
AT_MOST = f"iif(counted_boot_id = :boot_id, min({KNOWN}, :most_s), :most_s)"  # after the last note


def begin(db: Db, when: clock.Clock, session_id: int) -> None:
    """A session begins now. Core only."""
    db.execute(
        "UPDATE sessions SET lasted_s=0, counted_s=?, counted_boot_id=? WHERE id=?",
        (when.boottime_s(), when.boot_id, session_id),
    )


def mark(db: Db, when: clock.Clock) -> None:
    """Note the time of all sessions that go on. Core only."""
    db.execute(
        f"{COUNT.format(more=KNOWN, until=':now_s')} WHERE ended_at IS NULL AND counted_boot_id = :boot_id"
        f" AND {GRANTED}",
        _values(Moment.of(when)),
    )


def go_on(db: Db, when: clock.Clock, session_id: int) -> None:
    """A session goes on now, after an outage. Core only."""
    db.execute(
        f"{COUNT.format(more=AT_MOST, until=':now_s')} WHERE id = :id", {**_values(Moment.of(when)), "id": session_id}
    )


def end(db: Db, when: clock.Clock, session_id: int, until_s: float | None) -> None:
    """A session is over since `until_s` (CLOCK_BOOTTIME); None: since an outage. Before it is ended. Core only."""
    values = {**_values(Moment.of(when)), "id": session_id}
    if until_s is not None:
        values |= {"now_s": until_s, "most_s": float("inf")}
    db.execute(f"{COUNT.format(more=AT_MOST, until='NULL')} WHERE id = :id", values)


def noted(db: Db, moment: Moment, identification_id: int) -> dict[int, float]:
    """How long the sessions of a code lasted until now, in seconds, by session; without those that were not noted."""
    goes_on = f"counted_boot_id = :boot_id AND {GRANTED}"
    more = f"CASE WHEN ended_at IS NOT NULL THEN 0 WHEN {goes_on} THEN {KNOWN} ELSE {AT_MOST} END"
    found = db.execute(
        f"SELECT id, lasted_s + {more} FROM sessions WHERE identification_id = :id"  # noqa: S608 - our own expressions
        " AND lasted_s IS NOT NULL AND (ended_at IS NULL OR counted_s IS NULL)",
        {**_values(moment), "id": identification_id},
    )
    return {int(session_id): float(lasted_s) for session_id, lasted_s in found}


def _values(moment: Moment) -> dict[str, str | float]:
    return {"boot_id": moment.boot_id, "now_s": moment.now_s, "most_s": MARK_S * moment.speed}
