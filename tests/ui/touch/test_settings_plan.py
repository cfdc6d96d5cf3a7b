"""The weekly plan: a painted week loses nothing of what the store keeps, and taps change it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from appliance import audit
from appliance.charging import points, windows
from appliance.charging.windows import OUTSIDE, Window
from appliance.errors import BadInput
from tests.appliance.system.conftest import until
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from ui.touch.screens.settings import weekly_plan_data as data
from ui.touch.screens.settings.weekly_plan_data import DAY_MIN, NOBODY, Span

QUARTERS = [datetime(2026, 6, 15, tzinfo=UTC) + timedelta(minutes=15 * number) for number in range(7 * 96)]


def plan(*texts: str) -> tuple[Window, ...]:
    return windows.parse(texts, plan=True)


def week(*texts: str) -> data.Week:
    return data.week_of(plan(*texts))


def modes(windows_: tuple[Window, ...]) -> list[str]:
    """What a plan allows at every quarter of a week."""
    return [windows.mode_at("time", windows_, moment) for moment in QUARTERS]


# From windows to days and back ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("1-7 00:00-24:00",),
        ("1-5 08:00-18:00", "6,7 00:00-24:00 free"),
        ("1-5 22:00-06:00", "5 20:00-23:00 free"),
        ("7 22:00-22:00",),  # a whole day, from ten to ten
        ("1 10:00-14:00 free", "1 12:00-16:00"),  # the first that holds decides
    ],
)
def test_a_painted_week_allows_what_the_windows_allow(texts: tuple[str, ...]) -> None:
    assert modes(data.plan_of(week(*texts))) == modes(plan(*texts))


@pytest.mark.parametrize("seed", range(40))
def test_any_plan_comes_back_as_it_was(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same plans at every run
    texts = [
        f"{chance.randint(1, 7)}-{chance.randint(1, 7)} {chance.randint(0, 23):02}:{chance.choice(('00', '15', '30'))}"
        f"-{chance.choice(('24:00', '06:00', '12:15', '18:30'))}{chance.choice((' free', ''))}"
        for _number in range(chance.randint(0, 6))
    ]
    assert modes(data.plan_of(week(*texts))) == modes(plan(*texts))
    assert data.week_of(data.plan_of(week(*texts))) == week(*texts)


def test_days_with_the_same_hours_are_one_window() -> None:
    assert [str(one) for one in data.plan_of(week("1-5 22:00-06:00"))] == ["1,2,3,4,5 22:00-06:00"]
    assert [str(one) for one in data.plan_of(week("1 08:00-12:00", "2 08:00-12:00", "2 12:00-14:00 free"))] == [
        "1,2 08:00-12:00", "2 12:00-14:00 free",
    ]  # fmt: skip


def test_hours_that_meet_are_one_span() -> None:
    assert week("1 08:00-10:00", "1 10:00-12:00")[0] == (Span(480, 720, "authorized"),)


def test_more_than_the_store_keeps_is_refused() -> None:
    busy = tuple(tuple(Span(60 * hour, 60 * hour + 15 + day, "free") for hour in range(8)) for day in range(7))
    with pytest.raises(BadInput, match="at most 50"):
        data.plan_of(busy)


# Changing ----------------------------------------------------------------------------------------


def test_new_hours_cut_what_they_cover() -> None:
    found = data.put(week("1 08:00-18:00"), 0, 10 * 60, 12 * 60, "free")
    assert found[0] == (Span(480, 600, "authorized"), Span(600, 720, "free"), Span(720, 1080, "authorized"))
    assert data.put(found, 0, 0, DAY_MIN, "free")[0] == (Span(0, DAY_MIN, "free"),)


def test_hours_that_do_not_end_after_they_begin_go_over_midnight_sundays_too() -> None:
    found = data.put(NOBODY, 6, 22 * 60, 6 * 60, "authorized")
    assert found[6] == (Span(1320, DAY_MIN, "authorized"),)
    assert found[0] == (Span(0, 360, "authorized"),)
    assert [str(one) for one in data.plan_of(found)] == ["7 22:00-06:00"]


def test_an_entry_that_is_changed_leaves_nothing_behind() -> None:
    (before,) = week("1 08:00-18:00")[0]
    assert data.put(week("1 08:00-18:00"), 0, 9 * 60, 10 * 60, "authorized", before)[0] == (
        Span(540, 600, "authorized"),
    )
    assert data.without(week("1 08:00-18:00"), 0, before) == NOBODY


def test_a_day_is_copied_and_replaces_what_was_there() -> None:
    found = data.copied(week("1 08:00-18:00", "3 00:00-24:00 free"), 0, {2, 4})
    assert [bool(day) for day in found] == [True, False, True, False, True, False, False]
    assert found[2] == found[0] == found[4]


def test_new_hours_are_offered_where_nobody_charges_yet() -> None:
    assert data.free_span(()) == (480, 1080)
    assert data.free_span(week("1 06:00-20:00")[0]) == (0, 360)
    assert data.free_span(week("1 00:00-12:00")[0]) == (720, DAY_MIN)
    assert data.free_span(week("1 00:00-24:00")[0]) == (480, 1080)


def test_a_plan_follows_the_clock_on_the_wall_when_summer_time_begins() -> None:
    from tests.ui.touch.house import ZONE

    night = data.plan_of(data.put(NOBODY, 5, 22 * 60, 6 * 60, "free"))  # Saturday to Sunday
    short = datetime(2026, 3, 29, 1, 59, tzinfo=ZONE)
    assert [windows.mode_at("time", night, short.replace(hour=hour)) for hour in (1, 3, 5, 6)] == [
        "free", "free", "free", OUTSIDE,
    ]  # fmt: skip


def test_times_and_days_in_words() -> None:
    assert data.clock(0) == "00:00"
    assert data.clock(DAY_MIN) == "24:00"
    assert data.hours(Span(495, DAY_MIN, "free")) == "08:15 – 24:00"
    assert [data.day_name(day, "de", short=True) for day in (0, 6)] == ["Mo", "So"]
    assert data.day_name(2, "de") == "Mittwoch"
    assert data.day_name(5, "en") == "Saturday"


# By taps -----------------------------------------------------------------------------------------


def kept(house: House) -> list[str]:
    return [str(one) for one in points.get(house.it.store, 1).plan]


def test_hours_are_added_to_a_day_copied_and_put_in_force(house: House, wallbox: Touch) -> None:
    wallbox.tap("Weekly plan")
    wallbox.see("Weekly plan of Wallbox", "Tap a day")
    wallbox.tap("Mon")
    wallbox.see("Monday", "Nobody charges on this day.")
    wallbox.tap("Add hours")
    wallbox.see("from", "to", "08", "18")
    wallbox.tap("Free for everybody")
    wallbox.tap("Save")
    wallbox.see("08:00 – 18:00", "Free for everybody")
    assert kept(house) == ["1 08:00-18:00 free"]
    wallbox.tap("Copy to other days")
    wallbox.see("Copy Monday to")
    wallbox.tap("Workdays")
    wallbox.tap("Fri")  # not on Fridays
    wallbox.tap("Copy")
    wallbox.see("This plan is not in force.")
    assert kept(house) == ["1,2,3,4 08:00-18:00 free"]
    wallbox.tap("Put it in force")
    wallbox.not_see("This plan is not in force.")
    assert points.get(house.it.store, 1).mode == "time"
    wallbox.tap("icon:back")
    wallbox.see("By the weekly plan")


def test_an_entry_is_turned_to_other_hours_and_over_midnight(house: House, wallbox: Touch) -> None:
    points.set_rules(house.it.store, house.clock, 1, plan=plan("3 08:00-18:00"), actor=audit.CLI)
    wallbox.tap("Weekly plan")
    wallbox.tap("Wed")
    wallbox.tap("08:00 – 18:00")
    wallbox.see("from")
    downs = sorted(
        (one["cut"] for one in wallbox.targets() if one["labels"] == ["icon:fold_down"]), key=lambda cut: float(cut[0])
    )
    hours_from, quarters_from, hours_to, _quarters_to = [
        ((cut[0] + cut[2]) / 2, (cut[1] + cut[3]) / 2) for cut in downs
    ]
    wallbox.tap_at(*quarters_from)  # 07:45
    for _ in range(2):
        wallbox.tap_at(*hours_from)  # 05:45
    for _ in range(15):
        wallbox.tap_at(*hours_to)  # 03:00
    wallbox.see("Until Thursday, 03:00.")
    wallbox.tap("Save")
    wallbox.see("05:45 – 24:00")
    assert kept(house) == ["3 05:45-03:00"]


def test_deleted_hours_come_back_with_undo(house: House, wallbox: Touch) -> None:
    points.set_rules(house.it.store, house.clock, 1, plan=plan("7 10:00-12:00 free"), actor=audit.CLI)
    wallbox.tap("Weekly plan")
    wallbox.tap("Sun")
    wallbox.tap("10:00 – 12:00")
    wallbox.tap("Delete")
    wallbox.see("Nobody charges on this day.", "The weekly plan is changed.")
    assert kept(house) == []
    wallbox.undo()
    wallbox.see("10:00 – 12:00")
    until(lambda: kept(house) == ["7 10:00-12:00 free"])
