"""Today's curve as SVG paths: pure arithmetic, no page.

Always five horizontal lines at round values, so that the page can put new
paths and labels into a drawing that stays. What was not measured is a gap in
the line, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 960.0, 260.0
LINES = 5
SMALLEST_STEP_W = 500.0  # an idle house is a flat line, not a mountain
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """Everything a drawing needs. `values_w` belong to `lines_y` from top to bottom."""

    lines: Mapping[str, str]  # series -> path of its line
    areas: Mapping[str, str]  # series -> path of the area between line and zero
    lines_y: tuple[float, ...]
    values_w: tuple[float, ...]
    zero_y: float


def draw(series: Mapping[str, Sequence[tuple[datetime, float | None]]], begin: datetime, end: datetime) -> Curve:
    """Paths for the mean powers of each series between `begin` and `end`."""
    known = [watts for points in series.values() for _, watts in points if watts is not None]
    low, step = scale(min([0.0, *known]), max([0.0, *known]))
    span_s = (end - begin).total_seconds()

    def x(moment: datetime) -> float:
        return (moment - begin).total_seconds() / span_s * WIDTH

    def y(watts: float) -> float:
        return HEIGHT - (watts - low) / (step * (LINES - 1)) * HEIGHT

    runs = {name: _runs([(x(at), None if w is None else y(w)) for at, w in points]) for name, points in series.items()}
    values = tuple(low + step * number for number in reversed(range(LINES)))
    return Curve(
        lines={name: " ".join(_line(run) for run in found) for name, found in runs.items()},
        areas={name: " ".join(_area(run, y(0)) for run in found) for name, found in runs.items()},
        lines_y=tuple(round(y(watts), 1) for watts in values),
        values_w=values,
        zero_y=round(y(0), 1),
    )


def scale(low: float, high: float) -> tuple[float, float]:
    """The lowest line and the round step so that all lines together hold `low` to `high` (W)."""
    step = _round_up(max(SMALLEST_STEP_W, (high - low) / (LINES - 1)))
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
