"""What the units of one line say about each other."""

from __future__ import annotations

from drivers.interfaces import DriverError
from drivers.modbus.units import Units

SILENT = DriverError("silent", "unit {unit} is silent", unit=3)


def line(*well: int, silent: tuple[int, ...] = ()) -> Units:
    """A line at 100 s, on which each silent unit was asked five times."""
    units = Units()
    for number in well:
        units[number].pace.heard(99.0, 0.02)
    for _ in range(5):
        for number in silent:
            units.failed(number, SILENT, 100.0)
    return units


def test_the_more_units_are_silent_the_longer_each_is_left_alone() -> None:
    assert line(1, silent=(2,))[2].pace.ask_at == 110.0
    assert line(1, silent=(2, 3))[3].pace.ask_at == 120.0


def test_a_unit_that_is_alone_disturbs_nobody_and_is_asked_often() -> None:
    assert line(silent=(2,))[2].pace.ask_at == 102.0


def test_units_a_search_has_asked_for_do_not_count() -> None:
    units = line(silent=(2,))
    units[9].tally.failed("silent")
    units.failed(2, SILENT, 100.0)
    assert units[2].pace.ask_at == 102.0


def test_a_line_that_was_mended_is_asked_everywhere_at_once() -> None:
    units = line(silent=(2, 3))
    units.answered(2, 101.0)
    assert units[2].pace.rest(101.0) is None
    assert units[3].pace.rest(101.0) is None


def test_a_unit_that_comes_back_beside_one_that_is_well_says_nothing_about_the_others() -> None:
    units = line(1, silent=(2, 3))
    units.answered(2, 101.0)
    assert units[3].pace.rest(101.0) is not None


def test_another_units_answer_shows_that_the_connection_is_well() -> None:
    units = line(1, silent=(2,))
    assert units.others_answered(2, 98.0)
    assert not units.others_answered(2, 99.5)
    assert not units.others_answered(1, 0.0)
