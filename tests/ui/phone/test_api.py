"""What the API answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from appliance import audit
from appliance.access import tokens, tokens_charging
from appliance.charging import granted, states, users
from appliance.metering import meters, readings
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Reading
from tests.fake_clock import FakeClock
from tests.ui.phone.house import ADMIN, MINE, App, token_of
from ui.phone import wording

WISH = {"name": "Phone", "app": "tests", "installation": MINE}


def test_anybody_learns_what_the_service_can_do_and_nothing_of_the_house(app: App) -> None:  # A000-03, 5.6-2
    found = app("/capabilities")
    assert found.json["capabilities"][:2] == ["access_tokens", "password"]
    assert set(found.json) == {"product", "api", "capabilities"}


def test_the_whole_way_from_asking_to_an_end(app: App, opened: Opened) -> None:  # A000-13, -14, -19, -27
    asked = app("/token", "POST", WISH)
    assert asked.status == 201 and asked.json["status"] == "not_confirmed"
    app.secret = asked.json["token"]
    waiting = app("/token")
    assert (waiting.status, waiting.json["status"]) == (401, "not_confirmed")
    assert waiting.json["matching_number"] == asked.json["matching_number"]
    assert app.secret.encode() not in waiting.body
    assert app("/live").json["error"] == "token_not_confirmed"
    tokens.confirm(opened, asked.json["id"], ADMIN)
    assert app("/token").json["status"] == "valid"
    assert app("/live").status == 200
    tokens.revoke(opened, asked.json["id"], ADMIN)
    assert [app(path).json["status"] for path in ("/token", "/live")] == ["revoked", "revoked"]
    tokens.delete(opened, asked.json["id"], ADMIN)
    assert app("/token").json["status"] == "unknown"


def test_who_asks_too_often_is_told_when_to_come_again(app: App) -> None:
    answers = [app("/token", "POST", WISH) for _ in range(6)]
    assert [answer.status for answer in answers] == [201] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == str(answers[-1].json["wait_s"])
    assert app("/token", "POST", WISH, peer="192.168.1.21").status == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"name": 7}, "name"), ({"name": "a\nb"}, "name"), ({"role": "king"}, "role"),
     ({"installation": "x"}, "installation"), ({"more": 1}, "more")],
)  # fmt: skip
def test_a_wrong_field_is_named(app: App, changes: dict[str, object], field: str) -> None:
    answer = app("/token", "POST", WISH | changes)
    assert (answer.status, answer.json["field"]) == (400, field)


def test_a_field_that_is_missing_is_named_as_missing(app: App) -> None:
    answer = app("/token", "POST", {"name": "Phone"})
    assert answer.json["field"] == "installation" and "missing" in answer.json["message"]
    assert "wrong" in app("/token", "POST", WISH | {"installation": "x"}).json["message"]


@pytest.mark.parametrize("sent", [None, [], "text", 7])
def test_what_is_no_object_is_refused(app: App, sent: object) -> None:
    assert app("/token", "POST", sent).status == 400


@pytest.mark.parametrize("deep", ["[" * 8000, '{"name":' * 2000, "[" * 8000 + "]" * 8000])
def test_brackets_without_end_are_no_object(flask: Flask, deep: str) -> None:
    found = flask.test_client().post(
        "/api/v1/token", data=deep, content_type="application/json", base_url="https://localhost",
        environ_overrides={"REMOTE_ADDR": "192.168.1.20"},
    )  # fmt: skip
    assert (found.status_code, found.get_json()["error"]) == (400, "bad_request")


def test_what_is_too_large_is_refused_as_described(app: App) -> None:
    found = app("/token", "POST", WISH | {"app": "a" * 20_000})
    assert (found.status, found.json["error"]) == (413, "http_413")
    assert "413" in app("/openapi.json").json["paths"]["/api/v1/token"]["post"]["responses"]


def test_where_to_confirm_is_told_to_who_waits(flask: Flask, opened: Opened) -> None:  # A000-15
    token, secret = token_of(opened, state="pending")
    found = App(flask.test_client(), secret)("/token/confirmation").json
    assert found["path"] == f"/system/access-tokens?token={token.id}"
    assert found["open"] is False and found["port"] == 443


def test_a_token_names_itself_while_it_waits_and_not_later(flask: Flask, opened: Opened) -> None:
    token, secret = token_of(opened, state="pending")
    asking = App(flask.test_client(), secret)
    assert asking("/token", "PATCH", {"name": "Anna's phone"}).json["name"] == "Anna's phone"
    tokens.confirm(opened, token.id, ADMIN)
    assert asking("/token", "PATCH", {"name": "Ben's phone"}).status == 409
    assert tokens.get(opened.store, token.id).name == "Anna's phone"


def test_who_asked_for_a_token_has_named_it(app: App, opened: Opened) -> None:
    """Else anybody in the network could write names, and lines of the audit, without end."""
    app.secret = app("/token", "POST", WISH).json["token"]
    written = len(audit.newest(opened.store, 100))
    assert [app("/token", "PATCH", {"name": f"Phone {number}"}).status for number in range(3)] == [409] * 3
    app("/token")  # a check binds nothing anew and writes nothing
    assert len(audit.newest(opened.store, 100)) == written
    assert tokens.all(opened.store)[0].name == "Phone"


def test_giving_back_forgets_what_waits_and_revokes_what_works(flask: Flask, opened: Opened) -> None:  # A000-21
    waiting, first = token_of(opened, state="pending")
    active, second = token_of(opened)
    for secret in (first, second):
        answer = App(flask.test_client(), secret)("/token", "DELETE")
        assert (answer.status, answer.body) == (204, b"")
    assert [(one.id, one.state) for one in tokens.all(opened.store)] == [(active.id, "revoked")]
    assert waiting.id != active.id


def test_live_is_what_the_meters_say(reader: App) -> None:  # A000-32
    found = reader("/live").json
    assert (found["grid_w"], found["pv_w"], found["car_w"], found["house_w"]) == (820, 2300, 0, 3120)
    assert found["has"] == ["charger", "grid", "pv"] and found["missing"] == [] and found["core"]
    assert [point["name"] for point in found["points"]] == ["Garage"]


def test_figures_are_as_fine_as_meters_are(reader: App, opened: Opened) -> None:
    values = {"power_w": -0.000001, "voltage_l1_v": 233.9058380126953, "import_wh": 2310481.933593}
    readings.put(opened.live, opened.clock, 1, Reading(values=values, took_s=0.01))
    live = reader("/live")
    assert b'"grid_w":0.0,' in live.body, "and never -0.0"
    found = reader("/meters").json["meters"][0]["values"]
    assert found == {"power_w": 0, "voltage_l1_v": 233.906, "import_wh": 2310481.934}


def test_sessions_can_be_asked_for_by_days_and_say_whether_there_are_more(reader: App, opened: Opened) -> None:
    with opened.store.write() as db:
        for number, began in enumerate(
            ("2026-10-31T22:59:59.000Z", "2026-10-31T23:00:00.000Z", "2026-11-02T10:00:00.000Z"), 1
        ):
            db.execute(
                "INSERT INTO grants (id, point_id, reason, user_id, boot_id, granted_at, until_s, ended_at, end_reason)"
                " VALUES (?,1,'pin',1,'x',?,0,?,'stop')",
                (number, began, began),
            )
            db.execute(
                "INSERT INTO sessions (id, point_id, grant_id, user_id, boot_id, began_at, ended_at, end_reason)"
                " VALUES (?,1,?,1,'x',?,?,'idle')",
                (number, number, began, began),
            )

    def ask(query: str) -> tuple[list[int], bool]:
        found = reader(f"/sessions{query}").json
        return [one["id"] for one in found["sessions"]], found["more"]

    assert ask("") == ([3, 2, 1], False)
    assert ask("?limit=2") == ([3, 2], True)
    assert ask("?first=2026-11-01&last=2026-11-30") == ([3, 2], False), "local days"
    assert ask("?last=2026-10-31") == ([1], False)
    assert ask("?first=2026-11-01&last=2026-11-30&limit=1") == ([3], True)
    assert reader("/sessions?first=2026-11-02&last=2026-11-01").status == 422


def test_what_is_too_old_is_no_number(reader: App, clock: FakeClock) -> None:
    clock.advance(60)
    found = reader("/live").json
    assert (found["grid_w"], found["house_w"], found["core"]) == (None, None, False)
    assert found["missing"] == ["Mains", "Roof", "Box"] and "core does not run" in found["faults"][0]


def test_meters_say_when_they_were_read(reader: App) -> None:
    found = reader("/meters").json["meters"]
    assert [(one["name"], one["fresh"], one["values"]["power_w"]) for one in found][0] == ("Mains", True, 820)


def test_the_appliance_says_whether_there_is_a_charging_point(reader: App) -> None:  # A000-29
    found = reader("/appliance").json
    assert (found["charging"], found["solar"], found["battery"]) == (True, True, False)


def test_a_day_has_as_many_steps_as_it_is_long(reader: App) -> None:
    for day, steps in (("2026-11-21", 96), ("2026-03-29", 92), ("2026-10-25", 100)):
        found = reader(f"/history?day={day}").json
        assert {len(found[name]) for name in ("grid_w", "pv_w", "car_w", "house_w", "battery_w")} == {steps}
    assert len(reader("/history?step_s=3600").json["grid_w"]) == 24


def test_what_a_meter_measured_stays_when_another_takes_its_place(reader: App, opened: Opened) -> None:
    at = int(datetime(2026, 11, 20, 11, tzinfo=UTC).timestamp())
    with opened.store.write() as db:
        for meter, watts in ((1, 500), (2, 0), (3, 0)):
            db.execute(
                "INSERT INTO slots (id, meter_id, start_s, import_wh, export_wh, min_w, mean_w, max_w, samples, gap)"
                " VALUES (?,?,?,?,0,?,?,?,900,0)",
                (at // 900 * 1024 + meter, meter, at, watts // 4, watts, watts, watts),
            )
    before = reader("/history?day=2026-11-20").json
    assert before["house_w"][48] == 500 and before["house_w"].count(None) == 95
    meters.archive(opened.store, opened.clock, 1, actor=ADMIN)
    assert reader("/history?day=2026-11-20").json["house_w"][48] == 500


def test_an_appliance_without_meters_has_a_day_of_nothing(reader: App, opened: Opened) -> None:
    for number in (1, 2, 3):
        meters.archive(opened.store, opened.clock, number, actor=ADMIN)
    assert reader("/history").json["house_w"] == [None] * 96


@pytest.mark.parametrize(
    "path",
    ["/history?day=x", "/history?step_s=7", "/history?day=1999-01-01", "/energy?first=2026-01-02&last=2026-01-01",
     "/energy?first=2001-01-01&last=2026-01-01", "/sessions?limit=0", "/sessions?limit=501", "/sessions?x=1",
     "/live?x=1", "/sessions?limit=1&limit=2"],
)  # fmt: skip
def test_a_question_that_is_none_is_refused(reader: App, path: str) -> None:
    assert reader(path).status in (400, 422)


def test_energies_are_those_of_today_unless_asked_otherwise(reader: App) -> None:
    found = reader("/energy").json
    assert (found["first"], found["last"]) == ("2026-11-21", "2026-11-21")
    assert reader("/energy?first=2026-11-01&last=2026-11-30").json["last"] == "2026-11-30"


def test_energies_come_day_by_day_too_and_make_the_same_sum(reader: App, opened: Opened) -> None:
    noon_s = int(datetime(2026, 11, 1, 11, tzinfo=UTC).timestamp())
    with opened.store.write() as db:
        for day, wh in ((0, 400), (1, 700)):
            at = noon_s + day * 86400
            db.execute(
                "INSERT INTO slots (id, meter_id, start_s, import_wh, export_wh, min_w, mean_w, max_w, samples, gap)"
                " VALUES (?,1,?,?,0,0,0,0,900,0)",
                (at // 900 * 1024 + 1, at, wh),
            )
    found = reader("/energy/days?first=2026-11-01&last=2026-11-03").json["days"]
    assert [(one["first"], one["grid_import_wh"]) for one in found] == [
        ("2026-11-01", 400), ("2026-11-02", 700), ("2026-11-03", found[2]["grid_import_wh"]),
    ]  # fmt: skip
    assert not found[2]["grid_import_wh"]
    assert reader("/energy?first=2026-11-01&last=2026-11-03").json["grid_import_wh"] == 1100
    assert reader("/energy/days?first=2026-09-01&last=2026-11-01").status == 200
    assert reader("/energy/days?first=2026-08-31&last=2026-11-01").status == 422


def charger(flask: Flask, it: Opened, user: int | None = 1, role: str = "charge") -> App:
    """An app that charges for a user."""
    token, secret = token_of(it, role)
    tokens_charging.lend(it, token.id, user, ADMIN)
    return App(flask.test_client(), secret)


def test_an_app_starts_and_stops_charging(flask: Flask, opened: Opened) -> None:
    anna = charger(flask, opened)
    assert anna("/points").json["points"][0]["may_start"]
    started = anna("/points/1/start", "POST")
    assert started.json == {"result": "accepted", "start_within_s": 300}
    with opened.store.read() as db:
        grant = granted.row_open(db, 1)
    assert grant is not None and (grant.user_id, grant.reason) == (1, "app")
    found = anna("/points").json["points"][0]
    assert (found["user"], found["may_start"], found["may_stop"]) == ("Anna Berger", False, True)
    assert anna("/points/1/stop", "POST").json == {"stopped": True}
    assert anna("/points/1/stop", "POST").json == {"stopped": False}
    assert [one.actor.surface for one in audit.newest(opened.store, 2)] == ["phone", "phone"]


def test_the_reason_of_a_refusal_is_told(flask: Flask, opened: Opened) -> None:
    anna = charger(flask, opened)
    users.block(opened.store, opened.clock, 1, actor=ADMIN)
    answer = anna("/points/1/start", "POST")
    assert (answer.status, answer.json["reason"]) == (403, "blocked")
    settings.put(opened.store, opened.clock.now(), ADMIN, "identification.app.enabled", "off")
    assert anna("/points/1/start", "POST").json["reason"] == "type_disabled"


def test_an_app_nobody_was_chosen_for_starts_nothing(flask: Flask, opened: Opened) -> None:
    nobody = charger(flask, opened, None)
    assert not nobody("/points").json["points"][0]["may_start"]
    assert nobody("/points/1/start", "POST").status == 409
    assert nobody("/points/9/start", "POST").status == 404


def test_other_peoples_names_are_for_admins(flask: Flask, opened: Opened, reader: App) -> None:
    charger(flask, opened)("/points/1/start", "POST")
    assert reader("/points").json["points"][0]["user"] is None
    admin = App(flask.test_client(), token_of(opened, "admin")[1])
    assert admin("/points").json["points"][0]["user"] == "Anna Berger"


def test_an_admin_token_lists_and_revokes_and_cannot_confirm(flask: Flask, opened: Opened, reader: App) -> None:
    admin = App(flask.test_client(), token_of(opened, "admin")[1])
    waiting, _ = token_of(opened, state="pending")
    listed = admin("/tokens")
    assert [one["state"] for one in listed.json["tokens"]] == ["pending", "active", "active"]
    assert b"ww_" not in listed.body and b"hash" not in listed.body
    assert not [rule for rule in flask.url_map.iter_rules() if rule.rule.endswith("/confirm")]  # A000-18, X-02
    assert admin("/tokens/1/revoke", "POST").json["state"] == "revoked"
    assert reader("/live").json["status"] == "revoked"
    assert tokens.get(opened.store, waiting.id).state == "pending"


def test_refusals_are_told_in_the_language_asked_for(app: App) -> None:
    english = app("/live", Accept_Language="en").json["message"]
    assert english.startswith("Send an access token")
    assert app("/live", Accept_Language="xx").json["message"] == english


def test_metrics_are_off_until_switched_on(reader: App, opened: Opened) -> None:
    refused = reader("/metrics")
    assert (refused.status, refused.json["error"]) == (404, "off") and "switched off" in refused.json["message"]
    settings.put(opened.store, opened.clock.now(), ADMIN, "service.metrics", "on")
    found = reader("/metrics")
    assert found.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = found.body.decode()
    assert 'wattward_meter_power_watts{meter="Mains",role="grid"} 820\n' in text
    assert 'wattward_meter_import_watthours_total{meter="Mains",role="grid"} 5000\n' in text
    shape = re.compile(r'(# TYPE \w+ (gauge|counter)|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+)')
    assert [line for line in text.splitlines() if not shape.fullmatch(line)] == []


def test_the_page_has_words_for_every_state_and_every_end_the_store_may_hold(opened: Opened) -> None:
    with opened.store.read() as db:
        made = db.execute("SELECT sql FROM sqlite_schema WHERE name='sessions'").get
    checked = re.search(r"end_reason IN\s*\(([^)]+)\)", made)
    assert checked is not None
    ends = set(re.findall(r"'(\w+)'", checked[1]))
    assert {"stop", "idle", "unplug"} <= ends
    for language in ("en", "de"):
        words = wording.all(language)
        assert {f"end_{end}" for end in ends} | {f"state_{state}" for state in states.STATES} <= set(words)
        assert all(words.values()), "an empty word"
    assert (words["charge"], words["state_charging"]) == ("Laden", "Lädt")


def test_a_token_of_another_appliance_is_unknown_here(app: App) -> None:  # A000-07
    from appliance.access import tokens_secret

    app.secret = tokens_secret.make()
    assert app("/live").json["status"] == "unknown"


def test_a_use_shows_in_the_list(reader: App, opened: Opened) -> None:  # A000-22
    reader("/live")
    found = tokens.all(opened.store)[0]
    assert found.last_used_at == opened.clock.now() and found.last_used_from == "192.168.1.20"


def test_files_of_the_page_are_sent_once_and_asked_for_again(app: App) -> None:
    first = app("/static/phone.css", Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip" and first.headers["ETag"].startswith("W/")
    again = app("/static/phone.css", Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body, again.headers["Cache-Control"]) == (304, b"", "no-cache")
    assert app("/texts/en.json", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in app("/api/v1/openapi.json", Accept_Encoding="gzip").headers
    assert app("/static/phone.css", If_None_Match=app("/static/phone.css").headers["ETag"]).status == 304
