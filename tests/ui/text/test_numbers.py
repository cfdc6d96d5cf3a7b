"""Figures, dates and durations read as people of each language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ui.text import numbers

NARROW = "\u202f"


@pytest.mark.parametrize(
    ("watts", "english", "german"),
    [
        (0.0, "0 W", "0 W"),
        (-0.4, "0 W", "0 W"),
        (612.4, "612 W", "612 W"),
        (999.4, "999 W", "999 W"),
        (999.6, "1.00 kW", "1,00 kW"),
        (2350.0, "2.35 kW", "2,35 kW"),
        (9994.0, "9.99 kW", "9,99 kW"),
        (9995.0, "10.0 kW", "10,0 kW"),
        (11_010.0, "11.0 kW", "11,0 kW"),
        (1_234_500.0, "1,234.5 kW", "1.234,5 kW"),
        (-1840.0, "\u22121.84 kW", "\u22121,84 kW"),
    ],
)
def test_power_is_whole_watts_and_then_kilowatts(watts: float, english: str, german: str) -> None:
    assert numbers.power(watts, "en") == english.replace(" ", NARROW)
    assert numbers.power(watts, "de") == german.replace(" ", NARROW)


@pytest.mark.parametrize(
    ("wh", "english", "german"),
    [
        (0, "0.00 kWh", "0,00 kWh"),
        (3_304, "3.30 kWh", "3,30 kWh"),
        (12_345, "12.3 kWh", "12,3 kWh"),
        (12_345_680, "12,346 kWh", "12.346 kWh"),
    ],
)
def test_energy_has_as_many_places_as_it_needs(wh: int, english: str, german: str) -> None:
    assert numbers.energy(wh, "en") == english.replace(" ", NARROW)
    assert numbers.energy(wh, "de") == german.replace(" ", NARROW)


def test_no_data_is_a_dash_and_never_a_number() -> None:
    assert numbers.power(None, "de") == numbers.energy(None, "en") == "–"


def test_thousands_and_decimals_are_those_of_the_language() -> None:
    assert numbers.decimal(12_345.68, 2, "de") == "12.345,68"
    assert numbers.decimal(12_345.68, 2, "en") == "12,345.68"


def test_days_and_times_are_those_of_the_language() -> None:
    moment = datetime(2026, 11, 21, 13, 5, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert numbers.clock_time(moment, "en") == numbers.clock_time(moment, "de") == "14:05"
    assert numbers.day(date(2026, 11, 21), "en") == "21/11/2026"
    assert numbers.day(date(2026, 11, 21), "de") == "21.11.2026"
    assert numbers.moment(moment, "de") == "21.11.2026, 14:05"
    assert "Sa" in numbers.weekday_and_day(moment, "de")
    assert "Sat" in numbers.weekday_and_day(moment, "en")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(600.0, "10:00"), (599.2, "10:00"), (599.0, "9:59"), (60.0, "1:00"), (0.2, "0:01"), (0.0, "0:00"), (-3.0, "0:00")],
)
def test_remaining_time_is_over_exactly_at_zero(seconds: float, shown: str) -> None:
    assert numbers.minutes(seconds) == shown


def test_durations_and_long_waits_are_readable() -> None:
    assert numbers.duration(3723.9) == "1:02:03"
    assert numbers.wait(299.5) == "5:00"
    assert numbers.wait(4 * 3600 + 61) == f"4{NARROW}h 02{NARROW}min"
