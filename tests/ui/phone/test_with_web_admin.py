"""The whole guide with both surfaces: made on the phone, confirmed in the web admin, used again (A000-07 to -22)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from appliance.access import tokens, web_accounts
from tests.ui.admin import conftest as admin
from tests.ui.phone.browsing import Phones
from tests.ui.phone.house import Served, eventually, free_port, token_of


@pytest.fixture
def web_admin(served: Served, tmp_path: Path) -> Iterator[admin.Served]:
    """The same appliance's web admin, its password set, open."""
    web_accounts.ensure_default(served.opened)
    it = admin.Served(served.opened, free_port(), tmp_path / "admin.log")
    it.start()
    it.set_password()
    it.enable()
    yield it
    it.stop()


def test_a_token_made_on_the_phone_is_confirmed_in_the_web_admin(
    phones: Phones, served: Served, web_admin: admin.Served
) -> None:
    phone = phones()
    page = phone.page
    phone.go("/#devices")
    page.click(".gear")
    page.click(".menu a")
    page.click("button:text-is('Create')")
    expect(page.locator(".token-status")).to_have_text("Not confirmed yet")
    [token] = tokens.all(served.opened.store)
    with phone.context.expect_page() as window:
        page.click("button:text-is('Open')")
    web = window.value
    web.fill("#name", "admin")  # (10)
    web.fill("#password", admin.GOOD)
    web.click("main form button[type=submit]")
    marked = web.locator("tr.is-marked")
    expect(marked).to_contain_text(token.matching_number)  # A000-15
    marked.locator("a[aria-label^='Confirm']").click()  # (11), the key
    expect(web.locator("dialog output")).to_have_text(token.matching_number)
    assert tokens.get(served.opened.store, token.id).state == "pending", "the first click confirms nothing"  # A000-18
    phone.picture("guide-phone")
    web.screenshot(path=phone.folder / "guide-web-admin.png")
    web.click("dialog a.btn")  # Cancel
    assert tokens.get(served.opened.store, token.id).state == "pending"
    web.locator("tr.is-marked a[aria-label^='Confirm']").click()
    web.click("dialog button[type=submit]")  # (12)
    expect(web.locator("tr.is-marked")).to_contain_text("✓")  # (13)
    web.close()  # A000-20
    page.click("button:text-is('Check')")
    expect(page.locator(".token-status")).to_have_text("Confirmed")
    page.click("button:text-is('Save')")  # A000-21
    phone.go("/")
    expect(page.locator(".flow svg")).to_be_visible()  # (14)
    found = tokens.get(served.opened.store, token.id)
    assert (found.state, found.confirmed_by) == ("active", "admin:admin")
    web_admin.stop()
    eventually(web_admin.refused, "the web admin stays open")
    page.reload()
    expect(page.locator(".flow svg")).to_be_visible()


def test_with_the_default_password_its_change_comes_first_and_then_the_token(
    phones: Phones, served: Served, tmp_path: Path
) -> None:  # A000-15, A003-24
    web_accounts.ensure_default(served.opened)
    it = admin.Served(served.opened, free_port(), tmp_path / "admin.log")
    it.start()
    it.enable()
    try:
        token, _ = token_of(served.opened, "charge", "pending")
        web = phones().page
        web.goto(f"{it.url}/system/access-tokens?token={token.id}")
        web.fill("#name", "admin")
        web.fill("#password", "admin")
        web.fill("#code", it.code())
        web.click("main form button[type=submit]")
        expect(web.locator("h1")).to_have_text("Change password")
        for name, text in (("#current", "admin"), ("#password", admin.GOOD), ("#again", admin.GOOD)):
            web.fill(name, text)
        web.click("main form button[type=submit]")
        expect(web.locator("tr.is-marked")).to_contain_text(token.matching_number)
        web.goto(f"{it.url}/")
        web.click("button[popovertarget=menu]")
        web.click("#menu button[type=submit]:has-text('Sign out')")
        web.fill("#name", "admin")
        web.fill("#password", admin.GOOD)
        web.click("main form button[type=submit]")
        expect(web).to_have_url(f"{it.url}/")  # asked for once
    finally:
        it.stop()
