"""Curves and bars as SVG paths: pure arithmetic, no page.

Always five horizontal lines at round values, so that the page can put new
paths and labels into a drawing that stays. What was not measured is a gap in
the line, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

WIDTH, HEIGHT = 960.0, 260.0
LINES = 5
SMALLEST_STEP = 500.0  # W or Wh: an idle house is a flat line, not a mountain
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
BAR = 0.72  # how much of its place a bar fills

Values = Sequence[float | None]


class Frame(TypedDict):
    """The part of a drawing that all kinds have."""

    lines_y: tuple[float, ...]
    values: tuple[float, ...]
    zero_y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Everything a drawing needs. `values` (W or Wh) belong to `lines_y` from top to bottom."""

    lines: Mapping[str, str]  # series -> path of its line
    areas: Mapping[str, str]  # series -> path of its area: to zero, or its bars
    lines_y: tuple[float, ...]
    values: tuple[float, ...]
    zero_y: float


def draw(series: Mapping[str, Values]) -> Curve:
    """Paths for values that follow each other evenly from the left edge to the right one."""
    known = [value for values in series.values() for value in values if value is not None]
    low, step = scale(min([0.0, *known]), max([0.0, *known]))

    def y(value: float) -> float:
        return HEIGHT - (value - low) / (step * (LINES - 1)) * HEIGHT

    runs = {
        name: _runs(
            [(WIDTH * (i + 0.5) / len(values), None if one is None else y(one)) for i, one in enumerate(values)]
        )
        for name, values in series.items()
    }
    return Curve(
        lines={name: " ".join(_line(run) for run in found) for name, found in runs.items()},
        areas={name: " ".join(_area(run, y(0)) for run in found) for name, found in runs.items()},
        **_frame(low, step),
    )


def stack(up: Mapping[str, Values], down: Mapping[str, Values], before: Values = ()) -> Curve:
    """Bars on top of each other, those of `down` below zero; `before` is a mark across each bar."""
    count = max((len(values) for values in (*up.values(), *down.values())), default=0)
    highs = [sum(values[i] or 0.0 for values in up.values()) for i in range(count)]
    lows = [sum(values[i] or 0.0 for values in down.values()) for i in range(count)]
    marks = [value for value in before if value is not None]
    low, step = scale(-max([0.0, *lows]), max([0.0, *highs, *marks]))

    def y(value: float) -> float:
        return HEIGHT - (value - low) / (step * (LINES - 1)) * HEIGHT

    areas = _stacked(up, count, y, 1.0) | _stacked(down, count, y, -1.0)
    marked = [
        f"M{_left(i, count):.1f} {y(value):.1f}h{WIDTH * BAR / count:.1f}"
        for i, value in enumerate(before[:count])
        if value is not None
    ]
    return Curve(lines={"before": " ".join(marked)} if before else {}, areas=areas, **_frame(low, step))


def _frame(low: float, step: float) -> Frame:
    values = tuple(low + step * number for number in reversed(range(LINES)))
    height = step * (LINES - 1)
    return {
        "lines_y": tuple(round(HEIGHT - (value - low) / height * HEIGHT, 1) for value in values),
        "values": values,
        "zero_y": round(HEIGHT + low / height * HEIGHT, 1),
    }


def _left(number: int, count: int) -> float:
    return WIDTH * (number + (1 - BAR) / 2) / count


def _stacked(series: Mapping[str, Values], count: int, y: Callable[[float], float], sign: float) -> dict[str, str]:
    base, found = [0.0] * count, {}
    for name, values in series.items():
        path = []
        for i, value in enumerate(values):
            if value:
                top = base[i] + value
                path.append(
                    f"M{_left(i, count):.1f} {y(sign * base[i]):.1f}h{WIDTH * BAR / count:.1f}V{y(sign * top):.1f}"
                    f"H{_left(i, count):.1f}Z"
                )
                base[i] = top
        found[name] = "".join(path)
    return found


def scale(low: float, high: float) -> tuple[float, float]:
    """The lowest line and the round step so that all lines together hold `low` to `high`."""
    step = _round_up(max(SMALLEST_STEP, (high - low) / (LINES - 1)))
    while True:
        bottom = -step * _ceil(-low / step) if low < 0 else 0.0
        if bottom + step * (LINES - 1) >= high:
            return bottom, step
        step = _round_up(step * 1.01)


def _ceil(number: float) -> int:
    return int(-(-number // 1))


def _round_up(step: float) -> float:
    """The next round number."""
    power = 1.0
    while power * ROUND[-1] < step:
        power *= 10
    return next(power * factor for factor in ROUND if power * factor >= step)


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Points without gaps, one list for each stretch."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is not None:
            found[-1].append((x, y))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def _line(run: Sequence[tuple[float, float]]) -> str:
    if len(run) == 1:  # a lone quarter hour is still seen
        (x, y), *_ = run
        return f"M{x:.1f} {y:.1f}h1"
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def _area(run: Sequence[tuple[float, float]], zero_y: float) -> str:
    return (
        f"M{run[0][0]:.1f} {zero_y:.1f}L"
        + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
        + f"L{run[-1][0]:.1f} {zero_y:.1f}Z"
    )
