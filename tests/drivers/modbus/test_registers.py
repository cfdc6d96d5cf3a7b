"""Register maps as files: what loads, and what is said about what does not."""

from __future__ import annotations

import re

import pytest

from drivers.interfaces import QUANTITIES
from drivers.modbus import registers, rules, sense
from tests.drivers.modbus.values import near, shown

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
        ('transports = ["tcp"]', 'transports = ["usb"]', "key 'transports' must be a list from ('tcp'"),
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


def changed_point(extra: str) -> str:
    """GOOD with `extra` keys in the register frequency_hz."""
    return changed('unit = "Hz" }', f'unit = "Hz", {extra} }}')


def test_what_a_register_says_of_itself_goes_before_what_the_map_says() -> None:
    found = registers.parse("acme", changed_point("function = 4, alone = true, slow = true"))
    power, frequency = found.points
    assert (power.function, frequency.function, found.function) == (3, 4, 3)
    assert frequency.alone and frequency.slow and not power.alone


def test_registers_of_two_functions_may_have_the_same_address() -> None:
    text = changed_point("function = 4").replace("address = 10", "address = 0")
    assert [point.address for point in registers.parse("acme", text).points] == [0, 0]


def test_a_sum_takes_its_parts_from_quantities_of_their_own() -> None:
    text = changed(
        "minus = 2 },",
        'plus = [4] },\n  { quantity = "power_l1_w", address = 0, type = "u32", scale = 0.1, unit = "W" },',
    )
    found = registers.parse("acme", text)
    total = found.points[0]
    assert total.spans == (0, 6) and total.starts == (0, 4)
    assert registers.decode(total, {0: 0, 1: 100, 4: 0, 5: 23}) == 12.3
    assert registers.decode(total, {0: 0, 1: 100, 4: 0xFFFF, 5: 0xFFFF}) is None
    held = registers.image(found, {"power_w": 50.0, "power_l1_w": 30.0, "frequency_hz": 50.0})
    assert (held[1], held[5]) == (300, 0)


def test_a_scale_register_is_a_power_of_ten() -> None:
    text = changed_point("scale_register = 12").replace("scale = 0.01", "scale = 1")
    point = registers.parse("acme", text).points[1]
    assert point.addresses == (10, 12) and point.spans == (10, 13)
    assert registers.decode(point, {10: 4998, 12: 0xFFFE}) == 49.98
    assert registers.decode(point, {10: 50, 12: 0}) == 50.0
    assert registers.decode(point, {10: 5, 12: 1}) == 50.0
    assert registers.decode(point, {10: 4998, 12: 0x8000}) is None
    assert registers.decode(point, {10: 4998, 12: 11}) is None
    assert registers.decode(point, registers.encode(point, 50.25)) == 50.25
    with pytest.raises(KeyError):
        registers.decode(point, {10: 4998})


def test_a_meter_that_counts_the_other_way_round_has_a_scale_below_zero() -> None:
    text = GOOD.replace('"u32", scale = 0.1, unit = "W", minus = 2', '"s32", scale = -0.1, unit = "W"')
    point = registers.parse("acme", text).points[0]
    assert registers.decode(point, {0: 0, 1: 500}) == -50.0
    assert registers.encode(point, -50.0) == {0: 0, 1: 500}
    assert registers.decode(point, registers.encode(point, 12.3)) == 12.3


def test_of_a_counter_below_zero_the_size_is_meant_where_the_map_says_so() -> None:
    power = '"power_w",      address =  0, type = "u32", scale = 0.1, unit = "W", minus = 2'
    counter = '"export_wh", address = 0, type = "s32", scale = 100, unit = "Wh", absolute = true'
    text = changed(power, counter)
    point = registers.parse("acme", text).points[0]
    assert registers.decode(point, {0: 0xFFFF, 1: 0xFFFF}) == 100.0
    assert registers.decode(point, {0: 0, 1: 1}) == 100.0


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("function = 5", "line 17, register frequency_hz: key 'function' 5 must be one of 3, 4"),
        ("alone = 1", "key 'alone' 1 must be true or false"),
        ("again = 1", "key 'again' 1 must be true or false"),
        ("absolute = 1", "key 'absolute' 1 must be true or false"),
        ("plus = 12", "key 'plus' 12 must be a list of addresses"),
        ("plus = []", "key 'plus' [] must be a list of addresses"),
        ("plus = [10]", "key 'plus' [10] names a register twice; correct one"),
        ("plus = [60]", "key 'plus' [60] makes a span of 51 registers, max_read is 20; correct one"),
        ("scale_register = 70000", "key 'scale_register' 70000 must be a whole number from 0 to 65535"),
        ("scale_register = 50", "key 'scale_register' 50 makes a span of 41 registers, max_read is 20"),
        ("scale_register = 1", "key 'scale_register' 1 overlaps power_w at register 1; correct one"),
        ("scale_register = 10", "key 'scale_register' 10 overlaps frequency_hz at register 10; correct one"),
    ],
)  # fmt: skip
def test_a_broken_rule_of_one_register_is_refused(extra: str, said: str) -> None:
    assert said in refusal(changed_point(extra))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("scale = 0.01,", "scale = -0.01,", "key 'scale' -0.01 must be above 0: only what flows has a direction"),
        ("address = 10,", "address = 0,", "overlaps power_w at register 0; correct one"),
        ('unit = "W", minus = 2', 'unit = "W", function = 4, minus = 65534', "makes a span of 65536 registers"),
        ("gap_ms     = 5", "gap_ms     = 5\nunprovable = true", "line 12: key 'unprovable' is wrong: voltage L1 or"),
        ('"frequency_hz", address = 10, type = "u16", scale = 0.01, unit = "Hz"',
         '"power_factor", address = 10, type = "u16", scale = 0.01, unit = ""',
         "line 15: key 'registers' hold neither voltage_l1_v nor frequency_hz; add one, or say unprovable = true"),
    ],
)  # fmt: skip
def test_a_broken_rule_of_the_whole_is_refused(old: str, new: str, said: str) -> None:
    assert said in refusal(changed(old, new))


def test_one_value_may_be_two_quantities_only_where_the_map_says_so() -> None:
    both = '\n  { quantity = "power_l1_w", address = 0, type = "u32", scale = 0.1, unit = "W", minus = 2 },'
    text = changed("minus = 2 },", "minus = 2 }," + both)
    assert "correct one, or say again = true if it is both" in refusal(text)
    assert (
        len(
            registers.parse(
                "acme",
                text.replace('minus = 2 },\n  { quantity = "freq', 'minus = 2, again = true },\n  { quantity = "freq'),
            ).points
        )
        == 3
    )
    half = text.replace('"power_l1_w", address = 0', '"power_l1_w", again = true, address = 1')
    assert "key 'address' 1 overlaps power_w at register 1; correct one." in refusal(half)


MARKS = """\
identify = [
  { proves = "Acme One", address = 11, values = [71, 72] },
  { proves = "Acme One", address = 40, count = 3, texts = ["ONE"] },
]
labels = [
  { name = "serial", address = 50, type = "text", count = 4 },
]
registers = [
"""


def test_marks_and_labels_are_read() -> None:
    found = registers.parse("acme", changed("registers = [\n", MARKS))
    code, text = found.identify
    assert (code.proves, code.function, code.address, code.count, code.values) == ("Acme One", 3, 11, 1, ((71,), (72,)))
    assert registers.identifies(code, [72]) and not registers.identifies(code, [73])
    assert text.count == 3 and text.texts == ("ONE",)
    assert [label.name for label in found.labels] == ["serial"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("values = [71, 72]", "values = []", "line 16, mark Acme One: key 'values' [] must be a list of registers"),
        ("values = [71, 72]", "values = [[1, 2]]", "key 'count' must be the number of registers in each value, not 1"),
        (", values = [71, 72]", "", "key 'proves' 'Acme One' needs exactly one of the keys values, range, texts"),
        ("values = [71, 72]", "values = [1], range = [1, 2]", "needs exactly one of the keys"),
        ("values = [71, 72]", "range = [2, 1]", "key 'range' [2, 1] must be the [first, last] of its values"),
        ('proves = "Acme One", address = 11', "address = 11", "line 16, mark without proves: key 'proves' is missing"),
        ("count = 3", "count = 300", "line 17, mark Acme One: key 'count' 300 must be a whole number from 1 to 125"),
        ('name = "serial"', 'name = "colour"', "line 20, label colour: key 'name' 'colour' must be one of 'model'"),
        ('type = "text"', 'type = "f32"', "label serial: key 'type' 'f32' must be one of 'u16'"),
        ("count = 4", "colour = 4", "label serial: key 'colour' 4 is unknown; allowed are name, address"),
        ("labels = [", "labels = [ { name = 'x' },", "must hold one label a line"),
    ],
)  # fmt: skip
def test_a_broken_rule_of_marks_and_labels_is_refused(old: str, new: str, said: str) -> None:
    text = changed("registers = [\n", MARKS)
    assert old in text
    assert said in refusal(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[kem]\nmap = 'acme'\nvendor = 'K'\n",
            "aliases.toml, line 1, alias kem: key 'title' is missing; it is a text",
        ),
        ("[kem]\nmap = 'acme'\nvendor = 'K'\ntitle = 'M'\nx = 1\n", "alias kem: key 'x' is unknown; allowed are map"),
        ("kem = 1\n", "aliases.toml, line 1: key 'kem' must be a table"),
        ("[kem\n", "aliases.toml: "),
        ("[kem]\nmap = 'other'\nvendor = 'K'\ntitle = 'M'\n", "key 'map' 'other' is no map; use one of acme, one"),
        ("[one]\nmap = 'acme'\nvendor = 'K'\ntitle = 'M'\n", "one has a map of its own; take it out"),
    ],
)
def test_a_broken_alias_is_refused(text: str, said: str) -> None:
    with pytest.raises(registers.BadMap) as caught:
        sense.refuse_impossible_aliases(rules.read_aliases("aliases.toml", text), ["acme", "one"])
    assert said in str(caught.value)


@pytest.mark.parametrize("name", registers.names())
def test_what_is_encoded_for_a_model_decodes_to_the_same(name: str) -> None:
    of = registers.load(name)
    held = {function: registers.image(of, shown(name), function) for function in (3, 4)}
    assert {point.quantity: registers.decode(point, held[point.function]) for point in of.points} == near(name)
    assert all(point.unit == QUANTITIES[point.quantity] for point in of.points)
