"""What the pages show and do, asked without a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance import audit
from appliance.backup import key as backup_key
from appliance.backup import wishes, worker
from appliance.charging import attempts, granted, grants, identifications, points, sessions, users
from appliance.metering import meters, readings
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Reading
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import HERE


def meter(opened: Opened, name: str, role: str, power_w: float | None) -> None:
    made = meters.add(
        opened.store, opened.clock, name=name, model="eastron-sdm630", url="tcp://127.0.0.1:502", role=role,
        unit=len(meters.all(opened.store)) + 1, actor=audit.CLI,
    )  # fmt: skip
    if power_w is not None:
        readings.put(opened.live, opened.clock, made.id, Reading({"power_w": power_w}, 0.01))


def wallbox(opened: Opened) -> points.Point:
    return points.add(opened.store, opened.clock, name="Wallbox", relay="gpio:17", actor=audit.CLI)


def person(opened: Opened, first: str = "Anna", code: str = "#271828") -> users.User:
    user = users.add(opened.store, opened.clock, first, "Berger", actor=audit.CLI)
    identifications.add(
        opened.store, opened.key(), opened.clock, user.id, type="pin", code=code, active=True, actor=audit.CLI
    )
    return user


def charged(opened: Opened, clock: FakeClock, user: users.User, code: str, wh: int) -> None:
    """One session from authorization to stop."""
    (point,) = points.all(opened.store)
    decision = grants.authorize(opened, code, point, "cli", user.id, actor=audit.CLI)
    assert decision.grant_id is not None
    with opened.store.write() as db:
        sessions.begin(db, clock, grant_id=decision.grant_id, meter_id=None, begin_wh=1000, remarks=())
    clock.advance(60)
    (running,) = sessions.running(opened.store)
    with opened.store.write() as db:
        sessions.end(db, clock.now(), running, ended_at=clock.now(), end_wh=1000 + wh, reason="stop", remarks=())
        granted.end(db, clock.now(), decision.grant_id, "stop")


def cards(admin: FlaskClient) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = admin.get("/live.json", base_url=HERE).get_json()["cards"]
    return found


def test_without_meters_the_overview_says_what_to_do(admin: FlaskClient) -> None:
    page = admin.get("/", base_url=HERE).text
    assert "wattward meters add" in page
    assert cards(admin) == {}


def test_the_balance_of_grid_sun_car_and_house(admin: FlaskClient, opened: Opened) -> None:
    for name, role, power_w in (("Grid", "grid", 3000.0), ("Roof", "pv", -5000.0), ("Box", "charger", 7200.0)):
        meter(opened, name, role, power_w)
    shown = cards(admin)
    assert {key: card["figure"] for key, card in shown.items()} == {
        "grid": "3.00\u202fkW", "house": "800\u202fW", "car": "7.20\u202fkW", "pv": "5.00\u202fkW",
    }  # fmt: skip
    assert shown["grid"]["note"] == "from the grid"


def test_old_values_are_no_data_and_make_what_depends_on_them_unknown(
    admin: FlaskClient, opened: Opened, clock: FakeClock
) -> None:
    meter(opened, "Grid", "grid", 3000.0)
    meter(opened, "Box", "charger", None)
    assert (cards(admin)["grid"]["known"], cards(admin)["house"]["known"]) == (True, False)
    clock.advance(6)
    assert cards(admin)["grid"] == {"figure": "no data", "known": False, "note": "the meter does not answer"}


def test_a_silent_core_is_said(admin: FlaskClient, clock: FakeClock) -> None:
    assert admin.get("/live.json", base_url=HERE).get_json()["faults"] == []
    clock.advance(10)
    assert "core does not run" in admin.get("/live.json", base_url=HERE).get_json()["faults"][0]


def test_starting_goes_through_the_same_gate_as_the_keypad(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    point, user = wallbox(opened), person(opened)
    operator = client("operator")
    wrong = operator.post("/charging/1/start", data={"user": user.id, "code": "#999999"}, base_url=HERE)
    assert wrong.status_code == 422
    assert "does not belong to that person" in wrong.text
    users.block(opened.store, opened.clock, user.id, actor=audit.CLI)
    blocked = operator.post("/charging/1/start", data={"user": user.id, "code": "271828"}, base_url=HERE)
    assert "This person is blocked." in blocked.text
    users.unblock(opened.store, opened.clock, user.id, actor=audit.CLI)
    right = operator.post("/charging/1/start", data={"user": user.id, "code": "271828"}, base_url=HERE)
    assert right.status_code == 303
    assert [one.terminal for one in attempts.newest(opened.store, 3)] == ["web", "web", "web"]
    assert operator.post("/charging/1/stop", base_url=HERE).status_code == 303
    with opened.store.read() as db:
        assert granted.row_open(db, point.id) is None


@pytest.mark.parametrize(("user", "code"), [("1", ""), ("1", "abc"), ("x", "#271828"), ("99", "#271828"), ("", "")])
def test_nonsense_at_the_gate_is_a_sentence(
    client: Callable[[str], FlaskClient], opened: Opened, user: str, code: str
) -> None:
    wallbox(opened)
    person(opened)
    answer = client("operator").post("/charging/1/start", data={"user": user, "code": code}, base_url=HERE)
    assert answer.status_code in (422, 303)
    assert (answer.status_code == 303) == (code == "#271828" and user == "x")  # the code alone decides then


def test_sessions_are_listed_filtered_and_downloaded(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    wallbox(opened)
    anna, ben = person(opened), person(opened, "=HYPERLINK(1)", "#314159")
    charged(opened, clock, anna, "#271828", 8420)
    clock.advance(60)
    charged(opened, clock, ben, "#314159", 5)
    page = admin.get("/sessions", base_url=HERE).text
    assert "8.42\u202fkWh" in page
    assert "stopped" in page
    assert "8.42" not in admin.get(f"/sessions?user={ben.id}", base_url=HERE).text
    answer = admin.get("/sessions/sessions.csv", base_url=HERE)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sessions.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["user"], row["energy_wh"], row["end_reason"]) for row in rows] == [
        ("Anna Berger", "8420", "stop"),
        ("'=HYPERLINK(1) Berger", "5", "stop"),
    ]
    only_anna = admin.get(f"/sessions/sessions.csv?user={anna.id}", base_url=HERE).text
    assert len(only_anna.splitlines()) == 2


@pytest.mark.parametrize("user", ["x", "-1", "999999999999999999999", "1 or 1=1"])
def test_a_filter_that_is_no_number_shows_everybody(admin: FlaskClient, user: str) -> None:
    assert admin.get("/sessions", query_string={"user": user}, base_url=HERE).status_code == 200


def test_a_backup_is_wished_for_made_by_the_core_and_shown(admin: FlaskClient, opened: Opened) -> None:
    assert "There is no backup yet" in admin.get("/configuration/backups", base_url=HERE).text
    assert admin.post("/configuration/backups/make", base_url=HERE).status_code == 303
    assert wishes.due(opened.store, wishes.BACKUP)
    assert "is being made" in admin.get("/configuration/backups", base_url=HERE).text
    assert worker.step(opened) == "ok"
    page = admin.get("/configuration/backups", base_url=HERE).text
    assert "The last good backup is from" in page
    assert backup_key.load(opened.home.keys).recovery_code not in page
    with opened.store.read() as db:
        assert db.execute("SELECT wanted_by FROM wishes").get == "admin:admin one"


def test_a_download_is_the_encrypted_file_and_is_noted(admin: FlaskClient, opened: Opened) -> None:
    worker.everywhere(opened, audit.CLI)
    answer = admin.get("/configuration/backups/1/file", base_url=HERE)
    assert answer.data.startswith(b"age-encryption.org/v1")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert audit.newest(opened.store, 1)[0].event == "backup.download"
    assert admin.get("/configuration/backups/2/file", base_url=HERE).status_code == 404


def test_a_row_that_names_a_file_outside_its_folder_downloads_nothing(admin: FlaskClient, opened: Opened) -> None:
    worker.everywhere(opened, audit.CLI)
    with opened.store.write() as db:
        db.execute("UPDATE backups SET file='../store.db'")
    assert admin.get("/configuration/backups/1/file", base_url=HERE).status_code == 404


def test_old_backups_are_warned_of(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    worker.everywhere(opened, audit.CLI)
    clock.set(clock.now() + timedelta(days=4))
    assert "notice-warning" in admin.get("/configuration/backups", base_url=HERE).text


def test_an_operator_sees_the_authorization_but_cannot_change_it(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:  # A001-02
    operator = client("operator")
    page = operator.get("/configuration/user/charging-authorization", base_url=HERE).text
    assert "PIN code" in page  # A001-03
    assert "Only an administrator may change this." in page
    assert "disabled" in page
    answer = operator.post("/configuration/user/charging-authorization", data={}, base_url=HERE)
    assert answer.status_code == 403
    assert settings.flag(opened.store, "identification.pin.enabled")
    assert client("viewer").get("/configuration/user/charging-authorization", base_url=HERE).status_code == 403


def test_every_setting_stands_on_the_settings_page_and_saving_it_unchanged_changes_nothing(
    admin: FlaskClient, opened: Opened
) -> None:
    page = admin.get("/configuration/settings", base_url=HERE).text
    form = {}
    for setting in settings.TABLE:
        assert f'name="{setting.key}"' in page
        value = settings.get(opened.store, setting.key)
        if value is not False:
            form[setting.key] = str(value)
    before = len(audit.newest(opened.store))
    assert admin.post("/configuration/settings", data=form, base_url=HERE).status_code == 303
    assert len(audit.newest(opened.store)) == before


def test_events_tell_who_did_what(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    page = admin.get("/events", base_url=HERE).text
    assert "user.add" in page
    assert "Anna Berger" in page
    assert "271828" not in page


def test_identifications_of_somebody_else_are_not_found_under_a_user(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    ben = person(opened, "Ben", "#314159")
    assert admin.get(f"/configuration/user/local-users/{ben.id}/identifications/1", base_url=HERE).status_code == 404
    assert admin.get("/configuration/user/local-users/99/identifications", base_url=HERE).status_code == 404


@pytest.mark.parametrize(
    ("accept", "language"), [("de-DE,de;q=0.9,en;q=0.5", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_the_browsers_language_is_spoken(app: Flask, accept: str, language: str) -> None:
    page = app.test_client().get("/sign-in", headers={"Accept-Language": accept}, base_url=HERE).text
    assert f'<html lang="{language}"' in page


def test_a_language_can_be_chosen_before_signing_in(app: Flask) -> None:
    browser = app.test_client()
    answer = browser.post("/language/de", data={"page": "sign_in.sign_in"}, base_url=HERE)
    assert answer.headers["Location"] == "/sign-in"
    assert '<html lang="de"' in browser.get("/sign-in", base_url=HERE).text
    assert browser.post("/language/xx", base_url=HERE).status_code == 404
    assert browser.post("/language/en", data={"page": "https://evil.example"}, base_url=HERE).headers["Location"] == "/"


def test_styles_and_scripts_are_sent_small_and_pages_are_not_compressed(app: Flask) -> None:
    browser = app.test_client()
    style = browser.get("/bootstrap/static/css/bootstrap.min.css", headers={"Accept-Encoding": "gzip"}, base_url=HERE)
    assert style.headers["Content-Encoding"] == "gzip"
    assert len(style.data) < 40_000
    page = browser.get("/sign-in", headers={"Accept-Encoding": "gzip"}, base_url=HERE)
    assert "Content-Encoding" not in page.headers
