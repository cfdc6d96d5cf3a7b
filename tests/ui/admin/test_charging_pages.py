"""Charging in the web admin: points, plans, attempts, guests, tariffs, rules of people, cards; without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.billing import tariffs
from appliance.charging import (
    allowances,
    grants,
    guests,
    identifications,
    learning,
    points,
    readers,
    users,
    vehicles,
)
from appliance.charging.identifications import Extras
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import HERE
from tests.ui.admin.test_pages import person, wallbox

USERS = "/configuration/user/local-users"


def reader(opened: Opened) -> readers.Reader:
    point = wallbox(opened)
    return readers.add(opened.store, opened.clock, "Front door", "hid:event0", [point.id], actor=audit.CLI)


def test_mode_plan_and_card_with_pin_of_a_point_are_set(admin: FlaskClient, opened: Opened) -> None:
    wallbox(opened)
    form = {
        "name": "Carport",
        "mode": "time",
        "plan": "1-5 08:00-18:00\r\n\r\n6,7 00:00-24:00 free",
        "second_factor": "yes",
    }
    assert admin.post("/charging/points/1", data=form, base_url=HERE).status_code == 303
    point = points.get(opened.store, 1)
    assert (point.name, point.mode, point.second_factor) == ("Carport", "time", True)
    assert [str(one) for one in point.plan] == ["1,2,3,4,5 08:00-18:00", "6,7 00:00-00:00 free"]
    page = admin.get("/charging/points/1", base_url=HERE).text
    assert "1,2,3,4,5 08:00-18:00" in page


@pytest.mark.parametrize(
    "wrong", [{"plan": "always"}, {"mode": "solar"}, {"name": ""}, {"plan": "8 08:00-18:00"}, {"plan": "1 25:00-26:00"}]
)
def test_a_point_with_a_mistake_stays_as_it_is(admin: FlaskClient, opened: Opened, wrong: dict[str, str]) -> None:
    before = wallbox(opened)
    form = {"name": "Carport", "mode": "time", "plan": ""} | wrong
    answer = admin.post("/charging/points/1", data=form, base_url=HERE)
    assert answer.status_code == 422
    assert points.get(opened.store, 1) == before


def test_a_point_says_why_with_names_behind_the_sign_in(admin: FlaskClient, opened: Opened) -> None:  # reading 1
    point, user = wallbox(opened), person(opened)
    users.block(opened.store, opened.clock, user.id, actor=audit.CLI)
    grants.authorize(opened, "#271828", point, "touch", user.id, actor=audit.TOUCH)
    page = admin.get("/charging/points/1", base_url=HERE).text
    assert "Refused: Anna Berger is blocked or archived." in page


def test_attempts_are_shown_with_reasons_and_searched(admin: FlaskClient, opened: Opened) -> None:
    point, user = wallbox(opened), person(opened)
    grants.authorize(opened, "#999999", point, "touch", user.id, actor=audit.TOUCH)
    grants.authorize(opened, "#271828", point, "touch", user.id, actor=audit.TOUCH)
    whole = admin.get("/charging/attempts", base_url=HERE).text
    assert re.findall(r'badge-state is-\w+">([^<]+)<', whole) == ["accepted", "unknown code"]
    only = admin.get("/charging/attempts?result=unknown&user=1&point=1", base_url=HERE).text
    assert re.findall(r'badge-state is-\w+">([^<]+)<', only) == ["unknown code"]
    assert "271828" not in whole
    assert "No attempt fits" in admin.get("/charging/attempts?result=expired", base_url=HERE).text
    assert admin.get("/charging/attempts?result=nonsense&user=x&point=-1", base_url=HERE).status_code == 200


def test_a_guest_gets_a_code_that_ends(client: Callable[[str], FlaskClient], opened: Opened) -> None:
    operator = client("operator")
    answer = operator.post("/charging/guests/new", data={"kwh": "12,5", "expires_on": "2026-12-24"}, base_url=HERE)
    (code,) = re.findall(r'class="secret">(#\d+)<', answer.text)
    (made,) = identifications.all(opened.store)
    assert (made.extras.cap_wh, str(made.expires_on)) == (12_500, "2026-12-24")
    assert code not in operator.get("/charging/guests", base_url=HERE).text
    assert "12.5\u202fkWh" in operator.get("/charging/guests", base_url=HERE).text


def test_the_state_of_a_guests_code_is_what_the_keypad_would_say(admin: FlaskClient, opened: Opened) -> None:
    def states() -> list[str]:
        page = admin.get("/charging/guests", base_url=HERE).text
        return re.findall(r'badge-state is-\w+">([^<]+)<', page) + re.findall(r"no price yet", page)

    tariff = tariffs.add(opened.store, opened.clock, "Contract", "fixed", actor=audit.CLI)
    tariffs.set_price(opened.store, opened.clock, tariff.id, date(2020, 1, 1), Decimal("0.30"), actor=audit.CLI)
    settings.put(opened.store, opened.clock.now(), audit.CLI, "billing.tariff", "Contract")
    made = guests.make(opened, Extras(cap_cents=500), first_name="Eva", last_name="Gast", actor=audit.CLI)
    assert states() == ["works"]
    users.block(opened.store, opened.clock, made.user.id, actor=audit.CLI)
    assert states() == ["blocked"]
    users.unblock(opened.store, opened.clock, made.user.id, actor=audit.CLI)
    settings.put(opened.store, opened.clock.now(), audit.CLI, "billing.tariff", "")
    assert states() == ["used up", "no price yet"]
    [code] = identifications.all(opened.store)
    identifications.edit(opened.store, opened.key(), opened.clock, code.id, active=False, actor=audit.CLI)
    assert states() == ["inactive", "no price yet"]


def test_the_usual_tariff_is_chosen_among_those_there_are(admin: FlaskClient, opened: Opened) -> None:
    for name in ("Day", "Night"):
        made = tariffs.add(opened.store, opened.clock, name, "fixed", actor=audit.CLI)
    settings.put(opened.store, opened.clock.now(), audit.CLI, "billing.tariff", "day")
    page = admin.get("/configuration/settings", base_url=HERE).text
    (menu,) = re.findall(r'<select[^>]*name="billing.tariff".*?</select>', page, re.DOTALL)
    assert re.findall(r'<option value="([^"]*)"', menu) == ["", "day", "Night"]
    tariffs.archive(opened.store, opened.clock, made.id, actor=audit.CLI)
    form = {one.key: settings.text(opened.store, one.key) for one in settings.TABLE if one.type is str}
    form |= {one.key: "on" for one in settings.TABLE if one.type is bool and settings.get(opened.store, one.key)}
    form |= {one.key: f"{settings.get(opened.store, one.key)}" for one in settings.TABLE if one.type in (int, float)}
    answer = admin.post("/configuration/settings", data=form | {"billing.tariff": "Night"}, base_url=HERE)
    assert answer.status_code == 422 and "There is no such tariff any more" in answer.text
    assert settings.text(opened.store, "billing.tariff") == "day"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "ends some day"),
        ({"kwh": "much"}, "is no number"),
        ({"hours": "1e999999999"}, "is no number"),
        ({"money": "5"}, "counted only with a price"),
        ({"kwh": "-1"}, "above zero"),
    ],
)
def test_a_guest_code_that_cannot_be_is_refused_and_kept(
    admin: FlaskClient, opened: Opened, form: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/charging/guests/new", data=form, base_url=HERE)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{text}"' in answer.text for text in form.values())
    assert identifications.all(opened.store) == []


def test_a_tariff_with_bands_and_a_later_price(admin: FlaskClient, opened: Opened) -> None:
    form = {"name": "Night", "kind": "by_time", "basis": "contract", "valid_from": "2026-01-01", "per_kwh": "0,345",
            "bands": "1-7 22:00-06:00 0.21"}  # fmt: skip
    assert admin.post("/charging/tariffs/new", data=form, base_url=HERE).status_code == 303
    later = {"valid_from": "2027-01-01", "per_kwh": "0.40"}
    assert admin.post("/charging/tariffs/1", data=later, base_url=HERE).status_code == 303
    (tariff,) = tariffs.all(opened.store)
    assert [price.per_kwh for price in tariff.prices] == [Decimal("0.345"), Decimal("0.40")]
    page = admin.get("/charging/tariffs", base_url=HERE).text
    assert "0.345 EUR per kWh" in page
    settings.put(opened.store, opened.clock.now(), audit.CLI, "billing.tariff", "Night")
    assert "usual" in admin.get("/charging/tariffs", base_url=HERE).text
    assert admin.post("/charging/tariffs/1/archive", base_url=HERE).status_code == 409  # it is the usual one
    settings.put(opened.store, opened.clock.now(), audit.CLI, "billing.tariff", "")
    admin.post("/charging/tariffs/1/archive", base_url=HERE)
    assert "No tariff yet" in admin.get("/charging/tariffs", base_url=HERE).text


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"per_kwh": "cheap"}, {"valid_from": ""}, {"valid_from": "soon"}, {"bands": "at night"},
     {"kind": "employer", "valid_from": "2026-03-01"}, {"kind": "fixed", "bands": "1-7 22:00-06:00 0.21"}],
)  # fmt: skip
def test_a_tariff_with_a_mistake_is_refused_and_kept(admin: FlaskClient, opened: Opened, wrong: dict[str, str]) -> None:
    form = {"name": "Night", "kind": "by_time", "valid_from": "2026-01-01", "per_kwh": "0.30", "bands": ""} | wrong
    answer = admin.post("/charging/tariffs/new", data=form, base_url=HERE)
    assert answer.status_code == 422
    assert tariffs.all(opened.store, archived=True) == [], "its name could never be used again"


def test_rules_of_a_person_are_set_all_or_nothing(admin: FlaskClient, opened: Opened) -> None:
    user = person(opened)
    tariff = tariffs.add(opened.store, opened.clock, "Contract", "fixed", actor=audit.CLI)
    form = {"hours": "1-5 08:00-18:00", "second_factor": "yes", "day": "20", "month": "1e3", "tariff": str(tariff.id)}
    for week in ("lots", "1e999999999"):
        refused = admin.post(f"{USERS}/1/rules", data=form | {"week": week}, base_url=HERE)
        assert (refused.status_code, users.get(opened.store, user.id).second_factor) == (422, False)
    assert admin.post(f"{USERS}/1/rules", data=form, base_url=HERE).status_code == 303
    changed = users.get(opened.store, user.id)
    assert (changed.second_factor, [str(one) for one in changed.hours]) == (True, ["1,2,3,4,5 08:00-18:00"])
    granted = {one.period: one.wh for one in allowances.look(opened.store, opened.clock, user.id)}
    assert granted == {"day": 20_000, "month": 1_000_000}
    assert tariffs.own(opened.store, user.id) == tariff.id
    admin.post(f"{USERS}/1/rules", data={"hours": ""}, base_url=HERE)
    assert allowances.look(opened.store, opened.clock, user.id) == []
    assert tariffs.own(opened.store, user.id) is None


def test_vehicles_come_and_go(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    person(opened, "Ben", "#314159")
    nameless = admin.post(f"{USERS}/1/rules/vehicles", data={"name": "", "plate": "B-AB 123"}, base_url=HERE)
    assert (nameless.status_code, "A vehicle has a name" in nameless.text) == (422, True)
    assert 'value="B-AB 123"' in nameless.text and vehicles.all(opened.store, 1) == []
    admin.post(f"{USERS}/1/rules/vehicles", data={"name": "Zoe", "plate": "B-AB 123"}, base_url=HERE)
    assert "B-AB 123" in admin.get(f"{USERS}/1/rules", base_url=HERE).text
    somebody_else = admin.post(f"{USERS}/2/rules/vehicles/1/archive", base_url=HERE)
    assert somebody_else.status_code == 409
    admin.post(f"{USERS}/1/rules/vehicles/1/archive", base_url=HERE)
    assert vehicles.all(opened.store, 1) == []


def test_a_card_is_learned_at_a_reader(admin: FlaskClient, opened: Opened) -> None:  # reading 7
    user, door = person(opened), reader(opened)
    started = admin.post(f"{USERS}/1/cards", data={"terminal": door.terminal, "name": "blue"}, base_url=HERE)
    waiting = started.headers["Location"]
    assert "Hold the card to the reader now." in admin.get(waiting, base_url=HERE).text
    assert admin.get(waiting + ".json", base_url=HERE).get_json() == {"left_s": 60, "over": False, "said": None}
    with opened.store.write() as db:
        learning.claim(db, opened.clock, opened.key(), door.terminal, "rfid", "04A2B31C", actor=audit.CORE)
    assert admin.get(waiting + ".json", base_url=HERE).get_json()["over"]
    assert "is learned" in admin.get(waiting, base_url=HERE).text
    made = identifications.all(opened.store, user.id)[-1]
    assert (made.type, made.extras.name) == ("rfid", "blue")
    assert "blue" in admin.get(f"{USERS}/1/identifications", base_url=HERE).text


def test_nobody_shows_a_card(admin: FlaskClient, opened: Opened, clock: FakeClock) -> None:
    person(opened)
    person(opened, "Ben", "#314159")
    door = reader(opened)
    waiting = admin.post(f"{USERS}/1/cards", data={"terminal": door.terminal}, base_url=HERE).headers["Location"]
    assert admin.get(waiting.replace("/1/cards", "/2/cards"), base_url=HERE).status_code == 404
    clock.advance(61)
    assert "No card was shown in time" in admin.get(waiting, base_url=HERE).text
    assert admin.post(f"{USERS}/1/cards", data={"terminal": "reader:Nowhere"}, base_url=HERE).status_code == 422
    again = admin.post(f"{USERS}/1/cards", data={"terminal": door.terminal}, base_url=HERE).headers["Location"]
    admin.post(again + "/cancel", base_url=HERE)
    assert "Nobody waits" in admin.get(again, base_url=HERE).text


def test_a_refused_card_becomes_somebodys(admin: FlaskClient, opened: Opened) -> None:  # reading 7
    person(opened)
    door = reader(opened)
    (point,) = points.all(opened.store)
    grants.present(opened, "rfid", "04A2B31C", [point], door.terminal, actor=audit.CORE)
    (card,) = learning.unknown(opened.store, opened.clock)
    assert f"… {card.tail}" in admin.get(f"{USERS}/1/cards", base_url=HERE).text
    assert admin.post(f"{USERS}/1/cards/adopt/{card.attempt_id}", base_url=HERE).status_code == 303
    assert [one.type for one in identifications.all(opened.store, 1)] == ["pin", "rfid"]
    assert admin.post(f"{USERS}/1/cards/adopt/{card.attempt_id}", base_url=HERE).status_code in (404, 409)


def test_a_card_typed_by_hand_and_a_master_card(admin: FlaskClient, opened: Opened) -> None:
    person(opened)
    form = {"type": "rfid", "status": "active", "code": "04:a2:b3:1c", "name": "Master", "stop_only": "yes"}
    assert admin.post(f"{USERS}/1/identifications/new", data=form, base_url=HERE).status_code == 303
    made = identifications.all(opened.store, 1)[-1]
    assert (made.extras.stop_only, made.extras.name) == (True, "Master")
    edit = {"status": "inactive", "code": "", "name": "Old master"}
    admin.post(f"{USERS}/1/identifications/{made.id}", data=edit, base_url=HERE)
    changed = identifications.get(opened.store, made.id)
    assert (changed.extras.stop_only, changed.extras.name, changed.active) == (False, "Old master", False)


def test_every_type_of_identification_has_its_switch(admin: FlaskClient, opened: Opened) -> None:  # A001-08
    page = admin.get("/configuration/user/charging-authorization", base_url=HERE).text
    for kind in identifications.TYPES:
        assert f'name="identification.{kind}.enabled"' in page
    assert "No reader" in page
    reader(opened)
    assert "Readers: Front door." in admin.get("/configuration/user/charging-authorization", base_url=HERE).text
