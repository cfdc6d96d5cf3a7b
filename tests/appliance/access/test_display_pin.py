"""The settings PIN: chosen twice, guessed slowly, cleared alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from appliance import audit
from appliance.access import display_pin, throttle, verifier
from appliance.errors import BadInput, Refused
from appliance.opened import Opened
from tests.fake_clock import FakeClock

PIN = "2580"


@pytest.fixture
def with_pin(opened: Opened) -> Opened:
    display_pin.set_first(opened, PIN, PIN)
    return opened


def test_there_is_no_default_pin(opened: Opened) -> None:  # A003-04
    assert not display_pin.is_set(opened.store)
    with pytest.raises(Refused, match="choose one first"):
        display_pin.check(opened, "0000")


def test_the_first_pin_must_be_typed_twice_the_same(opened: Opened) -> None:  # A003-04
    with pytest.raises(BadInput, match="not the same"):
        display_pin.set_first(opened, PIN, "2581")
    assert not display_pin.is_set(opened.store)


@pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "#123", "١٢٣٤", "1234\n"])
def test_a_pin_has_exactly_four_digits(opened: Opened, pin: str) -> None:  # A003-03
    with pytest.raises(BadInput, match="exactly 4 digits"):
        display_pin.set_first(opened, pin, pin)


@pytest.mark.parametrize("pin", ["0000", "9999", "1234", "0123", "7890", "4321", "3210", "0987", "1212", "6969"])
def test_pins_that_everybody_tries_first_are_refused(opened: Opened, pin: str) -> None:
    with pytest.raises(BadInput, match="too easy"):
        display_pin.set_first(opened, pin, pin)


def test_a_pin_that_is_set_cannot_be_set_first_again(with_pin: Opened) -> None:
    with pytest.raises(Refused, match="change it"):
        display_pin.set_first(with_pin, "1379", "1379")
    assert display_pin.check(with_pin, PIN).ok


def test_only_the_right_pin_opens(with_pin: Opened) -> None:
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True)
    assert display_pin.check(with_pin, "2581") == display_pin.Check(ok=False, tries_left_before_wait=4)


def test_wrong_pins_cost_the_waits_and_then_even_the_right_one_must_wait(with_pin: Opened, clock: FakeClock) -> None:
    for guess in ("1001", "1002", "1003", "1004"):
        assert display_pin.check(with_pin, guess).wait_s == 0
    assert display_pin.check(with_pin, "1005") == display_pin.Check(ok=False, wait_s=60)  # A003-05
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=False, wait_s=60)
    clock.advance(60)
    assert display_pin.look(with_pin.store, clock) == display_pin.Check(ok=False, tries_left_before_wait=1)
    assert display_pin.check(with_pin, "1006").wait_s == 300
    clock.advance(300)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True, wrong=6)
    assert display_pin.look(with_pin.store, clock) == display_pin.Check(ok=False, tries_left_before_wait=1)


def test_the_right_pin_takes_back_what_were_typos_of_it(with_pin: Opened, clock: FakeClock) -> None:
    for typo in ("2581", "5280", "9580", "2850"):
        display_pin.check(with_pin, typo)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True)
    assert display_pin.look(with_pin.store, clock).tries_left_before_wait == 5


def guess_until_waiting(opened: Opened, clock: FakeClock, begin: int, wait_at_most_s: float) -> int:
    """Guess as long as no wait is longer; return how many guesses were looked at."""
    made = 0
    while True:
        wait_s = display_pin.look(opened.store, clock).wait_s
        if wait_s > wait_at_most_s:
            return made
        clock.advance(wait_s)
        assert not display_pin.check(opened, f"{begin + made:04}").ok
        made += 1


def test_who_watches_the_household_come_in_gets_twenty_guesses_in_ten_years(with_pin: Opened, clock: FakeClock) -> None:
    guesses = visits = 0
    for _week in range(520):
        guesses += guess_until_waiting(with_pin, clock, 3000 + guesses, wait_at_most_s=900)
        clock.advance(7 * 86400)
        visits += display_pin.check(with_pin, PIN).ok
    assert guesses <= 20
    assert visits >= 2  # they did get in, and gave no new guesses by it


def test_a_slip_of_the_household_costs_a_minute_however_many_guesses_others_made(
    with_pin: Opened, clock: FakeClock
) -> None:
    guess_until_waiting(with_pin, clock, 3000, wait_at_most_s=86400)
    clock.advance(2 * 86400)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True, wrong=12)
    assert display_pin.check(with_pin, "2589").wait_s == 60
    clock.advance(60)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True, wrong=12)


def test_a_second_wrong_pin_after_the_right_one_costs_the_whole_wait(with_pin: Opened, clock: FakeClock) -> None:
    guess_until_waiting(with_pin, clock, 3000, wait_at_most_s=900)
    clock.advance(1800)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True, wrong=8)
    assert display_pin.check(with_pin, "4001").wait_s == 60
    clock.advance(60)
    assert display_pin.check(with_pin, "4002").wait_s == 14400  # the tenth


def test_the_twentieth_guess_is_the_last_also_right_after_the_right_pin(with_pin: Opened, clock: FakeClock) -> None:
    with with_pin.store.write() as db:
        for number in range(19):
            throttle.count(db, clock, display_pin.NAME, bytes([number]))
    clock.advance(3285 * 86400)
    assert display_pin.check(with_pin, PIN) == display_pin.Check(ok=True, wrong=19)
    assert display_pin.check(with_pin, "4001").wait_s == throttle.NEVER_S


def test_a_changed_pin_was_never_guessed_at(with_pin: Opened, clock: FakeClock) -> None:
    guess_until_waiting(with_pin, clock, 3000, wait_at_most_s=900)
    clock.advance(1800)
    assert display_pin.change(with_pin, PIN, "1379", "1379").ok
    assert display_pin.look(with_pin.store, clock).tries_left_before_wait == 5
    assert display_pin.check(with_pin, "1379") == display_pin.Check(ok=True)


def test_a_guess_is_counted_before_it_is_looked_at(with_pin: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(_kept: str | None, _secret: str | bytes) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(verifier, "matches", power_cut)
    with pytest.raises(KeyboardInterrupt):
        display_pin.check(with_pin, "1001")
    with with_pin.store.read() as db:
        assert throttle.failures(db, display_pin.NAME) == 1


def test_many_guesses_at_once_are_counted_one_by_one(with_pin: Opened) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: display_pin.check(with_pin, f"{number:04}"), range(1100, 1116)))
    assert not any(answer.ok for answer in answers)
    with with_pin.store.read() as db:
        assert throttle.failures(db, display_pin.NAME) == 5  # the others met the wait


def test_what_cannot_be_a_pin_is_not_counted(with_pin: Opened) -> None:
    for _ in range(9):
        with pytest.raises(BadInput):
            display_pin.check(with_pin, "25")
    assert display_pin.check(with_pin, PIN).ok


def test_changing_needs_the_current_pin(with_pin: Opened) -> None:  # A003-08
    assert not display_pin.change(with_pin, "1111", "1379", "1379").ok
    assert display_pin.check(with_pin, PIN).ok
    assert display_pin.change(with_pin, PIN, "1379", "1379").ok
    assert not display_pin.check(with_pin, PIN).ok
    assert display_pin.check(with_pin, "1379").ok


def test_the_old_pin_is_no_new_one_and_saying_so_tells_nothing(with_pin: Opened) -> None:
    for pin in (PIN, "1379"):
        with pytest.raises(BadInput, match="is the old one"):
            display_pin.change(with_pin, pin, pin, pin)


def test_clearing_forgets_pin_and_waits_and_nothing_else(with_pin: Opened) -> None:  # A003-15, A003-16, X-07
    for number in range(6):
        display_pin.check(with_pin, f"110{number}")
    with with_pin.store.write() as db:
        throttle.count(db, with_pin.clock, "web:admin", b"x")
    display_pin.clear(with_pin, audit.CLI)
    assert not display_pin.is_set(with_pin.store)
    display_pin.set_first(with_pin, "1379", "1379")
    assert display_pin.check(with_pin, "1379").ok
    with with_pin.store.read() as db:
        assert throttle.failures(db, "web:admin") == 1


def test_neither_store_nor_audit_holds_the_pin(with_pin: Opened) -> None:
    display_pin.check(with_pin, "1379")
    with with_pin.store.read() as db:
        kept: str = db.execute("SELECT verifier FROM display_pin").get
        rows = [*db.execute("SELECT * FROM audit"), *db.execute("SELECT * FROM throttles")]
    assert kept.startswith("$argon2id$")
    assert not any(secret in str(row) for row in rows for secret in (PIN, "1379"))
    assert [event.event for event in audit.newest(with_pin.store)] == ["display_pin.refuse", "display_pin.set"]


def test_a_copied_store_with_another_device_key_opens_with_no_pin(with_pin: Opened) -> None:
    from appliance.access import device_key

    device_key.write(with_pin.home.keys, b"y" * 32)
    assert not display_pin.check(with_pin, PIN).ok
