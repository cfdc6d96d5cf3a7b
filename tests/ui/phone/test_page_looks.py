"""How the phone page looks and behaves on any phone: fits, accessible, by keyboard, without foreign hosts, light."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from appliance.access import tokens
from appliance.opened import Opened
from tests.ui.phone.browsing import Phones, with_a_day, with_running_session, with_sessions
from tests.ui.phone.house import ADMIN, Served
from tests.ui.phone.test_page_living import silent

HOSTILE = '<img src=x onerror="document.title=1">'
VIEWS = ("latest", "charging", "sessions", "settings", "devices", "certificate", "install", "help")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_phone(phones: Phones, alive: Opened, width: int) -> None:
    with_a_day(alive)
    with_sessions(alive)
    with_running_session(alive)
    phone = phones(width=width, locale="de-DE")
    phone.connect()
    for view in VIEWS:
        phone.page.evaluate(f"location.hash = '#{view}'")
        phone.page.wait_for_timeout(300)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= width, view
        assert phone.page.evaluate(SMALL_TARGETS) == [], view
        assert phone.page.evaluate(CUT_OFF) == [], view


CUT_OFF = """[...document.querySelectorAll('#tabs span, #title, dd, button, h2')]
 .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).map(one => one.outerHTML)"""
SMALL_TARGETS = """[...document.querySelectorAll('button, #tabs a, .list a, select, input, summary')]
 .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_everybody_can_use_it_and_it_asks_nobody_else(
    phones: Phones, alive: Opened, theme: str, locale: str
) -> None:  # axe, X-11
    with_a_day(alive)
    with_sessions(alive)
    phone = phones(theme=theme, locale=locale)
    found = {}

    def look(name: str) -> None:
        phone.page.wait_for_timeout(300)
        phone.picture(f"{name}-{theme}-{locale[:2]}")
        found[name] = [one["id"] for one in Axe().run(phone.page).response["violations"]]

    phone.go()
    expect(phone.page.locator(".hero button")).to_be_visible()
    look("welcome")
    phone.connect()
    expect(phone.page.locator(".curve")).to_be_visible()
    for view in VIEWS:
        phone.page.evaluate(f"location.hash = '#{view}'")
        look(view)
    phone.go("/#devices")
    phone.page.click(".gear")
    look("menu")
    phone.page.click(".menu a")
    expect(phone.page.locator(".token-status[data-status]")).to_be_visible()
    look("device")
    assert {name: ids for name, ids in found.items() if ids} == {}
    assert phone.page.evaluate("document.documentElement.lang") == locale[:2]
    assert phone.foreign() == [] and phone.complaints == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everybody_can_use_it_also_when_something_is_the_matter(
    phones: Phones, alive: Opened, served: Served, theme: str
) -> None:  # axe: asked, away, waiting, lost
    found = {}
    phone = phones(theme=theme, locale="de-DE")

    def look(name: str) -> None:
        phone.picture(f"{name}-{theme}-de")
        found[name] = [one["id"] for one in Axe().run(phone.page).response["violations"]]

    phone.go()
    phone.page.click(".hero .primary")
    expect(phone.page.locator(".number")).not_to_be_empty()
    look("waiting")
    tokens.delete(alive, tokens.all(alive.store)[0].id, ADMIN)
    expect(phone.page.locator(".i-lost")).to_be_visible()
    look("lost")
    with_running_session(alive)
    phone.page.evaluate("localStorage.clear()")
    phone.connect()
    phone.tab("charging")
    phone.page.click(".point .danger")
    expect(phone.page.locator("#question button[value=no]")).to_be_focused()
    look("question")
    phone.page.click("#question button[value=no]")
    with silent(served):
        expect(phone.page.locator("#away")).not_to_be_empty()
        look("away")
    assert {name: ids for name, ids in found.items() if ids} == {}


def test_names_of_people_and_things_never_run(phones: Phones, alive: Opened) -> None:
    with alive.store.write() as db:
        db.execute("UPDATE meters SET name=? || id", (HOSTILE,))
        db.execute("UPDATE points SET name=?", (HOSTILE,))
        db.execute("UPDATE users SET first_name=?", (HOSTILE,))
        db.execute("INSERT INTO settings VALUES ('site.name', ?, 'x', 'x')", (HOSTILE[:40],))
    with_sessions(alive)
    phone = phones()
    phone.connect()
    for view in ("latest", "charging", "sessions", "devices"):
        phone.page.evaluate(f"location.hash = '#{view}'")
        phone.page.wait_for_timeout(500)
    expect(phone.page.locator("#title")).to_be_visible()
    assert phone.page.title() != "1" and phone.page.locator("img[src=x]").count() == 0
    assert phone.complaints == []


def test_it_works_by_keyboard(phones: Phones, alive: Opened) -> None:
    phone = phones(width=1280)
    page = phone.page
    phone.connect()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.focus("#tabs a[href='#settings']")
    page.keyboard.press("Enter")
    page.focus("a[href='#devices']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".gear")
    page.focus(".gear")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "menuitem"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('gear')")


def test_it_can_be_put_on_the_home_screen_without_a_service_worker(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.go()
    manifest = phone.page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(one => one.json())")
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    sizes = phone.page.evaluate(
        """icons => Promise.all(icons.map(async icon => { const image = new Image(); image.src = icon.src;
           await image.decode(); return `${image.naturalWidth}x${image.naturalHeight}` === icon.sizes; }))""",
        manifest["icons"],
    )
    assert sizes == [True, True]
    assert phone.page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0


def test_the_first_load_is_light(phones: Phones, alive: Opened) -> None:
    phone = phones()
    sizes: list[int] = []
    phone.page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    phone.go()
    expect(phone.page.locator(".hero button")).to_be_visible()
    assert 0 < sum(sizes) < 60_000
