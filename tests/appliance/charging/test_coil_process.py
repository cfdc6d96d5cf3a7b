"""A relay and a plug on a Modbus board, a real core, real sockets: closed, opened, killed; and a meter on the line."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit, clock, config, faults, opened
from appliance.charging import grants, identifications, observed, points, sessions, users
from appliance.charging.points import Point
from appliance.store import settings
from drivers.modbus import coil
from tests.drivers.modbus.coil_board import CoilBoard
from tests.drivers.modbus.device import on_tcp
from tests.drivers.simulated.house_process import HouseProcess
from tests.test_core import Cores, until

CODE = "#271828"
CAR = 5  # the input that tells of a car


class Street:
    """A board on the network, as long as the test runs."""

    def __init__(self) -> None:
        self.board = CoilBoard()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        async with on_tcp(self.board.behave) as device:
            self.port = device.port
            self._ready.set()
            await self._over.wait()

    def __enter__(self) -> Street:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def street() -> Iterator[Street]:
    with Street() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HouseProcess]:
    with HouseProcess(tmp_path) as found:
        yield found


@pytest.fixture
def cores(tmp_path: Path) -> Iterator[Cores]:
    found = Cores(config.Home(root=tmp_path / "home", run=tmp_path / "run"))
    yield found
    for process in found.started:
        process.kill()
        process.wait()


def furnish(it: opened.Opened, street: Street, kind: str) -> Point:
    """Anna with a PIN, and a point whose relay and plug input are on the board."""
    settings.put(it.store, it.clock.now(), audit.CLI, "charging.min_pause_s", "1")
    anna = users.add(it.store, it.clock, "Anna", "Berger", actor=audit.CLI)
    identifications.add(
        it.store, it.key(), it.clock, anna.id, type="pin", code=CODE, active=True, actor=audit.CLI
    )  # fmt: skip
    at = f"tcp://127.0.0.1:{street.port}/1"
    return points.add(it.store, it.clock, "Wallbox", f"{kind}:{at}/3", plug=f"input:{at}/{CAR}", actor=audit.CLI)


def start(cores: Cores, house: HouseProcess, it: opened.Opened) -> subprocess.Popen[str]:
    core = cores.start(WATTWARD_HARDWARE=f"simulated:{house.pins}")
    cores.ready(core, it)
    return core


def sources(it: opened.Opened) -> list[str]:
    return [fault.source for fault in faults.active(it.live)]


def wait_for_board(ready: Callable[[], bool]) -> None:
    """Wait for what a board does while no core runs."""
    deadline = time.monotonic() + coil.PULSE_S + 1.0
    while not ready():
        assert time.monotonic() < deadline, "the board did not open by itself"
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["coil", "pulse"])
def test_a_car_charges_at_a_relay_on_a_board_and_the_relay_opens_when_it_leaves_or_the_core_dies(
    cores: Cores, house: HouseProcess, street: Street, kind: str
) -> None:  # part 4
    board = street.board
    board.coils[3] = True  # as an earlier program left it
    it = opened.open_home(cores.home, clock.SystemClock())
    core = start(cores, house, it)
    point = furnish(it, street, kind)

    def holds(what: str, ready: Callable[[], bool]) -> None:
        until(ready, what, core)

    def seen() -> bool | None:
        found = observed.all(it.live).get(point.id)
        return None if found is None else found.closed

    def release() -> None:
        assert grants.authorize(it, CODE, point, "cli", actor=audit.CLI).result == "accepted"
        holds("the relay closes and is seen closed", lambda: board.closed(3) and seen() is True)

    holds("the coil is opened first", lambda: not board.closed(3) and seen() is False)
    assert sources(it) == []
    release()
    board.inputs[CAR] = True
    holds("the session begins with the car", lambda: len(sessions.running(it.store)) == 1)
    board.inputs[CAR] = False
    holds("the car leaves, the relay opens", lambda: not board.closed(3) and seen() is False)
    holds("the session says so", lambda: sessions.newest(it.store, 1)[0].end_reason == "unplug")
    release()
    board.unit = 2
    holds("a board that is silent is a fault", lambda: f"relay:{point.id}" in sources(it))
    grants.stop(it, point.id, audit.CLI)
    board.unit = 1
    holds("it is open and well when it is back", lambda: not board.closed(3) and f"relay:{point.id}" not in sources(it))
    holds("nothing runs", lambda: not sessions.running(it.store))
    release()
    core.send_signal(signal.SIGKILL)
    core.wait()
    if kind == "pulse":
        wait_for_board(lambda: not board.closed(3))
    else:
        assert board.closed(3), "what docs/wiring.md says of a coil would not be true"
    core = start(cores, house, it)
    holds("the next core opens it", lambda: not board.closed(3) and seen() is False)
    release()
    core.send_signal(signal.SIGTERM)
    core.wait()
    assert not board.closed(3), "a core that is stopped leaves it open"
