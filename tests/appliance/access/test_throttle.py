"""Waits grow, survive restarts and reboots, and a typo repeated counts once."""

from __future__ import annotations

import pytest

from appliance.access import throttle
from appliance.opened import Opened
from appliance.store.database import Store
from tests.fake_clock import FakeClock


def fail(opened: Opened, guess: str) -> float:
    with opened.store.write() as db:
        return throttle.count(db, opened.clock, "door", guess.encode())


def wait(opened: Opened) -> float:
    return throttle.waiting(opened.store, opened.clock, "door")


@pytest.mark.parametrize(
    ("failures", "wait_s"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 60),
        (6, 300),
        (7, 900),
        (8, 1800),
        (9, 5400),
        (10, 14400),
        (11, 43200),
        (12, 129600),
        (13, 4 * 86400),
        (14, 12 * 86400),
        (15, 36 * 86400),
        (18, 972 * 86400),
        (19, 3285 * 86400),
    ],
)
def test_the_wait_after_so_many_failures_is_the_table_of_the_specification(failures: int, wait_s: float) -> None:
    assert throttle.wait_for(failures) == wait_s  # A003-05, reading 17


def test_after_twenty_failures_there_are_no_more_guesses() -> None:  # SECURITY.md section 8
    assert throttle.wait_for(20) == throttle.wait_for(500) == throttle.NEVER_S


def test_waits_never_grow_beyond_the_callers_bound() -> None:
    assert throttle.wait_for(500, longest_s=900) == 900


def test_the_fifth_failure_costs_a_minute_that_passes(opened: Opened, clock: FakeClock) -> None:
    assert [fail(opened, str(number)) for number in range(5)] == [0, 0, 0, 0, 60]
    clock.advance(59)
    assert wait(opened) == 1
    clock.advance(1)
    assert wait(opened) == 0


def test_the_same_wrong_guess_within_five_minutes_counts_once(opened: Opened, clock: FakeClock) -> None:
    for _ in range(8):
        fail(opened, "typo")
    assert wait(opened) == 0
    clock.advance(301)
    fail(opened, "typo")
    with opened.store.read() as db:
        assert throttle.failures(db, "door") == 2


def test_a_restart_of_the_program_keeps_count_and_wait(opened: Opened) -> None:
    for number in range(6):
        fail(opened, str(number))
    again = Store(opened.home.store_db)
    assert throttle.waiting(again, opened.clock, "door") == 300
    again.close()


def test_after_a_reboot_the_wait_starts_again_and_is_no_free_guess(opened: Opened, clock: FakeClock) -> None:
    for number in range(6):
        fail(opened, str(number))
    clock.advance(299)
    clock.reboot()
    assert wait(opened) >= 290  # a reboot costs the whole wait again
    fail(opened, "next")
    assert wait(opened) == 900


def test_setting_the_calendar_shortens_no_wait(opened: Opened, clock: FakeClock) -> None:
    for number in range(5):
        fail(opened, str(number))
    clock.set(clock.now().replace(year=2030))
    assert wait(opened) == 60


def test_forgiving_ends_the_count_of_this_name_only(opened: Opened) -> None:
    for number in range(5):
        fail(opened, str(number))
    with opened.store.write() as db:
        throttle.count(db, opened.clock, "other", b"x")
        throttle.forgive(db, "door")
    with opened.store.read() as db:
        assert throttle.failures(db, "door") == 0
        assert throttle.failures(db, "other") == 1


def test_guesses_are_kept_only_as_hashes_given_by_the_caller_and_at_most_five(opened: Opened) -> None:
    for number in range(9):
        fail(opened, f"guess{number}")
    with opened.store.read() as db:
        recent: str = db.execute("SELECT recent FROM throttles").get
    assert recent.count(",") == throttle.REMEMBERED - 1


def test_a_right_guess_takes_back_only_what_were_typos_of_it(opened: Opened) -> None:
    for guess in ("271827", "999999", "172828", "000000"):
        fail(opened, guess)
    with opened.store.write() as db:
        assert throttle.forgive_typos(db, "door", [b"271827", b"172828", b"271829"]) == 2
        assert throttle.forgive_typos(db, "door", [b"271827"]) == 0
        assert throttle.forgive_typos(db, "unknown door", [b"271827"]) == 0
        assert throttle.failures(db, "door") == 2


def test_a_typo_that_was_taken_back_counts_when_it_is_made_again(opened: Opened) -> None:
    fail(opened, "typo")
    with opened.store.write() as db:
        throttle.forgive_typos(db, "door", [b"typo"])
    fail(opened, "typo")
    with opened.store.read() as db:
        assert throttle.failures(db, "door") == 1
