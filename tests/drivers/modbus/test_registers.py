"""Register maps as files: what loads, and what is said about what does not."""

from __future__ import annotations

import re

import pytest

from drivers.interfaces import QUANTITIES
from drivers.modbus import registers
from tests.drivers.modbus.values import VALUES

GOOD = """\
vendor     = "Acme"
title      = "One"
transports = ["tcp"]
unit       = 1
baud       = 9600
parity     = "N"
tested     = false
function   = 3
word_order = "big"
max_read   = 20
gap_ms     = 5
holes      = [[30, 39]]
invalid    = { u32 = ["FFFFFFFF"] }
source     = ["a paper"]
registers = [
  { quantity = "power_w",      address =  0, type = "u32", scale = 0.1, unit = "W", minus = 2 },
  { quantity = "frequency_hz", address = 10, type = "u16", scale = 0.01, unit = "Hz" },
]
"""


def refusal(text: str) -> str:
    """What is said about a map that must not load."""
    with pytest.raises(registers.BadMap) as caught:
        registers.parse("acme", text)
    return str(caught.value)


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_map_loads_with_all_it_says() -> None:
    found = registers.parse("acme", GOOD)
    assert found.model.name == "acme"
    assert found.model.quantities == ("power_w", "frequency_hz")
    assert not found.model.tested
    assert found.gap_s == 0.005
    assert found.points[0].invalid == (b"\xff\xff\xff\xff",)
    assert found.points[0].spans == (0, 4)


def test_split_direction_is_import_minus_export() -> None:
    point = registers.parse("acme", GOOD).points[0]
    assert registers.decode(point, {0: 0, 1: 500, 2: 0, 3: 0}) == 50.0
    assert registers.decode(point, {0: 0, 1: 0, 2: 0, 3: 500}) == -50.0
    assert registers.encode(point, -50.0) == {0: 0, 1: 0, 2: 0, 3: 500}
    assert registers.decode(point, {0: 0, 1: 500, 2: 0xFFFF, 3: 0xFFFF}) is None


def test_a_register_that_was_not_answered_is_never_taken_as_zero() -> None:
    with pytest.raises(KeyError):
        registers.decode(registers.parse("acme", GOOD).points[0], {0: 0, 1: 0, 2: 0})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gap_ms     = 5", "gap_ms     = 5\ncolour = 1", "line 12: key 'colour' is unknown; allowed are vendor, title"),
        ("gap_ms     = 5\n", "", "key 'gap_ms' is missing; it is a whole number from 0 to 1000"),
        ("unit       = 1\n", 'unit       = "1"\n', "line 4: key 'unit' must be a whole number from 1 to 247"),
        ("unit       = 1\n", "unit       = true\n", "key 'unit' must be a whole number"),
        ('transports = ["tcp"]', 'transports = ["udp"]', "key 'transports' must be a list from ('tcp'"),
        ("function   = 3", "function   = 6", "key 'function' must be one of 3, 4"),
        ("max_read   = 20", "max_read   = 126", "key 'max_read' must be a whole number from 1 to 125"),
        ("[[30, 39]]", "[[39, 30]]", "key 'holes' must be a list of [first, last]"),
        ('["FFFFFFFF"]', '["FFFF"]', "key 'invalid' must be a table like"),
        ("source     = [", "source     = [[", "acme.toml: "),
        ("address = 10,", "address = 10, colour = 1,", "line 17, register frequency_hz: key 'colour' 1 is unknown"),
        ("address = 10, ", "", "register frequency_hz: key 'address' is missing; it is a whole number from 0 to 65535"),
        ("address = 10,", "address = -1,", "register frequency_hz: key 'address' -1 must be a whole number"),
        ('"u16"', '"u24"', "key 'type' 'u24' must be one of 'u16'"),
        ("scale = 0.01", "scale = 0", "key 'scale' 0 must be a number that is not 0"),
        ("scale = 0.01", "scale = nan", "key 'scale' nan must be a number that is not 0"),
        ('"frequency_hz"', '"frequency"', "key 'quantity' 'frequency' is unknown; use one of power_w"),
        ('"frequency_hz", address = 10, type = "u16", scale = 0.01, unit = "Hz"',
         '"power_w", address = 10, type = "u16", scale = 1, unit = "W"',
         "key 'quantity' 'power_w' stands twice; keep one"),
        ('unit = "Hz"', 'unit = "kHz"', "line 17, register frequency_hz: key 'unit' 'kHz' must be 'Hz'; change it"),
        ("address = 10,", "address = 3,", "key 'address' 3 overlaps power_w at register 3; correct one"),
        ("minus = 2", "minus = 1", "register power_w: key 'address' 0 overlaps power_w at register 1"),
        ("minus = 2", "minus = 40", "key 'minus' 40 makes a span of 42 registers, max_read is 20"),
        ("address = 10,", "address = 33,", "key 'address' 33 lies in a hole at register 33"),
        ("minus = 2", "minus = 65535", "ends behind register 65535"),
        ("gap_ms     = 5", "gap_ms     = 5\neven = true", "must be even"),
        ("{ quantity", "{ } , { quantity", "hold one register a line"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_refused_with_file_line_key_and_remedy(old: str, new: str, said: str) -> None:
    message = refusal(changed(old, new))
    assert message.startswith("acme.toml")
    assert said in message


def test_every_refusal_names_its_line() -> None:
    assert re.search(r"line 16, register power_w", refusal(changed('unit = "W"', 'unit = "kW"')))


def test_an_unknown_model_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registers.load("../pyproject")


def test_all_maps_load_and_use_no_quantity_without_its_unit() -> None:
    assert registers.names() == ["eastron-sdm630", "kostal-ksem-g2"]
    for name in registers.names():
        for point in registers.load(name).points:
            assert point.unit == QUANTITIES[point.quantity]


def test_what_is_encoded_for_a_model_decodes_to_the_same() -> None:
    for name in registers.names():
        for point in registers.load(name).points:
            value = VALUES[point.quantity]
            found = registers.decode(point, registers.encode(point, value))
            assert found == pytest.approx(value, rel=1e-6)
