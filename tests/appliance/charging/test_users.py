"""Local users: added once, named, blocked, archived."""

from __future__ import annotations

import pytest

from appliance import audit, errors
from appliance.charging import identifications, users
from appliance.opened import Opened
from tests.appliance.charging.house import ACTOR, House


def test_a_double_click_adds_one_user(opened: Opened) -> None:  # A001-12
    first = users.add(opened.store, opened.clock, "Anna", "Berger", form_token="f1", actor=ACTOR)  # noqa: S106 - a form's mark
    again = users.add(opened.store, opened.clock, "Anna", "Berger", form_token="f1", actor=ACTOR)  # noqa: S106 - a form's mark
    other = users.add(opened.store, opened.clock, "Anna", "Berger", form_token="f2", actor=ACTOR)  # noqa: S106 - a form's mark
    assert first == again and other.id != first.id
    assert [event.event for event in audit.newest(opened.store)] == ["user.add", "user.add"]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [("", "B", "first_name"), ("A", "  ", "last_name"), ("A" * 81, "B", "first_name"), ("A", "B\x07", "last_name")],
)
def test_an_empty_or_endless_name_is_refused(opened: Opened, first: str, last: str, field: str) -> None:  # A001-12
    with pytest.raises(errors.BadInput, match="1 to 80") as refused:
        users.add(opened.store, opened.clock, first, last, actor=ACTOR)
    assert refused.value.field == field
    assert users.all(opened.store) == []


def test_names_are_stripped_and_keep_their_letters(opened: Opened) -> None:
    user = users.add(opened.store, opened.clock, " Zoë  Marie ", " O'Brien-Łukasz ", actor=ACTOR)
    assert user.name == "Zoë Marie O'Brien-Łukasz"


def test_an_edit_keeps_number_and_codes(house: House, opened: Opened) -> None:  # A001-24
    anna = house.people["Anna"]
    before = identifications.all(opened.store, anna.id)
    edited = users.edit(opened.store, opened.clock, anna.id, last_name="Maier", actor=ACTOR)
    assert (edited.id, edited.name) == (anna.id, "Anna Maier")
    assert identifications.all(opened.store, anna.id) == before
    with pytest.raises(errors.BadInput):
        users.edit(opened.store, opened.clock, anna.id, first_name=" ", actor=ACTOR)


def test_blocking_and_unblocking_are_written_down_once_each(house: House, opened: Opened) -> None:  # A001-14
    anna = house.people["Anna"]
    for change in (users.block, users.block, users.unblock, users.unblock):
        change(opened.store, opened.clock, anna.id, actor=ACTOR)
    assert [name for name in house.events() if "block" in name] == ["user.unblock", "user.block"]
    assert not users.get(opened.store, anna.id).blocked


def test_an_archived_user_is_hidden_keeps_the_codes_and_comes_back(house: House, opened: Opened) -> None:
    ben = house.people["Ben"]
    users.archive(opened.store, opened.clock, ben.id, actor=ACTOR)
    assert [user.first_name for user in users.all(opened.store)] == ["Anna"]
    assert len(identifications.all(opened.store, ben.id)) == 1
    assert not users.activate(opened.store, opened.clock, ben.id, actor=ACTOR).archived


def test_a_user_is_found_by_number_or_full_name(house: House, opened: Opened) -> None:
    anna = house.people["Anna"]
    assert users.find(opened.store, str(anna.id)) == users.find(opened.store, " anna  BERGER ") == anna
    for unknown in ("Anna", "99", "Clara Berger"):
        with pytest.raises(errors.NotFound):
            users.find(opened.store, unknown)


def test_an_ambiguous_name_asks_for_the_number(house: House, opened: Opened) -> None:
    second = users.add(opened.store, opened.clock, "Anna", "Berger", actor=ACTOR)
    with pytest.raises(errors.BadInput, match=f"one of {house.people['Anna'].id}, {second.id}"):
        users.find(opened.store, "Anna Berger")
