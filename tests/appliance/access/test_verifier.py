"""Secrets are kept as Argon2id and compared at the same cost whether or not there is one."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
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


def test_a_crowd_of_visitors_does_not_take_the_boards_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same wrong password again costs no wait, and the web admin has 64 threads of 19 MiB each."""
    at_work, most = 0, 0
    lock = threading.Lock()

    class Counting:
        def verify(self, _verifier: str, _secret: str) -> bool:
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            time.sleep(0.005)
            with lock:
                at_work -= 1
            return True

    monkeypatch.setattr(verifier, "HASHER", Counting())
    with ThreadPoolExecutor(32) as visitors:
        assert all(visitors.map(lambda _: verifier.matches("kept", "secret"), range(64)))
    assert most == 2
