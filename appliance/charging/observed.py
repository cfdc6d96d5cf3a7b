"""What the core sees at each charging point, apart from what is wanted there.

Only the core writes here, after reading a relay back. A screen turns green on
`closed`, never on a grant; what a core that no longer runs once saw counts for
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import clock
from appliance.store.database import Store


@dataclass(frozen=True, slots=True)
class Observed:
    """One relay as it was last seen."""

    point_id: int
    wanted: bool
    closed: bool | None  # None: it cannot be read
    since: datetime  # when `closed` became what it is
    since_boottime_s: float
    idle_since_s: float | None = None  # CLOCK_BOOTTIME: the running session's car draws no power since; None: it does


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the core."""

    wanted: bool
    closed: bool | None
    since_boottime_s: float
    idle_since_s: float | None = None


def put(live: Store, when: clock.Clock, looks: Mapping[int, Look]) -> None:
    """Replace everything by what the core sees now, and ring."""
    with live.write() as db:
        db.execute("DELETE FROM relays")
        db.executemany(
            "INSERT INTO relays VALUES (?,?,?,?,?,?)",
            [
                (
                    point_id,
                    look.wanted,
                    look.closed,
                    _at(when, look.since_boottime_s),
                    look.since_boottime_s,
                    look.idle_since_s,
                )
                for point_id, look in looks.items()
            ],
        )


def _at(when: clock.Clock, boottime_s: float) -> str:
    """The calendar time of a moment on the boot clock."""
    moment = when.now().timestamp() - (when.boottime_s() - boottime_s)
    return clock.utc_text(datetime.fromtimestamp(moment, when.now().tzinfo))


def all(live: Store) -> dict[int, Observed]:
    """What was last seen, by point. Raises StoreMissing when no core ran in this boot."""
    with live.read() as db:
        found = db.execute(
            "SELECT point_id, wanted, closed, since, since_boottime_s, idle_since_s FROM relays"
        ).fetchall()
    return {
        point_id: Observed(
            point_id,
            bool(wanted),
            None if closed is None else bool(closed),
            clock.from_utc_text(since),
            since_s,
            idle_s,
        )
        for point_id, wanted, closed, since, since_s, idle_s in found
    }
