"""What every relay promises to who charges with it, be it a line of the Pi or a coil of a board.

What belongs to one kind only is in `test_relay_contract` and `test_coil_relay`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.hardware import Hardware
from drivers.interfaces import DriverError, Relay, Slow
from drivers.modbus import bus, coil, pace
from drivers.simulated.pins import StrictPins
from tests.drivers.modbus.coil_board import CoilBoard
from tests.drivers.modbus.device import Cable, on_cable, on_tcp

KINDS = ("gpio", "coil over tcp", "pulse over tcp", "coil over rtutcp", "pulse over rtu")
PROMPTLY_S = 5.0
NUMBER = 3


@dataclass
class Bench:
    """A relay, and what an electrician sees and does at its contact."""

    relay: Relay
    is_closed: Callable[[], bool]  # as measured
    stick: Callable[[bool | None], object]  # the contact stays so; None: it comes loose

    async def said(self) -> bool | str:
        """What the relay says once it knows: closed or not, or the code of its fault."""
        async with asyncio.timeout(PROMPTLY_S):
            while True:
                try:
                    if (closed := self.relay.is_closed()) is not None:
                        return closed
                except DriverError as error:
                    return error.code
                await asyncio.sleep(0.005)

    async def told(self, *, closed: bool) -> bool | str:
        """Tell it, wait, and ask: closed or not, or the code of its fault."""
        try:
            self.relay.switch(closed=closed)
        except DriverError as error:
            return error.code
        if isinstance(self.relay, Slow):
            await self.relay.settled(PROMPTLY_S)
        return await self.said()


@contextlib.asynccontextmanager
async def _gpio() -> AsyncIterator[Bench]:
    pins = StrictPins()

    def stick(level: bool | None) -> None:
        pins.stuck.pop(17, None)
        if level is not None:
            pins.stuck[17] = int(level)

    chosen = Hardware(lambda: pins)
    yield Bench(chosen.relay("gpio:17"), lambda: bool(pins.stuck.get(17, pins.levels.get(17, 0))), stick)
    chosen.close()


@contextlib.asynccontextmanager
async def _board(kind: str, tmp_path: Path) -> AsyncIterator[Bench]:
    how, _, line = kind.partition(" over ")
    board = CoilBoard()
    board.coils[NUMBER] = True  # as an earlier program left it

    def stick(level: bool | None) -> None:
        board.stuck.clear()
        if level is not None:
            board.stuck[NUMBER] = level

    async with contextlib.AsyncExitStack() as stack:
        if line == "rtu":
            cable = Cable(tmp_path / "ttyUSB0")
            await stack.enter_async_context(on_cable(board.behave, cable.plug()))
            stack.callback(cable.pull)
            url = f"rtu://{cable.near}?baud=115200"
        else:
            device = await stack.enter_async_context(on_tcp(board.behave, "tcp" if line == "tcp" else "rtu"))
            url = f"{line}://127.0.0.1:{device.port}"
        chosen = Hardware(StrictPins)
        bench = Bench(chosen.relay(f"{how}:{url}/1/{NUMBER}"), lambda: board.closed(NUMBER), stick)
        yield bench
        board.stuck.clear()
        chosen.close()
        await chosen.settled(PROMPTLY_S)
        await asyncio.sleep(0.05)


@pytest.fixture(params=KINDS)
def play(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Bench], Awaitable[object]]], None]:
    """Run a scene with each kind of relay."""
    for module, name, value in (
        (coil, "LOOK_S", 0.05), (coil, "LOST_S", 0.3), (coil, "RETRY_S", (0.05,)), (pace, "FIRST_ANSWER_S", 0.15),
        (bus, "LATE_S", 0.05),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)

    def run(scene: Callable[[Bench], Awaitable[object]]) -> None:
        async def whole() -> None:
            async with _gpio() if request.param == "gpio" else _board(request.param, tmp_path) as bench:
                await scene(bench)

        asyncio.run(whole())

    return run


Play = Callable[[Callable[[Bench], Awaitable[object]]], None]


def test_it_is_open_once_somebody_has_it_however_it_was_left(play: Play) -> None:
    async def scene(bench: Bench) -> None:
        assert await bench.said() is False and not bench.is_closed()

    play(scene)


def test_it_does_what_it_is_told_as_often_as_it_is_told_and_says_what_it_read_back(play: Play) -> None:
    async def scene(bench: Bench) -> None:
        for closed in (True, True, False, False, True, False):
            assert await bench.told(closed=closed) is closed
            assert bench.is_closed() is closed

    play(scene)


def test_a_contact_that_does_not_close_is_stuck_and_does_not_close_when_it_comes_loose(play: Play) -> None:
    async def scene(bench: Bench) -> None:
        await bench.said()
        bench.stick(False)
        assert await bench.told(closed=True) == "stuck"
        bench.stick(None)
        assert await bench.told(closed=False) is False
        assert not bench.is_closed()

    play(scene)


def test_a_contact_that_does_not_open_is_stuck_seen_closed_and_opens_when_it_comes_loose(play: Play) -> None:
    async def scene(bench: Bench) -> None:
        assert await bench.told(closed=True) is True
        bench.stick(True)
        assert await bench.told(closed=False) == "stuck"
        assert await bench.said() in (True, "stuck")
        bench.stick(None)
        async with asyncio.timeout(PROMPTLY_S):
            while await bench.told(closed=False) is not False:
                await asyncio.sleep(0.01)
        assert not bench.is_closed()

    play(scene)


def test_released_it_is_open_may_be_released_again_and_used_again(play: Play) -> None:
    async def scene(bench: Bench) -> None:
        bench.relay.release()
        assert await bench.told(closed=True) is True
        bench.relay.release()
        bench.relay.release()
        async with asyncio.timeout(PROMPTLY_S):
            while bench.is_closed() or await bench.said() is not False:
                await asyncio.sleep(0.005)
        assert await bench.told(closed=True) is True and bench.is_closed()

    play(scene)
