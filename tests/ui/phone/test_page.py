"""The phone page as somebody holds it, step by step as A000 tells it."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page, expect

from appliance import audit, heartbeat
from appliance.access import tokens, tokens_charging, web_window
from appliance.charging import granted, points, users
from appliance.metering import readings
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests.ui.phone.browsing import Phone, Phones, confirm_all, with_a_day
from tests.ui.phone.house import ADMIN, Served, eventually, token_of

HOSTILE = '<img src=x onerror="document.title=1">'
VIEWS = ("latest", "charging", "sessions", "settings", "devices", "certificate", "help")


def flow(page: Page, name: str) -> str:
    """What a node of the drawing says."""
    return page.locator(f".node.c-{name} .figure").text_content() or ""


# Getting access -----------------------------------------------------------------------------------


def test_a_scanned_code_waits_shows_the_number_and_opens_once_confirmed(
    phones: Phones, alive: Opened
) -> None:  # A000-28, reading 15
    token, secret = tokens.create(alive, audit.TOUCH, "Phone")
    phone = phones()
    phone.go(f"/pair#{secret}")
    expect(phone.page.locator(".number")).to_have_text(token.matching_number)
    assert secret not in phone.page.url and not [url for url in phone.asked if secret in url]
    assert tokens.get(alive.store, token.id).installation is not None, "bound by the first use"
    confirm_all(alive)
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    phone.page.reload()
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()  # A000-04: no password, no question
    assert phone.page.locator("input").count() == 0


@pytest.mark.parametrize(("entry", "shown"), [("latest", ".node.c-grid .figure"), ("charging", ".point")])
def test_who_opens_it_again_is_asked_nothing(phones: Phones, alive: Opened, entry: str, shown: str) -> None:
    # A000-04, -28, -29, -31: both entry points
    phone = phones()
    phone.connect()
    for _ in range(3):
        phone.page.close()
        phone.page = phone.context.new_page()
        phone.go()
        phone.tab(entry)
        expect(phone.page.locator(shown).first).to_be_visible()
        assert phone.page.locator("input[type=password], .hero").count() == 0


def test_asking_without_a_code_works_too(phones: Phones, alive: Opened) -> None:
    phone = phones(width=820, height=1180)
    phone.go()
    phone.page.click(".hero button")
    expect(phone.page.locator(".number")).not_to_be_empty()
    [waiting] = tokens.all(alive.store)
    assert (waiting.state, waiting.name, waiting.app) == ("pending", "Tablet", "Wattward phone page")
    confirm_all(alive)
    expect(phone.page.locator(".node.c-house .figure")).to_be_visible()


def test_device_configuration_leads_to_a_token_as_the_guide_says(phones: Phones, alive: Opened) -> None:  # A000-07…-22
    phone = phones()
    page = phone.page
    phone.go()
    phone.tab("settings")  # (1)
    page.click("a[href='#devices']")  # (2)
    expect(page.locator(".badge.active")).to_be_visible()  # (3)
    assert page.locator("input").count() == 0, "nothing can be edited before Edit"
    page.click(".gear")  # (4)
    page.click(".menu a")  # (5)
    status = page.locator(".token-status")
    expect(status).to_have_text("No access token")  # (6)
    page.click("button:text-is('Create')")  # (7)
    expect(status).to_have_text("Not confirmed yet")
    page.click("button:text-is('Check')")  # (8)
    expect(status).to_have_text("Not confirmed yet")
    [waiting] = tokens.all(alive.store)
    expect(page.locator("fieldset")).to_contain_text(waiting.matching_number)
    expect(page.locator(".hint")).to_contain_text("Have the password of the web admin ready")  # A000-16
    assert "ww_" not in phone.remembered(), "nothing is kept before Save"
    page.click("button:text-is('Open')")  # (9)
    expect(page.locator("#said")).to_contain_text("The web admin is closed")
    web_window.enable(alive.store, alive.clock, audit.TOUCH)
    with phone.context.expect_page() as opened:
        page.click("button:text-is('Open')")
    eventually(lambda: f"/system/access-tokens?token={waiting.id}" in _wanted(phone, opened.value), "it is not opened")
    opened.value.close()  # A000-20
    tokens.confirm(alive, waiting.id, ADMIN)  # (10) to (13), in the web admin
    page.click("button:text-is('Check')")
    expect(status).to_have_text("Confirmed")
    page.click("button:text-is('Save')")  # A000-21
    assert "ww_" in phone.remembered()
    phone.tab("latest")  # on the home screen there is no way to reload
    expect(page.locator(".node.c-grid .figure")).to_be_visible()  # (14)
    assert tokens.get(alive.store, waiting.id).last_used_at is not None


def _wanted(phone: Phone, page: Page) -> str:
    return " ".join([page.url, *phone.asked])


def test_what_was_not_saved_is_given_back(phones: Phones, alive: Opened) -> None:  # A000-21
    phone = phones()
    phone.go("/#settings")
    phone.page.click("a[href='#devices']")
    phone.page.click(".gear")
    phone.page.click(".menu a")
    phone.page.click("button:text-is('Create')")
    eventually(lambda: len(tokens.all(alive.store)) == 1, "none was made")
    phone.page.click("#back")
    eventually(lambda: tokens.all(alive.store) == [], "it waits still")
    assert "ww_" not in phone.remembered()


def test_the_access_can_be_given_back(phones: Phones, alive: Opened) -> None:
    phone = phones()
    token = phone.connect()
    phone.go("/#device=" + phone.served.url.replace(":", "%3A").replace("/", "%2F"))
    phone.page.click("button:text-is('Give the access back')")
    expect(phone.page.locator("#question button[value=no]")).to_be_focused()
    phone.page.click("#question button[value=no]")
    assert tokens.get(alive.store, token.id).state == "active"
    phone.page.click("button:text-is('Give the access back')")
    phone.page.click("#question button[value=yes]")
    expect(phone.page.locator(".token-status")).to_have_text("No access token")
    assert tokens.get(alive.store, token.id).state == "revoked" and "ww_" not in phone.remembered()
    phone.tab("latest")
    expect(phone.page.locator(".hero h2")).to_have_text("See your energy on this phone")
    expect(phone.page.locator("#tabs a")).to_have_count(2)


# Several appliances -------------------------------------------------------------------------------


def test_other_appliances_are_bookmarks_without_a_gear_and_one_is_the_first(phones: Phones, alive: Opened) -> None:
    # A000-08, -10
    phone = phones()
    page = phone.page
    phone.connect()
    phone.go("/#devices")
    page.click("button:text-is('Add an appliance')")
    page.fill("#name", "Cabin")
    page.fill("#address", "cabin")
    page.click("button:text-is('Save')")
    expect(page.locator(".wrong")).to_contain_text("https://192.168.1.20:9443")
    page.fill("#address", "https://192.168.77.1:9443/")
    page.click("button:text-is('Save')")
    cabin = page.locator(".device[data-url='https://192.168.77.1:9443']")
    expect(cabin.locator(".badge").first).to_have_text("Not reachable from here")
    expect(page.locator(".gear")).to_have_count(1)
    assert cabin.locator(".gear").count() == 0
    kept = json.loads(phone.remembered())["appliances"]
    assert [one.get("first", False) for one in kept] == [True, False]
    expect(page.locator(".badge.first")).to_have_count(1)
    cabin.locator("button:text-is('Open this one first')").click()
    expect(cabin.locator(".badge.first")).to_be_visible()
    expect(page.locator(".badge.first")).to_have_count(1)
    page.click(".gear")
    page.click(".menu button:text-is('Open this one first')")
    expect(cabin.locator(".badge.first")).to_have_count(0)
    cabin.locator("button:text-is('Remove')").click()
    expect(page.locator(".device")).to_have_count(1)


def test_the_page_opens_the_appliance_that_is_first(phones: Phones, alive: Opened) -> None:  # A000-08
    phone = phones()
    phone.go()
    expect(phone.page.locator(".hero")).to_be_visible()  # it has begun, and writes nothing any more
    other = "https://192.168.77.1:9443"
    phone.page.evaluate(
        "url => { localStorage.setItem('wattward', JSON.stringify({appliances: [{url, name: 'Cabin', first: true}]}));"
        " sessionStorage.clear(); }",
        other,
    )
    phone.page.route(f"{other}/**", lambda route: route.fulfill(status=200, body="the cabin"))
    phone.page.goto(phone.served.url + "/", wait_until="commit")
    phone.page.wait_for_url(f"{other}/**")
    phone.page.go_back()  # it is another network today, say
    expect(phone.page.locator(".hero")).to_be_visible()
    assert phone.page.url.startswith(phone.served.url)


# What it shows ------------------------------------------------------------------------------------


def test_the_figures_are_the_appliances_and_move(phones: Phones, served: Served) -> None:  # A000-32
    phone = phones()
    phone.connect()
    expect(phone.page.locator(".node.c-grid .figure")).to_have_text("820W")
    assert (flow(phone.page, "pv"), flow(phone.page, "house")) == ("2.30kW", "3.12kW")
    it = served.opened
    readings.put(it.live, it.clock, 1, Reading(values={"power_w": -1500.0}))
    heartbeat.beat(it.live, "core", it.clock)
    expect(phone.page.locator(".node.c-grid .figure")).to_have_text("1.50kW")
    expect(phone.page.locator(".node.c-grid .note")).to_have_text("into the grid")


def test_the_curve_tells_the_values_where_one_points(phones: Phones, alive: Opened) -> None:
    with_a_day(alive)
    phone = phones()
    phone.connect()
    drawing = phone.page.locator(".curve")
    box = drawing.bounding_box()
    assert box is not None
    legend = phone.page.locator(".legend")
    assert "W" not in (legend.text_content() or "")
    drawing.hover(position={"x": box["width"] * 0.01, "y": box["height"] / 2})
    expect(legend.locator(".when")).to_have_text("00:00")
    expect(legend.locator(".c-house")).to_contain_text("350\u202fW")
    phone.page.mouse.move(5, 5)
    expect(legend.locator(".when")).to_be_empty()


def test_old_values_become_no_data_and_the_core_that_is_gone_is_told(phones: Phones, served: Served) -> None:
    phone = phones()
    phone.connect()
    gone = phone.page.locator(".fault")
    expect(gone).to_contain_text("core does not run")  # its heartbeat came once, at the start
    expect(phone.page.locator(".node.c-grid .note")).to_have_text("no data")
    assert flow(phone.page, "grid") == "–"


def test_a_service_that_stops_is_told_and_found_again(phones: Phones, alive: Opened, served: Served) -> None:
    phone = phones()
    phone.connect()
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    served.switch(on=False)
    expect(phone.page.locator("#away")).not_to_be_empty()
    expect(phone.page.locator("body")).to_have_class("stale")
    served.switch(on=True)
    expect(phone.page.locator("body")).not_to_have_class("stale")
    expect(phone.page.locator("#away")).to_be_empty()


@pytest.mark.parametrize(("end", "text"), [("revoke", "It was revoked"), ("delete", "does not know it")])
def test_an_open_page_ends_with_its_token(phones: Phones, alive: Opened, end: str, text: str) -> None:  # A000-26, -27
    phone = phones()
    token = phone.connect()
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    getattr(tokens, end)(alive, token.id, ADMIN)
    at_s = time.monotonic()
    expect(phone.page.locator(".hero")).to_contain_text(text)
    assert time.monotonic() - at_s < 2.0  # UX check 25
    assert phone.page.locator(".node").count() == 0


def test_somebody_elses_code_is_of_no_use(phones: Phones, alive: Opened) -> None:  # A000-24
    _, secret = token_of(alive, installation="somebody-elses-phone")
    phone = phones()
    phone.go(f"/pair#{secret}")
    expect(phone.page.locator(".hero")).to_contain_text("belongs to another phone")


def test_charging_starts_and_stops_with_a_question(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect()
    phone.tab("charging")
    expect(phone.page.locator("#content")).to_contain_text("Charges for Anna Berger")
    phone.page.click(".point .primary")
    expect(phone.page.locator(".point .state")).to_have_text("Released: waiting for the car")
    with alive.store.read() as db:
        assert granted.row_open(db, 1) is not None
    phone.page.click(".point .danger")
    phone.page.click("#question button[value=yes]")
    expect(phone.page.locator(".point .state")).to_have_text("Ready")


def test_a_refusal_is_said(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect()
    phone.tab("charging")
    expect(phone.page.locator(".point .primary")).to_be_visible()
    users.block(alive.store, alive.clock, 1, actor=ADMIN)
    phone.page.click(".point .primary")
    expect(phone.page.locator("#said")).to_contain_text("The user of this app is blocked")


def test_a_token_that_may_only_read_has_no_buttons(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect("read", None)
    phone.tab("charging")
    expect(phone.page.locator("#content")).to_contain_text("may only look")
    expect(phone.page.locator(".point .state")).to_have_text("Ready")
    expect(phone.page.locator(".point button:visible")).to_have_count(0)


def test_without_a_charging_point_there_is_no_charger(phones: Phones, alive: Opened) -> None:  # A000-29
    phone = phones()
    phone.connect()
    expect(phone.page.locator("#tabs a[href='#charging']")).to_be_visible()
    points.archive(alive.store, alive.clock, 1, actor=ADMIN)
    phone.page.reload()
    expect(phone.page.locator("#tabs a[href='#latest']")).to_be_visible()
    expect(phone.page.locator("#tabs a[href='#charging']")).to_have_count(0)
    phone.go("/#charging")
    expect(phone.page.locator(".flow")).to_be_visible()


def test_two_phones_have_two_tokens_that_end_apart(phones: Phones, alive: Opened) -> None:  # A000-25
    first, second = phones(), phones()
    token = first.connect()
    second.connect()
    tokens.revoke(alive, token.id, ADMIN)
    expect(first.page.locator(".hero")).to_be_visible()
    expect(second.page.locator(".node.c-grid .figure")).to_be_visible()
    assert tokens_charging.user_id(alive, token) is None
