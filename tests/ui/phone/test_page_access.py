"""The phone page and its access: bad codes, second codes, and second thoughts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from appliance import audit
from appliance.access import tokens, tokens_secret, web_window
from appliance.opened import Opened
from tests.ui.phone.browsing import Phones
from tests.ui.phone.house import eventually, token_of


@pytest.mark.parametrize(
    ("code", "said"), [("ww_cut-off", "Mistyped or cut off"), (tokens_secret.make(), "Not known to the appliance")]
)
def test_a_bad_code_does_not_cost_the_access_there_is(phones: Phones, alive: Opened, code: str, said: str) -> None:
    phone = phones()
    phone.connect()
    before = phone.remembered()
    phone.go(f"/pair#{code}")
    expect(phone.page.locator("#said")).to_contain_text(said)
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    assert phone.remembered() == before


def test_a_bad_code_is_told_to_a_phone_without_access(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.go("/pair#ww_cut-off")
    expect(phone.page.locator(".hero")).to_contain_text("The code was cut off")


def test_a_second_code_replaces_the_access_after_a_question(phones: Phones, alive: Opened) -> None:
    phone = phones()
    first = phone.connect()
    _, second = token_of(alive, "read", installation=None)
    phone.go(f"/pair#{second}")
    expect(phone.page.locator("#question")).to_be_visible()
    phone.page.click("#question button[value=no]")
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    assert second not in phone.remembered()
    phone.go(f"/pair#{second}")
    phone.page.click("#question button[value=yes]")
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    assert second in phone.remembered() and tokens.get(alive.store, first.id).state == "active"


def test_two_quick_taps_ask_for_one_token(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.go()
    phone.page.get_by_role("button", name="Ask for access").evaluate("it => { it.click(); it.click(); }")
    expect(phone.page.locator(".number")).not_to_be_empty()
    (made,) = tokens.all(alive.store)
    assert phone.page.locator(".number").text_content() == made.matching_number


def test_a_request_can_be_withdrawn(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.go()
    phone.page.click(".hero .primary")
    expect(phone.page.locator(".number")).not_to_be_empty()
    phone.page.click("button:text-is('Withdraw the request')")
    expect(phone.page.locator(".hero h2")).to_have_text("See your energy on this phone")
    assert tokens.all(alive.store) == [] and "ww_" not in phone.remembered()


def test_the_web_admin_can_be_opened_while_waiting(phones: Phones, alive: Opened) -> None:  # A000-15
    phone = phones()
    phone.go()
    phone.page.click(".hero .primary")
    phone.page.click("button:text-is('Confirm in the web admin')")
    expect(phone.page.locator("#said")).to_contain_text("The web admin is closed")
    web_window.enable(alive.store, alive.clock, audit.TOUCH)
    with phone.context.expect_page():
        phone.page.click("button:text-is('Confirm in the web admin')")
    [token] = tokens.all(alive.store)
    eventually(lambda: any(f"?token={token.id}" in url for url in phone.asked), "it is not opened")


def test_an_appliance_that_refuses_has_no_gear(phones: Phones, alive: Opened) -> None:  # A000-10
    phone = phones()
    phone.page.route("**/capabilities", lambda route: route.fulfill(status=403, json={"error": "not_local"}))
    phone.go("/#devices")
    expect(phone.page.locator(".device .badge").first).to_have_text("Not reachable from here")
    assert phone.page.locator(".gear").count() == 0


def test_why_the_appliance_refuses_is_said(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect()
    sentence = "This service answers in the local network only."
    phone.page.route("**/api/v1/*", lambda route: route.fulfill(status=403, json={"error": "x", "message": sentence}))
    phone.go()
    expect(phone.page.locator("#content")).to_have_text(sentence)


def test_an_address_that_was_cut_off_leads_to_the_start(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect()
    phone.go("/#device=%E0%A4%A")
    expect(phone.page.locator(".node.c-grid .figure")).to_be_visible()
    assert phone.complaints == []


def test_two_taps_from_anywhere_lead_to_the_devices(phones: Phones, alive: Opened) -> None:  # A000-09, -11
    phone = phones()
    phone.connect()
    phone.tab("settings")
    phone.page.click("a[href='#devices']")
    expect(phone.page.locator(".device")).to_have_count(1)
    expect(phone.page.locator(".gear")).to_have_count(1)
    assert phone.page.locator("input, textarea, select").count() == 0, "nothing can be edited before Edit"
    phone.page.click(".gear")
    assert phone.page.locator(".menu :visible").all_text_contents() == ["Edit"]
    phone.page.click(".menu a")
    expect(phone.page.locator("input")).to_have_count(2)


def test_guides_are_on_the_phone_itself(phones: Phones, alive: Opened) -> None:  # A000-02
    phone = phones()
    phone.go("/#settings")
    for view, text in (("help", "Choose Create"), ("install", "Add to Home Screen"), ("certificate", "Certificate")):
        phone.page.click(f"a[href='#{view}']")
        expect(phone.page.locator("#content")).to_contain_text(text)
        phone.page.click("#back")
    assert phone.foreign() == []


def test_the_authority_is_downloaded_for_those_who_want_it(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.go("/#certificate")
    expect(phone.page.locator("summary")).to_have_count(5)
    with phone.page.expect_download() as download:
        phone.page.click("a[download]")
    assert download.value.suggested_filename == "wattward-authority.crt"
    assert re.match(rb"\x30\x82", download.value.path().read_bytes()), "not a certificate as phones want it"
