"""The curve's arithmetic: round lines that hold everything, gaps that stay gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ui.admin import curve

BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
END = BEGIN + timedelta(days=1)


def at(hour: float) -> datetime:
    return BEGIN + timedelta(hours=hour)


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


def test_a_day_reaches_from_the_left_edge_to_the_right_one() -> None:
    drawn = curve.draw({"house": [(BEGIN, 0.0), (at(12), 2000.0), (END, 0.0)]}, BEGIN, END)
    assert drawn.lines["house"] == "M0.0 260.0L480.0 0.0L960.0 260.0"
    assert drawn.areas["house"] == "M0.0 260.0L0.0 260.0L480.0 0.0L960.0 260.0L960.0 260.0Z"
    assert (drawn.zero_y, drawn.values_w[0], drawn.values_w[-1]) == (260.0, 2000.0, 0.0)


def test_what_was_not_measured_is_a_gap() -> None:
    points = [(at(0), 100.0), (at(1), 100.0), (at(2), None), (at(3), None), (at(4), 100.0), (at(5), 100.0)]
    assert curve.draw({"house": points}, BEGIN, END).lines["house"].count("M") == 2


def test_a_lone_quarter_hour_is_seen() -> None:
    drawn = curve.draw({"pv": [(at(0), None), (at(6), 500.0), (at(7), None)]}, BEGIN, END)
    assert drawn.lines["pv"] == "M240.0 195.0h1"


def test_nothing_measured_draws_nothing_but_the_lines() -> None:
    drawn = curve.draw({"house": [(at(1), None)]}, BEGIN, END)
    assert drawn.lines == {"house": ""}
    assert len(drawn.lines_y) == curve.LINES


def test_a_day_of_25_hours_fills_the_same_width() -> None:
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)  # the last Sunday of October in Berlin
    end = begin + timedelta(hours=25)
    assert curve.draw({"pv": [(begin, 0.0), (end, 0.0)]}, begin, end).lines["pv"] == "M0.0 260.0L960.0 260.0"
