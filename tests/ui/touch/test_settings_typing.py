"""Typing, choosing, confirming and waiting: PIN, codes, keyboard, choices, questions, toasts, long work; untapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from appliance import errors
from appliance.access import display_pin
from appliance.system.tasks import Task
from tests.ui.touch.looks import DAY
from tests.ui.touch.looks_settings import HOUSE, _task, seen
from tests.ui.touch.staged import Painted, stage
from ui.text import catalog
from ui.touch.screens.settings import choice, task, text_entry
from ui.touch.screens.settings.task import Followed
from ui.touch.status import Status
from ui.touch.widgets.keyboard import Keyboard
from ui.touch.widgets.keypad import Keypad
from ui.touch.widgets.pin_entry import MASK, PinEntry
from ui.touch.widgets.toast import SAID_S, UNDO_S, Toast

MENU = ("settings", seen(HOUSE))


@pytest.fixture(autouse=True)
def on_stage() -> Iterator[None]:
    """Widgets need the window of a stage; sentences are English."""
    stage()
    catalog.use("en")
    yield
    catalog.use("en")


# Four digits ---------------------------------------------------------------------------------------


@pytest.fixture
def pin() -> PinEntry:
    """An entry that keeps what it hands over."""
    entry = PinEntry()
    entry.handed = []
    entry.bind(on_code=lambda _entry, code: entry.handed.append(code))
    return entry


def press(entry: PinEntry, digits: str) -> None:
    for digit in digits:
        entry.press(digit)


def test_four_digits_are_handed_over_once_and_forgotten(pin: PinEntry) -> None:  # A003-10
    press(pin, "2580")
    pin.press("9")  # there is no fifth place
    pin.confirm()
    pin.confirm()
    assert pin.handed == ["2580"]
    assert (pin.typed, pin.place, pin.ready) == ("", 0, False)


def test_turning_and_typing_may_be_mixed(pin: PinEntry) -> None:  # A003-09
    pin.up()  # 0
    pin.down()  # 9
    pin.confirm()
    press(pin, "1")
    pin.down()  # 9
    pin.down()  # 8
    pin.confirm()
    pin.up()  # 0
    pin.confirm()
    assert pin.handed == ["9180"]


def test_ok_does_nothing_at_an_empty_place(pin: PinEntry) -> None:
    pin.confirm()
    assert pin.place == 0
    press(pin, "12")
    pin.confirm()
    assert (pin.place, pin.handed) == (2, [])


def test_a_digit_is_taken_back_from_the_last_place_on(pin: PinEntry) -> None:
    press(pin, "2580")
    pin.erase()
    pin.erase()
    assert pin.typed == "25"
    press(pin, "93")
    pin.confirm()
    assert pin.handed == ["2593"]
    pin.erase()  # nothing is there
    assert (pin.typed, pin.place) == ("", 0)


def test_only_the_digit_that_is_chosen_is_seen(pin: PinEntry) -> None:
    press(pin, "25")
    pin.up()
    pin._paint()
    shown = [field.shown for field in reversed(pin.ids.fields.children)]
    assert shown == [MASK, MASK, "0", ""]


def test_buttons_of_the_board_do_nothing_while_somebody_has_to_wait(pin: PinEntry) -> None:
    pin.locked = True
    pin.press_board(["up", "up", "ok"])
    assert pin.typed == ""
    pin.locked = False
    pin.press_board(["up", "up", "ok"])
    assert (pin.typed, pin.place) == ("1", 1)


# Codes ---------------------------------------------------------------------------------------------


@pytest.fixture
def pad() -> Keypad:
    """A keypad that keeps what it hands over."""
    keypad = Keypad()
    keypad.handed = []
    keypad.bind(on_code=lambda _pad, code: keypad.handed.append(code))
    return keypad


def type_on(pad: Keypad, keys: str) -> None:
    for key in keys:
        pad.press(key)


@pytest.mark.parametrize(
    ("keys", "kept"),
    [("4711", "4711"), ("#4711", "#4711"), ("47#11", "4711"), ("##4711", "#4711"), ("123456789", "12345678"),
     ("#123456789", "#12345678")],
)  # fmt: skip
def test_a_hash_only_leads_and_eight_digits_are_the_most(pad: Keypad, keys: str, kept: str) -> None:  # reading 2
    type_on(pad, keys)
    pad.enter()
    assert pad.handed == [kept]
    assert pad.typed == ""


def test_a_code_that_is_too_short_is_not_handed_over_and_stays(pad: Keypad) -> None:
    type_on(pad, "#471")
    assert not pad.enough
    pad.enter()
    assert (pad.handed, pad.typed) == ([], "#471")
    pad.erase()
    assert pad.typed == "#47"
    pad.clear()
    assert (pad.typed, pad.length) == ("", 0)


# The keyboard --------------------------------------------------------------------------------------


@pytest.fixture
def board() -> Keyboard:
    """A keyboard that keeps what it hands over."""
    keyboard = Keyboard(most=5)
    keyboard.handed = []
    keyboard.bind(on_done=lambda _board, text: keyboard.handed.append(text))
    return keyboard


def test_no_more_is_taken_than_fits(board: Keyboard) -> None:
    for letter in "Wallbox":
        board.type(letter)
    board.finish()
    assert board.handed == ["Wallb"]


def test_shift_holds_for_one_letter_or_until_it_is_tapped_again(board: Keyboard) -> None:
    board.shift = "once"
    board.type("1")
    assert board.shift == "once"  # a digit is no letter
    board.type("A")
    assert board.shift == "off"
    board.shift = "locked"
    board.type("B")
    assert board.shift == "locked"
    assert board._cased("ß") == "ß"


def test_clearing_forgets_text_page_and_shift(board: Keyboard) -> None:
    board.text, board.page, board.shift = "abc", "signs", "locked"
    board.clear()
    assert (board.text, board.page, board.shift) == ("", "letters", "off")


# Pages that ask ------------------------------------------------------------------------------------


def test_a_text_is_handed_over_after_the_way_back() -> None:
    painted, handed = Painted(*MENU), []

    def done(text: str) -> None:
        handed.append((text, app.root.screen))

    app = painted._stage.app
    text_entry.ask(app, text_entry.Wanted("Name", "display", done, hint="What is it called?", text="Wallbox", most=20))
    painted.look()
    assert painted.says("Name", "What is it called?", "Wallbox")
    painted.page.done("Carport")
    assert handed == [("Carport", "display")]
    painted._stage.app.root.manager.get_screen("text_entry").done("again")
    assert len(handed) == 1


def test_a_secret_is_dots_until_somebody_wants_to_see_it() -> None:
    painted = Painted(*MENU)
    text_entry.ask(painted._stage.app, text_entry.Wanted("Password", "wifi", lambda _text: None, secret=True, least=8))
    entry = painted.page.ids.entry
    entry.ids.board.text = "correct horse"
    painted.look()
    assert not painted.says("correct") and painted.says("•" * 13)
    entry.masked = False
    painted.look()
    assert painted.says("correct horse")
    painted.page.forget()
    assert entry.text == ""


def test_too_short_a_text_cannot_be_confirmed() -> None:
    painted = Painted(*MENU)
    text_entry.ask(
        painted._stage.app, text_entry.Wanted("Password", "wifi", lambda _text: None, least=8, verb="Connect")
    )
    entry = painted.page.ids.entry
    entry.ids.board.text = "1234567"
    assert not painted.look().target("Connect")["enabled"]
    entry.ids.board.text = "12345678"
    assert painted.look().target("Connect")["enabled"]


def test_a_choice_marks_what_is_in_force_and_is_made_once() -> None:
    painted = Painted(*MENU)
    chosen: list[str] = []
    options = tuple((str(number), f"{number} %") for number in range(10, 101, 10))
    app = painted._stage.app
    choice.ask(app, choice.Wanted("Brightness", "display", options, "40", chosen.append, "How bright?", in_two=True))
    painted.look()
    grid = painted.page.ids.options
    assert (grid.cols, [row.value for row in grid.children if row.chosen]) == (2, ["40"])
    assert painted.says("Brightness", "How bright?")
    page = painted.page
    page.choose("70")
    page.choose("80")  # a second finger
    assert (chosen, app.root.screen) == (["70"], "display")


def test_a_question_is_answered_with_its_verb_or_not_at_all() -> None:
    painted, done = Painted(*MENU), []
    app = painted._stage.app
    app.root.ask("Restart the appliance?", "Nothing is measured for about a minute.", "Restart", lambda: done.append(1))
    assert painted.look().says("Restart the appliance?", "Cancel", "Restart")
    app.root.forget_input()  # the display went dark
    assert not painted.look().says("Restart the appliance?")
    assert done == []


# Toasts --------------------------------------------------------------------------------------------


def test_what_was_said_goes_by_itself_and_what_can_be_undone_stays_longer() -> None:
    said, undoable = Toast(text="Saved."), Toast(lambda: None, text="Deleted.")
    assert (said.left, undoable.left) == ("", "10")
    undoable.tick(UNDO_S - 0.6)
    assert undoable.left == "1"
    assert said.left_s == SAID_S


def test_it_is_taken_back_once() -> None:
    done: list[int] = []
    toast = Toast(lambda: done.append(1), text="Deleted.")
    toast.undo()
    toast.undo()
    assert done == [1]


# Long work -----------------------------------------------------------------------------------------


def followed(found: Task | None) -> Status:
    return seen(Followed(found))


@pytest.fixture
def work() -> Painted:
    """The page of long work that was just asked for."""
    painted = Painted("task", DAY)
    painted.page.begin(
        task.Wanted(
            "Restore a backup", "restore", lambda: 7, lambda _t: "It is in place.", "Opening …", "Keep the power on."
        )
    )
    painted.page.begun(7, None)
    return painted


def test_work_says_what_it_does_and_how_it_ended(work: Painted) -> None:
    assert work.again(followed(None)).says("Opening …", "Keep the power on.")
    assert work.again(followed(_task("restore", "running", stage="Checking"))).says("Checking")
    work.again(followed(_task("restore", "done")))
    assert work.says("It is in place.") and not work.says("Keep the power on.")
    assert (work.page.icon, work.page.over) == ("good", True)


def test_work_that_failed_says_why_and_one_that_was_refused_too(work: Painted) -> None:
    work.again(followed(_task("restore", "failed", message="The backup is damaged.")))
    assert work.says("The backup is damaged.") and work.page.icon == "bad"
    work.page.begin(task.Wanted("Restart", "system", lambda: 8, lambda _t: "", "One moment …"))
    work.page.begun(None, errors.Refused("A car is being charged."))
    assert work.page.sentence == "A car is being charged."


def test_work_that_restarted_the_core_is_not_waited_for_for_ever(work: Painted) -> None:
    work.again(followed(_task("restore", "running")))
    work.again(followed(None))
    assert work.says("The appliance started anew.") and work.page.over


# The way behind the PIN ----------------------------------------------------------------------------


def lock(painted: Painted) -> None:
    """Nobody gave the PIN yet."""
    app = painted._stage.app
    app.unlocked = False
    app.root.go("energy")


@pytest.mark.parametrize(
    ("asked", "back", "reached", "then"),
    [
        ("web_admin", "", "web_admin", "communication"),
        ("settings", "", "settings", "energy"),
        ("all_sessions", "sessions", "all_sessions", "sessions"),
        ("wifi", "setup", "wifi", "setup"),
        ("pin", "setup", "setup", ""),
    ],
)
def test_the_pin_leads_on_to_what_was_asked_for_and_back_where_one_was(
    asked: str, back: str, reached: str, then: str
) -> None:
    painted = Painted("energy", replace(DAY, pin_set=True))
    lock(painted)
    app = painted._stage.app
    app.root.behind_pin(asked, back) if back else app.go(asked)
    assert app.root.screen == "pin" and not app.unlocked
    app.root.let_in()
    assert app.root.screen == reached
    if then:
        bar = next(one for one in painted.page.walk() if type(one).__name__ == "TitleBar")
        app.go(bar.back)
        assert app.root.screen == then
    app.go("energy")
    assert not app.unlocked


def test_what_was_asked_for_is_forgotten_when_somebody_turns_away() -> None:
    painted = Painted("energy", replace(DAY, pin_set=True))
    lock(painted)
    app = painted._stage.app
    app.root.behind_pin("all_sessions", "sessions")
    app.go("energy")
    app.go("settings")
    app.root.let_in()
    assert app.root.screen == "settings"


def test_a_pin_that_comes_too_late_opens_nothing() -> None:
    painted = Painted("energy", replace(DAY, pin_set=True))
    lock(painted)
    app = painted._stage.app
    app.go("settings")
    page = painted.page
    app.go("energy")
    page._was_checked(display_pin.Check(ok=True, wait_s=0.0, tries_left_before_wait=5), None)
    assert app.root.screen == "energy" and not app.unlocked
