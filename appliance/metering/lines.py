"""A stretch of time with one value a step, ready to draw; not a number where nothing was measured."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isnan, nan

from appliance.metering.packing import Series


@dataclass(frozen=True, slots=True)
class Line:
    """Values from Unix time `begin_s` on, `step_s` seconds each; NaN: not measured."""

    begin_s: int
    step_s: int
    values: array[float]

    @classmethod
    def empty(cls, begin_s: int, end_s: int, step_s: int) -> Line:
        """A line on which nothing was measured yet; what is cut off at its end counts as a whole step."""
        return cls(begin_s, step_s, array("d", [nan]) * max(0, -(-(end_s - begin_s) // step_s)))

    @property
    def end_s(self) -> int:
        return self.begin_s + len(self.values) * self.step_s

    def put(self, start_s: int, series: Series) -> None:
        """Lay what was measured from `start_s` on (a whole step of the line) over what is there."""
        divisor = 10**series.decimals
        at = (start_s - self.begin_s) // self.step_s
        steps = series.steps[max(0, -at) : max(0, len(self.values) - at)]
        at = max(0, at)
        if None in steps:
            for i, step in enumerate(steps, at):
                if step is not None:
                    self.values[i] = step / divisor
        else:
            self.values[at : at + len(steps)] = array("d", [step / divisor for step in steps])


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in buckets, with the least and greatest of each, so that a peak is seen at any width."""

    quantity: str  # its name ends with its unit
    begin_s: int  # Unix time
    step_s: int
    least: array[float]
    mean: array[float]
    most: array[float]


def bucketed(quantity: str, mean: Line, step_s: int, *, least: Line | None = None, most: Line | None = None) -> Curve:
    """Buckets of `step_s` (a multiple of the lines' step) out of lines that begin together."""
    per = max(1, step_s // mean.step_s)
    low, high = (least or mean).values, (most or mean).values
    if per == 1:
        return Curve(quantity, mean.begin_s, mean.step_s, low, mean.values, high)
    means, lows, highs = array("d"), array("d"), array("d")
    for at in range(0, len(mean.values), per):
        known = [value for value in mean.values[at : at + per] if not isnan(value)]
        means.append(sum(known) / len(known) if known else nan)
        lows.append(_least(low[at : at + per]))
        highs.append(_most(high[at : at + per]))
    return Curve(quantity, mean.begin_s, per * mean.step_s, lows, means, highs)


def _least(values: Iterable[float]) -> float:
    found = min((value for value in values if not isnan(value)), default=inf)
    return nan if found == inf else found


def _most(values: Iterable[float]) -> float:
    found = max((value for value in values if not isnan(value)), default=-inf)
    return nan if found == -inf else found


def numbers(values: Iterable[float | None]) -> array[float]:
    """Values as a line has them."""
    return array("d", [nan if value is None else value for value in values])
