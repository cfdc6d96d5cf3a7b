"""The first minutes: the start-up screen and its rescue, the first-run assistant, the test of the panel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from appliance import start
from appliance.access import display_pin
from appliance.system import buttons, observed
from tests.ui.touch.conftest import make_house
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from ui.touch.both_held import HELD_S, SEEN_S, BothHeld

UP, DOWN = (0.13, 0.5), (0.87, 0.5)  # the middles of the pads, as shares of the panel
PIN = "2580"


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[tuple[House, Touch]]:
    """A furnished house with a settings PIN, switched on a moment ago."""
    house, clock_file = make_house(tmp_path)
    house.furnish()
    display_pin.set_first(house.it, PIN, PIN)
    house.clock._write(house.clock.now(), 20.0)
    house.turn()
    touch = Touch(house, clock_file)
    yield house, touch
    touch.kill()


def pass_time(house: House, seconds: float) -> None:
    """Let time pass, and the screen see it."""
    house.live(seconds)
    time.sleep(0.35)


# Arithmetic ---------------------------------------------------------------------------------------


def test_both_for_five_seconds_and_not_a_moment_less() -> None:  # A003-14
    held = BothHeld(0.0)
    assert not held.feed(1.0, up=True, down=True)
    assert [held.countdown(at) for at in (1.0, 1.9, 2.0, 4.9, 5.9)] == [5, 5, 4, 2, 1]
    assert not held.feed(5.9, up=True, down=True)
    assert held.feed(6.0, up=True, down=True)
    assert not held.feed(6.1, up=True, down=True)  # once


def test_one_alone_does_nothing_and_letting_go_begins_anew() -> None:  # A003-14
    held = BothHeld(0.0)
    for at in range(20):
        assert not held.feed(at, up=True, down=False)
        assert not held.feed(at, up=False, down=True)
    held.feed(20, up=True, down=True)
    assert not held.feed(24.5, up=True, down=False)
    assert not held.feed(24.6, up=True, down=True)
    assert not held.feed(24.6 + HELD_S - 0.1, up=True, down=True)
    assert held.feed(24.6 + HELD_S, up=True, down=True)


def test_the_start_up_screen_waits_while_something_is_held() -> None:  # A003-14
    held = BothHeld(0.0)
    assert not held.is_over(SEEN_S - 0.1, up=False, down=False)
    assert held.is_over(SEEN_S, up=False, down=False)
    assert not held.is_over(SEEN_S, up=True, down=False)


def test_only_the_first_start_after_switching_on_is_a_cold_one(cold: tuple[House, Touch]) -> None:  # A003-13
    house, _touch = cold
    assert start.take_cold_start(house.it)
    assert not start.take_cold_start(house.it)
    house.clock.boot_id = "boot-2"
    house.clock._write(house.clock.now(), start.COLD_S + 1)
    assert not start.take_cold_start(house.it)  # long after switching on
    house.clock._write(house.clock.now(), 30.0)
    assert start.take_cold_start(house.it)


# The rescue ---------------------------------------------------------------------------------------


def test_two_fingers_clear_the_pin_and_nothing_else(cold: tuple[House, Touch]) -> None:  # A003-12, -14, -15, -16
    house, touch = cold
    before = everything_but_the_pin(house)
    touch.start()
    touch.see("PIN forgotten?", "UP", "DOWN")
    assert touch.fingers(("down", 1, *UP), ("down", 2, *DOWN)) == 2
    touch.see("Let go to keep it")
    pass_time(house, 4.0)
    assert display_pin.is_set(house.it.store)
    touch.see("1")
    pass_time(house, 1.1)
    touch.see("The settings PIN was deleted.")
    touch.fingers(("up", 1, *UP), ("up", 2, *DOWN))
    assert not display_pin.is_set(house.it.store)
    assert everything_but_the_pin(house) == before
    with house.it.store.read() as db:
        said = db.execute("SELECT surface FROM audit WHERE event='display_pin.clear'").fetchall()
    assert len(said) == 1
    touch.tap("OK")
    touch.tap("Settings")
    touch.see("Choose a settings PIN")


def everything_but_the_pin(house: House) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables that a reset must not touch."""
    left = ("display_pin", "throttle", "audit", "start_memory")
    with house.it.store.read() as db:
        names = [
            row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'") if row[0] not in left
        ]
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 - own names


def test_one_finger_or_a_finger_that_leaves_clears_nothing(cold: tuple[House, Touch]) -> None:  # A003-14
    house, touch = cold
    touch.start()
    touch.fingers(("down", 1, *UP))
    pass_time(house, 6)
    touch.fingers(("down", 2, *DOWN))
    pass_time(house, 4)
    touch.fingers(("move", 2, 0.5, 0.5))  # slides off
    pass_time(house, 4)
    assert display_pin.is_set(house.it.store)
    touch.see("PIN forgotten?")  # it waits while one is held
    touch.fingers(("up", 1, *UP), ("up", 2, 0.5, 0.5))
    pass_time(house, 1)
    touch.see("live")
    assert display_pin.is_set(house.it.store)


def test_a_restart_of_the_program_opens_no_rescue(cold: tuple[House, Touch]) -> None:  # A003-13
    house, touch = cold
    touch.start()
    touch.see("PIN forgotten?")
    touch.kill()
    touch.start()
    assert not any("PIN forgotten?" in text for text in touch.texts())
    touch.see("live")


def hold(house: House, pressed: buttons.Pressed) -> None:
    """What the core says of the board's buttons."""
    seen = {**asdict(pressed), "at_s": house.clock.boottime_s()}
    observed.put(house.it.live, house.clock, buttons.NAME, seen)


def test_the_buttons_of_the_board_do_the_same(cold: tuple[House, Touch]) -> None:  # A003-14
    house, touch = cold
    touch.start()
    for _ in range(12):
        hold(house, buttons.Pressed(up=True, down=True))
        time.sleep(0.15)
        house.live(0.5)
    touch.see("The settings PIN was deleted.")
    assert not display_pin.is_set(house.it.store)


def test_buttons_of_a_core_that_died_hold_nothing(cold: tuple[House, Touch]) -> None:
    house, _touch = cold
    hold(house, buttons.Pressed(up=True, down=True))
    assert buttons.look(house.it) == buttons.Pressed(up=True, down=True)
    house.clock.advance(buttons.FRESH_S + 0.1)
    assert buttons.look(house.it) == buttons.Pressed()


# The assistant ------------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[House, Touch]]:
    """An appliance nobody set up yet."""
    house, clock_file = make_house(tmp_path)
    from appliance import heartbeat

    heartbeat.begin(house.it.live, "core", house.clock)
    touch = Touch(house, clock_file).start()
    yield house, touch
    touch.kill()


def test_a_new_appliance_offers_both_ways_equally(fresh: tuple[House, Touch]) -> None:  # UX 32
    _house, touch = fresh
    touch.see("Welcome to Wattward", "Set up", "Restore a backup", "Language")
    boxes = [one["box"] for one in touch.targets() if {"Set up", "Restore a backup"} & set(one["labels"])]
    assert len(boxes) == 2
    (one, other) = ((round(box[2] - box[0]), round(box[3] - box[1])) for box in boxes)
    assert one == other


def test_the_assistant_counts_its_steps_is_left_and_goes_on_there(fresh: tuple[House, Touch]) -> None:  # UX 32
    house, touch = fresh
    touch.tap("Set up")
    touch.see("Step 1 of 6", "Network")
    touch.tap("Next")  # there is an address already
    touch.see("Step 2 of 6", "Settings PIN")
    touch.tap("Later")
    touch.see("Go on with the set-up")
    touch.kill()
    touch.start()
    touch.see("Step 2 of 6")
    for step in range(3, 7):
        touch.tap("Skip for now")
        touch.see(f"Step {step} of 6")
    touch.tap("Finish")
    touch.see("Energy")
    touch.not_see("Go on with the set-up")
    assert start.assistant_step(house.it.store) == ""


def test_the_pin_of_the_assistant_is_that_of_the_settings_and_leads_back(fresh: tuple[House, Touch]) -> None:
    house, touch = fresh
    touch.tap("Set up")
    touch.tap("Next")
    touch.tap("Choose the PIN")
    touch.see("Choose a settings PIN")
    for _ in range(2):
        touch.enter(PIN)
        time.sleep(0.2)
    touch.see("Step 2 of 6", "The PIN is set.")
    assert display_pin.check(house.it, PIN).ok


def test_once_a_pin_is_set_the_assistant_asks_for_it_too(fresh: tuple[House, Touch]) -> None:  # A003-03
    house, touch = fresh
    display_pin.set_first(house.it, PIN, PIN)
    start.keep_step(house.it, "network")
    touch.kill()
    touch.start()
    touch.see("Step 1 of 6")
    touch.tap("Wi-Fi")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("Wi-Fi")
    assert touch.screen == "wifi"  # on to what was asked for
    touch.tap("icon:back")
    touch.see("Step 1 of 6")
    touch.tap("Network cable")
    touch.wait(lambda seen: seen[0]["screen"] == "wired")  # asked once, while the assistant is not left


def test_a_furnished_house_needs_no_assistant(house: House) -> None:
    assert start.assistant_step(house.it.store) == ""


# The panel ----------------------------------------------------------------------------------------


def test_a_finger_is_one_touch_and_two_are_two(house: House, touch: Touch) -> None:  # UX 11
    touch.see("live")
    assert touch.fingers(("down", 7, 0.375, 0.93), ("up", 7, 0.375, 0.93)) == 1
    touch.see("Enter your PIN")
    assert (
        touch.fingers(("down", 8, 0.9, 0.03), ("down", 9, 0.1, 0.03), ("up", 8, 0.9, 0.03), ("up", 9, 0.1, 0.03)) == 2
    )


def test_a_panel_that_stands_upright_is_laid_on_its_side_with_its_fingers(house: House, tmp_path: Path) -> None:
    touch = Touch(house, tmp_path / "clock", "480x800").start()
    try:
        touch.see("live")
        boxes = {label: one["cut"] for one in touch.targets() for label in one["labels"]}
        left, top, right, bottom = boxes["Charging"]
        x, y = (left + right) / 2 / 800, (top + bottom) / 2 / 480
        touch.fingers(("down", 1, y, 1 - x), ("up", 1, y, 1 - x))  # the panel's own axes
        touch.see("Enter your PIN")
    finally:
        touch.kill()


def test_the_test_of_the_panel_counts_touches_and_taps(house: House, touch: Touch) -> None:  # UX 11
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Settings")
    touch.enter(PIN)
    touch.see("Communication")
    assert touch.go("self_test") == "self_test"
    touch.see("Tap each field once.")
    fields = [one["cut"] for one in touch.look() if one["kind"] == "Field"]
    assert len(fields) == 9
    for left, top, right, bottom in fields:
        touch.tap_at((left + right) / 2, (top + bottom) / 2)
    touch.see("Good: every tap was one touch.")
