"""Which values are believed, and which meters can be taken for another."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from drivers.modbus import plausibility, registers
from tests.drivers.modbus.values import VALUES, shown

# Models whose registers are the same, so that one's map shows the other's values as they are.
FAMILIES = (
    {"abb-b21", "abb-b23-b24"},
    {"b-control-em300", "kostal-ksem-g1", "kostal-ksem-g2", "tq-em420"},
    {"carlo-gavazzi-em111", "carlo-gavazzi-em112"},
    {"carlo-gavazzi-em24-ethernet", "carlo-gavazzi-em340", "carlo-gavazzi-em540"},
    {"eastron-sdm120", "eastron-sdm220", "eastron-sdm230", "eastron-sdm630", "eastron-sdm72d-m-v2"},
    {"finder-7m-24", "finder-7m-38"},
    {"inepro-pro1", "inepro-pro380"},
    {"orno-we-514", "orno-we-515"},
    {"orno-we-516", "orno-we-517"},
    {"saia-ald1", "saia-ale3"},
    {"socomec-countis-e03", "socomec-countis-e23"},
)


def read_as(taken_for: str, held: Mapping[int, Mapping[int, int]]) -> dict[str, float]:
    """What a map shows of a meter that answers every read; 0 where it has nothing."""
    found = {}
    for point in registers.load(taken_for).points:
        mine = held[point.function]
        value = registers.decode(point, {address: mine.get(address, 0) for address in point.addresses})
        if mine and value is not None:
            found[point.quantity] = value
    return found


def is_believed(model: str, values: Mapping[str, float]) -> bool:
    quantities = registers.load(model).model.quantities
    return not plausibility.is_empty(values, quantities) and plausibility.first_impossible(values) is None


@pytest.mark.parametrize("taken_for", registers.names())
def test_a_meter_of_another_family_is_refused_even_if_it_answers_every_read(taken_for: str) -> None:
    family = next((family for family in FAMILIES if taken_for in family), {taken_for})
    believed = set()
    for model in registers.names():
        held = {function: registers.image(registers.load(model), shown(model), function) for function in (3, 4)}
        if is_believed(taken_for, read_as(taken_for, held)):
            believed.add(model)
    if registers.load(taken_for).unprovable:
        assert taken_for == "eastron-sdm72d-m-v1"  # it shows nothing that another meter does not: the map says so
    else:
        assert taken_for in believed and believed <= family


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("power_w", math.nan), ("power_w", math.inf), ("power_w", 1.1e6), ("power_l2_w", -1.1e6), ("power_w", 1e-38),
        ("apparent_va", 2e6), ("reactive_l1_var", -2e6), ("power_factor_l1", math.nan),
        ("voltage_l1_v", 0.0), ("voltage_l1_v", 79.0), ("voltage_l1_v", 301.0), ("voltage_l3_v", -1.0),
        ("voltage_l3_v", 301.0), ("voltage_l1_l2_v", 551.0), ("frequency_hz", 500.0), ("frequency_hz", 0.0),
        ("current_l1_a", 1e6), ("import_wh", -1.0), ("export_l1_wh", 1e13), ("import_wh", math.nan),
    ],
)  # fmt: skip
def test_what_no_house_shows_is_impossible(quantity: str, value: float) -> None:
    assert plausibility.first_impossible(VALUES | {quantity: value}) == quantity


@pytest.mark.parametrize(
    ("quantity", "value"),
    [("power_w", 0.0), ("power_w", -9e5), ("voltage_l2_v", 0.0), ("voltage_l1_l2_v", 0.0), ("voltage_l1_l2_v", 520.0),
     ("voltage_l1_v", 120.0), ("frequency_hz", 60.0), ("import_wh", 0.0), ("current_l1_a", -30.0)],
)  # fmt: skip
def test_what_a_house_may_show_is_possible(quantity: str, value: float) -> None:
    assert plausibility.first_impossible(VALUES | {quantity: value}) is None


def test_a_reading_without_proof_is_empty_but_not_where_the_map_has_none() -> None:
    power = {"power_w": 500.0, "import_wh": 1000.0}
    assert plausibility.is_empty(power)
    assert plausibility.is_empty(power, ("power_w", "import_wh", "voltage_l1_v"))
    assert not plausibility.is_empty(power | {"frequency_hz": 50.0}, ("power_w", "voltage_l1_v", "frequency_hz"))
    assert not plausibility.is_empty(power, ("power_w", "import_wh"))
    assert plausibility.is_empty({}, ("power_w", "import_wh"))
