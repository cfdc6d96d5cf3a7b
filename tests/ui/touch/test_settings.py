"""The settings lie behind a PIN that was chosen twice, is asked every time, and costs those who guess."""

from __future__ import annotations

import time
from dataclasses import asdict

import pytest

from appliance import audit
from appliance.access import display_pin, web_accounts
from appliance.backup import wishes
from appliance.store import settings
from appliance.system import buttons, observed
from tests.ui.touch import stage
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from ui.touch.screens import TAB_OF
from ui.touch.screens.settings.board_keys import BoardKeys

assert stage  # the display is prepared before Kivy is imported

PIN = "2580"
OPEN = {name for name, tab in TAB_OF.items() if tab != "settings"} | {"pin"}  # what nobody needs a PIN for


@pytest.fixture
def pin(house: House) -> str:
    """A PIN that was chosen before."""
    display_pin.set_first(house.it, PIN, PIN)
    return PIN


def enter_settings(touch: Touch, pin: str = PIN) -> None:
    touch.tap("Settings")
    touch.see("Settings PIN")
    touch.enter(pin)
    touch.see("Communication")


def test_the_first_entry_sets_the_pin_twice(house: House, touch: Touch) -> None:  # A003-04
    touch.tap("Settings")
    touch.see("Choose a settings PIN")
    touch.enter(PIN)
    touch.see("The same PIN again")
    assert not display_pin.is_set(house.it.store)
    touch.enter(PIN)
    touch.see("Communication")
    assert display_pin.check(house.it, PIN).ok


def test_a_mismatch_starts_again_and_keeps_nothing(house: House, touch: Touch) -> None:  # A003-04
    touch.tap("Settings")
    touch.enter(PIN)
    touch.see("The same PIN again")
    touch.enter("2581")
    touch.see("not the same", "Choose a settings PIN")
    assert not display_pin.is_set(house.it.store)


@pytest.mark.parametrize("weak", ["0000", "1234", "7777", "9876", "1212"])
def test_no_pin_that_everybody_tries_first(house: House, touch: Touch, weak: str) -> None:  # A003-04
    touch.tap("Settings")
    touch.enter(weak)
    touch.see("The same PIN again")
    touch.enter(weak)
    touch.see("too easy to guess")
    assert not display_pin.is_set(house.it.store)


def test_leaving_the_first_entry_leaves_no_pin(house: House, touch: Touch) -> None:  # A003-04
    touch.tap("Settings")
    touch.enter(PIN)
    touch.see("The same PIN again")
    touch.tap("Energy")
    touch.see("Today, kW")
    touch.tap("Settings")
    touch.see("Choose a settings PIN")
    assert not display_pin.is_set(house.it.store)


def test_ok_needs_exactly_four_digits(pin: str, touch: Touch) -> None:  # A003-03
    touch.tap("Settings")
    touch.see("Settings PIN")
    touch.keys("258")
    assert not next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]
    touch.keys("09")  # a fifth digit is not taken
    touch.tap("OK")
    touch.see("Communication")


def test_digits_are_turned_with_up_and_down_and_confirmed_with_ok(pin: str, touch: Touch) -> None:  # A003-09, -10, -11
    touch.tap("Settings")
    touch.see("Settings PIN")
    for digit in PIN:
        if digit == "0":
            touch.tap("icon:fold_up")
        elif int(digit) <= 5:
            for _ in range(int(digit) + 1):
                touch.tap("icon:fold_up")
        else:
            for _ in range(10 - int(digit)):
                touch.tap("icon:fold_down")
        assert digit in [one["text"] for one in touch.look() if one["kind"] == "Words" and one.get("text")]
        touch.tap("OK")
    touch.see("Communication")


def test_up_comes_from_nine_to_nought_and_down_back(pin: str, touch: Touch) -> None:  # A003-09
    touch.tap("Settings")
    touch.see("Settings PIN")

    def chosen() -> str:
        return str(next(one["text"] for one in touch.look() if one["kind"] == "Words" and one.get("text")))

    touch.tap("icon:fold_down")
    assert chosen() == "9"
    touch.tap("icon:fold_up")
    assert chosen() == "0"
    touch.tap("icon:fold_down")
    assert chosen() == "9"


def test_the_pin_is_masked_and_can_be_taken_back(pin: str, touch: Touch) -> None:  # A003-10
    touch.tap("Settings")
    touch.keys("25")
    assert "25" not in touch.texts()
    touch.tap("icon:erase")
    touch.keys("580")
    touch.tap("OK")
    touch.see("Communication")


def test_the_pin_is_asked_at_every_entry(pin: str, touch: Touch) -> None:  # A003-05, A003-07
    enter_settings(touch)
    touch.tap("icon:back")
    touch.see("Today, kW")
    touch.tap("Settings")
    touch.see("The 4 digits that open the settings.")


def test_inside_the_settings_nobody_asks_again(pin: str, touch: Touch) -> None:  # A003-06
    enter_settings(touch)
    for subject in ("Security", "Communication", "Display", "Backups", "Updates", "System", "About"):
        touch.tap(subject)
        touch.not_see("Measurement")
        touch.tap("icon:back")
        touch.see("Communication", "Security")


def test_the_settings_close_after_five_idle_minutes(house: House, pin: str, touch: Touch) -> None:  # A003-06
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.dim_after_s", "3600")
    enter_settings(touch)
    house.live(295)
    time.sleep(1.2)
    assert touch.screen == "settings"
    house.live(10)
    touch.see("Today, kW")


def test_a_wrong_pin_is_told_with_what_is_left(pin: str, touch: Touch) -> None:  # A003-05
    touch.tap("Settings")
    touch.enter("1357")
    touch.see("Wrong PIN. 4 more before a wait.")
    assert touch.screen == "pin"


def test_guessing_is_locked_out_across_a_restart_of_the_program(
    house: House, pin: str, touch: Touch
) -> None:  # A003-05
    touch.tap("Settings")
    for number in range(5):
        touch.see("Settings PIN")
        touch.enter(f"135{number}")
        touch.see("Wait 1:00" if number == 4 else f"{4 - number} more")
    touch.kill()
    touch.start()
    touch.tap("Settings")
    touch.see("Wait 1:00")
    assert not any(one["enabled"] for one in touch.targets() if "5" in one["labels"])
    house.clock.advance(20)
    house.live(1)
    touch.see("Wait 0:39")
    house.live(40)
    touch.not_see("Wait")
    touch.enter(PIN)
    touch.see("Communication")


def test_changing_the_pin_needs_the_current_one(house: House, pin: str, touch: Touch) -> None:  # A003-08
    enter_settings(touch)
    touch.tap("Security")
    touch.tap("Change PIN")
    for code, next_title in (
        ("1357", "The new PIN"),
        ("8024", "The new PIN again"),
        ("8024", "The current PIN is wrong"),
    ):
        touch.enter(code)
        touch.see(next_title)
    assert display_pin.check(house.it, PIN).ok
    for code, next_title in ((PIN, "The new PIN"), ("8024", "The new PIN again"), ("8024", "The PIN is changed.")):
        touch.enter(code)
        touch.see(next_title)
    assert not display_pin.check(house.it, PIN).ok
    assert display_pin.check(house.it, "8024").ok
    assert "display_pin.change" in {one.event for one in audit.newest(house.it.store)}


def test_no_settings_screen_is_reached_without_the_pin(pin: str, touch: Touch) -> None:  # A003-03
    assert {name: touch.go(name) for name in touch.screens() if name not in OPEN} == {
        name: "pin" for name in touch.screens() if name not in OPEN
    }
    seen = set()
    for tab in ("Energy", "Charging", "Sessions", "Settings"):
        touch.tap(tab)
        for target in touch.targets():
            if target["enabled"] and target["labels"] and not set("0123456789#") & set(target["labels"][0][:1]):
                left, top, right, bottom = target["cut"]
                touch.tap_at((left + right) / 2, (top + bottom) / 2)
                seen.add(touch.screen)
                touch.tap(tab)
    assert seen <= OPEN
    assert seen >= {"energy", "charging", "sessions", "pin"}


def test_live_values_are_seen_without_any_pin(touch: Touch) -> None:  # A003-03
    touch.see("1.24", "3.55", "2.31", "live")


def test_the_language_changes_everywhere_and_stays(house: House, pin: str, touch: Touch) -> None:
    enter_settings(touch)
    touch.tap("Display")
    touch.tap("Language")
    touch.tap("Deutsch")
    touch.see("Sprache")
    touch.tap("icon:back")
    touch.see("Kommunikation", "Deutsch")
    touch.tap("icon:back")
    touch.see("Netz", "1,24", "Einstellungen")
    assert settings.text(house.it.store, "ui.language") == "de"
    touch.kill()
    touch.start()
    touch.see("Netz")


def test_resetting_the_web_password_asks_first_and_touches_nothing_else(
    house: House, pin: str, touch: Touch
) -> None:  # A003-23
    it = house.it
    with it.store.write() as db:
        db.execute("UPDATE web_accounts SET is_default=0, password_hash='x'")
    enter_settings(touch)
    touch.tap("Security")
    touch.tap("Reset web password")
    touch.see("Reset the web password?")
    touch.tap("Cancel")
    assert not web_accounts.has_default_password(it)
    touch.tap("Reset web password")
    touch.tap_at(5, 470)  # beside the question: nothing
    touch.see("Reset the web password?")
    touch.tap("Reset")
    touch.see("The web password is admin again.")
    assert web_accounts.has_default_password(it)
    assert display_pin.check(it, PIN).ok


def test_a_backup_is_wished_for_once(house: House, pin: str, touch: Touch) -> None:
    enter_settings(touch)
    touch.tap("Backups")
    touch.see("No backup yet.")
    touch.tap("Back up now")
    touch.see("The backup is being made.")
    assert wishes.due(house.it.store, wishes.BACKUP)
    assert not next(one for one in touch.targets() if "Back up now" in one["labels"])["enabled"]


def test_a_silent_meter_is_told_by_the_menu(house: House, pin: str, touch: Touch) -> None:
    house.silence("Solar roof")
    house.live(8)
    enter_settings(touch)
    touch.see("1 without data")


# The board's buttons ------------------------------------------------------------------------------


class Board:
    """The board's buttons, as the core tells of them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._recent: list[tuple[str, float]] = []

    def press(self, *names: str) -> None:
        """One after the other."""
        it, clock = self._house.it, self._house.clock
        for name in names:
            clock.advance(0.05)
            self._recent = [one for one in (*self._recent, (name, clock.boottime_s()))][-20:]
            fresh = tuple(one for one in self._recent if one[1] > clock.boottime_s() - buttons.RECENT_S)
            seen = {**asdict(buttons.Pressed(recent=fresh)), "at_s": clock.boottime_s()}
            observed.put(it.live, clock, buttons.NAME, seen)
            time.sleep(0.1)


def chosen_digits(touch: Touch) -> list[str]:
    """What stands in the four fields."""
    return [one["text"] for one in touch.look() if one["kind"] == "Words" and one.get("text")]


def test_the_pin_is_entered_with_the_buttons_of_the_board(house: House, pin: str, touch: Touch) -> None:  # A003-09, -10
    board = Board(house)
    board.press("ok")  # meant for no PIN
    touch.tap("Settings")
    touch.see("Settings PIN")
    for digit in PIN:
        board.press(*["up"] * (int(digit) + 1) if int(digit) <= 5 else ["down"] * (10 - int(digit)), "ok")
    touch.see("Communication")


def test_a_button_wakes_a_dark_display_and_does_nothing_else(house: House, pin: str, touch: Touch) -> None:
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.dim_after_s", "30")
    touch.tap("Settings")
    touch.see("Settings PIN")
    touch.keys("12")
    house.live(35)
    touch.see("comes from the grid")  # the idle value covers the page
    board = Board(house)
    board.press("up")
    touch.not_see("comes from the grid")
    touch.see("Settings PIN")
    assert chosen_digits(touch) == []
    board.press("down")
    touch.wait(lambda seen: "9" in [one.get("text") for one in seen if one["kind"] == "Words"])
    assert chosen_digits(touch) == ["9"]


def test_presses_count_once_and_only_for_the_page_that_is_seen() -> None:
    keys = BoardKeys()
    pressed = buttons.Pressed(recent=(("up", 10.0), ("ok", 11.0)))
    assert keys.new(pressed) == []  # no page yet
    keys.begin(10.5)
    assert keys.new(pressed) == ["ok"]
    assert keys.new(pressed) == []
    later = buttons.Pressed(recent=(("ok", 11.0), ("down", 12.0), ("down", 12.4)))
    assert keys.new(later) == ["down", "down"]
    keys.rest()
    assert keys.new(buttons.Pressed(recent=(("up", 20.0),))) == []
    assert keys.new(buttons.Pressed(recent=(("up", 20.0), ("up", 20.3)))) == ["up"]
