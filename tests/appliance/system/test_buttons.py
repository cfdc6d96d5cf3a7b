"""The core reads the board's buttons and says what it sees, freshly or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import audit, faults
from appliance.config import Home
from appliance.opened import Opened, open_home
from appliance.store import live, migrate, settings
from appliance.system import buttons
from appliance.system.buttons import Buttons, Pressed
from drivers.interfaces import Contact, DriverError
from tests.fake_clock import FakeClock


class Line:
    """A contact in the hand of a test."""

    def __init__(self) -> None:
        self.closed = False
        self.released = False
        self.broken = False

    def is_closed(self) -> bool:
        if self.broken:
            raise DriverError("unavailable", "There is no such line.")
        return self.closed

    def release(self) -> None:
        self.released = True


class Board:
    """Its lines by name."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def input(self, spec: str) -> Contact:
        return self.lines.setdefault(spec, Line())


@pytest.fixture
def it(tmp_path: Path) -> Opened:
    when = FakeClock()
    home = Home(root=tmp_path / "home", run=tmp_path / "run")
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    return open_home(home, when)


def held(it: Opened) -> tuple[bool, bool, bool]:
    """UP, DOWN, OK."""
    seen = buttons.look(it)
    return seen.up, seen.down, seen.ok


def choose(it: Opened, up: str = "gpio:5", down: str = "gpio:6") -> None:
    settings.put(it.store, it.clock.now(), audit.CLI, "ui.button_up", up)
    settings.put(it.store, it.clock.now(), audit.CLI, "ui.button_down", down)


def test_without_the_setting_no_line_is_touched(it: Opened) -> None:
    board = Board()
    Buttons(it, board.input).step()
    assert board.lines == {}
    assert buttons.look(it) == Pressed()


def test_what_is_held_is_seen_until_it_is_let_go(it: Opened) -> None:  # A003-14
    board = Board()
    choose(it)
    core = Buttons(it, board.input)
    core.step()
    board.lines["gpio:5"].closed = True
    core.step()
    assert held(it) == (True, False, False)
    board.lines["gpio:6"].closed = True
    core.step()
    assert held(it) == (True, True, False)
    board.lines["gpio:5"].closed = board.lines["gpio:6"].closed = False
    core.step()
    assert held(it) == (False, False, False)


def test_a_press_between_two_looks_is_not_lost_and_is_soon_forgotten(it: Opened) -> None:  # A003-09
    board, clock = Board(), it.clock
    choose(it)
    settings.put(it.store, clock.now(), audit.CLI, "ui.button_ok", "gpio:7")
    core = Buttons(it, board.input)
    core.step()
    for spec in ("gpio:5", "gpio:5", "gpio:7"):
        clock.advance(0.1)  # type: ignore[attr-defined]  # a FakeClock
        for closed in (True, False):
            board.lines[spec].closed = closed
            core.step()
    assert [name for name, _at_s in buttons.look(it).recent] == ["up", "up", "ok"]
    assert held(it) == (False, False, False)
    clock.advance(buttons.RECENT_S + 0.1)  # type: ignore[attr-defined]  # a FakeClock
    core.step()
    with it.live.read() as db:
        assert '"recent": []' in db.execute("SELECT value FROM machine WHERE name=?", (buttons.NAME,)).get


def test_what_stays_held_is_one_press(it: Opened) -> None:
    board = Board()
    choose(it)
    core = Buttons(it, board.input)
    core.step()
    board.lines["gpio:6"].closed = True
    for _ in range(3):
        core.step()
        it.clock.advance(0.5)  # type: ignore[attr-defined]  # a FakeClock
    assert [name for name, _at_s in buttons.look(it).recent] == ["down"]


def test_a_held_button_is_said_again_and_silence_is_no_button(it: Opened) -> None:
    board = Board()
    choose(it)
    core = Buttons(it, board.input)
    core.step()
    board.lines["gpio:5"].closed = True
    for _ in range(10):
        core.step()
        assert buttons.look(it).up
        it.clock.advance(0.5)  # type: ignore[attr-defined]  # a FakeClock
    it.clock.advance(buttons.FRESH_S)  # type: ignore[attr-defined]  # a FakeClock
    assert buttons.look(it) == Pressed()


def test_another_line_lets_the_old_one_go(it: Opened) -> None:
    board = Board()
    choose(it)
    core = Buttons(it, board.input)
    core.step()
    choose(it, up="gpio:7")
    core.step()
    assert board.lines["gpio:5"].released
    assert "gpio:7" in board.lines


def test_a_line_that_fails_is_a_fault_and_no_pressed_button(it: Opened) -> None:
    board = Board()
    choose(it)
    core = Buttons(it, board.input)
    core.step()
    board.lines["gpio:5"].broken = True
    core.step()
    assert [fault.source for fault in faults.active(it.live)] == [buttons.NAME]
    assert buttons.look(it) == Pressed()
    board.lines["gpio:5"].broken = False
    core.step()
    assert faults.active(it.live) == []
