"""What a relay promises, on every board it may sit on: the twin, the house's socket, rpi-lgpio itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.gpio import GpioRelay
from drivers.interfaces import DriverError
from tests.drivers import boards
from tests.drivers.boards import Board


@pytest.fixture(params=boards.NAMES)
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """Each board in turn."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


def refusal(code: str) -> pytest.RaisesExc[DriverError]:
    """A DriverError with this code and a sentence that says what to do."""
    return pytest.raises(DriverError, check=lambda error: error.code == code and str(error).endswith("."))


def test_the_first_look_takes_the_line_and_leaves_it_low(board: Board) -> None:
    assert GpioRelay(board.gpio, 17).is_closed() is False
    assert board.level(17) == 0


def test_a_line_left_high_by_its_owner_is_low_once_a_relay_has_it(board: Board) -> None:
    board.gpio.setmode(board.gpio.BCM)
    board.gpio.setup(17, board.gpio.OUT, initial=board.gpio.HIGH)
    assert board.level(17) == 1
    GpioRelay(board.gpio, 17).is_closed()
    assert board.level(17) == 0


def test_closed_is_high_and_open_is_low(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    for closed in (True, True, False, False, True):
        relay.switch(closed=closed)
        assert relay.is_closed() is closed
        assert board.level(17) == int(closed)


def test_two_relays_do_not_touch_each_other(board: Board) -> None:
    first, second = GpioRelay(board.gpio, 17), GpioRelay(board.gpio, 27)
    first.switch(closed=True)
    second.switch(closed=True)
    first.switch(closed=False)
    assert (board.level(17), board.level(27)) == (0, 1)
    second.release()
    first.switch(closed=True)
    assert (board.level(17), board.level(27)) == (1, 0)


def test_a_line_that_will_not_go_high_is_stuck_and_is_not_driven_on(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.is_closed()
    board.stuck[17] = 0
    with refusal("stuck"):
        relay.switch(closed=True)
    board.stuck.clear()
    assert relay.is_closed() is False, "a short that goes away must not close the relay"


def test_a_line_that_will_not_go_low_is_stuck_and_seen_closed(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.switch(closed=True)
    board.stuck[17] = 1
    with refusal("stuck"):
        relay.switch(closed=False)
    assert relay.is_closed() is True
    board.stuck.clear()
    assert relay.is_closed() is False


def test_a_line_of_another_program_is_unavailable_until_it_lets_go(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    board.block(17)
    with refusal("unavailable") as caught:
        relay.switch(closed=True)
    assert "(GPIO busy)" in str(caught.value)
    relay.release()
    board.unblock(17)
    relay.switch(closed=True)
    assert board.level(17) == 1


def test_release_opens_gives_the_line_back_and_may_be_called_again(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.release()
    relay.switch(closed=True)
    relay.release()
    relay.release()
    assert board.level(17) == 0
    with pytest.raises(RuntimeError, match="You must setup"):
        board.gpio.input(17)
    board.block(17)  # another program can have it now
    board.unblock(17)


def test_a_released_relay_can_be_used_again(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.switch(closed=True)
    relay.release()
    assert relay.is_closed() is False
    relay.switch(closed=True)
    assert board.level(17) == 1


@pytest.mark.parametrize("line", [0, 8, 28, 54, -1])
def test_only_lines_that_are_pulled_down_at_reset_are_taken(board: Board, line: int) -> None:
    with pytest.raises(ValueError, match="N from 9 to 27"):
        GpioRelay(board.gpio, line)


def test_without_a_chip_every_call_says_so_and_release_keeps_quiet(board: Board) -> None:
    board.remove()
    relay = GpioRelay(board.gpio, 17)
    with refusal("unavailable"):
        relay.is_closed()
    with refusal("unavailable"):
        relay.switch(closed=True)
    relay.release()


def test_a_chip_that_goes_away_is_an_error_once_and_comes_back_low(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.switch(closed=True)
    board.remove()
    with refusal("unavailable"):
        relay.is_closed()
    board.restore()
    assert relay.is_closed() is False
    assert board.level(17) == 0
    relay.switch(closed=True)
    assert board.level(17) == 1


def test_release_is_quiet_when_the_chip_went_away(board: Board) -> None:
    relay = GpioRelay(board.gpio, 17)
    relay.switch(closed=True)
    board.remove()
    relay.release()
    board.restore()
    assert relay.is_closed() is False


def test_each_relay_notices_a_lost_chip_and_none_comes_back_closed(board: Board) -> None:
    first, second = GpioRelay(board.gpio, 17), GpioRelay(board.gpio, 27)
    first.switch(closed=True)
    second.switch(closed=True)
    board.remove()
    with refusal("unavailable"):
        first.is_closed()
    board.restore()
    assert first.is_closed() is False
    with refusal("unavailable"):
        second.is_closed()
    assert second.is_closed() is False
    assert (board.level(17), board.level(27)) == (0, 0)
