"""What others read from us decodes to what the meter says, and never to what it said."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import QUANTITIES, ServedMeter
from drivers.modbus.sunspec import image, layout
from drivers.modbus.sunspec.layout import Identity
from tests.drivers.modbus.sunspec.devices import VALUES

WHO = Identity("Wattward", "Grid", "1.0", "meter-1")
INTEGERS_AT, FLOATS_AT = 2 + 68, 2 + 68 + 107


def meter(values: Mapping[str, float | None]) -> ServedMeter:
    return ServedMeter("Grid", "meter-1", "1.0", values)


def models(words: list[int]) -> tuple[list[int], list[int]]:
    """The integer and the float model of a device."""
    return words[INTEGERS_AT:FLOATS_AT], words[FLOATS_AT:-2]


def decoded(words: list[int]) -> list[dict[str, float]]:
    return [layout.decode(model[0], model, WHO) for model in models(words)]


def test_the_chain_is_mark_common_model_integers_floats_end() -> None:
    words = image.registers(meter(VALUES), 11)
    assert words[:2] == [0x5375, 0x6E53] and words[2:4] == [1, 66]
    assert layout.identity(words[2:70]) == WHO and words[68] == 11
    assert words[INTEGERS_AT : INTEGERS_AT + 2] == [203, 105] and words[FLOATS_AT : FLOATS_AT + 2] == [213, 124]
    assert words[-2:] == [0xFFFF, 0] and len(words) == 2 + 68 + 107 + 126 + 2


def test_every_quantity_arrives_as_integer_and_as_float() -> None:
    integers, floats = decoded(image.registers(meter(VALUES), 1))
    assert floats == pytest.approx(VALUES, rel=1e-6)
    assert integers == pytest.approx(VALUES, abs=0.05)


def test_feeding_in_is_negative_and_import_counts_as_import() -> None:
    words = image.registers(meter({"power_w": -4000.0, "import_wh": 7.0, "export_wh": 9.0}), 1)
    whole, _ = models(words)
    assert whole[18] == 0x10000 - 4000 and whole[39] == 9 and whole[47] == 7, "W, TotWhExp, TotWhImp"


def test_sums_and_averages_that_the_models_demand_are_there() -> None:
    whole, floats = models(image.registers(meter(VALUES), 1))
    assert whole[2] == round(100 * (1.8 + 1.2 + 1.25)) and whole[7] == round(10 * (233.6 + 232.76 + 234.18) / 3)
    assert struct.unpack(">f", struct.pack(">2H", *floats[2:4]))[0] == pytest.approx(4.25)
    assert floats[124:126] == [0, 0] and whole[105:107] == [0, 0], "no events"


def test_values_that_are_too_old_are_marked_as_not_implemented() -> None:
    words = image.registers(meter(dict.fromkeys(VALUES, None)), 1)
    integers, floats = decoded(words)
    assert floats == {} and set(integers) <= {"import_wh", "export_wh"} and not any(integers.values())
    whole, _ = models(words)
    assert whole[0] == 203 and whole[18] == 0x8000 and whole[8] == 0x8000


def test_a_meter_of_one_phase_is_one_and_its_models_lie_where_those_of_three_do() -> None:
    one = image.registers(meter({"power_w": 5.0, "power_l1_w": 5.0, "current_l1_a": 1.0, "voltage_l1_v": 230.0}), 1)
    assert (one[INTEGERS_AT], one[FLOATS_AT], len(one)) == (201, 211, len(image.registers(meter(VALUES), 1)))
    assert decoded(one)[0]["voltage_l1_v"] == 230.0 and one[INTEGERS_AT + 2] == 100


def test_a_meter_of_which_nothing_is_known_yet_counts_as_three_phases() -> None:
    assert image.registers(meter({}), 1)[INTEGERS_AT] == 203


@pytest.mark.parametrize("watts", [32_767.0, 32_768.0, -43_000.0, 990_000.0])
def test_power_beyond_the_register_takes_a_larger_scale(watts: float) -> None:
    integers, floats = decoded(image.registers(meter({"power_w": watts, "power_l2_w": 1000.0}), 1))
    assert integers["power_w"] == pytest.approx(watts, rel=1e-3) and floats["power_w"] == watts
    assert integers["power_l2_w"] == 1000.0


def test_names_beyond_the_registers_and_beyond_ascii_are_cut() -> None:
    words = image.registers(ServedMeter("Zähler im Keller ganz hinten links 7", "s" * 50, "v" * 50, {}), 1)
    found = layout.identity(words[2:70])
    assert found.model == "Z?hler im Keller ganz hinten lin" and len(found.serial) == 32


@given(
    values=st.dictionaries(
        st.sampled_from(sorted(QUANTITIES)), st.floats(-1e7, 1e7) | st.none(), max_size=len(QUANTITIES)
    )
)
def test_whatever_a_meter_says_the_floats_say_the_same(values: dict[str, float | None]) -> None:
    values |= {name: abs(value) for name, value in values.items() if value is not None and not name.endswith("_w")}
    values |= dict.fromkeys((name for name in values if name.startswith("power_factor")), 0.5)
    _, floats = decoded(image.registers(meter(values), 1))
    assert floats == pytest.approx({name: value for name, value in values.items() if value is not None}, rel=1e-6)
