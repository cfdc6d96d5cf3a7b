"""What flows at the charging points, also where a meter's power does not tell.

Some meters give no power at all, or one that stays at zero: then their counter
tells, once it has risen by more than a step of its own could. Only what surely
flowed counts, so little power is seen late or never; no energy is lost by that,
because a session counts from the closing of its relay.

A counter may be a while behind. What it shows soon after power flowed, or after
the relays opened, says nothing about now.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from appliance.charging.gauges import Gauge
from appliance.charging.snapshot import View
from appliance.charging.spots import Spot
from appliance.metering.continuity import LAGS_S
from appliance.metering.counters import step_of

OVER_S = 300.0  # power is the mean of so long at most: 10 Wh are 120 W then
APART_S = 5.0  # and seen from readings so far apart
SLACK_WH = 10  # what a counter may rise by although next to nothing flows


@dataclass(frozen=True, slots=True)
class Trace:
    """One counter over the last minutes. Pure; moments are on the boot clock."""

    after_s: float = -math.inf  # readings before this say nothing about now
    readings: tuple[tuple[float, int], ...] = ()  # moment and Wh, oldest first

    def forget(self, after_s: float) -> Trace:
        """Only what is read after this moment counts."""
        if after_s <= self.after_s:
            return self
        return Trace(after_s, tuple(one for one in self.readings if one[0] > after_s))

    def seen(self, at_s: float, counter_wh: int, speed: float = 1.0) -> Trace:
        """After another reading."""
        kept = list(self.readings)
        if at_s <= self.after_s or (kept and at_s <= kept[-1][0]):
            return self
        if kept and counter_wh < kept[-1][1]:
            kept = []  # it was reset, or is another meter's
        if len(kept) > 1 and kept[-1][0] - kept[-2][0] < APART_S * speed:
            kept.pop()
        kept.append((at_s, counter_wh))
        while len(kept) > 2 and kept[1][0] <= at_s - OVER_S * speed:
            kept.pop(0)
        return replace(self, readings=tuple(kept))

    @property
    def power_w(self) -> float | None:
        """What flowed for certain, on average; None: not known yet."""
        if len(self.readings) < 2:
            return None
        (first_s, first_wh), (last_s, last_wh) = self.readings[0], self.readings[-1]
        slack_wh = max(SLACK_WH, min(step_of(wh) for _, wh in self.readings))
        return max(0, last_wh - first_wh - slack_wh) * 3600 / (last_s - first_s)


class Flows:
    """The counters of all charging meters, from one turn of the loop to the next."""

    def __init__(self) -> None:
        self._traces: dict[int, Trace] = {}

    def told(self, view: View, spots: Collection[Spot], speed: float = 1.0) -> View:
        """The view with what flows by the counters, where the meters' power shows less than a car draws."""
        gauges = dict(view.gauges)
        for meter_id, gauge in view.gauges.items():
            mine = [spot for spot in spots if spot.point.meter_id == meter_id]
            if mine:
                gauges[meter_id] = self._told(meter_id, gauge, mine, view.limits.idle_power_w, speed)
        self._traces = {meter_id: trace for meter_id, trace in self._traces.items() if meter_id in gauges}
        return replace(view, gauges=gauges)

    def _told(self, meter_id: int, gauge: Gauge, mine: Collection[Spot], idle_power_w: float, speed: float) -> Gauge:
        trace = self._traces.get(meter_id, Trace())
        if all(spot.closed is False for spot in mine):
            trace = trace.forget(max(spot.since_s for spot in mine) + LAGS_S * speed)
        shown_w = abs(gauge.power_w or 0.0)
        if shown_w >= idle_power_w:
            trace = trace.forget(gauge.at_s + LAGS_S * speed)
        if gauge.counts and gauge.counter_wh is not None:
            trace = trace.seen(gauge.at_s, gauge.counter_wh, speed)
        self._traces[meter_id] = trace
        counted_w = trace.power_w if gauge.counts else None
        if counted_w is None or (gauge.power_w is not None and counted_w < idle_power_w):
            return gauge
        return replace(gauge, power_w=counted_w, mean_since_s=trace.readings[0][0])
