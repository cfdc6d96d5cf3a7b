"""Charging with a token goes through the same gate as a card: a user, the rules, the journal of attempts."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.access import tokens, tokens_charging
from appliance.access.tokens import Token
from appliance.charging import granted, grants, identifications, points, users
from appliance.charging.points import Point
from appliance.errors import Refused
from appliance.opened import Opened
from appliance.store import settings

ADMIN = audit.Actor("admin", "admin")


@pytest.fixture
def point(opened: Opened) -> Point:
    return points.add(opened.store, opened.clock, "Garage", "gpio:17", actor=ADMIN)


@pytest.fixture
def anna(opened: Opened) -> int:
    settings.put(opened.store, opened.clock.now(), ADMIN, "identification.app.enabled", "on")
    return users.add(opened.store, opened.clock, "Anna", "Berger", actor=ADMIN).id


def confirmed(it: Opened, role: str = "charge") -> Token:
    token, _ = tokens.create(it, ADMIN, "Phone", role=role)
    return tokens.confirm(it, token.id, ADMIN)


def grant(it: Opened, point: Point) -> granted.Grant | None:
    with it.store.read() as db:
        return granted.row_open(db, point.id)


def test_a_token_starts_charging_for_its_user(opened: Opened, point: Point, anna: int) -> None:
    token = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    decision = tokens_charging.start(opened, token, point)
    assert decision.result == "accepted"
    found = grant(opened, point)
    assert found is not None and (found.user_id, found.reason) == (anna, "app")
    assert tokens_charging.stop(opened, token, point.id)
    assert grant(opened, point) is None


def test_a_token_that_stands_for_nobody_starts_nothing(opened: Opened, point: Point) -> None:
    with pytest.raises(Refused, match="whose charging"):
        tokens_charging.start(opened, confirmed(opened), point)


def test_a_reading_token_starts_and_stops_nothing(opened: Opened, point: Point, anna: int) -> None:
    token = tokens_charging.lend(opened, confirmed(opened, "read").id, anna, ADMIN)
    for order in (lambda: tokens_charging.start(opened, token, point), lambda: tokens_charging.stop(opened, token, 1)):
        with pytest.raises(Refused, match="only read"):
            order()
    assert grant(opened, point) is None


def test_the_rules_hold_for_apps_too(opened: Opened, point: Point, anna: int) -> None:
    token = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    settings.put(opened.store, opened.clock.now(), ADMIN, "identification.app.enabled", "off")
    assert tokens_charging.start(opened, token, point).result == "type_disabled"
    settings.put(opened.store, opened.clock.now(), ADMIN, "identification.app.enabled", "on")
    users.block(opened.store, opened.clock, anna, actor=ADMIN)
    assert tokens_charging.start(opened, token, point).result == "blocked"


@pytest.mark.parametrize("end", ["revoke", "delete"])
def test_the_code_ends_with_its_token(opened: Opened, anna: int, end: str) -> None:
    token = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    assert [one.type for one in identifications.all(opened.store, anna)] == ["app"]
    getattr(tokens, end)(opened, token.id, ADMIN)
    assert identifications.all(opened.store, anna) == []


def test_a_token_can_be_given_to_somebody_else_and_taken_back(opened: Opened, point: Point, anna: int) -> None:
    ben = users.add(opened.store, opened.clock, "Ben", "Maier", actor=ADMIN).id
    token = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    token = tokens_charging.lend(opened, token.id, ben, ADMIN)
    assert tokens_charging.user_id(opened, token) == ben
    assert identifications.all(opened.store, anna) == []
    assert tokens_charging.start(opened, token, point).user == users.get(opened.store, ben)
    token = tokens_charging.lend(opened, token.id, None, ADMIN)
    assert tokens_charging.user_id(opened, token) is None


def test_lending_twice_makes_one_code(opened: Opened, anna: int) -> None:
    token = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    assert tokens_charging.lend(opened, token.id, anna, ADMIN) == token
    assert len(identifications.all(opened.store, anna)) == 1


def test_an_ended_token_is_lent_to_nobody(opened: Opened, anna: int) -> None:
    token = tokens.revoke(opened, confirmed(opened).id, ADMIN)
    with pytest.raises(Refused):
        tokens_charging.lend(opened, token.id, anna, ADMIN)


def test_only_an_admin_token_stops_somebody_else(opened: Opened, point: Point, anna: int) -> None:
    ben = users.add(opened.store, opened.clock, "Ben", "Maier", actor=ADMIN).id
    key = opened.key()
    identifications.add(opened.store, key, opened.clock, ben, type="rfid", code="04A2B31C", active=True, actor=ADMIN)
    assert grants.authorize(opened, "04A2B31C", point, "cli", kind="rfid", actor=ADMIN).result == "accepted"
    mine = tokens_charging.lend(opened, confirmed(opened).id, anna, ADMIN)
    with pytest.raises(Refused, match="Somebody else"):
        tokens_charging.stop(opened, mine, point.id)
    assert tokens_charging.stop(opened, confirmed(opened, "admin"), point.id)
    assert not tokens_charging.stop(opened, mine, point.id)  # nothing runs any more
