"""The relays of all charging points, taken, switched, read back, shown and let go.

A relay is opened when it is taken and when it is let go, and counts as opened
then, so it closes only after the minimum pause. What cannot be had or will not
obey is a fault of its point, said where every process reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from appliance import faults
from appliance.charging import observed
from appliance.charging.points import Point
from appliance.charging.reconcile import force_open, reconcile
from appliance.charging.spots import Spot
from appliance.opened import Opened
from drivers.interfaces import DriverError, Relay

SOURCE = "relay:"  # of its faults, and the point's id
RETRY_S = 5.0  # real seconds between tries to get a relay this machine could not provide


class Relays:
    """All relays of one core. Raises StoreError only from `show`."""

    def __init__(self, opened: Opened, relay_for: Callable[[Point], Relay]) -> None:
        self._live = opened.live
        self._when = opened.clock
        self._relay_for = relay_for
        self._spots: dict[int, Spot] = {}
        self._gone: list[int] = []  # points whose faults are to be cleared
        self._shown: dict[int, observed.Look] | None = None

    def __iter__(self) -> Iterator[tuple[int, Spot]]:
        return iter(self._spots.items())

    def forget(self) -> None:
        """Show that nothing is known of any relay, whatever an earlier core left. Raises StoreError."""
        self._shown = None
        self.show()
        for fault in faults.active(self._live):
            if fault.source.startswith(SOURCE):
                faults.clear(self._live, fault.source)

    def get(self, point_id: int) -> Spot | None:
        """What is remembered of a point."""
        return self._spots.get(point_id)

    def fit(self, points: Mapping[int, Point], min_pause_s: float) -> None:
        """Have the relay of each point in use, and no other."""
        for point_id, spot in list(self._spots.items()):
            if point_id not in points or points[point_id].relay != spot.point.relay:
                self._let_go(self._spots.pop(point_id))
                self._gone.append(point_id)
        now_s = self._when.boottime_s()
        for point_id, point in points.items():
            spot = self._spots.setdefault(point_id, Spot(point, since_s=now_s, may_close_at_s=now_s))
            spot.point = point
            if spot.relay is None and now_s >= spot.may_close_at_s:
                self._take(spot, now_s, min_pause_s)

    def _take(self, spot: Spot, now_s: float, min_pause_s: float) -> None:
        try:
            spot.relay = self._relay_for(spot.point)
        except DriverError as error:
            spot.fault = error
            spot.may_close_at_s = now_s + RETRY_S * self._when.speed
        else:
            spot.closed, spot.fault, spot.since_s = force_open(spot.relay), None, now_s
            spot.may_close_at_s = now_s + min_pause_s

    def _let_go(self, spot: Spot) -> None:
        if spot.relay is not None:
            force_open(spot.relay)
            spot.relay.release()

    def switch(self, wanted: Collection[int], min_pause_s: float) -> None:
        """Bring all in line with `wanted`, first those known to differ; what just opened stays open for the pause."""
        now_s = self._when.boottime_s()
        may_close = {point_id for point_id, spot in self._spots.items() if now_s >= spot.may_close_at_s}
        differing: dict[int, Relay] = {}
        others: dict[int, Relay] = {}
        for point_id, spot in self._spots.items():
            spot.wanted = point_id in wanted
            if spot.relay is not None:
                (others if spot.closed == spot.wanted else differing)[point_id] = spot.relay
        for relays in (differing, others):
            outcome = reconcile(relays, wanted, may_close)
            seen_s = self._when.boottime_s()
            for point_id, closed in outcome.closed.items():
                self._spots[point_id].see(closed, outcome.faults.get(point_id), seen_s, min_pause_s)

    def let_all_go(self) -> None:
        """Open everything and give the lines back."""
        for spot in self._spots.values():
            self._let_go(spot)
        self._spots.clear()

    def show(self) -> None:
        """Say what is seen and what is wrong, where it changed. Raises StoreError."""
        looks = {
            point_id: observed.Look(spot.wanted, spot.closed, spot.since_s, spot.idle_since_s)
            for point_id, spot in self
        }
        if looks != self._shown:
            observed.put(self._live, self._when, looks)
            self._shown = looks
        while self._gone:
            faults.clear(self._live, _source(self._gone[-1]))
            self._gone.pop()
        for point_id, spot in self:
            if spot.fault is not None:
                spot.said_fault = True
                error = spot.fault
                faults.report(
                    self._live, self._when.now(), _source(point_id), error.code, error.message, **error.values
                )
            elif spot.said_fault:
                faults.clear(self._live, _source(point_id))
                spot.said_fault = False


def _source(point_id: int) -> str:
    return f"{SOURCE}{point_id}"
