"""The plug inputs of the charging points: is a car plugged in?

An input bounces and a plug is pulled out slowly, so only what was the same for
`STEADY_S` is believed. One that cannot be read is a fault, and after
`FORGOTTEN_S` it is not known whether a car is there. A car that draws power is
plugged in whatever the input says: that, too, is a fault, after
`CONTRADICTED_S`. What a counter shows must have flowed after the car was gone.
Nothing here raises DriverError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from appliance.charging import wiring
from appliance.charging.guards import Said
from appliance.charging.points import Point
from appliance.charging.relays import RETRY_S
from appliance.clock import Clock
from appliance.errors import N_
from appliance.metering.continuity import LAGS_S
from drivers.interfaces import Contact, DriverError

SOURCE = "plug:"  # of its faults, and the point's id
STEADY_S = 1.0
FORGOTTEN_S = 30.0
CONTRADICTED_S = 30.0  # the meter may be a few seconds behind
NO_CAR = N_(
    "The plug input of {point} says that no car is there, but one draws power: have its wire and contact checked."
)


@dataclass(frozen=True, slots=True)
class Plug:
    """One input, over time. Pure."""

    plugged: bool | None = None  # what is believed; None: not known
    seen: bool | None = None
    since_s: float = 0.0  # `seen` is what it is

    def looked(self, seen: bool | None, now_s: float, speed: float = 1.0) -> Plug:
        """After another look."""
        if seen != self.seen:
            return replace(self, seen=seen, since_s=now_s)
        if seen is None:
            return Plug() if now_s - self.since_s >= FORGOTTEN_S * speed else self
        return replace(self, plugged=seen) if now_s - self.since_s >= STEADY_S * speed else self

    @property
    def is_settling(self) -> bool:
        """Tell whether another look is due soon."""
        return self.seen is not None and self.seen != self.plugged


@dataclass(slots=True)
class Watched:
    """One input as the core knows it."""

    point: Point
    plug: Plug = field(default_factory=Plug)
    contact: Contact | None = None
    error: DriverError | None = None
    retry_at_s: float = float("-inf")
    contradicted_s: float | None = None  # power flows since, and no car is there


class Plugs:
    """All plug inputs of one core."""

    def __init__(self, when: Clock, plug_for: Callable[[Point], Contact] | None) -> None:
        """Without `plug_for` nothing is known."""
        self._when = when
        self._plug_for = plug_for
        self._watched: dict[int, Watched] = {}

    def look(self, points: Collection[Point]) -> None:
        """Read the inputs of these points, and let go of others."""
        wanted = {one.id: one for one in points if one.plug and self._plug_for is not None}
        for id, one in list(self._watched.items()):
            if id not in wanted or wanted[id].plug != one.point.plug:
                self._drop(self._watched.pop(id))
        now_s = self._when.boottime_s()
        for id, point in wanted.items():
            one = self._watched.setdefault(id, Watched(point))
            one.point = point
            one.plug = one.plug.looked(self._read(one, now_s), now_s, self._when.speed)

    def is_plugged(self, point_id: int, *, draws: bool, mean_since_s: float | None = None) -> bool | None:
        """Tell whether a car is plugged in; None: not known.

        `draws`: power flows there now, or `mean_since_s` (CLOCK_BOOTTIME) flowed since then, as a counter tells.
        """
        one = self._watched.get(point_id)
        if one is None:
            return None
        gone_s = one.plug.since_s + LAGS_S * self._when.speed
        if one.plug.plugged is False and draws and (mean_since_s is None or mean_since_s >= gone_s):
            if one.contradicted_s is None:
                one.contradicted_s = self._when.boottime_s()
            return None
        one.contradicted_s = None
        return one.plug.plugged

    def faults(self) -> list[Said]:
        """What is wrong."""
        said: list[Said] = []
        for id, one in self._watched.items():
            if one.error is not None:
                said.append((f"{SOURCE}{id}", one.error.code, one.error.message, dict(one.error.values)))
            elif one.contradicted_s is not None and self._is_long_ago(one.contradicted_s):
                said.append((f"{SOURCE}{id}", "contradicted", NO_CAR, {"point": one.point.name}))
        return said

    def delay_s(self) -> float:
        """Real seconds until one must be looked at again; infinite when all are steady."""
        return STEADY_S if any(one.plug.is_settling for one in self._watched.values()) else float("inf")

    def let_go(self) -> None:
        """Give all lines back."""
        for one in self._watched.values():
            self._drop(one)
        self._watched.clear()

    def _is_long_ago(self, since_s: float) -> bool:
        return self._when.boottime_s() - since_s >= CONTRADICTED_S * self._when.speed

    def _read(self, one: Watched, now_s: float) -> bool | None:
        """Whether the contact says that a car is there; None: it does not say."""
        if now_s < one.retry_at_s or self._plug_for is None:
            return None
        try:
            if one.contact is None:
                one.contact = self._plug_for(one.point)
            closed = one.contact.is_closed()
        except DriverError as error:
            one.error, one.retry_at_s = error, now_s + RETRY_S * self._when.speed
            return None
        if closed is not None:
            one.error = None
        _, opens = wiring.split_plug(one.point.plug)
        return None if closed is None else closed != opens

    def _drop(self, one: Watched) -> None:
        if one.contact is not None:
            one.contact.release()
            one.contact = None
