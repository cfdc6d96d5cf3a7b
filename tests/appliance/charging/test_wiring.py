"""How relays, contacts and plug inputs are written, and that none is given away twice."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.charging import points, wiring
from appliance.opened import Opened
from drivers.modbus import bits
from drivers.sentences import BadAddress
from tests.appliance.charging.house import ACTOR, House

BOARD = "tcp://192.168.1.50"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("coil:tcp://192.168.1.50/1/0", "coil:tcp://192.168.1.50/1/0"),
        (" COIL:TCP://Gateway:502/01/007 ", "coil:tcp://gateway/1/7"),
        ("pulse:rtutcp://192.168.1.50:4196/1/0", "pulse:rtutcp://192.168.1.50:4196/1/0"),
        ("coil:rtu:///dev/ttyUSB0?baud=9600&parity=N/1/0", "coil:rtu:///dev/ttyUSB0?baud=9600&parity=N/1/0"),
        ("coil:rtu:///dev/serial/by-id/usb-A_B-if00/247/65535", "coil:rtu:///dev/serial/by-id/usb-A_B-if00/247/65535"),
        ("coil:tcp://[fe80::1]:502/255/3", "coil:tcp://[fe80::1]/255/3"),
    ],
)
def test_a_relay_on_a_board_is_kept_in_one_spelling_which_its_driver_understands(typed: str, kept: str) -> None:
    assert wiring.check_relay(typed) == kept
    assert bits.parse(kept, bits.RELAYS).number == int(kept.rpartition("/")[2])


@pytest.mark.parametrize(
    "typed",
    [
        "coil:", f"coil:{BOARD}", f"coil:{BOARD}/1", f"coil:{BOARD}/256/0", f"coil:{BOARD}/1/65536",
        f"input:{BOARD}/1/0", "coil:http://x/1/0", "coil:rtu:///dev/ttyUSB0/0/0", "coil:rtu:///dev/ttyUSB0/248/0",
        f"coil:{BOARD}/1/-1", f"coil:{BOARD} /1/0", "relay:1",
    ],
)  # fmt: skip
def test_what_is_no_relay_on_a_board_is_refused_naming_the_rule(typed: str) -> None:
    with pytest.raises(errors.BadInput, match=r"gpio:NUMBER .* coil:ADDRESS/UNIT/NUMBER") as refused:
        wiring.check_relay(typed)
    assert refused.value.field == "relay"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (f"coil:{BOARD}:99999/1/0", "address is tcp://HOST:PORT"),
        (f"coil:{BOARD}:0/1/0", "address is tcp://HOST:PORT"),
        ("pulse:rtu:///dev/ttyUSB0?baud=abc/1/0", "A serial address takes baud"),
        ("pulse:rtu:///dev/ttyUSB0?speed=9600/1/0", "A serial address takes baud"),
        (f"pulse:{BOARD}/1/256", "number from 0 to 255, not 256"),
    ],
)
def test_what_the_driver_of_the_board_would_refuse_is_refused_before(typed: str, sentence: str) -> None:
    with pytest.raises(BadAddress):
        bits.parse(typed, bits.RELAYS)
    with pytest.raises(errors.BadInput, match=sentence) as refused:
        wiring.check_relay(typed)
    assert refused.value.field == "relay"
    if not typed.startswith("pulse:tcp"):
        with pytest.raises(errors.BadInput, match=sentence) as refused:
            wiring.check_plug(f"input:{typed.partition(':')[2]}:nc")
        assert refused.value.field == "plug"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""), (" ", ""), ("GPIO:23", "gpio:23"), ("gpio:23:NC", "gpio:23:nc"),
        (f"input:{BOARD}:502/1/4:nc", f"input:{BOARD}/1/4:nc"),
    ],
)  # fmt: skip
def test_a_plug_input_is_a_pin_or_an_input_of_a_board_and_may_be_normally_closed(typed: str, kept: str) -> None:
    assert wiring.check_plug(typed) == kept
    assert wiring.split_plug(kept) == (kept.removesuffix(":nc"), kept.endswith(":nc"))


@pytest.mark.parametrize("typed", ["gpio:8", "gpio:23:no", f"coil:{BOARD}/1/4", "23", ":nc"])
def test_what_is_no_plug_input_is_refused_naming_the_rule(typed: str) -> None:
    with pytest.raises(errors.BadInput, match="A plug input is written gpio:NUMBER") as refused:
        wiring.check_plug(typed)
    assert refused.value.field == "plug"


@pytest.mark.parametrize(
    ("field", "spec"),
    [
        ("relay", f"coil:{BOARD}/1/0"), ("relay", f"pulse:{BOARD}:502/1/0"), ("plug", "gpio:17"),
        ("plug", "gpio:23:nc"), ("feedback", "gpio:23"), ("plug", f"input:{BOARD}/1/0"),
    ],
)  # fmt: skip
def test_nothing_is_given_away_twice_however_it_is_used(house: House, opened: Opened, field: str, spec: str) -> None:
    house.point("Wallbox", 17)
    points.add(opened.store, opened.clock, "Garage", f"coil:{BOARD}/1/0", plug="gpio:23", actor=ACTOR)
    third = points.add(
        opened.store, opened.clock, "Third", f"coil:{BOARD}/1/1", plug=f"input:{BOARD}/1/0", actor=ACTOR
    )  # fmt: skip
    carport = house.point("Carport", 18)
    with pytest.raises(errors.BadInput, match="belongs to (Wallbox|Garage|Third) already") as refused:
        points.edit(opened.store, opened.clock, carport.id, **{field: spec}, actor=ACTOR)  # type: ignore[arg-type] # one field
    assert refused.value.field == field
    assert points.get(opened.store, third.id).plug == f"input:{BOARD}/1/0"


def test_one_pin_is_not_contact_and_plug_of_one_point(house: House, opened: Opened) -> None:
    point = house.point()
    with pytest.raises(errors.BadInput, match="gpio:23 belongs to Wallbox already"):
        points.edit(opened.store, opened.clock, point.id, feedback="gpio:23", plug="gpio:23", actor=ACTOR)
    assert points.edit(opened.store, opened.clock, point.id, plug="gpio:23", actor=ACTOR).plug == "gpio:23"
    assert points.edit(opened.store, opened.clock, point.id, name="Carport", actor=ACTOR).plug == "gpio:23"
    assert points.edit(opened.store, opened.clock, point.id, plug="", actor=ACTOR).plug == ""
