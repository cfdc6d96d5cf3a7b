"""The curve's arithmetic: round lines that hold everything, gaps that stay gaps, bars that stand on each other."""

from __future__ import annotations

import pytest

from ui.admin import curve


@pytest.mark.parametrize(
    ("low", "high", "lines"),
    [
        (0, 0, (0, 500, 1000, 1500, 2000)),
        (0, 2000, (0, 500, 1000, 1500, 2000)),
        (0, 11300, (0, 3000, 6000, 9000, 12000)),
        (-4200, 3900, (-5000, -2500, 0, 2500, 5000)),
        (-9000, 0, (-10000, -7500, -5000, -2500, 0)),
    ],
)
def test_five_round_lines_hold_everything(low: float, high: float, lines: tuple[float, ...]) -> None:
    bottom, step = curve.scale(low, high)
    assert tuple(bottom + step * number for number in range(curve.LINES)) == lines


@pytest.mark.parametrize("low", [0, -1, -333, -12345])
@pytest.mark.parametrize("high", [0, 1, 777, 54321])
def test_no_value_lies_outside_the_lines_and_zero_is_one_of_them(low: float, high: float) -> None:
    bottom, step = curve.scale(low, high)
    lines = [bottom + step * number for number in range(curve.LINES)]
    assert lines[0] <= low
    assert high <= lines[-1]
    assert 0 in [round(line, 6) for line in lines]


def test_each_value_stands_in_the_middle_of_its_step() -> None:
    drawn = curve.draw({"house": [0.0, 2000.0]})
    assert drawn.lines["house"] == "M240.0 260.0L720.0 0.0"
    assert drawn.areas["house"] == "M240.0 260.0L240.0 260.0L720.0 0.0L720.0 260.0Z"
    assert (drawn.zero_y, drawn.values[0], drawn.values[-1]) == (260.0, 2000.0, 0.0)


def test_what_was_not_measured_is_a_gap() -> None:
    assert curve.draw({"house": [100.0, 100.0, None, None, 100.0, 100.0]}).lines["house"].count("M") == 2


def test_a_lone_quarter_hour_is_seen() -> None:
    assert curve.draw({"pv": [None, 500.0, None]}).lines["pv"] == "M480.0 195.0h1"


def test_nothing_measured_draws_nothing_but_the_lines() -> None:
    drawn = curve.draw({"house": [None]})
    assert drawn.lines == {"house": ""}
    assert len(drawn.lines_y) == curve.LINES


def test_bars_stand_on_each_other_and_what_was_fed_in_hangs_below_zero() -> None:
    drawn = curve.stack({"own": [1000.0], "grid": [500.0]}, {"fed": [1000.0]})
    assert drawn.values[0] >= 1500.0 and drawn.values[-1] <= -1000.0
    own, grid, fed = (drawn.areas[name] for name in ("own", "grid", "fed"))
    zero = f"{drawn.zero_y:.1f}"
    assert own.startswith(f"M134.4 {zero}h691.2V")
    assert grid.startswith("M134.4 " + own.partition("V")[2].partition("H")[0])  # the grid begins where the roof ends
    assert fed.startswith(f"M134.4 {zero}")
    assert float(fed.partition("V")[2].partition("H")[0]) > drawn.zero_y


def test_a_bar_of_which_nothing_is_known_is_no_bar() -> None:
    assert curve.stack({"own": [None, 0.0, 700.0]}, {}).areas["own"].count("M") == 1


def test_the_period_before_is_a_mark_that_fits_into_the_drawing() -> None:
    drawn = curve.stack({"house": [100.0, 100.0]}, {}, [9000.0, None])
    assert drawn.values[0] >= 9000.0
    assert drawn.lines["before"].count("M") == 1
