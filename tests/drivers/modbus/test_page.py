"""The page about meters."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.modbus import page, registers, rules

COMMITTED = Path(__file__).parents[3] / "docs" / "meters.md"


def test_the_committed_page_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == page.page(), "run: python -m drivers.modbus.page > docs/meters.md"


@pytest.mark.parametrize("name", registers.names())
def test_the_page_shows_every_register_of_every_model(name: str) -> None:
    of = registers.load(name)
    section = page.page().split(f"(`{name}`)\n")[1].split("\n## ")[0]
    for point in of.points:
        assert f"`{point.quantity}`: {point.address}" in section
        assert point.minus is None or f"− {point.minus}" in section
        assert all(f"+ {address}" in section for address in point.plus)
    for text in (*of.source, *of.notes):
        assert text in section


def test_a_model_that_rests_on_one_source_says_so_in_the_overview_and_in_its_section() -> None:
    text = page.page()
    overview, sections = text.split("## ABB B21", 1)
    for name in registers.names():
        row = next(line for line in overview.splitlines() if f"| `{name}` |" in line)
        tested = registers.load(name).model.tested
        assert row.endswith("| confirmed |" if tested else "| *untested* |")
        section = ("## ABB B21" + sections).split(f"(`{name}`)\n")[1].split("\n## ")[0]
        assert ("* *Untested*" in section) != tested


def test_meters_sold_under_other_names_are_in_the_overview() -> None:
    text = page.page()
    assert "| KOSTAL KEM-P | `kostal-kem-p` |" in text and "| as `eastron-sdm630` |" in text
    assert "any meter | `sunspec` |" in text


def test_every_key_of_a_map_is_explained() -> None:
    adding = page.page().split("## Adding a meter\n")[1]
    for by in (rules.MAP_RULES, rules.POINT_RULES, rules.MARK_RULES, rules.LABEL_RULES):
        for key, rule in by.items():
            assert f"`{key}` |" in adding and (rule.needed or f"`{key}` | " in adding)
    assert "| `registers` | `plus` | a list of addresses, or left out |" in adding
