"""What was typed when the web admin closed comes back after the next sign-in, to the same person, without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from appliance import audit
from appliance.access import web_accounts, web_window
from appliance.charging import points, users
from tests.ui.admin.conftest import GOOD, Open, Served, Visit, eventually

NEW_USER = "/configuration/user/local-users/new"
FORMS = (  # one of each page whose form may be left unsaved, with a secret or without
    NEW_USER,
    "/configuration/user/charging-authorization",
    "/configuration/user/local-users/1/identifications/new",
    "/configuration/settings",
    "/configuration/meters/new",
    "/charging/guests",
    "/charging/points/new",
    "/charging/tariffs",
    "/system/accounts/new",
    "/system/access-tokens",
)
SECRET_NAMES = ("pass", "pin", "code", "token", "secret", "key")


@pytest.fixture
def ready(served: Served) -> Iterator[Served]:
    served.set_password()
    opened = served.opened
    points.add(opened.store, opened.clock, name="Wallbox", relay="gpio:17", actor=audit.CLI)
    users.add(opened.store, opened.clock, "Anna", "Berger", actor=audit.CLI)
    served.enable()
    yield served


@pytest.fixture
def admin(ready: Served, visit: Open) -> Visit:
    it = visit()
    it.answer_dialogs()
    it.sign_in()
    expect(it.page.locator("#time-left")).to_be_visible()
    return it


def kept(it: Visit) -> dict[str, str]:
    """What this browser keeps."""
    return dict(it.page.evaluate("Object.fromEntries(Object.entries(localStorage))"))


def end_of_window(served: Served) -> None:
    opened = served.opened
    web_window.close(opened.store, opened.clock, audit.TOUCH)
    eventually(served.refused, "the port stays open")


def test_what_was_typed_comes_back_after_the_next_sign_in(ready: Served, admin: Visit) -> None:  # A003-22, UX 5
    page = admin.page
    admin.go(NEW_USER)
    page.fill("#first_name", "Bärbel")
    page.fill("#last_name", "Öz")
    end_of_window(ready)
    page.get_by_role("button", name="Save").click()  # goes nowhere: connection refused
    ready.enable()
    admin.sign_in()
    expect(page.locator("#kept-elsewhere")).to_be_visible()
    admin.picture("kept-elsewhere")
    page.locator("#kept-elsewhere a").click()
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("#first_name")).to_have_value("Bärbel")
    expect(page.locator("#last_name")).to_have_value("Öz")
    admin.picture("kept-put-back")
    page.get_by_role("button", name="Save").click()
    eventually(lambda: len(users.all(ready.opened.store)) == 2, "it is not saved")
    expect(page.locator("#first_name")).to_be_hidden()
    eventually(lambda: kept(admin) == {}, "what is saved is still kept")
    assert sorted(one.first_name for one in users.all(ready.opened.store)) == ["Anna", "Bärbel"]


def test_it_can_be_discarded(ready: Served, admin: Visit) -> None:
    page = admin.page
    admin.go(NEW_USER)
    page.fill("#first_name", "Bärbel")
    end_of_window(ready)
    ready.enable()
    admin.sign_in()
    page.locator("#kept-elsewhere a").click()
    page.locator("#kept").get_by_role("button", name="Discard").click()
    expect(page.locator("#first_name")).to_have_value("")
    assert kept(admin) == {}


def test_no_secret_is_ever_kept(ready: Served, admin: Visit) -> None:  # A003-22: never password, PIN or token fields
    page = admin.page
    secret_fields: set[str] = set()
    kept_fields: set[str] = set()
    for path in FORMS:
        admin.go(path)
        for box in page.locator("form[data-unsaved] input:visible, form[data-unsaved] textarea:visible").all():
            name, kind = str(box.get_attribute("name")), str(box.get_attribute("type"))
            if kind in ("checkbox", "radio", "date", "time", "number", "file") or not box.is_editable():
                continue
            box.fill(f"canary-{name}")
            is_secret = kind == "password" or any(word in name.lower() for word in SECRET_NAMES)
            (secret_fields if is_secret or box.get_attribute("data-secret") is not None else kept_fields).add(name)
        stored = json.dumps(kept(admin), ensure_ascii=False) + str(page.evaluate("JSON.stringify({...sessionStorage})"))
        assert [name for name in secret_fields if f"canary-{name}" in stored] == [], path
        assert "csrf" not in stored
    assert {"code", "password"} <= secret_fields
    assert {"first_name", "name"} <= kept_fields


def test_another_person_gets_nothing(ready: Served, admin: Visit) -> None:
    web_accounts.add(ready.opened, audit.CLI, "second", "admin", GOOD)
    admin.go(NEW_USER)
    admin.page.fill("#first_name", "Bärbel")
    end_of_window(ready)
    ready.enable()
    admin.sign_in("second")
    expect(admin.page.locator("#time-left")).to_be_visible()
    expect(admin.page.locator("#kept-elsewhere")).to_be_hidden()
    admin.go(NEW_USER)
    expect(admin.page.locator("#first_name")).to_have_value("")


def test_who_leaves_by_choice_or_signs_out_keeps_nothing(ready: Served, admin: Visit) -> None:
    admin.go(NEW_USER)
    admin.page.fill("#first_name", "Bärbel")
    assert len(kept(admin)) == 1
    admin.go("/")  # the browser asks first; the answer was yes
    expect(admin.page.locator("#time-left")).to_be_visible()
    assert kept(admin) == {}
    admin.go("/configuration/meters/new")
    admin.page.fill("#name", "Grid")
    assert len(kept(admin)) == 1
    admin.page.get_by_role("button", name="Menu").click()
    admin.page.get_by_role("button", name="Sign out").click()
    expect(admin.page.locator("#password")).to_be_visible()
    assert kept(admin) == {}


def test_a_form_whose_saving_was_refused_is_still_kept(ready: Served, admin: Visit) -> None:
    """The window ended and was enabled again while the page stood there: its key is of another opening."""
    page = admin.page
    admin.go(NEW_USER)
    page.fill("#first_name", "Bärbel")
    end_of_window(ready)
    ready.enable()
    page.fill("#last_name", "Öz")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#first_name")).to_be_hidden()
    admin.sign_in()
    page.locator("#kept-elsewhere a").click()
    expect(page.locator("#last_name")).to_have_value("Öz")


@pytest.mark.parametrize("path", ["/configuration/user/local-users/1/identifications/new", "/charging/tariffs"])
def test_what_was_refused_at_a_field_is_kept_with_and_without_more_typing(
    ready: Served, admin: Visit, path: str
) -> None:
    page = admin.page
    admin.go(path)
    if path.endswith("tariffs"):
        page.get_by_role("link", name="Add a tariff").click()
    page.fill("#name", "Keypad")
    page.evaluate("document.querySelector('form[data-unsaved]').noValidate = true")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main .invalid-feedback, main .notice-danger, dialog .invalid-feedback").first).to_be_visible()
    assert "Keypad" in json.dumps(kept(admin))
    other = page.locator("#expires_on, #basis").first
    other.fill("2031-12-31")
    end_of_window(ready)
    ready.enable()
    admin.sign_in()
    page.locator("#kept-elsewhere a").click()
    expect(page.locator("#name")).to_have_value("Keypad")
    expect(other).to_have_value("2031-12-31")


def test_half_a_day_later_it_is_forgotten(ready: Served, admin: Visit) -> None:
    admin.go(NEW_USER)
    admin.page.fill("#first_name", "Bärbel")
    admin.page.evaluate(
        "for (const key of Object.keys(localStorage)) { const it = JSON.parse(localStorage[key]);"
        " it.at -= 13 * 3600e3; it.opening = '0'; localStorage[key] = JSON.stringify(it); }"
    )
    other = admin.page.context.new_page()
    other.goto(ready.url + "/")
    expect(other.locator("#kept-elsewhere")).to_be_hidden()
    assert other.evaluate("localStorage.length") == 0


def test_switching_the_language_asks_before_what_is_typed_is_lost(admin: Visit) -> None:
    page = admin.page
    admin.go(NEW_USER)
    page.fill("#first_name", "Bärbel")
    page.evaluate("document.querySelector('form[action$=\"/language/de\"]').requestSubmit()")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert admin.dialogs == ["beforeunload"]
