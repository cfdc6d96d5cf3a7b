"""The page about readers says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers import feedback
from drivers.readers import address, codes
from drivers.readers.watched import Limits
from drivers.simulated.doorstep import Doorstep

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/readers.md").read_text()
KINDS = "|".join(re.escape(kind) for kind in address.KINDS)


@pytest.mark.parametrize("url", re.findall(rf"`((?:{KINDS}):[^`]+)`", PAGE))
def test_every_address_on_the_page_is_understood(url: str) -> None:
    assert address.parse_url(url).kind in address.KINDS


def test_every_kind_has_its_row_with_its_options() -> None:
    rows = {
        found[1]: found[2] for found in re.finditer(rf"^\|[^|]*\| `({KINDS}):[^|]*\| ([^|]*) \|$", PAGE, re.MULTILINE)
    }
    told = {kind: set(re.findall(r"`(\w+)`", row)) - {"decimal", "hex"} for kind, row in rows.items()}
    assert told == {kind: set(options) for kind, (_, options) in address.KINDS.items()}


def test_every_value_of_an_option_is_explained() -> None:
    for value in (*codes.FORMS, *codes.ORDERS, *address.FRAMES):
        assert f"`{value}`" in PAGE, value


def test_every_signal_is_in_the_table() -> None:
    table = PAGE.split("| signal |")[1]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(feedback.SIGNALS)


def test_the_lamps_of_the_page_can_be_had() -> None:
    (spec,) = re.findall(r"`(green=gpio[^`]+)`", PAGE)
    assert set(feedback.parse_lamps(spec).lines) == set(feedback.LAMPS)


def test_the_pauses_are_those_of_the_program() -> None:
    assert f"after {', '.join(f'{pause_s:g}' for pause_s in Limits().pauses_s)} s" in PAGE


@pytest.mark.parametrize("words", re.findall(r"`((?:present \w+ \w+)|(?:reader(?: \w+)?))`", PAGE.replace("\n", " ")))
def test_the_words_for_the_simulated_house_are_understood(words: str) -> None:
    assert Doorstep().obey("somebody", words.split()) in ("ok", "none", "error nobody listens")
