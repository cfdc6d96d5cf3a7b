"""The maps against the facts they were made from (facts.json, each with its sources)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.modbus import registers

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts.json").read_text("utf-8"))


@pytest.mark.parametrize("model", registers.names())
def test_every_register_is_where_its_sources_say(model: str) -> None:
    facts = {point["quantity"]: point for point in FACTS[model]["points"]}
    for point in registers.load(model).points:
        fact = facts.pop(point.quantity)
        found = (point.address, point.type, point.scale, point.unit, point.word_order)
        assert found == (fact["address"], fact["type"], fact["scale"], fact["unit"], fact["word_order"]), point.quantity
        opposite = facts.pop(f"{point.quantity}:minus", None)
        assert point.minus == (opposite["address"] if opposite else None)
    assert not facts, "the meter has these quantities, the map lacks them"


@pytest.mark.parametrize("model", registers.names())
def test_a_map_marked_as_tested_rests_on_several_independent_sources(model: str) -> None:
    assert registers.load(model).model.tested == all(fact["confirmed_by"] >= 2 for fact in FACTS[model]["points"])


@pytest.mark.parametrize("model", registers.names())
def test_line_settings_are_those_of_the_vendor(model: str) -> None:
    of, facts = registers.load(model), FACTS[model]
    assert (of.model.unit, of.model.baud, of.model.parity) == tuple(facts["defaults"].values())
    assert of.function == facts["function"]
    assert of.max_read == (facts["max_read"] or 125)
    assert of.gap_s * 1000 >= (facts["gap_ms"] or 0)
