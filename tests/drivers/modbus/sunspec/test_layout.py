"""SunSpec's meter models: every quantity, every way to say "not implemented", and captures of real devices."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import QUANTITIES
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity
from tests.drivers.modbus.sunspec.devices import METER, VALUES

CASES = {case["id"]: case for case in json.loads((Path(__file__).parent / "cases.json").read_text())}
OFFSETS = {"A": 2, "AphA": 3, "AphB": 4, "AphC": 5, "A_SF": 6, "PhVphA": 8, "PhVphB": 9, "PhVphC": 10, "V_SF": 15,
           "Hz": 16, "Hz_SF": 17, "W": 18, "WphA": 19, "WphB": 20, "WphC": 21, "W_SF": 22, "VA": 23, "VAR": 28,
           "PF": 33, "PF_SF": 37}  # fmt: skip


def at(model: int, quantity: str) -> layout.Place:
    return next(place for place in layout.places(model) if place.quantity == quantity)


def captured(registers: dict[str, int]) -> list[int]:
    """Registers of model 203 that hold a capture's; the others are not implemented."""
    words = layout.encode(203, {})
    for name, value in registers.items():
        words[OFFSETS[name]] = value & 0xFFFF
    return words


@pytest.mark.parametrize("model", layout.METER_MODELS)
def test_each_model_shows_every_quantity_it_was_given(model: int) -> None:
    assert layout.decode(model, layout.encode(model, VALUES), METER) == pytest.approx(VALUES, rel=1e-6)


@pytest.mark.parametrize("model", layout.METER_MODELS)
def test_what_is_not_implemented_is_absent_and_never_zero(model: int) -> None:
    words = layout.encode(model, {})
    counters = {"import_wh": 0.0, "export_wh": 0.0} if model in layout.INTEGER_MODELS else {}
    if model in layout.INTEGER_MODELS:
        assert layout.decode(model, words, METER) == {}  # without their scale factor even counters of 0
        words[54] = 0
    assert layout.decode(model, words, METER) == counters


@pytest.mark.parametrize("model", layout.METER_MODELS)
def test_a_model_is_read_in_one_request_and_is_as_long_as_the_specification_says(model: int) -> None:
    assert len(layout.encode(model, VALUES)) == layout.length(model) + 2
    assert layout.size(model) == (55 if model < 210 else 76)
    assert {place.quantity for place in layout.places(model)} == set(VALUES) == set(VALUES) & set(QUANTITIES)


def test_a_model_that_is_no_meter_has_no_places() -> None:
    with pytest.raises(KeyError):
        layout.places(103)


@pytest.mark.parametrize(
    ("quantity", "bits"),
    [
        ("power_w", "8000"),
        ("voltage_l1_v", "8000"),
        ("frequency_hz", "8000"),
        ("power_factor", "8000"),
        ("import_wh", "FFFFFFFF"),
        ("import_wh", "80000000"),
        ("import_l1_wh", "00000000"),
        ("export_l3_wh", "00000000"),
    ],
)
def test_every_mark_of_the_integer_models_is_understood(quantity: str, bits: str) -> None:
    words = layout.encode(203, VALUES)
    raw = bytes.fromhex(bits)
    place = at(203, quantity)
    words[place.offset : place.offset + len(raw) // 2] = struct.unpack(f">{len(raw) // 2}H", raw)
    assert set(VALUES) - set(layout.decode(203, words, METER)) == {quantity}


@pytest.mark.parametrize("bits", ["7FC00000", "FFFFFFFF", "7FA00000", "7F800000", "FF800000"])
def test_a_float_that_is_no_number_is_absent(bits: str) -> None:
    words = layout.encode(213, VALUES)
    words[28:30] = struct.unpack(">2H", bytes.fromhex(bits))
    assert "power_w" not in layout.decode(213, words, METER)


def test_a_total_of_zero_is_zero_because_it_is_mandatory() -> None:
    values = layout.decode(203, layout.encode(203, VALUES | {"export_wh": 0.0}), METER)
    assert values["export_wh"] == 0.0


@pytest.mark.parametrize("scale", [11, -11, 0x7FFF, -0x8000])
def test_values_with_an_impossible_scale_factor_are_absent(scale: int) -> None:
    words = layout.encode(203, VALUES)
    words[22] = scale & 0xFFFF
    assert not {"power_w", "power_l1_w"} & set(layout.decode(203, words, METER))


def test_a_frequency_without_scale_factor_is_in_hertz() -> None:
    words = layout.encode(203, VALUES)
    words[16:18] = [50, 0x8000]
    assert layout.decode(203, words, METER)["frequency_hz"] == 50.0


@pytest.mark.parametrize(("scale", "power_w"), [(-3, 32.0), (-1, 3200.0), (0, 32000.0), (2, 3200000.0), (10, 3e11)])
def test_the_scale_factor_of_the_same_answer_is_used(scale: int, power_w: float) -> None:
    words = layout.encode(203, {"power_w": power_w}, {22: scale})
    assert layout.decode(203, words, METER)["power_w"] == power_w


def test_four_hundred_volts_at_a_hundredth_overflow_and_are_put_right() -> None:  # solaredge-modbus-multi#479
    words = captured({"PhVphA": -25536, "V_SF": -2})
    assert layout.decode(203, words, METER)["voltage_l1_v"] == 400.0
    assert layout.encode(203, {"voltage_l1_v": 400.0})[8] == -25536 & 0xFFFF


def test_a_solaredge_inverters_meter_counts_the_other_way_round() -> None:
    words = layout.encode(203, VALUES)
    values = layout.decode(203, words, Identity("WattNode", "WNC-3Y-400-MB"), Identity("SolarEdge", "SE10K"))
    assert (values["power_w"], values["power_l1_w"]) == (-872.0, -341.0)
    assert (values["import_wh"], values["power_factor"], values["current_l1_a"]) == (7812345.0, 0.65, 1.8)
    assert layout.decode(203, words, Identity("WattNode"))["power_w"] == 872.0  # by itself it does as specified


def test_counters_that_kostal_gives_a_sign_are_put_right() -> None:
    words = layout.encode(203, VALUES)
    words[38:40] = struct.unpack(">2H", struct.pack(">i", -1234567))
    assert layout.decode(203, words, Identity("KOSTAL", "KSEM"))["export_wh"] == 1234567.0
    assert layout.decode(203, words, METER)["export_wh"] == 2**32 - 1234567


@pytest.mark.parametrize(("raw", "scale", "factor"), [(6483, -2, 0.6483), (-98, 0, -0.98), (97, -2, 0.97), (100, 0, 1)])
def test_a_power_factor_is_a_share_however_it_is_told(raw: int, scale: int, factor: float) -> None:
    words = captured({"PF": raw, "PF_SF": scale})
    assert layout.decode(203, words, METER)["power_factor"] == pytest.approx(factor)


@pytest.mark.parametrize("model", [201, 211])
def test_the_only_voltage_may_stand_as_the_average(model: int) -> None:
    words = layout.encode(model, {"power_w": 100.0, "frequency_hz": 50.0})
    if model == 201:
        words[7], words[15] = 2301, 0xFFFF
    else:
        words[10:12] = struct.unpack(">2H", struct.pack(">f", 230.1))
    assert layout.decode(model, words, METER)["voltage_l1_v"] == pytest.approx(230.1)


def test_the_meter_behind_a_solaredge_inverter_as_it_was_captured() -> None:  # biemond/solaredge.modbus#15
    case = CASES["solaredge_meter_203"]
    values = layout.decode(203, captured(case["registers"]), METER)
    expected = case["expected"]
    assert [values[f"voltage_l{n}_v"] for n in (1, 2, 3)] == [expected[f"voltage_l{n}"] for n in (1, 2, 3)]
    assert [values[f"current_l{n}_a"] for n in (1, 2, 3)] == [0.0, expected["current_l2"], expected["current_l3"]]
    assert (values["frequency_hz"], values["power_w"]) == (expected["frequency"], expected["power_total"])
    assert [values[f"power_l{n}_w"] for n in (1, 2, 3)] == [0.0, expected["power_l2"], expected["power_l3"]]


def test_a_kostal_meter_as_it_was_captured() -> None:  # evcc-io/evcc#1267
    case = CASES["ksem_sunspec_203"]
    raw = dict(case["derived_raw"]) | {"PhVphA": 23360, "PF": 6483, "PF_SF": -2, "W_SF": 0}
    raw |= {name: case["expected"][name] for name in ("V_SF", "A_SF", "Hz_SF", "W", "WphA", "WphB", "WphC")}
    values = layout.decode(203, captured(raw), Identity("KOSTAL"))
    expected = case["expected"]
    found = [values[name] for name in ("voltage_l2_v", "voltage_l3_v", "current_l3_a", "frequency_hz", "power_w")]
    assert found == [expected[name] for name in ("PhVphB", "PhVphC", "AphC", "Hz", "W")]
    assert values["power_factor"] == pytest.approx(expected["PF"] / 100)


def test_a_common_model_as_it_was_captured() -> None:  # pysunspec2
    case = CASES["pysunspec2_common"]
    payload = bytes.fromhex(case["response_hex"])[3:-2]
    words = list(struct.unpack(f">{len(payload) // 2}H", payload))
    assert words[:2] == [0x5375, 0x6E53]
    assert layout.identity(words[2:]) == Identity("SunSpecTest", "TestDevice-1", "1.2.3", "sn-123456789")


def test_an_identity_is_told_as_people_read_it() -> None:
    assert str(Identity("Fronius", "Smart Meter 63A", "1.1", "123")) == "Fronius Smart Meter 63A no. 123"
    assert layout.identity(layout.common(METER)) == METER
    assert layout.identity([1, 66] + [0xFFFF] * 66) == Identity()


@given(
    model=st.sampled_from(layout.METER_MODELS),
    values=st.dictionaries(
        st.sampled_from(sorted(VALUES)), st.floats(min_value=0.02, max_value=300.0, allow_nan=False), min_size=1
    ),
)
def test_whatever_is_encoded_is_decoded_as_near_as_the_model_can(model: int, values: dict[str, float]) -> None:
    values = {name: 0.1 + value / 400 if name.startswith("power_factor") else value for name, value in values.items()}
    found = layout.decode(model, layout.encode(model, values), METER)
    for name, value in values.items():
        step = 1.0 if name.endswith(("_w", "_wh", "_va", "_var")) else 0.01
        assert found.get(name, 0.0) == pytest.approx(value, rel=1e-6, abs=step / 2 if model < 210 else 1e-6)


@given(model=st.sampled_from(layout.METER_MODELS), data=st.binary(min_size=152, max_size=152))
def test_whatever_registers_hold_decodes_to_numbers_or_to_nothing(model: int, data: bytes) -> None:
    words = struct.unpack(">76H", data)
    values = layout.decode(model, words, METER)
    assert all(value == value and abs(value) != float("inf") for value in values.values())
