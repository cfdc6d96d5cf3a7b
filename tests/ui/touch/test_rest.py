"""What the display does while nobody touches it, by arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.ui.touch import looks
from ui.touch import rest
from ui.touch.status import Display, TaskNow

NIGHT = Display(night_from="22:00", night_to="06:00", brightness=0.8, night_brightness=0.1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 20, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(("hour", "minute", "night"), [(21, 59, False), (22, 0, True), (3, 0, True), (6, 0, False)])
def test_the_night_goes_over_midnight(hour: int, minute: int, night: bool) -> None:
    assert rest.is_night(NIGHT, at(hour, minute)) is night
    assert not rest.is_night(Display(), at(hour, minute))


def test_at_night_the_light_is_low_and_never_rises_when_dimmed() -> None:  # UX 42
    assert rest.light(NIGHT, at(12), 0.0, clock=False).backlight == 0.8
    assert rest.light(NIGHT, at(23), 0.0, clock=False).backlight <= 0.1
    assert rest.light(NIGHT, at(23), rest.DIM, clock=True).backlight <= 0.1


def test_dark_is_dark_with_and_without_a_backlight() -> None:
    assert rest.light(NIGHT, at(12), rest.DARK, clock=False) == rest.Light(0.0, 1.0)


def test_awake_a_picture_without_a_backlight_stays_legible() -> None:
    assert rest.light(replace(NIGHT, night_brightness=0.01), at(23), 0.0, clock=False).shade == 1 - rest.LEAST_SEEN


def test_light_by_the_hour_follows_the_night_or_the_clock() -> None:
    auto = replace(NIGHT, theme="auto")
    assert [rest.is_light(auto, at(hour)) for hour in (5, 6, 21, 22)] == [False, True, True, False]
    assert [rest.is_light(Display(theme="auto"), at(hour)) for hour in (6, 7, 18, 19)] == [False, True, True, False]
    assert rest.is_light(Display(theme="light"), at(3))
    assert not rest.is_light(Display(theme="dark"), at(12))


def test_it_dims_and_then_goes_dark() -> None:
    assert [rest.dimness(idle_s, 60, 600) for idle_s in (60, 61, 600, 601)] == [0.0, rest.DIM, rest.DIM, rest.DARK]


def test_the_idle_value_is_never_long_in_one_place() -> None:  # UX 13
    places = [rest.place(minute) for minute in range(1440)]
    assert all(0 <= across < 1 and 0 <= up < 1 for across, up in places)
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) > 0.3 for a, b in zip(places, places[1:], strict=False))
    tenths = [sum(int(across * 10) == tenth for across, _up in places) for tenth in range(10)]
    assert max(tenths) - min(tenths) <= 3


def test_faults_points_cards_requests_and_work_call_and_nothing_else_does() -> None:
    day = looks.DAY
    assert rest.calls(day, replace(day, faults=looks.FAULTY.faults))
    assert rest.calls(day, looks.CHARGING)
    assert rest.calls(day, replace(day, tasks=(TaskNow(1, "restore"),)))
    assert rest.calls(day, replace(day, calls=(1, 0)))
    assert not rest.calls(looks.FAULTY, day)
    assert not rest.calls(day, replace(day, grid_w=4000.0, sessions=()))
