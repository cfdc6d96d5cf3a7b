"""The rule: every combination, and which reason comes first."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from inspect import signature
from itertools import product

import pytest

from appliance.charging import rules
from appliance.charging.rules import Candidate, Result

TODAY = date(2026, 11, 21)
YESTERDAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 22)

# What speaks against a start, in the order in which it is the answer (reading 1).
ORDER = (
    "mode", "type_disabled", "locked_out", "unknown", "blocked", "inactive", "stop_only", "expired", "hours",
    "allowance", "used_up", "uncounted", "second_factor",
)  # fmt: skip
EVERY_COMBINATION = list(product((False, True), repeat=len(ORDER)))


@pytest.mark.parametrize("mode", rules.STARTS)
@pytest.mark.parametrize("closed", ["locked", "outside", "time", ""])
@pytest.mark.parametrize(
    ("today", "good_until", "bad_until"),
    [(TODAY, None, YESTERDAY), (TODAY, TODAY, YESTERDAY), (TODAY, TOMORROW, YESTERDAY), (None, None, TOMORROW)],
)
def test_the_first_failing_reason_is_the_answer_in_every_combination(
    mode: str, closed: str, today: date | None, good_until: date | None, bad_until: date
) -> None:  # reading 1
    for against in EVERY_COMBINATION:
        holds = dict(zip(ORDER, against, strict=True))
        candidate = Candidate(
            user_blocked=holds["blocked"], active=not holds["inactive"], stop_only=holds["stop_only"],
            expires_on=bad_until if holds["expired"] else good_until, in_hours=not holds["hours"],
            has_allowance=not holds["allowance"], used_up=holds["used_up"], uncounted=holds["uncounted"],
            lacks_factor=holds["second_factor"],
        )  # fmt: skip
        result = rules.decide(
            mode=closed if holds["mode"] else mode,
            type_enabled=not holds["type_disabled"],
            locked_out=holds["locked_out"],
            candidate=None if holds["unknown"] else candidate,
            today=today,
        )
        assert result == next((reason for reason in ORDER if holds[reason]), "accepted"), holds


@pytest.mark.parametrize(
    ("expires_on", "today", "expired"),
    [
        (None, TODAY, False),
        (None, None, False),
        (TODAY, TODAY, False),
        (TOMORROW, TODAY, False),
        (YESTERDAY, TODAY, True),
        (TOMORROW, None, True),  # without a trusted date nothing with an expiry is good
    ],
)
def test_a_code_is_good_through_its_last_day(expires_on: date | None, today: date | None, expired: bool) -> None:
    assert rules.is_expired(expires_on, today) is expired


@pytest.mark.parametrize(
    ("terminal", "digits", "wrong_lately", "asks"),
    [
        ("touch", 4, 0, True),
        ("touch", 5, 0, True),
        ("touch", 6, 0, False),
        ("touch", 8, 4, False),
        ("touch", 6, 5, True),
        ("touch", 8, 5, True),
        ("cli", 4, 0, False),
        ("cli", 8, 99, False),
    ],
)
def test_who_must_say_who_they_are(terminal: str, digits: int, wrong_lately: int, asks: bool) -> None:  # reading 17
    assert rules.must_name_oneself(terminal, digits, wrong_lately) is asks


def test_only_answers_after_a_look_at_the_code_are_guesses() -> None:
    before = {Result.MODE, Result.TYPE_DISABLED, Result.LOCKED_OUT, Result.NAME_NEEDED}
    good = {Result.ACCEPTED, Result.STOPPED, Result.LEARNED, Result.TAKEN}
    assert set(rules.GUESSES) == set(Result) - before - good


def test_the_table_has_every_reason_and_every_fact_the_rule_looks_at() -> None:
    facts = {field.name for field in fields(Candidate)}
    asked = {"mode", "type_enabled", "locked_out", "candidate", "today"}
    assert set(signature(rules.decide).parameters) == asked
    assert len(ORDER) == len(facts) + len(asked) - 1, "`today` and `expires_on` are one reason; the candidate is one"
    later = {"accepted", "busy", "stopped", "learned", "taken", "name_needed"}  # decided around the rule, not by it
    assert set(ORDER) == {one.value for one in Result} - later
