"""The arithmetic of an axis, without Kivy: it ends at a round number and has few lines."""

from __future__ import annotations

import math

LEAST_TOP_W = 800.0  # a quiet night is not blown up to a mountain range
MOST_LINES = 5
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FINE_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # a single line may lie closer to the peak


def nice_top(highest_w: float, lines: int = MOST_LINES, least: float = LEAST_TOP_W) -> tuple[float, float]:
    """Top of the axis and distance of its lines (W or Wh): round numbers, at most `lines` lines above zero."""
    highest_w = max(highest_w, least)
    raw = highest_w / max(1, lines - 1)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (STEPS if lines > 2 else FINE_STEPS) if factor * size >= raw)
    return math.ceil(highest_w / step) * step, step
