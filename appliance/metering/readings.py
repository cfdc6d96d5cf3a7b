"""The newest reading of every meter, in `live.db`, with its time.

Readers judge age themselves: what is older than five seconds, or three times
the meter's interval, is no data and never a number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import clock
from appliance.store.database import Store
from drivers.interfaces import Reading

STALE_S = 5.0  # real seconds
STALE_INTERVALS = 3
GREATEST = 1e12  # no quantity of a house, in any unit, is further from zero
GREATEST_W = 1e7


@dataclass(frozen=True, slots=True)
class Live:
    """One reading as it was put: quantity -> SI value."""

    meter_id: int
    at: datetime
    at_boottime_s: float
    took_s: float
    values: Mapping[str, float]


def impossible(values: Mapping[str, float]) -> str | None:
    """The first quantity whose value no meter of a house can mean; None when all may be true."""
    for quantity, value in values.items():
        greatest = GREATEST_W if quantity.endswith("_w") else GREATEST
        if not math.isfinite(value) or abs(value) > greatest or (value < 0 and quantity.endswith("_wh")):
            return quantity
    return None


def put(live: Store, when: clock.Clock, meter_id: int, reading: Reading) -> None:
    """Keep a reading as the newest of its meter. Rings no bell: it comes every second."""
    with live.write(ring=False) as db:
        db.execute(
            "INSERT OR REPLACE INTO readings VALUES (?,?,?,?,?)",
            (meter_id, clock.utc_text(when.now()), when.boottime_s(), reading.took_s, json.dumps(dict(reading.values))),
        )


def newest(live: Store) -> dict[int, Live]:
    """The newest reading by meter, however old."""
    with live.read() as db:
        rows = db.execute("SELECT meter_id, at, at_boottime_s, took_s, quantities FROM readings").fetchall()
    return {row[0]: Live(row[0], clock.from_utc_text(row[1]), row[2], row[3], json.loads(row[4])) for row in rows}


def age_s(reading: Live, when: clock.Clock) -> float:
    """Real seconds since the reading, also under a fast clock."""
    return max(0.0, when.boottime_s() - reading.at_boottime_s) / when.speed


def is_fresh(reading: Live, when: clock.Clock, interval_s: float) -> bool:
    """Tell whether the reading still says something about now."""
    return age_s(reading, when) <= max(STALE_S, STALE_INTERVALS * interval_s)
