"""What an auxiliary contact promises, on every board it may sit on: the twin, the house's socket, rpi-lgpio itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.gpio import GpioInput, GpioRelay
from drivers.interfaces import DriverError
from tests.drivers import boards
from tests.drivers.boards import Board


@pytest.fixture(params=boards.NAMES)
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """Each board in turn."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


def test_high_is_closed_and_low_is_open(board: Board) -> None:
    contact = GpioInput(board.gpio, 22)
    for level in (0, 1, 0):
        board.stuck[22] = level
        assert contact.is_closed() is bool(level)


def test_a_contact_and_a_relay_live_side_by_side_and_releasing_one_leaves_the_other(board: Board) -> None:
    relay, contact = GpioRelay(board.gpio, 17), GpioInput(board.gpio, 22)
    relay.switch(closed=True)
    contact.is_closed()
    contact.release()
    assert board.level(17) == 1 and relay.is_closed() is True


def test_a_line_another_program_holds_is_unavailable_and_had_once_it_is_free(board: Board) -> None:
    contact = GpioInput(board.gpio, 22)
    board.block(22)
    with pytest.raises(DriverError, match="GPIO 22 cannot be used") as caught:
        contact.is_closed()
    assert caught.value.code == "unavailable"
    board.unblock(22)
    board.stuck[22] = 1
    assert contact.is_closed() is True


@pytest.mark.parametrize(("mirror", "closed_level"), [(True, 1), (False, 0)])
def test_a_plain_contact_is_closed_when_low_and_a_mirror_contact_when_its_contactor_is_open(
    board: Board, mirror: bool, closed_level: int
) -> None:
    contact = GpioInput(board.gpio, 23, mirror=mirror)
    for level in (0, 1, 0):
        board.stuck[23] = level
        assert contact.is_closed() is (level == closed_level)


def test_a_chip_that_goes_away_is_unavailable_and_the_contact_is_read_again_when_it_is_back(board: Board) -> None:
    contact = GpioInput(board.gpio, 23, mirror=False)
    contact.is_closed()
    board.remove()
    with pytest.raises(DriverError, match="GPIO 23 cannot be used"):
        contact.is_closed()
    board.restore()
    board.stuck[23] = 0
    assert contact.is_closed() is True
