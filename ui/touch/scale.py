"""The arithmetic of the day's curve, without Kivy: a round axis, and stretches without a gap."""

from __future__ import annotations

import math

Values = tuple[float | None, ...]  # W over the whole day; None: not measured

LEAST_TOP_W = 800.0  # a quiet night is not blown up to a mountain range
MOST_LINES = 5


def nice_top(highest_w: float) -> tuple[float, float]:
    """Top of the axis and distance of its lines in W: round numbers, at most MOST_LINES lines above zero."""
    highest_w = max(highest_w, LEAST_TOP_W)
    raw = highest_w / (MOST_LINES - 1)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw)
    return math.ceil(highest_w / step) * step, step


def runs(values: Values) -> list[list[tuple[int, float]]]:
    """Stretches without a gap, as (index, W); a gap is never bridged."""
    found: list[list[tuple[int, float]]] = [[]]
    for number, watts in enumerate(values):
        if watts is None:
            found.append([])
        else:
            found[-1].append((number, max(0.0, watts)))
    return [run for run in found if run]
