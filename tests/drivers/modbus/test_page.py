"""The page about meters."""

from __future__ import annotations

from pathlib import Path

from drivers.modbus import page, registers

COMMITTED = Path(__file__).parents[3] / "docs" / "meters.md"


def test_the_committed_page_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == page.page(), "run: python -m drivers.modbus.page > docs/meters.md"


def test_the_page_shows_every_register_of_every_model() -> None:
    text = page.page()
    for name in registers.names():
        of = registers.load(name)
        assert f"(`{name}`)" in text
        for point in of.points:
            assert f"| `{point.quantity}` | {point.unit} | {point.address}" in text
        for source in of.source:
            assert source in text


def test_a_model_that_rests_on_one_source_says_so() -> None:
    text = (Path(registers.__file__).parent / "maps" / "eastron-sdm630.toml").read_text("utf-8")
    untested = registers.parse("acme", text.replace("tested     = true", "tested     = false"))
    assert "untested: rests on one source" in "\n".join(page._overview([untested]))  # the one line that differs
