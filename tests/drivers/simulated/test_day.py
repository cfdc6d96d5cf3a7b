"""The plausible day: sun, clouds, meals and fridge."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from drivers.simulated import day

HOUR_S, DAY_S = 3600, 86_400


def midnight(month: int, date: int = 21) -> float:
    return datetime(2026, month, date, tzinfo=UTC).timestamp()


def kwh(power: list[float], step_s: float) -> float:
    return sum(power) * step_s / 3.6e6


@pytest.mark.parametrize(("month", "least_h", "most_h"), [(3, 11, 13), (6, 15, 17), (9, 11, 13), (12, 7, 9)])
def test_days_are_as_long_as_the_season_has_them(month: int, least_h: float, most_h: float) -> None:
    light = sum(day.sun(midnight(month) + at) > 0 for at in range(0, DAY_S, 60)) / 60
    assert least_h <= light <= most_h


def test_the_sun_is_highest_at_noon_and_higher_in_summer() -> None:
    heights = {month: [day.sun(midnight(month) + at) for at in range(0, DAY_S, 300)] for month in (6, 12)}
    for course in heights.values():
        assert 11 <= course.index(max(course)) * 300 / HOUR_S <= 12  # UTC, at 10 degrees east
    assert max(heights[6]) > 0.85 and 0.2 < max(heights[12]) < 0.35


def test_the_roof_makes_nothing_at_night_and_never_more_than_it_can() -> None:
    for at in range(0, DAY_S, 60):
        power = day.roof_w(1, midnight(6) + at)
        assert 0 <= power <= day.ROOF_W
        assert (power == 0) == (day.sun(midnight(6) + at) == 0)


def test_a_blue_sky_gives_a_bell_and_clouds_take_from_it() -> None:
    times = [midnight(6) + at for at in range(0, DAY_S, 300)]
    blue = [day.roof_w(1, at, 1.0) for at in times]
    cloudy = [day.roof_w(1, at) for at in times]
    peak = blue.index(max(blue))
    assert all(before <= after for before, after in pairwise(blue[: peak + 1]))
    assert all(before >= after for before, after in pairwise(blue[peak:]))
    assert all(some <= all_ for some, all_ in zip(cloudy, blue, strict=True))
    assert day.roof_w(1, times[peak], 0.0) == 0


@pytest.mark.parametrize(("month", "least", "most"), [(6, 20, 60), (12, 1, 15)])
def test_a_day_on_the_roof_fits_the_season(month: int, least: float, most: float) -> None:
    power = [day.roof_w(1, midnight(month) + at) for at in range(0, DAY_S, 60)]
    assert least < kwh(power, 60) < most


@pytest.mark.parametrize("seed", range(5))
def test_a_household_uses_what_a_household_uses(seed: int) -> None:
    power = [day.house_w(seed, midnight(4) + at) for at in range(0, DAY_S, 15)]
    assert 6 < kwh(power, 15) < 14
    assert min(power) >= 165, "something always draws"
    assert max(power) > 2500, "somebody cooks"


def test_nobody_cooks_at_night() -> None:
    assert max(day.house_w(1, midnight(4) + at) for at in range(0, 4 * HOUR_S, 15)) < 400


def test_the_fridge_comes_and_goes() -> None:
    night = [day.house_w(1, midnight(4) + at) for at in range(0, 4 * HOUR_S, 15)]
    steps = [after - before for before, after in pairwise(night)]
    assert sum(step > 80 for step in steps) in (5, 6)  # every 45 minutes
    assert sum(step < -80 for step in steps) in (5, 6)


def test_noise_is_smooth_and_stays_between_0_and_1() -> None:
    course = [day.noise(3, "x", at, 60) for at in range(0, 6000)]
    assert 0 <= min(course) < 0.2 and 0.8 < max(course) <= 1
    assert max(abs(after - before) for before, after in pairwise(course)) < 0.03


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    at = midnight(6) + 11 * HOUR_S
    assert day.house_w(7, at) == day.house_w(7, at) and day.roof_w(7, at) == day.roof_w(7, at)
    assert day.house_w(7, at) != day.house_w(8, at) and day.roof_w(7, at) != day.roof_w(8, at)
