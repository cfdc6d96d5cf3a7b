"""Charging points at the touchscreen: added from nothing, edited, taken out of use; lines and meters are had once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.access import display_pin
from appliance.charging import grants, points, sessions
from appliance.charging.points import Point
from appliance.metering import meters
from appliance.store import settings
from tests.appliance.system.conftest import until
from tests.ui.touch.conftest import make_house
from tests.ui.touch.house import House
from tests.ui.touch.looks_measurement import KNOWN_POINT, NEW_POINT, NO_LINE, OUT_OF_USE
from tests.ui.touch.looks_settings import seen
from tests.ui.touch.pictures import dressed
from tests.ui.touch.screen import Touch
from tests.ui.touch.staged import Painted
from tests.ui.touch.tour import Tour
from ui.text import catalog
from ui.touch import rest
from ui.touch.screens.settings import point_form_data as data
from ui.touch.screens.settings.point_form_data import Draft

PIN = "2580"
SAFE = "Wire a normally-open contact (COM and NO) to the release input"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[House, Touch]]:
    """A house with meters and people and no charging point yet; a core runs."""
    house, clock_file = make_house(tmp_path)
    house.furnish(charge_points=())
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.dim_after_s", "3600")
    display_pin.set_first(house.it, PIN, PIN)
    house.live(12)
    touch = Touch(house, clock_file)
    yield house, touch.start()
    touch.kill()


@pytest.fixture
def finger(house: House, wallbox: Touch) -> Tour:
    """The same, with a finger that pushes lists up."""
    return Tour(wallbox, house, catalog.Texts("en"))


def only(house: House) -> Point:
    (point,) = points.all(house.it.store, archived=True)
    return point


def add_a_digit(touch: Touch, digit: str) -> None:
    """Type one more at the end of what stands there."""
    touch.tap("123")
    touch.tap(digit)
    touch.tap("OK")


def type_at_the_end(touch: Touch, text: str) -> None:
    """Type more of an address after what stands there."""
    touch.tap("123")
    for letter in text.replace(":nc", ":"):
        touch.tap(letter)
    if text.endswith(":nc"):
        touch.tap("abc")
        touch.tap("n")
        touch.tap("c")
    touch.tap("OK")


def begin_session(house: House) -> None:
    """Anna charges."""
    grants.authorize(house.it, "271828", only(house), "terminal", actor=audit.TOUCH)
    house.live(2)
    house.measure(Wallbox_meter=11_000.0)
    house.live(5)
    assert house.relays[1].closed
    assert len(sessions.running(house.it.store)) == 1


# Adding --------------------------------------------------------------------------------------------


def test_the_first_point_is_added_from_the_empty_page_and_charges(empty: tuple[House, Touch]) -> None:
    house, touch = empty
    touch.tap("Charging")
    touch.see("No charging point is set up.")
    touch.tap("Add a charging point")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("Wallbox", "GPIO 17 · pin 11", SAFE)  # said before anything is kept
    touch.tap("Name")
    touch.see("Name of the charging point")
    add_a_digit(touch, "7")
    touch.see("Wallbox7")
    touch.tap("Relay")
    touch.see("These lines of the Pi are free.")
    touch.tap("GPIO 12 · pin 32")
    touch.see("Wallbox7", "GPIO 12 · pin 32")
    assert points.all(house.it.store) == []
    touch.tap("Add this charging point")
    touch.see("Wallbox7 is set up.", "Who may charge")
    point = only(house)
    wallbox_meter = meters.find(house.it.store, "Wallbox meter").id
    assert (point.name, point.relay, point.meter_id) == ("Wallbox7", "gpio:12", wallbox_meter)
    touch.tap("icon:back")
    touch.see("Learn a card")
    touch.tap("icon:back")
    touch.see("Communication")
    touch.tap("icon:back")
    house.live(15)  # the core finds it, and keeps a new relay open for a moment
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")
    touch.enter("271828")
    touch.see("Released: waiting for the car", "Anna Berger")
    house.live(2)
    assert house.relays[point.id].closed


def test_a_line_that_was_taken_meanwhile_is_refused_and_nothing_typed_is_lost(house: House, finger: Tour) -> None:
    touch = finger.touch
    touch.tap("icon:back")
    touch.see("Learn a card")
    touch.tap("Add a charging point")
    touch.see("Wallbox 2", "GPIO 9 · pin 21")  # 17 is the other's
    touch.tap("Name")
    add_a_digit(touch, "3")
    touch.see("Wallbox 23")
    points.add(house.it.store, house.clock, "Garage", "gpio:9", actor=audit.CLI)
    touch.tap("Add this charging point")
    touch.see("The pin gpio:9 belongs to Garage already: choose another.")
    touch.see("Wallbox 23")
    touch.tap("Relay")
    touch.see("GPIO 10 · pin 19")
    touch.tap("GPIO 10 · pin 19")
    touch.see("Wallbox 23", "GPIO 10 · pin 19")
    touch.not_see("belongs to Garage")
    touch.tap("Add this charging point")
    touch.see("Wallbox 23 is set up.")
    assert points.find(house.it.store, "Wallbox 23").relay == "gpio:10"


# Changing ------------------------------------------------------------------------------------------


def test_contacts_and_meter_of_a_point_are_changed(house: House, finger: Tour) -> None:
    touch = finger.touch
    finger.reach("Name, relay, contacts, meter")
    touch.see("GPIO 17 · pin 11")
    finger.reach("Meter")
    touch.see("Charging meters that no other charging point has.")
    touch.tap("none")
    touch.see("Save")
    finger.reach("Plug input")
    touch.see("Never the control pilot")
    touch.not_see("GPIO 17")  # its own relay
    touch.tap("GPIO 12 · pin 32")
    finger.reach("Its contact opens when a car is plugged in")
    finger.reach("Contact of the contactor")
    touch.see("mirror contact")
    touch.not_see("GPIO 12")
    touch.tap("GPIO 13 · pin 33")
    assert only(house).plug == ""
    touch.tap("Save")
    touch.see("Wallbox is changed.")
    point = only(house)
    assert (point.relay, point.plug, point.feedback, point.meter_id) == ("gpio:17", "gpio:12:nc", "gpio:13", None)


def test_a_relay_and_a_plug_input_may_be_on_a_modbus_board(house: House, finger: Tour) -> None:
    touch = finger.touch
    finger.reach("Name, relay, contacts, meter")
    finger.reach("Relay")
    finger.reach("on a Modbus board")
    touch.see("Relay on a Modbus board", "pulse:tcp://", "Written like pulse:tcp://192.168.1.50/1/0")
    type_at_the_end(touch, "10.0.0.7")
    touch.see("That is no relay on a board.", "pulse:tcp://10.0.0.7")  # what was typed is there still
    type_at_the_end(touch, "/1/3")
    touch.see("Save", "Modbus board")
    finger.reach("Plug input")
    finger.reach("on a Modbus board")
    touch.see("input:ADDRESS/UNIT/NUMBER")
    type_at_the_end(touch, "10.0.0.7/1/5:nc")
    touch.see("Its contact opens when a car is plugged in")
    assert only(house).relay == "gpio:17"
    touch.tap("Save")
    touch.see("Wallbox is changed.")
    point = only(house)
    assert (point.relay, point.plug) == ("pulse:tcp://10.0.0.7/1/3", "input:tcp://10.0.0.7/1/5:nc")


def test_a_name_that_another_point_bears_is_refused(house: House, finger: Tour) -> None:
    points.add(house.it.store, house.clock, "Wallbox2", "gpio:18", actor=audit.CLI)
    touch = finger.touch
    finger.reach("Name, relay, contacts, meter")
    touch.tap("Name")
    add_a_digit(touch, "2")
    touch.see("Save", "Wallbox2")
    touch.tap("Save")
    touch.see("There is a charging point Wallbox2 already: choose another name.")
    assert {one.name for one in points.all(house.it.store)} == {"Wallbox", "Wallbox2"}


# Out of use ----------------------------------------------------------------------------------------


def test_a_session_ends_when_its_point_is_taken_out_of_use(house: House, finger: Tour) -> None:
    touch = finger.touch
    begin_session(house)
    finger.reach("Take out of use")
    touch.see("Take Wallbox out of use?", "a session that runs there ends")
    touch.tap("Cancel")
    touch.not_see("Cancel")
    assert not only(house).archived
    finger.reach("Take out of use")
    touch.see("Take Wallbox out of use?")
    finger.tap_one(lambda one: one["labels"] == ["Take out of use"] and one["kind"] == "TextButton")
    touch.see("Wallbox is out of use; its sessions stay.", "out of use")
    assert only(house).archived
    house.live(1)
    assert not house.relays[1].closed
    house.measure(Wallbox_meter=0.0)
    house.live(8)  # its last reading was waited for
    assert sessions.running(house.it.store) == []
    assert [one.ended_at is not None for one in sessions.newest(house.it.store)] == [True]


def test_taking_out_of_use_is_undone(house: House, finger: Tour) -> None:
    finger.reach("Take out of use")
    finger.touch.see("Take Wallbox out of use?")
    finger.tap_one(lambda one: one["labels"] == ["Take out of use"] and one["kind"] == "TextButton")
    finger.touch.see("Wallbox is out of use; its sessions stay.")
    finger.tap_one(lambda one: one["kind"] == "TextButton" and one["labels"][0].startswith("Undo"))
    until(lambda: not only(house).archived)


def test_a_point_out_of_use_is_used_again(house: House, wallbox: Touch) -> None:
    points.archive(house.it.store, house.clock, 1, actor=audit.CLI)
    wallbox.tap("icon:back")
    wallbox.see("Learn a card", "out of use")
    wallbox.tap("Wallbox")
    wallbox.see("Use Wallbox again?")
    wallbox.tap("Use again")
    until(lambda: not only(house).archived)
    wallbox.not_see("out of use")


# As it is painted ----------------------------------------------------------------------------------


def test_a_new_point_has_a_name_a_line_and_a_meter_suggested() -> None:
    assert data.draft_of(NEW_POINT) == Draft("Wallbox", "gpio:17", meter_id=2)
    assert data.draft_of(NO_LINE) == Draft("Wallbox 3")
    painted = Painted("point_form", seen(NEW_POINT))
    assert painted.says("Add a charging point", "GPIO 17 · pin 11", SAFE)
    assert painted.target("Add this charging point")["enabled"]


def test_a_line_is_offered_once_and_what_is_on_a_board_can_stay() -> None:
    draft = data.draft_of(KNOWN_POINT)
    assert draft.plug_spec == "gpio:23:nc"
    relays = [line for line, _words in data.line_options(KNOWN_POINT, draft, draft.relay, board=True)]
    assert (relays[0], relays[-1]) == ("pulse:tcp://192.168.178.60/1/0", data.ON_BOARD)
    assert "gpio:23" not in relays
    plugs = [line for line, _words in data.line_options(KNOWN_POINT, draft, draft.plug, none=True)]
    assert plugs[0] == "" and data.ON_BOARD not in plugs
    assert "gpio:23" in plugs
    assert data.short_line(draft.relay) == "Modbus board"


def test_nothing_is_saved_while_nothing_was_changed() -> None:
    painted = Painted("point_form", seen(KNOWN_POINT))
    assert painted.says("Stellplatz am Gartentor", "Modbus board")
    assert not painted.target("Save")["enabled"]


def test_what_is_typed_after_the_rest_reaches_the_form_although_other_colours_are_wanted() -> None:
    painted = Painted("point_form", seen(KNOWN_POINT))
    app, evening = painted.app, dressed(seen(KNOWN_POINT), light=True)
    painted.page.choose_name()
    app._set_dimness(rest.DIM)
    painted.again(evening)
    app._set_dimness(0.0)
    painted.page.done("Carport")
    assert painted.again(evening).says("Carport")
    assert painted.target("Save")["enabled"]


def test_points_out_of_use_stand_below_the_others() -> None:
    assert Painted("charging_settings", seen(OUT_OF_USE)).beside("Carport") == ["out of use"]
