"""The machine, work that is followed, and restoring, in the web admin; a core does the work, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.backup import worker
from appliance.network import links
from appliance.network.links import Address, Link, Network
from appliance.opened import Opened
from appliance.system import power, restoring, tasks, timekeeping
from appliance.system.timekeeping import Timekeeping
from tests.ui.admin.conftest import GOOD, HERE

PAGE = "/system/machine"
RESTORE = "/configuration/backups/restore"
WIRED = Link("wired", "eth0", "connected", mac="02:00:00:00:00:01", addresses=("192.0.2.7",))


@pytest.fixture
def seen(opened: Opened) -> Opened:
    """What a core saw of its machine."""
    links.put(opened, Network(True, (WIRED, Link("wifi", "wlan0", "not_configured"))))
    timekeeping.put(opened, Timekeeping(True, server=True, in_step=True, zone="Europe/Berlin"))
    return opened


def newest(opened: Opened) -> tasks.Task:
    found = tasks.under_way(opened)
    assert found
    return found[-1]


def test_network_time_and_board_are_shown(admin: FlaskClient, seen: Opened) -> None:
    page = admin.get(PAGE, base_url=HERE).text
    for words in ("192.0.2.7", "02:00:00:00:00:01", "not configured", "From a time server (NTP)", "Europe/Berlin"):
        assert words in page


def test_before_the_core_looked_the_page_says_so(admin: FlaskClient) -> None:
    assert "The core has not looked yet." in admin.get(PAGE, base_url=HERE).text


@pytest.mark.parametrize(
    ("path", "form", "kind"),
    [
        ("/find-wifi", {}, links.FIND),
        ("/wifi", {"name": "Heimnetz", "password": "correct horse"}, links.JOIN),
        ("/forget-wifi", {}, links.FORGET),
        ("/address/wired", {"automatic": "yes"}, links.ADDRESS),
        ("/time", {"local": "2026-12-24T18:00"}, timekeeping.SET_TIME),
        ("/time-server/on", {}, timekeeping.SET_NTP),
        ("/power/restart", {}, power.RESTART),
        ("/power/off", {}, power.OFF),
        ("/support", {}, "support"),
    ],
)
def test_what_is_wanted_becomes_work_that_is_followed(
    admin: FlaskClient, seen: Opened, path: str, form: dict[str, str], kind: str
) -> None:
    answer = admin.post(PAGE + path, data=form, base_url=HERE)
    task = newest(seen)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/system/tasks/{task.id}")
    assert (task.kind, task.by) == (kind, audit.Actor("admin", "admin one"))
    assert "One moment" in admin.get(f"/system/tasks/{task.id}", base_url=HERE).text
    assert "follow it" in admin.get(PAGE, base_url=HERE).text


def test_a_password_of_a_wifi_is_nowhere_in_clear(admin: FlaskClient, seen: Opened) -> None:
    admin.post(f"{PAGE}/wifi", data={"name": "Heimnetz", "password": "correct horse"}, base_url=HERE)
    with seen.live.read() as db:
        rows = db.execute("SELECT * FROM machine_tasks").fetchall()
    assert b"correct horse" not in repr(rows).encode()
    refused = admin.post(f"{PAGE}/wifi", data={"name": "Heimnetz", "password": "short"}, base_url=HERE)
    assert (refused.status_code, "short" in refused.text, "Heimnetz" in refused.text) == (422, False, True)


@pytest.mark.parametrize(
    ("path", "form", "kept"),
    [
        ("/address/wired", {"address": "300.1.1.1", "prefix": "24"}, "300.1.1.1"),
        ("/address/wired", {"address": "192.0.2.9", "prefix": "lots"}, "lots"),
        ("/address/wired", {"address": "192.0.2.9", "prefix": "24", "gateway": "10.0.0.1"}, "10.0.0.1"),
        ("/time", {"local": "soon"}, "soon"),
        ("/time", {"local": "1999-01-01T00:00"}, "1999-01-01T00:00"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(
    admin: FlaskClient, seen: Opened, path: str, form: dict[str, str], kept: str
) -> None:
    answer = admin.post(PAGE + path, data=form, base_url=HERE)
    assert (answer.status_code, kept in answer.text) == (422, True)
    assert tasks.under_way(seen) == []


def test_a_fixed_address_reaches_the_core_whole(admin: FlaskClient, seen: Opened) -> None:
    form = {"address": "192.0.2.9", "prefix": "24", "gateway": "192.0.2.1", "dns": "192.0.2.1, 9.9.9.9"}
    admin.post(f"{PAGE}/address/wired", data=form, base_url=HERE)
    wanted = dict(newest(seen).wanted)
    assert wanted.pop("link") == "wired"
    assert Address(**wanted | {"dns": tuple(wanted["dns"])}) == Address(
        False, "192.0.2.9", 24, "192.0.2.1", ("192.0.2.1", "9.9.9.9")
    )


def test_work_that_failed_or_ended_says_how(admin: FlaskClient, seen: Opened) -> None:
    admin.post(f"{PAGE}/forget-wifi", base_url=HERE)
    claimed = tasks.claim(seen)
    assert claimed is not None
    number = claimed[0].id
    tasks.fail(seen.live, number, "The Wi-Fi did not accept the password.", {})
    assert admin.get(f"/system/tasks/{number}.json", base_url=HERE).get_json() == {
        "over": True,
        "said": "The Wi-Fi did not accept the password.",
        "percent": None,
    }
    assert "notice-danger" in admin.get(f"/system/tasks/{number}", base_url=HERE).text
    assert admin.get("/system/tasks/999", base_url=HERE).status_code == 404


def test_wifis_in_reach_lead_to_the_form(admin: FlaskClient, seen: Opened) -> None:
    admin.post(f"{PAGE}/find-wifi", base_url=HERE)
    claimed = tasks.claim(seen)
    assert claimed is not None
    found = [
        {"name": "Heim & Hof", "strength": 80, "secured": True, "supported": True, "sae": True},
        {"name": "Firma", "strength": 40, "secured": True, "supported": False, "sae": False},
    ]
    tasks.end(seen.live, claimed[0].id, {"found": found})
    page = admin.get(f"/system/tasks/{claimed[0].id}", base_url=HERE).text
    (link,) = re.findall(r'href="(/system/machine/wifi\?[^"]+)"', page)
    assert 'value="Heim &amp; Hof"' in admin.get(link.replace("&amp;", "&"), base_url=HERE).text


def test_a_restore_is_named_and_needs_ones_own_password(admin: FlaskClient, opened: Opened) -> None:
    assert "There is no backup within reach" in admin.get(RESTORE, base_url=HERE).text
    worker.everywhere(opened, audit.CLI)
    (link,) = re.findall(rf'href="({RESTORE}/folder/[^"]+)"', admin.get(RESTORE, base_url=HERE).text)
    assert "stays so" in admin.get(link, base_url=HERE).text
    assert admin.post(link, data={"own_password": "wrong"}, base_url=HERE).status_code == 422
    assert tasks.under_way(opened) == []
    assert admin.post(link, data={"own_password": GOOD}, base_url=HERE).status_code == 303
    task = newest(opened)
    assert (task.kind, task.wanted["path"]) == (restoring.KIND, str(restoring.offered(opened)[0].path))


@pytest.mark.parametrize("name", ["wattward-none.tar.gz.age", "..%2f..%2fstore.db", "store.db"])
def test_only_a_backup_within_reach_can_be_chosen(admin: FlaskClient, opened: Opened, name: str) -> None:
    worker.everywhere(opened, audit.CLI)
    assert admin.get(f"{RESTORE}/folder/{name}", base_url=HERE).status_code == 404


def test_an_operator_changes_nothing_of_the_machine(client: Callable[[str], FlaskClient], seen: Opened) -> None:
    operator = client("operator")
    for path in ("/forget-wifi", "/power/off", "/time-server/on", "/support"):
        assert operator.post(PAGE + path, base_url=HERE).status_code == 403
    assert tasks.under_way(seen) == []
