"""Who gives people codes finds nobody's PIN by trying which are refused as taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import audit, errors
from appliance.charging import identifications, taken, user_import
from tests.appliance.charging.house import CODES, House

OPERATOR, COLLEAGUE = audit.Actor("admin", "olga"), audit.Actor("admin", "otto")


def add(house: House, code: str, actor: audit.Actor = OPERATOR, *, type: str = "pin", told: bool = False) -> None:
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Ben"].id, type=type, code=code, active=True,
        tell_holder=told, actor=actor,
    )  # fmt: skip


def refusal(house: House, code: str, actor: audit.Actor = OPERATOR) -> str:
    with pytest.raises(errors.BadInput) as refused:
        add(house, code, actor)
    assert refused.value.field == "code"
    return str(refused.value)


def noted(house: House) -> list[audit.Event]:
    return [event for event in audit.newest(house.opened.store, 1000) if event.event == taken.EVENT]


def test_a_pin_that_is_refused_as_taken_is_noted_with_whose_it_was(house: House) -> None:
    assert "in use already" in refusal(house, CODES["Anna"])
    (event,) = noted(house)
    anna = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    assert (event.actor, event.detail) == (OPERATOR, {"identification": anna.id})
    assert CODES["Anna"].lstrip("#") not in str(event)


def test_the_second_costs_minutes_in_which_no_pin_is_looked_at(house: House) -> None:
    refusal(house, CODES["Anna"])
    assert "in use already" in refusal(house, CODES["Ben"])
    assert "looked at in 6 minutes" in refusal(house, CODES["Anna"])
    assert "looked at in" in refusal(house, "#958473"), "a free one tells nothing either"
    house.clock.advance(300)
    add(house, "#958473")


def test_editing_is_no_way_round_the_wait(house: House) -> None:
    for code in (CODES["Anna"], CODES["Ben"]):
        refusal(house, code)
    ben = identifications.all(house.opened.store, house.people["Ben"].id)[0]
    with pytest.raises(errors.BadInput, match="looked at in"):
        identifications.edit(
            house.opened.store, house.opened.key(), house.clock, ben.id, code="#958473", actor=OPERATOR
        )
    identifications.edit(house.opened.store, house.opened.key(), house.clock, ben.id, active=False, actor=OPERATOR)


def test_colleagues_and_cards_do_not_wait(house: House) -> None:
    for code in (CODES["Anna"], CODES["Ben"]):
        refusal(house, code)
    add(house, "#958473", COLLEAGUE)
    add(house, "04A2B31C", type="rfid")
    for _ in range(3):
        with pytest.raises(errors.BadInput, match="in use already"):
            add(house, "04A2B31C", type="rfid")


def test_who_may_see_codes_anyway_is_noted_and_never_waits(house: House) -> None:
    for _ in range(4):
        with pytest.raises(errors.BadInput, match="belongs to Anna Berger"):
            add(house, CODES["Anna"], audit.CLI, told=True)
    add(house, "#958473", audit.CLI, told=True)
    assert len(noted(house)) == 4


def test_trying_without_end_finds_few_pins_in_a_year(house: House) -> None:
    found = 0
    end = house.clock.now() + timedelta(days=365)
    while house.clock.now() < end:
        found += "in use already" in refusal(house, CODES["Anna"])
        house.clock.advance(3600)
    assert found <= 6 * 12


def test_pins_are_set_by_the_hundred_only_in_an_hour(house: House) -> None:
    for number in range(taken.PINS_AN_HOUR):
        add(house, f"#{810000 + number}")
    assert "At most 100" in refusal(house, "#900000")
    add(house, "04A2B31C", type="rfid")
    add(house, "#900000", COLLEAGUE)
    house.clock.advance(3601)
    add(house, "#900001")


def test_a_file_tells_of_the_first_pin_in_use_and_of_no_name(house: House) -> None:
    text = f"Clara,Maier,pin,{CODES['Anna']},\nDora,Maier,pin,{CODES['Ben']},\nEmil,Maier,pin,#958473,\n"
    lines = user_import.run(house.opened, text, dry_run=True, actor=OPERATOR)
    assert [str(line.error) if line.error else "" for line in lines] == [
        "This code is in use already: choose another.", "", "",
    ]  # fmt: skip
    assert len(noted(house)) == 1
    user_import.run(house.opened, text, dry_run=True, actor=OPERATOR)
    with pytest.raises(errors.BadInput, match="looked at in"):
        user_import.run(house.opened, text, dry_run=True, actor=OPERATOR)


def test_a_file_with_a_pin_in_use_is_never_saved(house: House) -> None:
    before = len(identifications.all(house.opened.store))
    text = f"Clara,Maier,pin,{CODES['Anna']},\nDora,Maier,pin,{CODES['Ben']},\n"
    user_import.run(house.opened, text, actor=OPERATOR)
    assert len(identifications.all(house.opened.store)) == before
