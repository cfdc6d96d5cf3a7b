"""The maps against the facts they were made from.

facts.json holds, for each map, what its sources say of each register: quantity, 0-based address, type, scale,
unit, and how many independent sources agree. Which they are stands in the map.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import QUANTITIES
from drivers.modbus import registers
from drivers.modbus.registers import Point

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts.json").read_text("utf-8"))
UNITS = {"power": "_w", "voltage": "_v", "current": "_a", "apparent": "_va", "reactive": "_var", "power_factor": ""}

# Facts under a name that says less than the map, with the quantity the map takes them for.
ONE_PHASE = {"apparent_l1": "apparent_va", "reactive_l1": "reactive_var", "power_factor_l1": "power_factor"}
TAKEN_AS: dict[str, dict[str, str]] = {
    **dict.fromkeys(("eastron-sdm120", "eastron-sdm220", "eastron-sdm230"), ONE_PHASE),
    **dict.fromkeys(("carlo-gavazzi-em111", "carlo-gavazzi-em112", "saia-ald1"), ONE_PHASE),
    **dict.fromkeys(("orno-we-504", "orno-we-514", "orno-we-515"), ONE_PHASE | {"energy_total": "import_wh"}),
    "shelly-pro-em-50-1": ONE_PHASE | {"energy_import_l1": "import_wh", "energy_export_l1": "export_wh"},
    "shelly-pro-em-50-2": {
        "voltage_l2": "voltage_l1_v", "current_l2": "current_l1_a", "power_l2": "power_l1_w",
        "apparent_l2": "apparent_va", "power_factor_l2": "power_factor",
    },
}  # fmt: skip

# Not marked as tested although each register has two sources, or more: the collected facts advise against it.
DOUBTED = {"siemens-pac1600", "siemens-pac2200", "carlo-gavazzi-em540", "dzg-dvh4013", "hager-ecr380d"}

# What the facts have and the map lacks, with the reason in the map's head or here.
LEFT_OUT: dict[str, set[str]] = {
    "bernecker-mpm3pm": {"power_factor_l1", "power_factor_l2", "power_factor_l3"},
    "carlo-gavazzi-em24-ethernet": {"voltage_l1_l2_v", "voltage_l2_l3_v", "voltage_l3_l1_v"},  # one source
    "carlo-gavazzi-em340": {
        "voltage_l1_l2_v", "voltage_l2_l3_v", "voltage_l3_l1_v",
        "apparent_va", "apparent_l1_va", "apparent_l2_va", "apparent_l3_va",
    },  # one source
    "carlo-gavazzi-em111": {"apparent_va", "power_factor"},  # one source
    "carlo-gavazzi-em112": {"apparent_va", "power_factor"},  # one source
    "eastron-sdm630": {"voltage_l1_l2_v", "voltage_l2_l3_v", "voltage_l3_l1_v"},
    "eastron-sdm72d-m-v2": {"voltage_l1_l2_v", "voltage_l2_l3_v", "voltage_l3_l1_v"},
    "finder-7m-24": {"power_l1_w", "reactive_l1_var", "apparent_l1_va", "power_factor_l1"},  # one phase: the totals
    "inepro-pro1": {"reactive_l1_var", "apparent_l1_va", "power_factor_l1"},  # one phase: the totals
    "janitza-umg604": {"apparent_l1_va", "apparent_l2_va", "apparent_l3_va"},  # one source
    "janitza-umg96": {"apparent_va", "apparent_l1_va", "apparent_l2_va", "apparent_l3_va"},  # one source
    "lovato-dmg610": {"power_factor_l1", "power_factor_l2", "power_factor_l3"},  # one source
    "schneider-iem3155": {"power_factor"},
    "shelly-pro-3em": {
        "apparent_l1_va", "apparent_l2_va", "apparent_l3_va", "power_factor_l1", "power_factor_l2", "power_factor_l3",
    },  # one source
    "siemens-pac2200": {
        "voltage_l1_l2_v", "voltage_l2_l3_v", "voltage_l3_l1_v", "apparent_l1_va", "apparent_l2_va", "apparent_l3_va",
    },  # no source
}  # fmt: skip


def ours(model: str, fact: str) -> str | None:
    """The quantity of a fact; None for what is none of Wattward's."""
    if fact in TAKEN_AS.get(model, {}):
        return TAKEN_AS[model][fact]
    if found := re.fullmatch(rf"({'|'.join(UNITS)})(?:_(import|export))?_(total|l[123])", fact):
        kind, direction, phase = found.groups()
        name = kind + ("" if phase == "total" else f"_{phase}") + UNITS[kind]
        return name + (f":{direction}" if direction else "")
    if found := re.fullmatch(r"energy_(import|export)_(total|l[123])", fact):
        return found[1] + ("" if found[2] == "total" else f"_{found[2]}") + "_wh"
    return {"frequency": "frequency_hz"}.get(fact, f"{fact}_v" if re.fullmatch(r"voltage_l\d_l\d", fact) else None)


def facts_of(model: str) -> dict[str, list[Any]]:
    """quantity -> address, type, scale, unit, confirmed by; "power_w:import" where the directions are split."""
    named = ((ours(model, name), rest) for name, *rest in FACTS[model]["points"])
    return {name: rest for name, rest in named if name is not None}


def parts(point: Point) -> dict[int, str]:
    """Where a point's parts begin, and under which names the facts have them."""
    if point.minus is not None:
        return {point.address: f"{point.quantity}:import", point.minus: f"{point.quantity}:export"}
    if point.plus and point.quantity.startswith("apparent"):
        return {point.address: f"{point.quantity}:import", point.plus[0]: f"{point.quantity}:export"}
    if point.plus:
        return {start: f"power_l{n}_w" for n, start in enumerate(point.starts, 1)}
    return {point.address: point.quantity}


def test_there_are_facts_for_every_map_and_a_map_for_every_fact() -> None:
    assert sorted(FACTS) == registers.names()
    assert len({facts["file"] for facts in FACTS.values()}) == 46


@pytest.mark.parametrize("model", registers.names())
def test_every_register_is_where_its_sources_say(model: str) -> None:
    facts = facts_of(model)
    used = set()
    for point in registers.load(model).points:
        for start, name in parts(point).items():
            if name == "power_w" and name not in facts:
                name = "power_l1_w"  # one phase
            address, kind, scale, unit, _ = facts[name]
            assert (start, point.type, point.scale) == (address, kind, scale), name
            assert point.unit == unit or unit == "kWh"
            used.add(name)
    given = {name.split(":")[0] for name in used} | {"power_l1_w"}
    assert set(facts) & set(QUANTITIES) - given == LEFT_OUT.get(model, set()) - given
    assert {point.word_order for point in registers.load(model).points} == {FACTS[model]["word_order"]}


@pytest.mark.parametrize("model", registers.names())
def test_a_map_marked_as_tested_rests_on_several_independent_sources(model: str) -> None:
    facts = facts_of(model)
    names = {name for point in registers.load(model).points for name in parts(point).values()}
    agreed = all((facts.get(name) or facts["power_l1_w"])[4] >= 2 for name in names)
    assert registers.load(model).model.tested == (agreed and model not in DOUBTED)


@pytest.mark.parametrize("model", registers.names())
def test_line_settings_are_those_of_the_sources(model: str) -> None:
    of, facts = registers.load(model), FACTS[model]
    unit, baud, parity = facts["defaults"]
    assert of.model.unit == (unit if isinstance(unit, int) else 1)
    assert of.model.baud == (baud if isinstance(baud, int) else of.model.baud)
    assert of.model.parity == (parity or "N")[0]
    assert of.function in facts["functions"]
    assert of.max_read <= (facts["max_read"] or 125)
    assert of.gap_s * 1000 >= (facts["gap_ms"] or 0)


@pytest.mark.parametrize("model", registers.names())
def test_line_settings_that_no_maker_confirms_are_said_to_be_so(model: str) -> None:
    of = registers.load(model)
    warned = any(note.startswith(("Unverified: ", "Speed and parity are set", "It is set up")) for note in of.notes)
    assert warned == ("rtu" in of.model.transports and not FACTS[model]["verified"])


@pytest.mark.parametrize("model", registers.names())
def test_every_map_gives_power_and_what_shows_that_it_is_the_right_one(model: str) -> None:
    of = registers.load(model)
    assert "power_w" in of.model.quantities
    assert of.unprovable == (model == "eastron-sdm72d-m-v1")
    assert of.source and of.notes
    assert set(of.model.quantities) <= set(QUANTITIES)


def test_every_other_name_leads_to_its_meter() -> None:
    assert {name: of["map"] for name, of in registers.aliases().items()} == {
        "finder-7e-23": "saia-ald1",
        "kostal-kem-c": "carlo-gavazzi-em340",
        "kostal-kem-p": "eastron-sdm630",
        "wago-879-30xx": "inepro-pro380",
        "weidmueller-em111-rtu-2p": "eastron-sdm230",
        "weidmueller-em120-rtu-2p": "eastron-sdm630",
        "weidmueller-em525": "janitza-umg96",
    }
    kem = registers.load("kostal-kem-p")
    assert (kem.model.name, kem.model.vendor, kem.model.title) == ("kostal-kem-p", "KOSTAL", "KEM-P")
    assert kem.points == registers.load("eastron-sdm630").points
    assert len(registers.models()) == 55
    with pytest.raises(KeyError):
        registers.load("kostal-kem-x")


def test_models_that_hold_the_same_registers_share_their_marks_and_others_do_not() -> None:
    seen: dict[tuple[int, int], list[tuple[str, set[tuple[int, ...]]]]] = {}
    for name in registers.names():
        for mark in registers.load(name).identify:
            assert mark.identifies(mark.example)
            values = set(mark.values)
            for other, others in seen.get((mark.address, mark.count), []):
                assert values == others or not values & others, f"{name} and {other}"
            seen.setdefault((mark.address, mark.count), []).append((name, values))
    assert (11, 1) in seen and len(seen[11, 1]) == 6  # Carlo Gavazzi: one register, other codes
