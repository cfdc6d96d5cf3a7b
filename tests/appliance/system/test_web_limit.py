"""The core sees a web admin that outstays its window, says so, and has it killed; it leaves every other port alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from appliance import audit, faults
from appliance.access import web_window
from appliance.network import addresses
from appliance.opened import Opened
from appliance.system import web_limit
from appliance.system.bus import Absent, Object
from tests.fake_clock import FakeClock


class Manager:
    """The service manager; notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[object, ...]]] = []
        self.is_there = True

    async def call(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        if not self.is_there:
            raise Absent("There is none.")
        assert (of, signature) == (web_limit.SYSTEMD, "ssi")
        self.told.append((method, arguments))
        return []

    async def call_typed(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        raise AssertionError

    async def properties(self, of: Object) -> dict[str, Any]:
        raise AssertionError

    def close(self) -> None:
        """Nothing to leave."""


@pytest.fixture
def port(opened: Opened) -> Iterator[socket.socket]:
    """A port that accepts, noted as the web admin's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (opened.home.run / addresses.WEB_PORT).write_text(str(listening.getsockname()[1]))
        (opened.home.run / web_window.SERVING).touch()
        yield listening


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_limit, "LATE_S", 0.0)


def look(opened: Opened, manager: Manager) -> None:
    asyncio.run(web_limit.WebLimit(opened, manager).look())


def known(opened: Opened) -> list[str]:
    return [one.code for one in faults.active(opened.live)]


def test_a_port_open_after_the_window_is_a_fault_and_its_program_is_killed(
    opened: Opened, clock: FakeClock, port: socket.socket
) -> None:  # A003-21
    manager = Manager()
    web_window.enable(opened.store, clock, audit.TOUCH)
    look(opened, manager)
    assert (manager.told, known(opened)) == ([], [])
    clock.advance(600)
    look(opened, manager)
    assert manager.told == [("KillUnit", ("wattward-admin.service", "all", 9))]
    assert known(opened) == ["late"]
    assert audit.newest(opened.store, 1)[0].event == "web.overdue"


def test_the_fault_ends_when_the_port_refuses(opened: Opened, port: socket.socket) -> None:
    look(opened, Manager())
    assert known(opened) == ["late"]
    port.close()
    look(opened, Manager())
    assert known(opened) == []


def test_it_is_killed_again_until_it_is_gone_and_written_down_once(opened: Opened, port: socket.socket) -> None:
    manager = Manager()
    for _ in range(3):
        look(opened, manager)
    assert len(manager.told) == 3
    assert [one.event for one in audit.newest(opened.store)].count("web.overdue") == 1


def test_without_a_service_manager_it_is_a_fault_all_the_same(opened: Opened, port: socket.socket) -> None:
    manager = Manager()
    manager.is_there = False
    look(opened, manager)
    assert known(opened) == ["late"]


def test_another_programs_port_is_left_alone(opened: Opened, port: socket.socket) -> None:
    (opened.home.run / web_window.SERVING).unlink()
    manager = Manager()
    look(opened, manager)
    assert (manager.told, known(opened)) == ([], [])


def test_the_owner_has_a_moment_to_close_it_first(
    opened: Opened, port: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_limit, "LATE_S", 5.0)
    manager = Manager()
    limit = web_limit.WebLimit(opened, manager)

    async def twice() -> None:
        await limit.look()
        assert manager.told == []
        monkeypatch.setattr(web_limit, "LATE_S", 0.0)
        await limit.look()

    asyncio.run(twice())
    assert len(manager.told) == 1
