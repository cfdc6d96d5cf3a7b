"""What the settings' pages say of a house as it may be: new, silent, crowded, with long names; painted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.access.posture import GOOD, OPEN, WEAK, Line
from appliance.charging.points import Point
from appliance.network import links
from appliance.network.links import WIFI, WIRED, Address, Link, Network
from appliance.system.restoring import Offered
from appliance.system.timekeeping import Timekeeping
from tests.ui.touch.looks import DAY, EMPTY, NOW, POINT, WEB
from tests.ui.touch.looks_measurement import CHARGING, METERS, PLAN, USERS
from tests.ui.touch.looks_settings import (
    ACTIVE,
    BROWSERS,
    FOUND,
    HOUSE,
    NO_NETWORK,
    PENDING,
    PEOPLE,
    TOKENS,
    WIFI_LINK,
    WIRED_LINK,
    _task,
    seen,
)  # fmt: skip
from tests.ui.touch.screen import plain
from tests.ui.touch.staged import Painted
from ui.touch.screens.settings import (
    communication,
    display_settings,
    menu,
    restore,
    tokens,
    web_admin,
    weekly_plan,
    wifi,
)
from ui.touch.screens.settings.backups import BackupsSeen
from ui.touch.screens.settings.charging_settings_data import PointSet
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.measurement_data import MetersSeen
from ui.touch.screens.settings.security_overview import Posture
from ui.touch.screens.settings.tokens import TokenSeen, TokensSeen
from ui.touch.screens.settings.web_admin import BrowsersSeen
from ui.touch.screens.settings.wifi import Search
from ui.touch.status import Status

LONG = "Maximiliane von Hohenstein-Waldburg zu Zeil und Trauch"


def house(**fields: object) -> Status:
    return seen(replace(HOUSE, **fields))  # type: ignore[arg-type]  # fields of HouseSeen


# The menu ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (EMPTY, "no meter"),
        (DAY, "all 3 well"),
        (replace(DAY, meters=(replace(DAY.meters[0], power_w=None), *DAY.meters[1:])), "1 without data"),
    ],
)
def test_the_menu_says_how_the_meters_are(status: Status, words: str) -> None:
    assert words in Painted("settings", status).beside("Measurement")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"backup_at": None}, "none yet"),
        ({"backup_at": NOW, "backup_ok": False}, "failed"),
        ({"backup_at": NOW - timedelta(hours=1)}, "today 14:24"),
        ({"backup_at": NOW - timedelta(days=3)}, "17/06/2026"),
    ],
)
def test_the_menu_says_when_the_last_backup_was(fields: dict[str, object], words: str) -> None:
    assert words in Painted("settings", replace(DAY, **fields)).beside("Backups")  # type: ignore[arg-type]  # of Status


def test_the_menu_names_each_mode_of_the_points_once() -> None:
    modes = ("free", "authorized", "free", "locked")
    points = tuple(replace(POINT, id=number, mode=mode) for number, mode in enumerate(modes))
    assert "free, with PIN or card, locked" in Painted("settings", replace(DAY, points=points)).beside("Charging")
    assert "no charging point" in Painted("settings", EMPTY).beside("Charging")


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (Network(True, (WIRED_LINK, WIFI_LINK)), "cable, Heimnetz-5G"),
        (Network(True, (Link(WIRED, "eth0", links.UNPLUGGED),)), "no network"),
        (Network(False), "web admin off"),
        (None, "web admin off"),
    ],
)
def test_the_menu_says_how_one_gets_in(network: Network | None, words: str) -> None:
    assert words in Painted("settings", house(network=network)).beside("Communication")
    assert "web admin 9:41" in Painted("settings", seen(replace(HOUSE, network=network), WEB)).beside("Communication")


def test_the_menu_says_what_is_weak() -> None:
    assert "2 to look at" in Painted("settings", house()).beside("Security")
    assert "all well" in Painted("settings", house(weak=0)).beside("Security")
    default = replace(house(weak=0), web=replace(DAY.web, default_password=True))
    assert "default web password" in Painted("settings", default).beside("Security")


def test_a_subject_without_a_page_is_none() -> None:
    assert menu.there("about") and not menu.there("nowhere")


# Security ------------------------------------------------------------------------------------------


def test_pending_tokens_are_counted_beside_active_ones() -> None:
    assert "2 active, 1 pending" in Painted("security", house()).beside("Access tokens")
    assert "2 active" in Painted("security", house(tokens_pending=0)).beside("Access tokens")


def test_every_door_has_a_word_beside_its_colour() -> None:
    lines = tuple(Line(state, state, "It is so.", {}) for state in (GOOD, OPEN, WEAK))
    painted = Painted("security_overview", seen(Posture(lines)))
    assert painted.says("protected", "open", "to look at")
    assert {"good", "info", "warning"} <= painted.icons


def test_a_token_that_waits_shows_its_number_and_offers_to_confirm_it() -> None:
    painted = Painted("token", seen(TokenSeen(PENDING, None, PEOPLE)))
    assert painted.says("123 456", "pending", "never used", "Confirm")
    assert "Revoke" not in painted.texts


def test_a_token_that_has_ended_cannot_be_ended_again_and_charges_for_nobody() -> None:
    ended = replace(ACTIVE, state="expired")
    painted = Painted("token", seen(TokenSeen(ended, None, PEOPLE)))
    assert painted.says("expired", "Revoke") and not painted.target("Revoke")["enabled"]
    assert not painted.target("It charges for")["enabled"] and painted.target("Delete")["enabled"]
    assert "123 456" not in painted.texts


@pytest.mark.parametrize(("role", "words"), [("read", "–"), ("charge", "nobody"), ("admin", "nobody")])
def test_only_a_token_that_may_charge_charges_for_somebody(role: str, words: str) -> None:
    painted = Painted("token", seen(TokenSeen(replace(ACTIVE, role=role), None, PEOPLE)))
    assert words in painted.beside("It charges for")
    if role != "read":
        lent = Painted("token", seen(TokenSeen(replace(ACTIVE, role=role), 2, PEOPLE)))
        assert "Ben Maier" in lent.beside("It charges for")


def test_a_token_with_the_longest_name_is_shortened_nowhere_it_would_push() -> None:
    name = "W" * 40
    painted = Painted("token", seen(TokenSeen(replace(ACTIVE, name=name), 3, PEOPLE)))
    assert painted.beside("Name") == []  # the title has it
    assert name in painted.texts


def test_all_states_of_tokens_are_told_apart() -> None:
    states = {
        state: tokens.state_of(replace(ACTIVE, state=state))[:2]
        for state in ("pending", "active", "revoked", "expired")
    }
    assert len(set(states.values())) == 4


def test_only_the_newest_hundred_tokens_are_listed() -> None:
    many = TokensSeen(tuple(replace(ACTIVE, id=number, name=f"Phone {number}") for number in range(130)))
    painted = Painted("tokens", seen(many))
    assert len(painted.page.ids.rows.children) == tokens.SHOWN


def test_a_list_that_did_not_change_is_not_built_anew() -> None:
    painted = Painted("tokens", seen(TOKENS))
    before = list(painted.page.ids.rows.children)
    painted.again(seen(TokensSeen(TOKENS.all)))
    assert list(painted.page.ids.rows.children) == before


# Web admin and network ------------------------------------------------------------------------------


def test_without_a_network_the_open_window_says_so_instead_of_an_address() -> None:
    painted = Painted("web_admin", replace(WEB, web=replace(WEB.web, url=None)))
    assert painted.says("No network: connect a cable or Wi-Fi.")
    assert not any("https://" in text for text in painted.texts)


def test_signed_in_browsers_are_counted_only_while_there_are_some() -> None:
    assert Painted("web_admin", seen(BROWSERS, WEB)).says("2 signed in")
    assert not Painted("web_admin", seen(BrowsersSeen(()), WEB)).says("signed in")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 Chrome/140.0 Safari/537.36 OPR/120", "Opera"),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/140.0", "Firefox"),
        ("Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1", "Safari"),
        ("curl/8.0", "curl/8.0"),
        ("", "?"),
        ("x" * 300, "x" * 30),
    ],
)
def test_browsers_are_called_what_people_call_them(agent: str, name: str) -> None:
    assert web_admin.kind_of(agent) == name


def test_a_fingerprint_is_whole_in_lines_that_fit() -> None:
    whole = ":".join(f"{number:02X}" for number in range(32))
    lines = web_admin.in_lines(whole).splitlines()
    assert len(lines) == 3 and ":".join(lines) == whole
    assert web_admin.in_lines("") == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (links.CONNECTING, "connecting"), (links.OFF, "not connected"), (links.UNPLUGGED, "no cable"),
        (links.NOT_CONFIGURED, "not configured"), (links.FAILED, "failed"), (links.ABSENT, "not there"),
        (links.CONNECTED, "connected"),
    ],
)  # fmt: skip
def test_every_state_of_a_link_has_words(state: str, words: str) -> None:
    assert communication.state_in_words(Link(WIRED, "eth0", state)) == words


def test_a_link_with_an_address_says_it_and_both_families_are_seen() -> None:
    painted = Painted("wired", house())
    assert painted.says("192.168.178.50, 2001:db8::50", "address by DHCP", "MAC D8:3A:DD:12:34:56")


def test_a_network_that_is_set_elsewhere_offers_nothing_here() -> None:
    painted = Painted("wired", seen(NO_NETWORK))
    assert painted.says("set with its own tools")
    assert not painted.target("Address")["enabled"]


def test_a_fixed_address_shows_its_four_values_and_dhcp_greys_them() -> None:
    fixed = Link(
        WIRED, "eth0", links.CONNECTED, wanted=Address(False, "10.0.0.7", 16, "10.0.0.1", ("10.0.0.1", "9.9.9.9"))
    )
    painted = Painted("address", house(network=Network(True, (fixed,))))
    assert painted.says("10.0.0.7", "/16", "10.0.0.1, 9.9.9.9")
    assert painted.target("Router")["enabled"] and not painted.target("Save")["enabled"]
    painted.page.toggle()
    painted.look()
    assert not painted.target("Router")["enabled"] and painted.target("Save")["enabled"]


@pytest.mark.parametrize(
    ("percent", "icon"), [(0, "wifi1"), (24, "wifi1"), (25, "wifi2"), (74, "wifi3"), (100, "wifi4")]
)
def test_the_strength_of_a_wifi_is_an_icon(percent: int, icon: str) -> None:
    assert wifi.bars(percent) == icon


def test_a_wifi_that_needs_an_account_is_named_and_cannot_be_chosen() -> None:
    painted = Painted("wifi_find", seen(Search(_task("wifi_find", "done", found=FOUND))))
    assert not painted.target("Firma-Intern")["enabled"]
    assert painted.target("Heimnetz-5G")["enabled"]
    assert "needs an account of a company or school" in painted.beside("Firma-Intern")


def test_a_search_that_failed_says_why() -> None:
    failed = _task("wifi_find", "failed", message="There is no Wi-Fi in this machine.")
    assert Painted("wifi_find", seen(Search(failed))).says("There is no Wi-Fi in this machine.")


def test_a_wifi_that_is_not_set_up_says_what_to_do() -> None:
    new = Network(True, (Link(WIFI, "wlan0", links.NOT_CONFIGURED),))
    painted = Painted("wifi", house(network=new))
    assert painted.says("not configured", "Choose Set up Wi-Fi")
    assert not painted.target("Reset Wi-Fi")["enabled"]


def test_every_service_has_a_switch_and_those_that_listen_their_port() -> None:
    painted = Painted("services", house())
    rows = {row.title: row.detail for row in painted.page.ids.rows.children}
    assert len(rows) == 4
    assert {"port 9443", "port 5021", "port 5353"} <= set(rows.values())


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


def test_many_points_and_users_all_have_their_row() -> None:
    points = tuple(
        PointSet(Point(i, f"Stellplatz {i:02}", f"gpio:{i}", None, "authorized"), "authorized", None) for i in range(20)
    )
    many = tuple(replace(USERS[0], id=i, name=f"{LONG} {i}", blocked=i % 2 == 0) for i in range(60))
    crowded = replace(CHARGING, points=points, users=many)
    painted = Painted("charging_settings", seen(crowded))
    assert len(painted.page.ids.points.children) == 20
    assert painted.page.ids.users.value == "60 users, 30 blocked"
    people = Painted("users", seen(crowded))
    assert len(people.page.ids.rows.children) == 60
    assert people.says(LONG, "Unblock", "Block")


def test_a_point_that_was_taken_away_while_its_page_is_seen_gives_way_to_another() -> None:
    painted = Painted("charging_settings_point", seen(CHARGING))
    painted.page.point_id = 99
    painted.again(seen(CHARGING))
    assert painted.page.point_id == CHARGING.points[0].point.id
    painted.again(seen(replace(CHARGING, points=())))  # none is left: nothing breaks


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
