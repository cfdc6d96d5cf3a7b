"""The units on one line: what is known about each, and what that says about the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.interfaces import DriverError
from drivers.modbus.pace import Pace
from drivers.modbus.usage import Tally, UnitReport


@dataclass(slots=True)
class Unit:
    """One of them."""

    pace: Pace = field(default_factory=Pace)
    tally: Tally = field(default_factory=Tally)


class Units:
    """All that were asked."""

    def __init__(self) -> None:
        self._known: dict[int, Unit] = {}

    def __getitem__(self, number: int) -> Unit:
        unit = self._known.get(number)
        if unit is None:
            unit = self._known[number] = Unit()
        return unit

    def _others(self, number: int) -> Iterator[Pace]:
        """The paces of the other units that belong here, for a search asks units that are not there."""
        for other, unit in self._known.items():
            if other != number and unit.pace.is_known:
                yield unit.pace

    def failed(self, number: int, error: DriverError, now_s: float) -> None:
        """Note a time-out of one unit: the more of them are silent, the longer each is left alone."""
        others = list(self._others(number))
        silent = 1 + sum(pace.failures > 0 for pace in others)
        self[number].pace.failed(error, now_s, 1 + len(others), silent)

    def answered(self, number: int, now_s: float) -> None:
        """Note an answer. When nobody answered before it, the line itself was ill: all are asked again at once."""
        pace = self[number].pace
        if pace.failures and not any(other.is_well for other in self._others(number)):
            for other in self._others(number):
                other.ask_at = now_s
        pace.answered()

    def others_answered(self, number: int, since_s: float) -> bool:
        """Tell whether another unit has answered since then."""
        return any(pace.answered_at > since_s for pace in self._others(number))

    def reports(self) -> tuple[UnitReport, ...]:
        """The figures of each, by unit id."""
        return tuple(unit.tally.report(number, unit.pace.latency_s) for number, unit in sorted(self._known.items()))
