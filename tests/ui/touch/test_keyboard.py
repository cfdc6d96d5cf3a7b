"""The on-screen keyboard: what can be typed with it."""

from __future__ import annotations

import string

import pytest

from tests.ui.touch import stage
from ui.touch.widgets import keyboard
from ui.touch.widgets.entry import DOT, TextEntry
from ui.touch.widgets.keyboard import LETTERS, SIGNS, Key, Keyboard

assert stage  # the display is prepared before Kivy is used
ALWAYS = " -."  # keys of the last row


def reachable(layout: str) -> set[str]:
    """Every character a layout has a key for."""
    letters = {letter for row in LETTERS[layout] for letter in row}
    signs = {sign for rows in SIGNS.values() for row in rows for sign in row}
    return letters | {letter.upper() for letter in letters if letter != "ß"} | signs | set(ALWAYS)


@pytest.mark.parametrize("layout", list(LETTERS))
def test_every_character_of_a_wifi_password_can_be_typed(layout: str) -> None:
    assert {chr(code) for code in range(0x20, 0x7F)} - reachable(layout) == set()


def test_german_has_its_umlauts() -> None:
    assert set("äöüßÄÖÜ") <= reachable("de")


def test_no_character_has_two_keys_on_one_page() -> None:
    for rows in (*LETTERS.values(), *SIGNS.values()):
        keys = "".join(rows)
        assert len(keys) == len(set(keys))


def test_pages_lead_round() -> None:
    assert set(keyboard.TURN) == {"letters", *SIGNS} == set(keyboard.TURN) | set(keyboard.TURN.values())


def test_shift_holds_for_one_letter_and_is_locked_by_a_second_tap() -> None:
    board = Keyboard()
    shift = Key(order="shift")
    board.release(shift)
    board.press(Key(letter="a"))
    board.press(Key(letter="b"))
    board.release(shift)
    board.release(shift)
    for letter in "cd":
        board.press(Key(letter=letter))
    board.release(shift)
    board.press(Key(letter="e"))
    assert board.text == "AbCDe"


def test_no_more_is_taken_than_fits() -> None:
    board = Keyboard(most=3)
    for letter in string.ascii_lowercase:
        board.type(letter)
    board.erase()
    assert board.text == "ab"


def test_a_secret_is_seen_only_when_asked_for() -> None:
    entry = TextEntry()
    entry.begin(secret=True)
    for letter in "geheim":
        entry.ids.board.type(letter)
    assert entry.shown == DOT * 6
    entry.masked = False
    assert entry.shown == "geheim"
    entry.begin(secret=True)
    assert (entry.shown, entry.text) == ("", "")


def test_ok_comes_with_enough_characters_and_hands_them_over_once() -> None:
    entry, found = TextEntry(least=3), []
    entry.bind(on_done=lambda _entry, text: found.append(text))
    entry.begin()
    for letter in "abc":
        entry.ids.board.finish()
        entry.ids.board.type(letter)
    entry.ids.board.finish()
    assert found == ["abc"]
