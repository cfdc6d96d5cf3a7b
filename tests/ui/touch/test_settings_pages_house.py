"""The same for display, time, backups, charging and measurement: what they say of a house as it may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.charging.points import Point
from appliance.system.restoring import Offered
from appliance.system.timekeeping import Timekeeping
from tests.ui.touch.looks import DAY, EMPTY, NOW, POINT
from tests.ui.touch.looks_measurement import CHARGING, METERS, PLAN, USERS
from tests.ui.touch.looks_settings import HOUSE, seen
from tests.ui.touch.screen import plain
from tests.ui.touch.staged import Painted
from ui.touch.screens.settings import display_settings, restore, weekly_plan
from ui.touch.screens.settings.backups import BackupsSeen
from ui.touch.screens.settings.charging_settings_data import PointSet
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.measurement_data import MetersSeen
from ui.touch.status import Status
from ui.touch.widgets import growing

LONG = "Maximiliane von Hohenstein-Waldburg zu Zeil und Trauch"


def house(**fields: object) -> Status:
    return seen(replace(HOUSE, **fields))  # type: ignore[arg-type]  # fields of HouseSeen


# Display, time, backups -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"), [(15, "15 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (10800, "3 h")]
)
def test_spans_are_said_in_the_largest_unit(seconds: int, words: str) -> None:
    assert display_settings._span(seconds) == words


def test_a_display_without_a_night_says_off_and_a_strange_value_is_shown_as_it_is() -> None:
    values = tuple((key, "" if key.startswith("ui.night_") else value) for key, value in HOUSE.values)
    values = tuple((key, "10" if key == "ui.night_brightness" else value) for key, value in values)
    painted = Painted("display", house(values=values))
    assert "off" in painted.beside("Darker at night")
    strange = tuple((key, "sepia" if key == "ui.theme" else value) for key, value in HOUSE.values)
    assert "sepia" in Painted("display", house(values=strange)).beside("Colours")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (Timekeeping(True, True, True, "Europe/Berlin"), "in step"),
        (Timekeeping(True, True, False, "Europe/Berlin"), "not in step yet: is there a network?"),
        (Timekeeping(True, False, False, "Europe/Berlin"), "The time is set by hand."),
        (Timekeeping(False), "set by this machine"),
        (None, "set by this machine"),
    ],
)
def test_the_clock_says_where_it_gets_its_time(time: Timekeeping | None, words: str) -> None:
    painted = Painted("time", house(time=time))
    assert words in painted.beside("From a time server (NTP)")
    assert painted.target("Set by hand")["enabled"] == (time is not None and time.managed)


@pytest.mark.parametrize(
    ("begin", "what", "step", "shown"),
    [
        (datetime(2026, 1, 31, 12, 0), "month", 1, ("28", "02", "2026")),  # noqa: DTZ001 - as on a wall
        (datetime(2028, 2, 29, 12, 0), "year", 1, ("28", "02", "2029")),  # noqa: DTZ001 - as on a wall
        (datetime(2026, 12, 31, 12, 0), "day", 1, ("01", "01", "2027")),  # noqa: DTZ001 - as on a wall
        (datetime(2025, 5, 5, 12, 0), "year", -1, ("05", "05", "2025")),  # noqa: DTZ001 - as on a wall
        (datetime(2060, 5, 5, 12, 0), "year", 1, ("05", "05", "2060")),  # noqa: DTZ001 - as on a wall
        (datetime(2026, 1, 15, 12, 0), "month", -1, ("15", "12", "2026")),  # noqa: DTZ001 - as on a wall
        (datetime(2026, 12, 31, 12, 0), "year", 1, ("31", "12", "2027")),  # noqa: DTZ001 - as on a wall
        (datetime(2026, 11, 30, 12, 0), "month", 1, ("30", "12", "2026")),  # noqa: DTZ001 - as on a wall
    ],
)
def test_a_date_that_is_turned_is_always_one(begin: datetime, what: str, step: int, shown: tuple[str, ...]) -> None:
    painted = Painted("set_time", replace(DAY, now=begin.replace(tzinfo=NOW.tzinfo)))
    painted.page.turn(what, step)
    ids = painted.page.ids
    assert (ids.day.value, ids.month.value, ids.year.value) == shown


def test_hours_and_minutes_turn_round() -> None:
    painted = Painted("set_time", replace(DAY, now=NOW.replace(hour=23, minute=59)))
    painted.page.turn("hour", 1)
    painted.page.turn("minute", 1)
    assert (painted.page.ids.hour.value, painted.page.ids.minute.value) == ("00", "00")


@pytest.mark.parametrize(
    ("fields", "words", "icon"),
    [
        ({"backup_due": True}, "The backup is being made.", "wait"),
        ({"backup_at": None, "backup_ok": None}, "No backup yet. One is made every night.", "warning"),
        ({"backup_ok": False}, "The backup of 20/06/2026, 03:24 failed.", "warning"),
        ({}, "The last backup was made on 20/06/2026, 03:24 and checked.", "save"),
    ],
)
def test_the_state_of_the_backups_is_one_sentence(fields: dict[str, object], words: str, icon: str) -> None:
    status = seen(BackupsSeen(), replace(DAY, **fields))  # type: ignore[arg-type]  # fields of Status
    painted = Painted("backups", status)
    assert painted.says(words) and painted.page.icon == icon
    assert painted.target("Back up now")["enabled"] == ("backup_due" not in fields)


def test_a_backup_of_another_appliance_asks_for_its_code() -> None:
    other = Offered(Path("/b/wattward-2026-01-02T03-15-00Z-zzzzzz.tar.gz.age"), "usb", None, 2_100_000, True)
    title, detail = restore.in_words(other, DAY)
    assert title == "wattward-2026-01-02T03-15-00Z-zzzzzz"
    assert detail == "on the USB stick · needs its recovery code"
    mine = Offered(
        Path("/a/wattward-1.tar.gz.age"), "folder", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 4_812_330, False
    )
    assert restore.in_words(mine, DAY) == ("29/03/2026, 03:30", "on the card · 4.8 MB")
    assert restore.in_words(mine, replace(DAY, language="de")) == ("29.03.2026, 03:30", "on the card · 4,8 MB")


def test_who_is_charging_is_named_before_a_restore_and_a_factory_reset() -> None:
    charging = replace(DAY, points=(replace(POINT, user=LONG, began_at=NOW.astimezone(UTC)),))
    assert Painted("factory", charging).says(f"A car is being charged ({LONG})")
    assert not Painted("factory", DAY).says("A car is being charged")
    nobody = replace(DAY, points=(replace(POINT, user=None, began_at=NOW.astimezone(UTC)),))
    assert Painted("factory", nobody).says("A car is being charged (Wallbox)")


# Charging, measurement ------------------------------------------------------------------------------


def test_many_points_have_their_row_and_many_users_as_far_as_one_scrolls() -> None:
    points = tuple(
        PointSet(Point(i, f"Stellplatz {i:02}", f"gpio:{i}", None, "authorized"), "authorized", None) for i in range(20)
    )
    many = tuple(replace(USERS[0], id=i, name=f"{LONG} {i}", blocked=i % 2 == 0) for i in range(60))
    crowded = replace(CHARGING, points=points, users=many)
    painted = Painted("charging_settings", seen(crowded))
    assert len(painted.page.ids.points.children) == 20
    assert painted.page.ids.users.value == "60 users, 30 blocked"
    people = Painted("users", seen(crowded))
    assert len(people.page.ids.rows.children) == growing.FIRST  # the rest follows the finger
    assert people.says(LONG, "Unblock", "Block")


@pytest.mark.parametrize("left", [CHARGING.points, ()], ids=["others are left", "none is left"])
@pytest.mark.parametrize("page", ["charging_settings_point", "weekly_plan"])
def test_a_point_that_was_taken_away_while_its_page_is_seen_gives_way_to_the_list(
    page: str, left: tuple[PointSet, ...]
) -> None:
    painted = Painted(page, seen(CHARGING))
    about = painted.page
    assert about.point_id == CHARGING.points[0].point.id
    about.point_id = 99
    painted.again(seen(replace(CHARGING, points=left)))
    about.point_id = 0  # the next test's
    assert painted.app.root.screen == "charging_settings"


def test_the_row_of_the_weekly_plan_says_whether_it_counts() -> None:
    with_plan = Point(1, "Wallbox", "gpio:17", 2, "time", plan=PLAN)
    on = PointSet(with_plan, "free", NOW + timedelta(hours=33))
    assert plain(weekly_plan.in_words(on, DAY)) == "Free for everybody until Mon 22 Jun 00:24"
    assert weekly_plan.in_words(replace(on, point=replace(with_plan, mode="free")), DAY) == "off"
    assert weekly_plan.in_words(replace(on, point=replace(with_plan, plan=())), DAY) == "none yet"


def test_negative_powers_have_their_sign_and_silent_meters_a_dash() -> None:
    painted = Painted("measurement", seen(METERS))
    assert painted.says("5.09 kW") and any(text.startswith(("-", "−")) for text in painted.texts)
    silent = replace(METERS.meters[0], power_w=None, age_s=None)
    assert Painted("measurement", seen(MetersSeen((silent,)))).says("–", "no data")


def test_without_a_meter_there_is_nothing_to_reset() -> None:
    painted = Painted("measurement", seen(MetersSeen(()), EMPTY))
    assert painted.says("No meter is set up yet.")
    assert not painted.target("Reset energy counters")["enabled"]


def test_a_house_that_was_not_looked_at_yet_shows_defaults_and_does_not_fail() -> None:
    assert HouseSeen().value("ui.brightness") == 100
    assert HouseSeen().services_on == 0
    for screen in ("security", "communication", "display", "night", "services", "time", "wired", "wifi"):
        assert Painted(screen, seen(HouseSeen())).texts
