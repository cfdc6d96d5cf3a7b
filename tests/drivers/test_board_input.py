"""A contact at an input of a Modbus board, over real sockets and pseudo-terminals."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.hardware import Hardware
from drivers.interfaces import DriverError
from drivers.modbus import bus, input, pace, sharing
from drivers.modbus.address import parse_url
from drivers.modbus.input import BoardInput
from drivers.simulated.pins import StrictPins
from tests.drivers.modbus.coil_board import CoilBoard
from tests.drivers.modbus.device import Cable, on_cable, on_tcp
from tests.drivers.test_coil_relay import PROMPTLY_S, until

Scene = Callable[[BoardInput, CoilBoard, str], Awaitable[object]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules with shorter times."""
    for module, name, value in (
        (input, "LOOK_S", 0.03), (input, "LOST_S", 0.3), (pace, "FIRST_ANSWER_S", 0.1), (pace, "PAUSES_S", (0.0,)),
        (pace, "SETTLE_S", 0.1), (bus, "LATE_S", 0.05), (bus, "CONNECT_PAUSES_S", (0.0,)),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    for transport in pace.ANSWER_S:
        monkeypatch.setitem(pace.ANSWER_S, transport, 0.1)


def play(line: str, tmp_path: Path, then: Scene) -> None:
    """Run `then` with input 4 of a board on such a line, as the program has it."""
    board = CoilBoard()

    async def with_input(url: str) -> None:
        found = Hardware(StrictPins).input(f"input:{url}/1/4", mirror=False)
        assert isinstance(found, BoardInput)
        await then(found, board, url)

    async def scene() -> None:
        if line == "rtu":
            cable = Cable(tmp_path / "ttyUSB0")
            async with on_cable(board.behave, cable.plug()):
                await with_input(f"rtu://{cable.near}?baud=115200")
            cable.pull()
        else:
            async with on_tcp(board.behave, "tcp" if line == "tcp" else "rtu") as device:
                await with_input(f"{line}://127.0.0.1:{device.port}")

    asyncio.run(scene())


@pytest.mark.parametrize("line", ["tcp", "rtutcp", "rtu"])
def test_what_the_board_sees_is_told_once_it_was_read(line: str, tmp_path: Path) -> None:
    async def then(contact: BoardInput, board: CoilBoard, url: str) -> None:
        assert contact.is_closed() is None
        await contact.settled(PROMPTLY_S)
        assert contact.is_closed() is False
        board.inputs[4] = True
        await until(contact.is_closed)
        board.inputs[4] = False
        await until(lambda: contact.is_closed() is False)
        assert board.writes == []
        contact.release()
        await until(lambda: sharing.held(parse_url(url)) is None)
        assert contact.is_closed() is None, "used again, it is read anew"

    play(line, tmp_path, then)


def test_a_board_that_stops_answering_is_not_known_and_comes_back(tmp_path: Path) -> None:
    async def then(contact: BoardInput, board: CoilBoard, _url: str) -> None:
        board.inputs[4] = True
        await until(contact.is_closed)

        def says_why() -> bool:
            try:
                contact.is_closed()
            except DriverError as error:
                return error.code == "silent"
            return False

        board.power = False
        await until(says_why)
        board.power = True
        await until(lambda: not says_why() and contact.is_closed())

    play("tcp", tmp_path, then)


def test_an_input_nobody_asks_for_is_read_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def then(contact: BoardInput, _board: CoilBoard, url: str) -> None:
        monkeypatch.setattr(input, "ALONE_S", 0.05)
        contact.is_closed()
        await until(lambda: sharing.held(parse_url(url)) is not None)
        await until(lambda: sharing.held(parse_url(url)) is None)

    play("tcp", tmp_path, then)


@pytest.mark.parametrize("spec", ["input:tcp://host/1", "input:tcp://host/1/70000", "coil:tcp://host/1/0"])
def test_what_is_no_input_is_refused_with_the_rule(spec: str) -> None:
    with pytest.raises(DriverError, match="A coil or input of a Modbus board is input:ADDRESS/UNIT/NUMBER") as refused:
        Hardware(StrictPins).input(spec)
    assert refused.value.code == "unavailable"
