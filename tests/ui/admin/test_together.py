"""Two who change the same thing at one time: what somebody left as it was shown is not taken back by saving."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance import audit
from appliance.charging import identifications, points, users
from appliance.opened import Opened
from appliance.store import settings
from tests.ui.admin.conftest import HERE, Open, Served, eventually
from tests.ui.admin.test_kept import end_of_window
from tests.ui.admin.test_pages import person, wallbox

USER = "/configuration/user/local-users/1"


def shown(it: FlaskClient, path: str) -> dict[str, str]:
    """The field in which the page says what it showed."""
    found = re.search(r'name="shown" value="([^"]*)"', it.get(path, base_url=HERE).text)
    assert found is not None, path
    return {"shown": unescape(found.group(1))}


def test_who_was_blocked_meanwhile_stays_blocked_when_the_name_is_saved(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    form = shown(admin, USER) | {"first_name": "Anne", "last_name": "Berger"}
    users.block(opened.store, opened.clock, 1, actor=audit.TOUCH)
    assert admin.post(USER, data=form, base_url=HERE).status_code == 303
    user = users.get(opened.store, 1)
    assert (user.first_name, user.blocked) == ("Anne", True)
    form = shown(admin, USER) | {"first_name": "Anne", "last_name": "Berger"}
    admin.post(USER, data=form, base_url=HERE)
    assert not users.get(opened.store, 1).blocked  # whoever sees the tick may take it away


def test_a_code_that_was_switched_off_meanwhile_stays_off(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    path = f"{USER}/identifications/1"
    form = shown(admin, path) | {"status": "active", "code": "", "expires_on": "", "name": "Keypad"}
    identifications.edit(opened.store, opened.key(), opened.clock, 1, active=False, actor=audit.TOUCH)
    assert admin.post(path, data=form, base_url=HERE).status_code == 303
    known = identifications.all(opened.store, 1)[0]
    assert (known.active, known.extras.name) == (False, "Keypad")


def test_a_point_that_was_locked_meanwhile_stays_locked(admin: FlaskClient, opened: Opened) -> None:
    wallbox(opened)
    path = "/charging/points/1"
    form = shown(admin, path) | {"name": "Carport", "mode": "authorized", "plan": ""}
    points.set_mode(opened.store, opened.clock, 1, "locked", actor=audit.TOUCH)
    assert admin.post(path, data=form, base_url=HERE).status_code == 303
    assert (points.get(opened.store, 1).name, points.get(opened.store, 1).mode) == ("Carport", "locked")


def test_settings_of_another_stay_when_one_is_saved(admin: FlaskClient, opened: Opened) -> None:
    path = "/configuration/settings"
    before = {one.key: settings.get(opened.store, one.key) for one in settings.TABLE}
    form = shown(admin, path) | {key: "yes" if value is True else str(value) for key, value in before.items()
                                 if value is not False}  # fmt: skip
    settings.put(opened.store, opened.clock.now(), audit.TOUCH, "service.phone", "on")
    settings.put(opened.store, opened.clock.now(), audit.TOUCH, "tokens.idle_days", "30")
    answer = admin.post(path, data=form | {"site.name": "Lake house"}, base_url=HERE)
    assert answer.status_code == 303
    assert settings.text(opened.store, "site.name") == "Lake house"
    assert settings.get(opened.store, "service.phone") is True
    assert settings.number(opened.store, "tokens.idle_days") == 30


def test_a_refused_form_keeps_what_was_typed_and_what_changed_meanwhile(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    form = shown(admin, USER) | {"first_name": "", "last_name": "Bergmann"}
    users.block(opened.store, opened.clock, 1, actor=audit.TOUCH)
    answer = admin.post(USER, data=form, base_url=HERE)
    assert answer.status_code == 422
    assert 'value="Bergmann"' in answer.text
    assert re.search(r'id="blocked"[^>]* checked', answer.text)


def test_what_the_browser_kept_takes_nothing_back(served: Served, visit: Open) -> None:
    """Typed, the window ended, something else was changed at the touchscreen, signed in again, saved."""
    served.set_password()
    opened = served.opened
    wallbox(opened)
    served.enable()
    it = visit()
    it.answer_dialogs()
    it.sign_in()
    expect(it.page.locator("#time-left")).to_be_visible()
    it.go("/charging/points/1")
    it.page.fill("#name", "Carport")
    end_of_window(served)
    points.set_mode(opened.store, opened.clock, 1, "locked", actor=audit.TOUCH)
    served.enable()
    it.sign_in()
    it.page.locator("#kept-elsewhere a").click()
    expect(it.page.locator("#name")).to_have_value("Carport")
    it.page.get_by_role("button", name="Save").click()
    eventually(lambda: points.get(opened.store, 1).name == "Carport", "it is not saved")
    assert points.get(opened.store, 1).mode == "locked"
