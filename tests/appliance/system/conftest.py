"""A private operating system, and the part of a core that talks to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from appliance.opened import Opened
from appliance.system import bus, tasks
from appliance.system import machine as machine_room
from appliance.system.machine import Machine
from appliance.system.tasks import Task
from tests.appliance.system.stand_in import OperatingSystem
from tests.patience import PATIENCE_S

machine_room.FIRST_S = 0.0  # nothing has to be measured first


class Running:
    """A Machine at work in a thread, as in a core."""

    def __init__(self, it: Opened) -> None:
        self.it = it
        self.ended = False  # it asked its core to end
        self._loop = asyncio.new_event_loop()
        self._machine: Machine | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread = Thread(target=self._live, daemon=True)
        self._thread.start()

    def _live(self) -> None:
        async def work() -> None:
            self._machine = Machine(self.it, bus.system(), self._end)
            self._work = asyncio.ensure_future(self._machine.run())
            with suppress(asyncio.CancelledError):
                await self._work

        self._loop.run_until_complete(work())

    def _end(self) -> None:
        self.ended = True

    def done(self, number: int) -> Task:
        """Wait until a task is over; return it."""
        if self._machine is not None:
            self._loop.call_soon_threadsafe(self._machine.wake)
        found: list[Task] = []

        def over() -> bool:
            task = tasks.look(self.it.live, number)
            if task is not None and task.over:
                found.append(task)
            return bool(found)

        until(over)
        return found[0]

    def stop(self) -> None:
        """End it."""
        until(lambda: self._work is not None)
        assert self._work is not None
        self._loop.call_soon_threadsafe(self._work.cancel)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


def until(ready: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OperatingSystem]:
    """NetworkManager, timedated and logind."""
    found = OperatingSystem(tmp_path / "os")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", found.address)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def machine(opened: Opened, system: OperatingSystem) -> Iterator[Running]:
    """The core's hand, at work."""
    assert system
    running = Running(opened)
    yield running
    running.stop()
