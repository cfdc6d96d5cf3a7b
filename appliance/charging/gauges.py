"""What a charging point's meter says now: its counter and the power that flows.

A reading that is too old gives no power, only its counter and its moment; who
needs the counter at a moment compares the two. What a counter says is taken as it
is; `counters` tells what of it may be believed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from appliance import clock, errors
from appliance.metering import meters, readings
from appliance.store.database import Db, Store


@dataclass(frozen=True, slots=True)
class Gauge:
    """The newest reading of one meter, as far as charging needs it."""

    at_s: float  # CLOCK_BOOTTIME when the meter was asked
    fresh: bool
    power_w: float | None  # into the car; None: too old or not measured
    counter_wh: int | None  # the meter's own, as it was believed last; None: it has none
    counted_s: float | None = None  # CLOCK_BOOTTIME when it said that
    doubted_wh: int | None = None  # what it says instead, which cannot be
    replaced_s: float | None = None  # CLOCK_BOOTTIME when it was found to be another meter's, the last time
    mean_since_s: float | None = None  # CLOCK_BOOTTIME: the power is what was counted since then; None: it was measured

    @property
    def counts(self) -> bool:
        """Tell whether the newest reading is fresh and has a counter that may be believed."""
        return self.fresh and self.counter_wh is not None and self.counted_s == self.at_s and self.doubted_wh is None


def intervals_s(store: Store) -> dict[int, float]:
    """How often each meter is read."""
    return {meter.id: meter.interval_s for meter in meters.all(store)}


def read(live: Store, when: clock.Clock, intervals: Mapping[int, float]) -> dict[int, Gauge]:
    """The gauges by meter; a meter that never answered in this boot, or is out of use, is absent."""
    found: dict[int, Gauge] = {}
    for meter_id, reading in readings.newest(live).items():
        if meter_id in intervals:
            fresh = readings.is_fresh(reading, when, intervals[meter_id])
            counter_wh = reading.values.get("import_wh")
            at_s = reading.at_boottime_s - reading.took_s * when.speed
            found[meter_id] = Gauge(
                at_s=at_s,
                fresh=fresh,
                power_w=reading.values.get("power_w") if fresh else None,
                counter_wh=None if counter_wh is None else round(counter_wh),
                counted_s=None if counter_wh is None else at_s,
            )
    return found


def counting(db: Db, live: Store, when: clock.Clock) -> set[int]:
    """The meters that give their counter now; none when no core ran in this boot."""
    with contextlib.suppress(errors.StoreMissing):
        found = read(live, when, {meter.id: meter.interval_s for meter in meters.rows(db)})
        return {meter_id for meter_id, gauge in found.items() if gauge.counts}
    return set()
