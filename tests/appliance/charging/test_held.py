"""A line is given away once, whether to a relay, a contact, a plug input, a reader or its lamps."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.charging import held, points, readers
from appliance.charging.points import Point
from appliance.charging.readers import Reader
from appliance.store import settings
from drivers import feedback
from drivers.readers import address
from tests.appliance.charging.house import ACTOR, House

DOOR = "wiegand:gpio:22,gpio:23"
LAMPS = "green=gpio:24,red=gpio:25?active=low"


@pytest.fixture
def point(house: House) -> Point:
    return house.point("Wallbox", 17)


@pytest.fixture
def door(house: House, point: Point) -> Reader:
    return readers.add(house.opened.store, house.clock, "Door", DOOR, [point.id], LAMPS, actor=ACTOR)


@pytest.mark.parametrize(
    "url", [DOOR, f"{DOOR}?order=reversed", "wiegand:gpio:05,gpio:6", "rc522+spi:0.0?reset=gpio:25&order=normal",
            "rc522+spi:0.0?order=normal&reset=gpio:25", "rc522+spi:0.0", "hid:/dev/gpio:5", "ble-reader:gpio:5"]
)  # fmt: skip
def test_the_pins_of_a_reader_are_those_its_driver_takes(url: str) -> None:
    at = address.parse_url(url)
    lines = [*at.lines, *([] if at.reset_line is None else [at.reset_line])]
    assert held.pins(url) == [f"gpio:{line}" for line in lines]


@pytest.mark.parametrize("spec", ["green=gpio:22", LAMPS, "green=gpio:24,red=gpio:07,buzzer=gpio:26"])
def test_the_pins_of_lamps_are_those_their_driver_takes(spec: str) -> None:
    assert held.pins(spec) == [f"gpio:{line}" for line in feedback.parse_lamps(spec).lines.values()]


@pytest.mark.parametrize("field", ["relay", "feedback", "plug"])
@pytest.mark.parametrize("pin", ["gpio:22", "gpio:23", "gpio:24", "gpio:25"])
def test_a_point_gets_no_line_of_a_reader_or_its_lamps(
    house: House, point: Point, door: Reader, field: str, pin: str
) -> None:
    with pytest.raises(errors.BadInput, match=f"{pin} belongs to the reader {door.name} already") as refused:
        points.edit(house.opened.store, house.clock, point.id, **{field: pin}, actor=ACTOR)  # type: ignore[arg-type]  # one field by name
    assert refused.value.field == field
    with pytest.raises(errors.BadInput, match="belongs to the reader Door"):
        points.add(house.opened.store, house.clock, "Garage", "gpio:18", plug=pin, actor=ACTOR)


@pytest.mark.parametrize(
    ("url", "lamps", "field"),
    [
        ("wiegand:gpio:17,gpio:27", "", "url"), ("rc522+spi:0.0?reset=gpio:21", "", "url"),
        ("hid:/dev/input/event0", "green=gpio:26,red=gpio:20", "lamps"),
    ],
)  # fmt: skip
def test_a_reader_gets_no_line_of_a_point(house: House, point: Point, url: str, lamps: str, field: str) -> None:
    store, clock = house.opened.store, house.clock
    points.edit(store, clock, point.id, feedback="gpio:21", plug="gpio:20:nc", actor=ACTOR)
    points.archive(store, clock, point.id, actor=ACTOR)
    with pytest.raises(errors.BadInput, match=r"gpio:\d\d belongs to Wallbox already") as refused:
        readers.add(store, clock, "Hall", url, [point.id], lamps, actor=ACTOR)
    assert refused.value.field == field
    hall = readers.add(store, clock, "Hall", "ble-reader:Hall", [point.id], actor=ACTOR)
    with pytest.raises(errors.BadInput, match="belongs to Wallbox already"):
        readers.edit(store, clock, hall.id, url=url, lamps=lamps, actor=ACTOR)
    assert readers.find(store, "Hall") == hall


def test_two_readers_share_no_line_and_one_not_with_its_own_lamps(house: House, point: Point, door: Reader) -> None:
    store, clock = house.opened.store, house.clock
    for url, lamps in (("wiegand:gpio:23,gpio:5", ""), ("wiegand:gpio:5,gpio:6", "red=gpio:25")):
        with pytest.raises(errors.BadInput, match=r"gpio:2[35] belongs to the reader Door already"):
            readers.add(store, clock, "Hall", url, [point.id], lamps, actor=ACTOR)
    with pytest.raises(errors.BadInput, match="gpio:22 belongs to the reader Door already"):
        readers.edit(store, clock, door.id, lamps="red=gpio:22", actor=ACTOR)
    swapped = readers.edit(store, clock, door.id, url="wiegand:gpio:24,gpio:25", lamps="green=gpio:22", actor=ACTOR)
    assert swapped.lamps == "green=gpio:22"


def test_what_is_given_twice_since_long_can_still_be_renamed_and_switched_off(
    house: House, point: Point, door: Reader
) -> None:
    with house.opened.store.write() as db:
        db.execute("UPDATE points SET relay='gpio:22'")
    renamed = points.edit(house.opened.store, house.clock, point.id, name="Carport", relay="gpio:22", actor=ACTOR)
    assert renamed.name == "Carport"
    assert readers.edit(house.opened.store, house.clock, door.id, enabled=False, actor=ACTOR).enabled is False


def test_lines_that_nobody_else_has_are_offered(house: House, point: Point, door: Reader) -> None:
    store, kept_back = house.opened.store, {14, 15}  # the serial console's
    others = {22, 23, 24, 25}  # the reader's and its lamps'
    assert held.free_lines(store, ("point", 0)) == [
        f"gpio:{number}" for number in range(9, 28) if number not in kept_back | others | {17}
    ]
    points.edit(store, house.clock, point.id, plug="gpio:27:nc", actor=ACTOR)
    assert "gpio:27" not in held.free_lines(store, ("point", 0))
    assert {"gpio:17", "gpio:27"} <= set(held.free_lines(store, ("point", point.id)))  # its own
    readers.add(store, house.clock, "Gate", "rc522+spi:0.0", [point.id], actor=ACTOR)
    settings.put(store, house.clock.now(), ACTOR, "ui.button_ok", "gpio:26")
    assert "gpio:26" not in held.free_lines(store, ("point", 0))
    assert held.free_lines(store, ("point", 0))[0] == "gpio:12"  # SPI has 9 to 11


def test_what_is_offered_is_accepted(house: House, point: Point, door: Reader) -> None:
    store = house.opened.store
    for number, line in enumerate(held.free_lines(store, ("point", 0))):
        points.add(store, house.clock, f"Point {number}", line, actor=ACTOR)
    assert held.free_lines(store, ("point", 0)) == []
