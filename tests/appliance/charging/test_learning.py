"""Learning cards: by holding one to a reader, and from a refused attempt; what is remembered of them, and how long."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.charging import codes, grants, identifications, learning
from tests.appliance.charging.house import ACTOR, House
from tests.appliance.charging.test_at_reader import ANNAS, CORE, NOBODYS, card, show


def ask(house: House, who: str = "Anna", name: str = "blue key ring") -> int:
    return learning.ask(
        house.opened.store, house.clock, "reader:Hall", house.people[who].id, name, actor=ACTOR
    )  # fmt: skip


def answer(house: House, number: int) -> learning.Request:
    return learning.get(house.opened.store, house.clock, number)


def test_the_next_card_at_a_reader_becomes_an_identification_once(house: House) -> None:  # reading 7, A001-15
    point = house.point()
    number = ask(house)
    assert (answer(house, number).left_s, answer(house, number).outcome) == (60.0, None)
    decision = show(house, NOBODYS, point)
    assert (decision.result, decision.user) == ("learned", house.people["Anna"])
    assert house.grant_ends() == [], "it was not let in"
    made = identifications.get(house.opened.store, answer(house, number).identification_id or 0)
    assert (made.user_id, made.type, made.extras.name, made.masked) == (1, "rfid", "blue key ring", "RFID ••••7766")
    assert show(house, "04DDCCBBAA", point).result == "unknown", "one request, one card"
    assert show(house, NOBODYS, point).result == "accepted"


def test_a_card_somebody_has_is_not_learned_and_only_who_asked_sees_whose_it_is(house: House) -> None:
    card(house, "Anna", ANNAS)
    point, number = house.point(), ask(house, "Ben")
    decision = show(house, ANNAS, point)
    assert (decision.result, decision.user) == ("taken", None)
    holder = identifications.get(house.opened.store, answer(house, number).identification_id or 0)
    assert answer(house, number).outcome == "taken" and holder.user_id == house.people["Anna"].id


def test_a_phone_that_changes_its_number_is_not_learned(house: House) -> None:
    point, number = house.point(), ask(house)
    assert show(house, "08123456", point).result == "taken"
    assert answer(house, number).outcome == "random"


@pytest.mark.parametrize("how", ["late", "elsewhere", "rebooted", "cancelled", "pin"])
def test_no_card_is_learned_that_nobody_waits_for(house: House, how: str) -> None:
    point, number = house.point(), ask(house)
    if how == "late":
        house.clock.advance(60)
    elif how == "rebooted":
        house.clock.reboot()
    elif how == "cancelled":
        learning.cancel(house.opened.store, house.clock, "reader:Hall")
    if how == "elsewhere":
        decision = grants.present(house.opened, "rfid", NOBODYS, [point], "Garage", actor=CORE)
    else:
        decision = show(house, "999999" if how == "pin" else NOBODYS, point, kind="pin" if how == "pin" else "rfid")
    assert decision.result == "unknown"
    assert answer(house, number).identification_id is None


def test_a_refused_card_can_be_given_to_somebody_within_a_day(house: House) -> None:  # reading 7
    point, key = house.point(), house.opened.key()
    show(house, NOBODYS, point)
    show(house, NOBODYS, point)
    (unknown,) = learning.unknown(house.opened.store, house.clock)
    assert (unknown.tail, unknown.kind, unknown.terminal) == ("7766", "rfid", "reader:Hall")
    learning.adopt(house.opened.store, key, house.clock, unknown.attempt_id, 1, "found", actor=ACTOR)
    assert show(house, NOBODYS, point).user == house.people["Anna"]
    assert learning.unknown(house.opened.store, house.clock) == []
    with pytest.raises(errors.BadInput, match="in use already"):
        learning.adopt(house.opened.store, key, house.clock, unknown.attempt_id, 2, actor=ACTOR)


def test_an_unknown_card_is_forgotten_when_its_time_is_over(house: House) -> None:
    point = house.point()
    show(house, NOBODYS, point)
    (unknown,) = learning.unknown(house.opened.store, house.clock)
    assert learning.forget(house.opened.store, house.clock) == 0
    house.clock.advance(24 * 3600)
    with pytest.raises(errors.NotFound, match="not remembered"):
        learning.adopt(house.opened.store, house.opened.key(), house.clock, unknown.attempt_id, 1, actor=ACTOR)
    assert learning.forget(house.opened.store, house.clock) == 1


def test_neither_a_wrong_pin_nor_an_unknown_card_stands_anywhere_in_clear(house: House) -> None:
    point = house.point()
    show(house, NOBODYS, point)
    show(house, "987654", point, kind="pin")
    ask(house)
    show(house, "04CAFEBABE", point)
    folder = house.opened.home.store_db.parent
    for file in folder.glob("store.db*"):
        data = file.read_bytes()
        assert b"987654" not in data, file
        for secret in (NOBODYS, "04CAFEBABE"):
            assert secret.encode() not in data and bytes.fromhex(secret) not in data, file


def test_a_number_invented_anew_each_time_is_known_as_such() -> None:
    told = {code: codes.is_random("rfid", code) for code in ("08A1B2C3", "08A1B2C3D4E5F6", "04A1B2C3")}
    assert told == {"08A1B2C3": True, "08A1B2C3D4E5F6": False, "04A1B2C3": False}
    assert not codes.is_random("pin", "08123456")
