"""An axis ends at a round number and has few lines."""

from __future__ import annotations

import pytest

from ui.touch import scale


@pytest.mark.parametrize(
    ("highest_w", "top_w", "step_w"),
    [(0, 800, 200), (3900, 4000, 1000), (7400, 8000, 2000), (11_100, 15_000, 5000), (22_000, 30_000, 10_000)],
)
def test_the_axis_ends_at_a_round_number(highest_w: float, top_w: float, step_w: float) -> None:
    assert scale.nice_top(highest_w) == (top_w, step_w)


@pytest.mark.parametrize("highest_w", [1, 799, 801, 1234, 9999, 10_001, 43_210])
def test_every_value_lies_below_the_top_of_few_lines(highest_w: float) -> None:
    top_w, step_w = scale.nice_top(highest_w)
    assert highest_w <= top_w
    assert top_w / step_w <= scale.MOST_LINES


@pytest.mark.parametrize(("highest_w", "top_w"), [(90.0, 100.0), (4_300.0, 5000.0), (9_800.0, 10_000.0)])
def test_a_low_strip_has_one_line_and_may_begin_smaller(highest_w: float, top_w: float) -> None:
    assert scale.nice_top(highest_w, lines=2, least=10.0) == (top_w, top_w)
