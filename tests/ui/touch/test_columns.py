"""A long row in few columns keeps its peaks; a gap stays a gap."""

from __future__ import annotations

from array import array
from math import nan

import pytest

from ui.touch import columns


def test_a_short_row_is_drawn_value_by_value_in_the_middle_of_its_time() -> None:
    (run,) = columns.spots((1.0, 3.0), 100)
    assert [(spot.share, spot.mean) for spot in run] == [(0.25, 1.0), (0.75, 3.0)]


def test_a_gap_is_never_bridged() -> None:
    runs = columns.spots((1.0, 2.0, None, 3.0, 4.0, nan), 100)
    assert [[spot.mean for spot in run] for run in runs] == [[1.0, 2.0], [3.0, 4.0]]


def test_a_value_between_gaps_is_as_long_as_its_time() -> None:
    (run,) = columns.spots((None, 5.0, None, None), 100)
    assert [(spot.share, spot.mean) for spot in run] == [(0.25, 5.0), (0.5, 5.0)]


@pytest.mark.parametrize("count", [701, 2_000, 35_040])
def test_a_long_row_has_one_spot_a_column_and_keeps_each_peak(count: int) -> None:
    row = array("d", [100.0] * count)
    row[count // 2] = 9_000.0
    row[count // 3] = 2.0
    (run,) = columns.spots(row, 700)
    assert len(run) == 700
    assert max(spot.high for spot in run) == 9_000.0 and min(spot.low for spot in run) == 2.0
    assert all(spot.low <= spot.mean <= spot.high for spot in run)


def test_a_column_of_a_long_row_without_a_value_is_a_gap_and_one_with_some_is_not() -> None:
    row = [1.0] * 10 + [None] * 10 + [2.0, None] * 5 + [nan] * 10
    runs = columns.spots(row, 4)
    assert [[spot.mean for spot in run] for run in runs] == [[1.0, 1.0], [2.0, 2.0]]  # each alone, so widened


def test_what_flows_the_other_way_is_not_drawn_below_zero() -> None:
    assert [spot.low for spot in columns.spots((-5.0, 5.0), 10)[0]] == [0.0, 5.0]
    assert columns.spots([-5.0] * 10, 2)[0][0].high == 0.0


def test_nothing_measured_is_nothing_to_draw() -> None:
    assert columns.spots((None, nan), 10) == [] and columns.spots((), 10) == [] and columns.spots((1.0,), 0) == []
    assert columns.highest((None, nan)) == 0.0


def test_a_value_is_read_at_its_place() -> None:
    assert [columns.at((1.0, None, 3.0, nan), share) for share in (0.0, 0.3, 0.74, 0.99, 1.0)] == [
        1.0, None, 3.0, None, None,
    ]  # fmt: skip
    assert columns.at((), 0.5) is None
