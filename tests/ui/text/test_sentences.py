"""What the appliance reports arrives as a sentence in the reader's language, whoever said it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import errors
from appliance.charging import overview, sessions
from appliance.faults import Fault
from appliance.metering import meters
from appliance.store import migrate
from ui.text import sentences
from ui.text.catalog import Texts

ENGLISH, GERMAN = Texts("en"), Texts("de")


def test_a_fault_keeps_its_values_in_every_language() -> None:
    message = "Nothing answers for {meter} at {address}: check power, network cable, address, port and firewall."
    values: dict[str, object] = {"meter": "Grid", "address": "192.0.2.10:502"}
    fault = Fault("meter:1", "unreachable", message, values, datetime(2026, 11, 21, tzinfo=UTC))
    assert sentences.fault(ENGLISH, fault) == fault.sentence
    assert "192.0.2.10:502" in sentences.fault(GERMAN, fault)
    assert sentences.fault(GERMAN, fault) != fault.sentence


@pytest.mark.parametrize("texts", [ENGLISH, GERMAN])
def test_a_colon_in_a_name_does_not_cut_what_is_wrong(texts: Texts) -> None:
    values: dict[str, object] = {"meter": "Garage: left", "address": "192.0.2.10:502"}
    since = datetime(2026, 11, 21, tzinfo=UTC)
    named = "Nothing answers for {meter} at {address}: check power, network cable, address, port and firewall."
    what, todo = sentences.fault_parts(texts, Fault("meter:1", "unreachable", named, values, since))
    assert "Garage: left" in what and "192.0.2.10:502" in what
    assert todo and "left" not in todo
    led_by = Fault("meter:1", "unreachable", named.replace(" for {meter}", ""), values, since)
    assert sentences.fault_parts(texts, led_by)[0].startswith("Garage: left \N{EN DASH} ")


def test_an_error_is_translated_with_its_values() -> None:
    error = errors.NotFound("There is no user with the number {number}.", number=7)
    assert sentences.error(GERMAN, error) == "Es gibt keinen Benutzer mit der Nummer 7."


@pytest.mark.parametrize("state", overview.STATES)
def test_every_state_of_a_point_has_words_in_both_languages(state: str) -> None:
    assert sentences.point_state(ENGLISH, state) != state
    assert sentences.point_state(GERMAN, state) != sentences.point_state(ENGLISH, state)


@pytest.mark.parametrize("role", meters.ROLES)
def test_every_role_of_a_meter_has_a_word(role: str) -> None:
    assert sentences.role(ENGLISH, role)[0].isupper()


def test_every_end_the_store_knows_has_words_in_both_languages() -> None:
    schema = (Path(migrate.__file__).parent / "migrations" / "001-house.sql").read_text()
    ends = re.search(r"end_reason\s+TEXT CHECK \(end_reason IN\s+\(([^)]*)\)", schema)
    assert ends is not None
    for reason in re.findall(r"'(\w+)'", ends[1]):
        assert sentences.end_reason(GERMAN, reason) != reason
        assert "_" not in sentences.end_reason(ENGLISH, reason)
    assert sentences.end_reason(GERMAN, None) == ""


@pytest.mark.parametrize("code", sessions.REMARKS)
def test_every_remark_of_a_session_is_translated(code: str) -> None:
    assert GERMAN.gettext(sessions.REMARKS[code]) != sessions.REMARKS[code]
