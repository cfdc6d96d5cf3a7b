"""Guessing at the web admin for days, with a clock that is a fake: how often somebody is heard, and what it wins."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest

from appliance import audit
from appliance.access import totp, verifier, web_accounts, web_sign_in, web_window
from appliance.access.web_sign_in import HalfWay, Refusal
from appliance.opened import Opened
from tests.appliance.access.test_totp import now_code
from tests.fake_clock import FakeClock

GOOD = "kettle orbit 9"
DAYS = 5
QUARTERS_A_DAY = 96  # the longest wait is 15 minutes
CODES = 1_000_000  # of six digits; three steps of time are good at once


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def otto(opened: Opened) -> int:
    web_accounts.ensure_default(opened)
    return web_accounts.add(opened, audit.CLI, "Otto", "admin", GOOD)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every guess that was compared."""
    found: list[str] = []
    real = verifier.matches

    def matches(kept: str | None, typed: str) -> bool:
        found.append(typed)
        return real(kept, typed)

    monkeypatch.setattr(verifier, "matches", matches)
    return found


def guess(opened: Opened, clock: FakeClock, word: str, address: str) -> None:
    """One guess, and the wait it costs, but not beyond the window."""
    answer = web_sign_in.sign_in(opened, "Otto", word, "", address, "attacker")
    assert isinstance(answer, Refusal)
    clock.advance(max(0.01, min(answer.wait_s, web_window.state(opened.store, clock).remaining_s)))


def test_a_window_of_ten_minutes_lets_somebody_guess_seven_times(
    opened: Opened, otto: int, clock: FakeClock, looked_at: list[str]
) -> None:
    web_window.enable(opened.store, clock, audit.TOUCH)
    number = 0
    while web_window.state(opened.store, clock).open:
        guess(opened, clock, f"guess {number}", f"192.168.1.{number % 250}")
        number += 1
    assert 4 < len(looked_at) <= 7


def test_a_window_open_for_days_is_worth_a_guess_each_quarter_of_an_hour(
    opened: Opened, otto: int, clock: FakeClock, looked_at: list[str]
) -> None:  # X-09, SECURITY.md section 8
    end, number, signed_in = clock.now() + timedelta(days=DAYS), 0, 0
    while clock.now() < end:
        web_window.enable(opened.store, clock, audit.TOUCH)  # somebody opens it again and again
        guess(opened, clock, f"guess {number}", "192.168.1.66")
        number += 1
        if number % 100 == 0:  # Otto signs in once a day, when he may
            signed_in += isinstance(web_sign_in.sign_in(opened, "Otto", GOOD, "", "192.168.1.5", "his"), str)
    assert signed_in > 0  # strangers do not keep him out
    assert len(looked_at) <= DAYS * QUARTERS_A_DAY + 20 * DAYS


def test_who_knows_the_password_finds_no_code_in_a_month_of_daily_windows(
    opened: Opened, otto: int, clock: FakeClock
) -> None:  # A003-37
    web_window.enable(opened.store, clock, audit.TOUCH)
    secret = totp.new_secret()
    totp.turn_on(opened, otto, "Otto", audit.CLI, secret, now_code(opened, secret))
    guesses = 0
    for _day in range(30):
        web_window.enable(opened.store, clock, audit.TOUCH)
        while web_window.state(opened.store, clock).open:
            half = web_sign_in.sign_in(opened, "Otto", GOOD, "", "192.168.1.66", "attacker")
            wait_s = half.wait_s if isinstance(half, Refusal) else 0.0
            if isinstance(half, HalfWay):
                right = {now_code(opened, secret, later) for later in (-30, 0, 30)}
                wrong = next(f"{code:06}" for code in range(guesses, CODES) if f"{code:06}" not in right)
                answer = web_sign_in.give_code(opened, half, wrong, "192.168.1.66", "attacker")
                assert isinstance(answer, Refusal)
                wait_s = answer.wait_s
                guesses += not wait_s
            clock.advance(max(0.01, min(wait_s, web_window.state(opened.store, clock).remaining_s)))
        clock.advance(86400)
    assert guesses <= 7 * 30
    assert 3 * guesses / CODES < 0.001
