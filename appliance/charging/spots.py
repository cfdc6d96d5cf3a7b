"""What the core remembers of each charging point from one turn to the next.

Nothing here needs to survive: after a restart of the core every relay is open,
the pause before closing starts again, and meters are read anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.charging.gauges import Gauge
from appliance.charging.lifecycle import Limits, is_idle
from appliance.charging.points import Point
from drivers.interfaces import DriverError, Relay


@dataclass(slots=True)
class Spot:
    """One point as the core knows it. Moments are on the boot clock."""

    point: Point
    since_s: float  # when `closed` became what it is
    may_close_at_s: float  # not before this: the pause that spares the contactor
    relay: Relay | None = None
    closed: bool | None = None  # as read back; None: it cannot be read
    wanted: bool = False
    fault: DriverError | None = None
    said_fault: bool = False
    grant_id: int | None = None  # what follows belongs to this grant
    base_wh: int | None = None  # the meter's counter when the relay closed
    base_s: float = 0.0  # when that was read
    base_meter_id: int | None = None  # whose it is
    base_late: bool = False  # it could not be read then, only later
    drew_at_s: float = 0.0  # when the car last drew power, or could not be watched
    idle_since_s: float | None = None  # while a session runs: its car draws no power since
    silent: bool = False  # the meter did not answer for a while
    power_at_s: float = 0.0  # when the power was last known while a session runs

    def see(self, closed: bool | None, fault: DriverError | None, now_s: float, min_pause_s: float) -> None:
        """Take in what was read back. A relay that did not obey stays a fault until it is as wanted."""
        if fault is None and closed != self.wanted:
            fault = self.fault
        if closed != self.closed:
            self.since_s = now_s
        if (fault is not None and fault is not self.fault) or (closed is False and self.closed is not False):
            self.may_close_at_s = now_s + min_pause_s
        self.closed, self.fault = closed, fault

    def follow(self, grant_id: int, gauge: Gauge | None, limits: Limits, now_s: float, *, running: bool) -> None:
        """Note from which counter on the energy of a grant counts, and when its car last drew power."""
        if grant_id != self.grant_id:
            self.grant_id, self.base_wh, self.base_late = grant_id, None, False
            self.drew_at_s, self.silent = now_s, False
            self.idle_since_s = None
            self.power_at_s = 0.0 if gauge is None else gauge.at_s
        fresh = gauge is not None and gauge.fresh
        if running:
            self.silent = self.silent or not fresh
            if gauge is not None and gauge.power_w is not None:
                self.power_at_s = now_s
            if not is_idle(gauge, limits):  # a meter that says nothing does not end a session
                self.drew_at_s, self.idle_since_s = now_s, None
            elif self.idle_since_s is None:
                self.idle_since_s = self.drew_at_s
            return
        replaced_s = None if gauge is None or self.base_wh is None else gauge.replaced_s
        if self.base_wh is not None and self.base_meter_id != self.point.meter_id:
            self.base_wh, self.base_late = None, True  # the point has another meter now
        elif replaced_s is not None and replaced_s >= self.base_s:
            self.base_wh, self.base_late = None, True  # it was another meter's
        if self.closed and self.base_wh is None:
            self.base_wh = gauge.counter_wh if gauge is not None and gauge.counts else None
            self.base_late, self.base_s = self.base_late or self.base_wh is None, now_s
            self.base_meter_id = self.point.meter_id
