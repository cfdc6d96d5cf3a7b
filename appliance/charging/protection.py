"""The guards at work: which relays may be closed, and what is said of leaks, grid limit, contactors and plugs.

`allow` is asked before the relays are switched, `look` is told after. A relay
that is held open keeps its grant and its session; these go on when it may
close again. Faults end with their cause, also those an earlier core said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

from appliance import faults
from appliance.charging import contacts, plugs
from appliance.charging.contacts import Contacts
from appliance.charging.guards import BELOW_BY_A, Grid, Leak, Reversed, Said, drawn_a
from appliance.charging.plugs import Plugs
from appliance.charging.points import Point
from appliance.charging.relays import Relays
from appliance.charging.snapshot import View
from appliance.charging.spots import Spot
from appliance.errors import N_
from appliance.metering import meters, readings
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Contact

SOURCES = ("leak:", "reversed:", "grid:", contacts.SOURCE, plugs.SOURCE)


class Protection:
    """The guards of one core. Raises StoreError."""

    def __init__(
        self, opened: Opened, relays: Relays, contact_for: Callable[[Point], Contact] | None = None,
        plug_for: Callable[[Point], Contact] | None = None,
    ) -> None:  # fmt: skip
        self.plugs = Plugs(opened.clock, plug_for)
        self._contacts = Contacts(opened, contact_for)
        self._opened = opened
        self._when = opened.clock
        self._relays = relays
        self._pause_s = 0.0
        self._grid = Grid()
        self._grid_faults: list[Said] = []
        self._leaks: dict[int, Leak] = {}
        self._reversed: dict[tuple[int, int | None], Reversed] = {}  # by point and its meter
        self._said: set[str] | None = None  # sources; None: an earlier core may have said some

    def allow(self, wanted: Set[int], min_pause_s: float) -> set[int]:
        """Those of `wanted` that may be closed now. `min_pause_s`: the shortest between two closings."""
        spots = [spot for _, spot in self._relays]
        self._contacts.fit([spot.point for spot in spots])
        self._pause_s = min_pause_s
        self._contacts.look(spots, self._pause_s)
        allowed = self._contacts.allow(wanted, self._when.boottime_s())
        limit_a = settings.number(self._opened.store, "charging.grid_limit_a")
        current_a, self._grid_faults = self._grid_current(limit_a) if limit_a > 0 else (None, [])
        self._grid = self._grid.seen(current_a, limit_a, self._when.boottime_s(), self._when.speed)
        if not self._grid.holds:
            return allowed
        self._grid_faults.append((
            "grid:limit", "limit",
            N_(
                "More than {limit} A are drawn from the grid: charging waits until it was below {resume} A for a"
                " minute. Switch off other devices."
            ),
            {"limit": f"{limit_a:g}", "resume": f"{limit_a - BELOW_BY_A:g}"},
        ))  # fmt: skip
        for point_id, spot in self._relays:
            if point_id in wanted:
                spot.drew_at_s = self._when.boottime_s()  # it is not the car that draws nothing
        return set()

    def look(self, view: View) -> None:
        """See what flows through relays that are open, and say what is wrong."""
        now_s, speed = self._when.boottime_s(), self._when.speed
        known = dict(self._relays)
        self._leaks = {
            id: self._leaks.get(id, Leak()).seen(
                self._power_w(view, spot, known), is_open=_all_open(spot, known), now_s=now_s, speed=speed
            )
            for id, spot in known.items()
        }
        self._reversed = {
            key: self._reversed.get(key, Reversed()).seen(_shown_w(view, spot), now_s, speed)
            for id, spot in known.items()
            for key in [(id, spot.point.meter_id)]
        }
        self._contacts.look(list(known.values()), self._pause_s)
        said = [*self._grid_faults, *self._leak_faults(known), *self._reversed_faults(known)]
        self._say([*said, *self._contacts.faults(), *self.plugs.faults()])
        self._contacts.keep()

    def lets_begin(self, point_id: int) -> bool:
        """Tell whether power can flow at a point whose relay is closed: not while its contactor does not follow."""
        return self._contacts.follows(point_id)

    def is_reversed(self, point_id: int, meter_id: int | None) -> bool:
        """Tell whether this meter of a point counts the wrong way round, and power flows now."""
        one = self._reversed.get((point_id, meter_id), Reversed())
        return one.alarm and one.since_s is not None

    def delay_s(self) -> float:
        """Real seconds until a contactor or a plug must be looked at again."""
        return min(self._contacts.delay_s(), self.plugs.delay_s())

    def let_go(self) -> None:
        """Give the lines of the contacts back."""
        self._contacts.let_go()
        self.plugs.let_go()

    def _grid_current(self, limit_a: float) -> tuple[float | None, list[Said]]:
        """The current of the phase that draws most, and which meters do not tell."""
        newest = readings.newest(self._opened.live)
        found: list[float] = []
        silent: list[str] = []
        watching = [meter for meter in meters.all(self._opened.store) if meter.role == "grid"]
        for meter in watching:
            reading = newest.get(meter.id)
            fresh = reading is not None and readings.is_fresh(reading, self._when, meter.interval_s)
            current_a = drawn_a(reading.values) if reading is not None and fresh else None
            if current_a is None:
                silent.append(meter.name)
            else:
                found.append(current_a)
        said: list[Said] = []
        if silent:
            said.append((
                "grid:meter", "silent",
                N_("The limit of {limit} A is not watched: {meters} gives no current now. Check this meter."),
                {"limit": f"{limit_a:g}", "meters": ", ".join(silent)},
            ))  # fmt: skip
        elif not watching:
            said.append((
                "grid:meter", "missing",
                N_("The limit of {limit} A is not watched: add a meter with the role grid."),
                {"limit": f"{limit_a:g}"},
            ))  # fmt: skip
        return max(found, default=None), said

    def _power_w(self, view: View, spot: Spot, known: dict[int, Spot]) -> float | None:
        """What flows now; nothing that was measured before the relays of this meter opened."""
        gauge = view.gauge(spot.point.meter_id)
        opened_s = max(one.since_s for one in _same_meter(spot, known))
        return None if gauge is None or gauge.at_s <= opened_s else gauge.power_w

    def _leak_faults(self, known: dict[int, Spot]) -> Iterator[Said]:
        for point_id, leak in self._leaks.items():
            if leak.alarm:
                yield (
                    f"leak:{point_id}", "leak",
                    N_(
                        "Power flows at {point} although its relay is open. Unplug the car and have the contactor"
                        " checked: it may be welded. If nothing charges there, another meter was assigned to this"
                        " charging point: correct it."
                    ),
                    {"point": known[point_id].point.name},
                )  # fmt: skip

    def _reversed_faults(self, known: dict[int, Spot]) -> Iterator[Said]:
        for (point_id, _), one in self._reversed.items():
            if one.alarm:
                yield (
                    f"reversed:{point_id}", "reversed",
                    N_(
                        "The meter of {point} shows power coming out of the car: it counts the wrong way round, and"
                        " what is charged has no energy. Turn its current transformers, or let it be read the other"
                        " way round. It is well when the next car charges."
                    ),
                    {"point": known[point_id].point.name},
                )  # fmt: skip

    def _say(self, found: list[Said]) -> None:
        live = self._opened.live
        if self._said is None:
            self._said = {one.source for one in faults.active(live) if one.source.startswith(SOURCES)}
        now = {said[0] for said in found}
        for source in sorted(self._said - now):
            faults.clear(live, source)
        self._said |= now
        for source, code, sentence, values in found:
            faults.report(live, self._when.now(), source, code, sentence, **values)
        self._said = now


def _shown_w(view: View, spot: Spot) -> float | None:
    """What the meter of a point shows, whatever its relay does."""
    gauge = view.gauge(spot.point.meter_id)
    return None if gauge is None else gauge.power_w


def _same_meter(spot: Spot, known: dict[int, Spot]) -> list[Spot]:
    """The points whose power one meter measures together."""
    meter_id = spot.point.meter_id
    return [one for one in known.values() if one is spot or (meter_id is not None and one.point.meter_id == meter_id)]


def _all_open(spot: Spot, known: dict[int, Spot]) -> bool | None:
    """Tell whether no relay of this meter lets current through; None: one cannot be read."""
    closed = [one.closed for one in _same_meter(spot, known)]
    return False if True in closed else None if None in closed else True
