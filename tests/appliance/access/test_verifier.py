"""Secrets are kept as Argon2id and compared at the same cost whether or not there is one."""

from __future__ import annotations

import argon2
from argon2 import extract_parameters

from appliance.access import verifier


def test_only_the_secret_itself_matches() -> None:
    kept = verifier.make("correct horse")
    assert verifier.matches(kept, "correct horse")
    assert not verifier.matches(kept, "correct horse ")


def test_nobodys_verifier_costs_as_much_as_a_real_one_and_is_never_right() -> None:
    real, nobody = extract_parameters(verifier.make("x")), extract_parameters(verifier.NOBODY)
    assert real == nobody
    assert real.type is argon2.Type.ID
    assert not verifier.matches(None, "x")


def test_the_same_secret_is_kept_differently_each_time() -> None:
    assert verifier.make("x") != verifier.make("x")


def test_a_damaged_verifier_opens_nothing() -> None:
    assert not verifier.matches("plain", "plain")
    assert not verifier.matches("", "")
