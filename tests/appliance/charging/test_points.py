"""Charging points: names, pins, modes."""

from __future__ import annotations

import pytest

from appliance import audit, errors
from appliance.charging import points, wiring
from appliance.opened import Opened
from tests.appliance.charging.house import ACTOR, House


@pytest.mark.parametrize("typed", ["gpio:9", "gpio:27", " GPIO:17 "])
def test_a_relay_is_written_gpio_and_a_pulled_down_pin(typed: str) -> None:
    assert wiring.check_relay(typed) == typed.strip().lower()


@pytest.mark.parametrize("typed", ["gpio:8", "gpio:28", "gpio:", "17", "gpio:1.5", "gpio:-9", "gpio:017x", ""])
def test_any_other_relay_is_refused_naming_the_rule(typed: str) -> None:
    with pytest.raises(errors.BadInput, match="9 to 27") as refused:
        wiring.check_relay(typed)
    assert refused.value.field == "relay"


def test_a_pin_belongs_to_one_point(house: House) -> None:
    house.point("Wallbox", 17)
    with pytest.raises(errors.BadInput, match="gpio:17 belongs to Wallbox"):
        house.point("Garage", 17)


def test_a_name_belongs_to_one_point_however_it_is_written(house: House) -> None:
    house.point("Wallbox", 17)
    with pytest.raises(errors.BadInput, match="already"):
        house.point("  wallBOX ", 18)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\x00"])
def test_a_point_needs_a_name_people_can_read(house: House, name: str) -> None:
    with pytest.raises(errors.BadInput, match="1 to 80"):
        house.point(name)


def test_a_point_is_found_by_its_name_or_the_others_are_named(house: House, opened: Opened) -> None:
    point = house.point("Wallbox")
    assert points.find(opened.store, " wallbox") == point
    with pytest.raises(errors.NotFound, match="there are: Wallbox"):
        points.find(opened.store, "Garage")
    with pytest.raises(errors.NotFound):
        points.get(opened.store, 99)


def test_an_edit_changes_what_is_given_and_keeps_the_rest(house: House, opened: Opened) -> None:
    point = house.point(metered=True)
    house.point("Garage", 18)
    edited = points.edit(opened.store, opened.clock, point.id, name="Carport", actor=ACTOR)
    assert (edited.name, edited.relay, edited.meter_id) == ("Carport", "gpio:17", point.meter_id)
    assert points.edit(opened.store, opened.clock, point.id, meter_id=None, actor=ACTOR).meter_id is None
    with pytest.raises(errors.BadInput, match="belongs to Garage"):
        points.edit(opened.store, opened.clock, point.id, relay="gpio:18", actor=ACTOR)


def test_a_change_of_mode_is_written_down_once(house: House, opened: Opened) -> None:
    point = house.point()
    for _ in range(2):
        assert points.set_mode(opened.store, opened.clock, point.id, "free", actor=ACTOR).mode == "free"
    changes = [event for event in audit.newest(opened.store) if event.event == "point.mode"]
    assert [event.detail for event in changes] == [{"old": "authorized", "new": "free"}]
    with pytest.raises(errors.BadInput, match="locked, free, authorized"):
        points.set_mode(opened.store, opened.clock, point.id, "solar", actor=ACTOR)


def test_an_archived_point_is_hidden_and_comes_back(house: House, opened: Opened) -> None:
    point = house.point()
    points.archive(opened.store, opened.clock, point.id, actor=ACTOR)
    assert points.all(opened.store) == []
    assert points.all(opened.store, archived=True)[0].archived
    points.activate(opened.store, opened.clock, point.id, actor=ACTOR)
    assert points.all(opened.store) == [point]


def test_a_point_that_was_used_is_archived_not_removed(house: House, opened: Opened) -> None:
    used, unused = house.point("Used", 17), house.point("Unused", 18)
    house.authorize(used)
    with pytest.raises(errors.Refused, match="archive it instead"):
        points.remove(opened.store, opened.clock, used.id, actor=ACTOR)
    points.remove(opened.store, opened.clock, unused.id, actor=ACTOR)
    assert points.all(opened.store, archived=True) == [used]


@pytest.mark.parametrize(("typed", "kept"), [("gpio:22", "gpio:22"), (" GPIO:9 ", "gpio:9"), ("", ""), ("  ", "")])
def test_a_feedback_contact_is_written_like_a_relay_or_taken_away(
    house: House, opened: Opened, typed: str, kept: str
) -> None:
    point = house.point()
    points.edit(opened.store, opened.clock, point.id, feedback="gpio:23", actor=ACTOR)
    assert points.edit(opened.store, opened.clock, point.id, feedback=typed, actor=ACTOR).feedback == kept
    assert points.get(opened.store, point.id).feedback == kept


@pytest.mark.parametrize("typed", ["gpio:8", "gpio:28", "22", "gpio:22x"])
def test_any_other_feedback_is_refused_naming_the_rule(house: House, opened: Opened, typed: str) -> None:
    with pytest.raises(errors.BadInput, match="9 to 27") as refused:
        points.edit(opened.store, opened.clock, house.point().id, feedback=typed, actor=ACTOR)
    assert refused.value.field == "feedback"


def test_relays_and_contacts_never_share_a_pin(house: House, opened: Opened) -> None:
    point, other = house.point("Wallbox", 17), house.point("Garage", 18)
    for taken in ("gpio:17", "gpio:18"):
        with pytest.raises(errors.BadInput, match=f"{taken} belongs to"):
            points.edit(opened.store, opened.clock, point.id, feedback=taken, actor=ACTOR)
    points.edit(opened.store, opened.clock, point.id, feedback="gpio:22", actor=ACTOR)
    points.edit(opened.store, opened.clock, point.id, feedback="gpio:22", actor=ACTOR)
    for one in (point, other):
        with pytest.raises(errors.BadInput, match="gpio:22 belongs to Wallbox"):
            points.edit(opened.store, opened.clock, one.id, relay="gpio:22", actor=ACTOR)
