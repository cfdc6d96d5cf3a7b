"""What the settings' pages say of a house as it may be: new, silent, crowded, with long names; painted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.access.posture import GOOD, OPEN, WEAK, Line
from appliance.network import links
from appliance.network.links import WIFI, WIRED, Address, Link, Network
from tests.ui.touch.looks import DAY, EMPTY, NOW, POINT, WEB
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
from tests.ui.touch.staged import Painted
from ui.touch.screens.settings import (
    communication,
    menu,
    tokens,
    web_admin,
    wifi,
)
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
