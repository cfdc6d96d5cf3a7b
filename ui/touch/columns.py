"""What of a long row of values is seen in so many columns of pixels, without Kivy.

A row with fewer values than columns is drawn value by value. A longer one is
put together column by column, each with its least, mean and greatest value, so
that no peak is lost and a year costs no more than a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[float | None]  # None or not a number: not measured; never below zero here


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a curve: how far along it lies, from 0 to 1, and what was there."""

    share: float
    low: float
    mean: float
    high: float


Run = list[Spot]


def spots(values: Row, columns: int) -> list[Run]:
    """Stretches without a gap, in at most `columns` columns; a gap is never bridged."""
    count = len(values)
    if not count or columns < 1:
        return []
    if count <= columns:
        return _runs([_one(value, (number + 0.5) / count) for number, value in enumerate(values)], 1 / count)
    edges = [number * count // columns for number in range(columns + 1)]
    found = [_many(values[edges[number] : edges[number + 1]], (number + 0.5) / columns) for number in range(columns)]
    return _runs(found, 1 / columns)


def highest(values: Row) -> float:
    """The greatest of them; 0 without any."""
    return max((value for value in values if value is not None and value == value), default=0.0)


def at(values: Row, share: float) -> float | None:
    """What was measured at a place from 0 to 1."""
    if not values:
        return None
    value = values[min(len(values) - 1, max(0, int(share * len(values))))]
    return None if value is None or value != value else value


def _one(value: float | None, share: float) -> Spot | None:
    if value is None or value != value:
        return None
    value = max(0.0, value)
    return Spot(share, value, value, value)


def _many(part: Row, share: float) -> Spot | None:
    known = _known(part)
    if not known:
        return None
    low, high = min(known), max(known)
    return Spot(share, max(0.0, low), max(0.0, sum(known) / len(known)), max(0.0, high))


def _known(part: Row) -> Sequence[float]:
    """Those that were measured; mostly all were, which two quick looks tell."""
    if None not in part:
        total = sum(part)  # type: ignore[arg-type]  # no None is in it
        if total == total:
            return part  # type: ignore[return-value]  # as above
    return [value for value in part if value is not None and value == value]


def _runs(found: list[Spot | None], wide: float) -> list[Run]:
    """Split at gaps; a spot that stands alone is as long as its own time."""
    runs: list[Run] = [[]]
    for spot in found:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run if len(run) > 1 else _widened(run[0], wide) for run in runs if run]


def _widened(spot: Spot, wide: float) -> Run:
    return [Spot(spot.share + by, spot.low, spot.mean, spot.high) for by in (-wide / 2, wide / 2)]
