"""The day's curve has a round axis and shows a gap as a gap."""

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


def test_a_gap_in_the_curve_is_never_bridged() -> None:
    assert scale.runs((1.0, None, 2.0, 3.0, None)) == [[(0, 1.0)], [(2, 2.0), (3, 3.0)]]


def test_nothing_measured_is_nothing_to_draw() -> None:
    assert scale.runs((None, None)) == []
    assert scale.runs(()) == []
