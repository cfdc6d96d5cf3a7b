"""A number before the PIN at a keypad that cannot ask: groups of digits, pure."""

from __future__ import annotations

import pytest

from appliance.charging import identifications, second_factor
from appliance.charging.keypad import FORGET_S, Keypad, Typed, awaits_pin
from tests.appliance.charging.house import House


@pytest.mark.parametrize("digits", ["271828", "2718281", "27182818"])
def test_six_to_eight_digits_are_a_pin_by_themselves(digits: str) -> None:
    assert Keypad().take(digits, 0.0, awaited=False) == Typed(digits)


@pytest.mark.parametrize("number", ["1", "012", "4711", "10000"])
@pytest.mark.parametrize("pin", ["4711", "271828"])
def test_up_to_five_digits_are_a_number_and_what_follows_is_the_pin(number: str, pin: str) -> None:  # reading 17
    keypad = Keypad()
    assert keypad.take(number, 0.0, awaited=False) is None
    assert keypad.take(pin, FORGET_S - 1, awaited=False) == Typed(pin, int(number))
    assert keypad.take("271828", FORGET_S, awaited=False) == Typed("271828"), "the next one names nobody"


def test_a_number_is_forgotten_after_a_while_and_when_a_card_is_shown() -> None:
    keypad = Keypad()
    keypad.take("12", 0.0, awaited=False)
    assert keypad.take("271828", FORGET_S, awaited=False) == Typed("271828")
    keypad.take("12", 100.0, awaited=False)
    keypad.forget()
    assert keypad.take("271828", 101.0, awaited=False) == Typed("271828")


def test_after_a_card_a_short_group_is_its_pin() -> None:
    assert Keypad().take("4711", 0.0, awaited=True) == Typed("4711")


def test_a_card_is_awaited_at_the_points_where_it_was_shown(house: House) -> None:
    point = house.point()
    card = identifications.all(house.opened.store)[0]
    assert not awaits_pin(house.opened, [point.id])
    with house.opened.store.write() as db:
        second_factor.await_pin(db, house.clock, point.id, card)
    assert awaits_pin(house.opened, [point.id, 99])
    assert not awaits_pin(house.opened, [])
    house.clock.advance(second_factor.AWAITED_S)
    assert not awaits_pin(house.opened, [point.id])
