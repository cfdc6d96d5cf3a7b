"""What a charging point's meter says now: its counter and the power that flows.

A reading that is too old gives no power, only its counter and its moment; who
needs the counter at a moment compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance import clock
from appliance.metering import meters, readings
from appliance.store.database import Store


@dataclass(frozen=True, slots=True)
class Gauge:
    """The newest reading of one meter, as far as charging needs it."""

    at_s: float  # CLOCK_BOOTTIME when the meter was asked
    fresh: bool
    power_w: float | None  # into the car; None: too old or not measured
    counter_wh: int | None  # the meter's own; None: it has none


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
            found[meter_id] = Gauge(
                at_s=reading.at_boottime_s - reading.took_s * when.speed,
                fresh=fresh,
                power_w=reading.values.get("power_w") if fresh else None,
                counter_wh=None if counter_wh is None else round(counter_wh),
            )
    return found
