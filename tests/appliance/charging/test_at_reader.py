"""What is held to a reader: starts, stops, learns, asks for a PIN; and what it leaves behind."""

from __future__ import annotations

import pytest

from appliance import audit, errors
from appliance.access import throttle
from appliance.charging import attempts, grants, identifications, points, users
from appliance.charging.grants import Decision
from appliance.charging.identifications import Extras, Identification
from appliance.charging.points import Point
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, CODES, House

ANNAS, BENS, NOBODYS = "04A2B31C", "04FFEE01", "0499887766"
CORE = audit.Actor("core", "reader:Hall")


@pytest.fixture
def cards(house: House) -> dict[str, Identification]:
    """Anna and Ben have a card each."""
    return {who: card(house, who, code) for who, code in (("Anna", ANNAS), ("Ben", BENS))}


def card(house: House, who: str, code: str, extras: Extras = identifications.PLAIN) -> Identification:
    return identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people[who].id, type="rfid", code=code, active=True,
        extras=extras, actor=ACTOR,
    )  # fmt: skip


def show(house: House, code: str, *places: Point, kind: str = "rfid") -> Decision:
    return grants.present(house.opened, kind, code, places, "Hall", actor=CORE)


def results(house: House) -> list[str]:
    """What became of the attempts, newest first."""
    return [one.result.value for one in attempts.newest(house.opened.store)]


def put(house: House, key: str, value: str) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, key, value)


# Starting ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("spelling", ["04A2B31C", "04:a2:b3:1c", "04 a2 b3 1c"])
def test_a_card_gives_a_grant_however_its_number_is_written(house: House, spelling: str) -> None:  # A001-22, X-04
    point = house.point()
    decision = show(house, spelling, point)
    assert (decision.result, decision.user, decision.point_id) == ("accepted", house.people["Anna"], point.id)
    with house.opened.store.read() as db:
        assert db.execute("SELECT reason, terminal FROM grants").fetchall() == [("rfid", "reader:Hall")]
    (one,) = attempts.newest(house.opened.store)
    assert (one.terminal, one.user, one.identification) == ("reader:Hall", "Anna Berger", "RFID ••••B31C")


@pytest.mark.usefixtures("cards")
def test_each_type_has_its_own_switch(house: House) -> None:  # A001-08
    point = house.point()
    put(house, "identification.rfid.enabled", "off")
    assert show(house, ANNAS, point).result == "type_disabled"
    assert house.authorize(point).result == "accepted", "PINs have theirs"
    put(house, "identification.rfid.enabled", "on")
    put(house, "identification.pin.enabled", "off")
    assert show(house, ANNAS, point).result == "accepted"


@pytest.mark.usefixtures("cards")
def test_the_same_number_as_a_tag_is_another_identification(house: House) -> None:
    point = house.point()
    tag = "AABBCCDDEEFF"
    card(house, "Anna", tag)
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Ben"].id, type="ble", code=tag, active=True,
        actor=ACTOR,
    )  # fmt: skip
    assert show(house, tag, point, kind="ble").user == house.people["Ben"]
    assert show(house, tag, point).user == house.people["Anna"]


def test_what_a_reader_cannot_have_read_counts_for_nothing(house: House) -> None:
    point = house.point()
    for kind, code in (("pin", "123"), ("rfid", "04"), ("rfid", "0000000000"), ("rfid", "XY12ZZ")):
        with pytest.raises(errors.BadInput):
            show(house, code, point, kind=kind)
    assert results(house) == []


def test_a_pin_at_a_readers_keypad_needs_six_digits_to_identify_alone(house: House) -> None:  # reading 17
    point = house.point()
    house.person("Clara", "#8264")
    assert show(house, "8264", point, kind="pin").result == "locked_out"
    assert show(house, "271828", point, kind="pin").result == "accepted"
    with house.opened.store.read() as db:
        assert throttle.failures(db, "keypad:reader:Hall") == 0, "a PIN that was not looked at is no guess"


@pytest.mark.usefixtures("cards")
def test_after_five_wrong_pins_a_readers_keypad_takes_none_and_cards_keep_working(house: House) -> None:  # reading 17
    point = house.point()
    for number in range(5):
        assert show(house, f"90000{number}", point, kind="pin").result == "unknown"
    house.clock.advance(60)
    assert show(house, "271828", point, kind="pin").result == "locked_out"
    assert show(house, ANNAS, point).result == "accepted"


# A reader of several points ------------------------------------------------------------------


@pytest.mark.usefixtures("cards")
def test_a_card_is_for_the_first_point_that_is_free(house: House) -> None:
    left, right = house.point("Left", 17), house.point("Right", 18)
    assert show(house, ANNAS, left, right).point_id == left.id
    assert show(house, BENS, left, right).point_id == right.id
    house.clock.advance(20)
    points.set_mode(house.opened.store, house.clock, left.id, "locked", actor=ACTOR)
    grants.stop(house.opened, right.id, ACTOR)
    assert show(house, ANNAS, left, right).point_id == right.id


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("charges", [False, True])
def test_a_card_held_twice_in_a_moment_releases_one_point_of_several(house: House, charges: bool) -> None:
    left, right = house.point("Left", 17, metered=True), house.point("Right", 18)
    house.start()
    house.measure(left, 0.0, 5000.0)
    first = show(house, ANNAS, left, right)
    house.turn()
    if charges:
        house.drive(left, 3, 11000.0, 5000.0)
    house.turn(2)
    again = show(house, ANNAS, left, right)
    assert (again.result, again.point_id, again.grant_id) == ("accepted", left.id, first.grant_id)
    house.turn()
    assert house.is_closed(left) and not house.is_closed(right) and house.grant_ends() == [None]
    house.turn(10)
    assert show(house, BENS, left, right).point_id == right.id


@pytest.mark.usefixtures("cards")
def test_where_others_charge_a_card_is_refused_as_busy_and_an_unknown_one_as_unknown(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    assert show(house, BENS, point).result == "busy"
    assert show(house, NOBODYS, point).result == "unknown"
    assert show(house, "314159", point, kind="pin").result == "busy"
    assert house.session().ended_at is None


# Stopping ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cards")
def test_the_same_card_again_stops_its_session_and_says_who_did(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    show(house, ANNAS, point)
    house.turn()
    wh = house.drive(point, 30, 11000.0, 5000.0)
    decision = show(house, ANNAS, point)
    assert (decision.result, decision.user) == ("stopped", house.people["Anna"])
    house.turn()
    assert not house.is_closed(point)
    house.drive(point, 1, 0.0, wh)
    assert house.session().end_reason == "stop"
    with house.opened.store.read() as db:
        row = db.execute("SELECT ended_terminal, ended_user_id FROM grants").fetchone()
    assert row == ("reader:Hall", house.people["Anna"].id)


@pytest.mark.usefixtures("cards")
def test_any_identification_of_the_same_person_stops_and_a_blocked_person_may(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.clock.advance(20)
    users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    assert show(house, ANNAS, point).result == "stopped", "the session began with a PIN"


@pytest.mark.usefixtures("cards")
def test_a_card_held_twice_in_a_moment_or_before_the_car_starts_stops_nothing(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    first = show(house, ANNAS, point)
    assert show(house, ANNAS, point).grant_id == first.grant_id
    house.clock.advance(60)
    assert show(house, ANNAS, point).result == "accepted", "no car came yet: the window begins again"


@pytest.mark.usefixtures("cards")
def test_a_card_held_twice_when_stopping_does_not_start_again(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.clock.advance(20)
    assert show(house, ANNAS, point).result == "stopped"
    house.turn()
    house.clock.advance(9)
    assert show(house, ANNAS, point).result == "stopped"
    assert house.grant_ends() == ["stop"] and results(house)[:2] == ["stopped", "accepted"]
    assert show(house, BENS, point).result == "accepted", "others may"
    house.clock.advance(2)
    grants.stop(house.opened, point.id, ACTOR)
    assert show(house, ANNAS, point).result == "accepted"


@pytest.mark.usefixtures("cards")
def test_with_the_setting_off_only_the_screen_stops(house: House) -> None:
    put(house, "charging.same_card_stops", "off")
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.clock.advance(20)
    assert show(house, ANNAS, point).result == "busy"
    assert grants.stop(house.opened, point.id, ACTOR)


def test_a_master_card_stops_any_session_and_starts_none(house: House) -> None:
    point = house.point(metered=True)
    master = card(house, "Ben", NOBODYS, Extras(name="master", stop_only=True))
    house.start()
    assert show(house, NOBODYS, point).result == "stop_only"
    house.charge(point)
    assert show(house, NOBODYS, point).result == "stopped"
    house.turn()
    assert not house.is_closed(point) and house.grant_ends() == ["stop"]
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, master.id, active=False, actor=ACTOR
    )  # fmt: skip
    house.clock.advance(60)
    house.authorize(point)
    assert show(house, NOBODYS, point).result == "inactive"


# Card and PIN --------------------------------------------------------------------------------


@pytest.fixture
def careful(house: House, cards: dict[str, Identification]) -> Point:
    """Anna wants a card and a PIN."""
    assert cards
    users.edit(house.opened.store, house.clock, house.people["Anna"].id, second_factor=True, actor=ACTOR)
    return house.point()


def test_a_good_card_waits_for_its_pin_which_starts_as_the_card(house: House, careful: Point) -> None:
    first = show(house, ANNAS, careful)
    assert (first.result, first.awaits_pin) == ("second_factor", True)
    assert show(house, "271828", careful, kind="pin").result == "accepted"
    with house.opened.store.read() as db:
        assert db.execute("SELECT reason FROM grants").fetchall() == [("rfid",)]


def test_the_pin_may_be_short_and_typed_at_the_touchscreen_because_the_card_names_its_person(
    house: House, careful: Point
) -> None:
    mine = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, mine.id, code="#8264", actor=ACTOR
    )  # fmt: skip
    show(house, ANNAS, careful)
    assert house.authorize(careful, "#8264").result == "accepted"


@pytest.mark.parametrize("code", ["#271828", "#271829"])
def test_a_pin_without_the_card_is_refused_and_counts_as_a_guess(house: House, careful: Point, code: str) -> None:
    """Whether it was right is not told: both answers are the same."""
    decision = house.authorize(careful, code)
    assert not decision.awaits_pin and decision.result in ("second_factor", "unknown")
    with house.opened.store.read() as db:
        assert throttle.failures(db, "keypad:touch") == 1


def test_the_card_is_forgotten_after_a_minute_and_by_a_reboot(house: House, careful: Point) -> None:
    show(house, ANNAS, careful)
    house.clock.advance(61)
    assert show(house, "271828", careful, kind="pin").result == "second_factor"
    show(house, ANNAS, careful)
    house.clock.reboot()
    assert show(house, "271828", careful, kind="pin").result == "second_factor"


def test_somebody_elses_pin_completes_no_card(house: House, careful: Point) -> None:
    show(house, ANNAS, careful)
    assert show(house, CODES["Ben"], careful, kind="pin").result == "unknown"
    assert house.grant_ends() == []


def test_a_card_that_was_blocked_meanwhile_does_not_start(house: House, careful: Point) -> None:
    show(house, ANNAS, careful)
    mine = next(one for one in identifications.all(house.opened.store) if one.type == "rfid" and one.user_id == 1)
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, mine.id, active=False, actor=ACTOR
    )  # fmt: skip
    assert show(house, "271828", careful, kind="pin").result == "inactive"


def test_a_point_may_want_both_of_everybody(house: House, cards: dict[str, Identification]) -> None:
    assert cards
    point = house.point()
    points.set_rules(house.opened.store, house.clock, point.id, second_factor=True, actor=ACTOR)
    assert show(house, BENS, point).awaits_pin
    assert show(house, "314159", point, kind="pin").result == "accepted"


def test_wrong_pins_after_a_card_are_counted_apart_and_forgiven_by_who_administers(
    house: House, careful: Point
) -> None:
    """Somebody with a copy of the card gets no more guesses than anybody else, and keeps the owner's PIN alone."""
    for number in range(6):
        show(house, ANNAS, careful)
        house.clock.advance(show(house, f"90000{number}", careful, kind="pin").wait_s + 1)
    show(house, ANNAS, careful)
    assert show(house, "900009", careful, kind="pin").wait_s == 900
    assert show(house, "271828", careful, kind="pin").result == "locked_out"
    with house.opened.store.read() as db:
        assert throttle.failures(db, users.throttle_name(1)) == 0
    users.unblock(house.opened.store, house.clock, 1, actor=ACTOR)
    show(house, ANNAS, careful)
    assert show(house, "271828", careful, kind="pin").result == "accepted"
