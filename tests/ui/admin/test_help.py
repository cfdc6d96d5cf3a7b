"""Help, updates, support bundle, counters, tokens' names, time zone and factory reset; asked without a browser."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.access import tokens
from appliance.metering import meters, readings, totals
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import factory, support, tasks, timekeeping
from drivers.interfaces import Reading
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import GOOD, HERE
from tests.ui.admin.test_pages import meter, person, wallbox
from ui.admin.pages.help import PLACES

RESET = "/system/machine/factory-reset"


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_help_names_the_pages_that_one_may_open_and_no_other(client: Callable[[str], FlaskClient], role: str) -> None:
    browser = client(role)
    page = browser.get("/help", base_url=HERE).text
    linked = set(re.findall(r'<dt><a href="([^"]+)">', page))
    ranks = ("viewer", "operator", "admin")
    assert len(linked) == sum(ranks.index(one.role) <= ranks.index(role) for one in PLACES)
    assert {path: browser.get(path, base_url=HERE).status_code for path in linked} == dict.fromkeys(linked, 200)


def test_help_tells_how_to_wire(client: Callable[[str], FlaskClient]) -> None:
    page = client("viewer").get("/help", base_url=HERE).text
    for words in ("120 ohms", "udp://HOST:PORT", "swap A and B", "COM and NO", "electricians only"):
        assert words in page
    assert "Support bundle" not in page


def test_a_bundle_that_was_made_is_taken_along_and_noted(admin: FlaskClient, opened: Opened) -> None:
    person(opened, "Secretname")
    assert "None was made yet." in admin.get("/help", base_url=HERE).text
    made = support.make(opened)
    page = admin.get("/help", base_url=HERE).text
    assert f"/help/support/{made.path.name}" in page
    answer = admin.get(f"/help/support/{made.path.name}", base_url=HERE)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        everything = b"".join(bundle.read(name) for name in bundle.namelist())
    assert b"settings" in b"".join(name.encode() for name in bundle.namelist())
    assert b"271828" not in everything and b"Secretname" not in everything
    assert audit.newest(opened.store, 1)[0].event == "support.download"


@pytest.mark.parametrize("name", ["../store.db", "..%2fstore.db", "store.db", "wattward-support-x.zip", ".."])
def test_no_other_file_comes_that_way(admin: FlaskClient, opened: Opened, name: str) -> None:
    support.make(opened)
    assert admin.get(f"/help/support/{name}", base_url=HERE).status_code == 404


def test_updates_say_that_nothing_is_looked_for(client: Callable[[str], FlaskClient]) -> None:
    page = client("operator").get("/system/updates", base_url=HERE).text
    assert "No source is set up" in page and "sudo ./setup.sh install" in page
    assert client("viewer").get("/system/updates", base_url=HERE).status_code == 403


def test_counters_begin_at_zero_and_the_history_stays(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    meter(opened, "Grid", "grid", 100.0)
    (grid,) = meters.all(opened.store)
    counted = {"power_w": 100.0, "import_wh": 5_000_000.0, "export_wh": 1000.0}
    readings.put(opened.live, clock, grid.id, Reading(counted, 0.01))
    page = admin.get("/configuration/meters/1", base_url=HERE).text
    assert "They were never reset." in page and "5,000.000\u202fkWh" in page
    assert admin.post("/configuration/meters/1/reset-counters", base_url=HERE).status_code == 303
    page = admin.get("/configuration/meters/1", base_url=HERE).text
    assert "The counters of Grid begin at zero." in page and "They count since" in page
    assert totals.shown(opened.store, opened.live, clock, grid).values_wh["import_wh"] == 0


def test_counters_of_a_silent_meter_cannot_be_reset(admin: FlaskClient, opened: Opened) -> None:
    meter(opened, "Grid", "grid", None)
    answer = admin.post("/configuration/meters/1/reset-counters", base_url=HERE)
    assert answer.status_code == 409 and "no fresh reading" in answer.text


def test_a_token_is_called_something_else_and_charges_for_another(admin: FlaskClient, opened: Opened) -> None:
    anna = person(opened)
    token, _secret = tokens.create(opened, audit.CLI, "Phone", role="charge")
    tokens.confirm(opened, token.id, audit.CLI, role="charge")
    page = f"/system/access-tokens/{token.id}/edit"
    assert 'value="Phone"' in admin.get(page, base_url=HERE).text
    answer = admin.post(page, data={"name": "Anna's phone", "user": anna.id}, base_url=HERE)
    assert answer.status_code == 303
    assert tokens.get(opened.store, token.id).name == "Anna's phone"
    assert {"token.rename", "token.lend"} <= {event.event for event in audit.newest(opened.store, 5)}
    assert admin.post(page, data={"name": ""}, base_url=HERE).status_code == 422


def test_another_time_zone_is_the_machines_too(admin: FlaskClient, opened: Opened) -> None:
    form = {
        one.key: str(value) for one in settings.TABLE if (value := settings.get(opened.store, one.key)) is not False
    }
    answer = admin.post("/configuration/settings", data=form | {"site.timezone": "Europe/Lisbon"}, base_url=HERE)
    assert answer.status_code == 303
    assert settings.text(opened.store, "site.timezone") == "Europe/Lisbon"
    assert [task.kind for task in tasks.under_way(opened)] == [timekeeping.SET_ZONE]
    again = form | {"site.timezone": "Europe/Vienna", "site.name": "Our house"}
    refused = admin.post("/configuration/settings", data=again, base_url=HERE)  # the machine is still at the first one
    assert (refused.status_code, "This is being done already." in refused.text) == (422, True)
    assert 'value="Europe/Vienna"' in refused.text and 'value="Our house"' in refused.text, "what was typed is lost"
    assert settings.text(opened.store, "site.timezone") == "Europe/Lisbon"
    assert settings.text(opened.store, "site.name") == "Wattward"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"word": "RESET", "own_password": "wrong"}, "This is not your password."),
        ({"word": "reset me", "own_password": GOOD}, "Nothing was reset: the word is"),
        ({"own_password": GOOD}, "Nothing was reset: the word is"),
    ],
)
def test_without_word_and_password_nothing_is_forgotten(
    admin: FlaskClient, opened: Opened, form: dict[str, str], sentence: str
) -> None:
    answer = admin.post(RESET, data=form, base_url=HERE)
    assert answer.status_code == 422 and sentence in answer.text
    assert tasks.under_way(opened) == []


def test_word_and_password_begin_the_factory_reset(admin: FlaskClient, opened: Opened) -> None:
    wallbox(opened)
    answer = admin.post(RESET, data={"word": factory.WORD, "own_password": GOOD}, base_url=HERE)
    assert answer.status_code == 303
    (task,) = tasks.under_way(opened)
    assert task.kind == factory.KIND
