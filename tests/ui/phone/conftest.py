"""A furnished home, the app for apps in front of it, its processes, and phones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from appliance import clock, heartbeat
from appliance.metering import readings
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Reading
from tests.ui.phone.browsing import browser, phones
from tests.ui.phone.house import ADMIN, App, Served, eventually, free_port, furnished, token_of, with_house
from ui.phone.app import create_app

__all__ = ["browser", "phones"]  # fixtures


@pytest.fixture
def flask(opened: Opened) -> Flask:
    """The app on the home of this test, with a fake clock."""
    settings.put(opened.store, opened.clock.now(), ADMIN, "service.phone", "on")
    with_house(opened)
    return create_app(opened)


@pytest.fixture
def app(flask: Flask) -> App:
    """A program without a token."""
    return App(flask.test_client())


@pytest.fixture
def reader(flask: Flask, opened: Opened) -> App:
    """A program whose token may read."""
    return App(flask.test_client(), token_of(opened)[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The processes of a furnished appliance, the service on."""
    it = Served(furnished(tmp_path, clock.SystemClock()), free_port(), tmp_path / "phone.log")
    with_house(it.opened)
    it.start()
    eventually(it.answers, "the service does not answer")
    yield it
    it.stop()
    if it.process is not None and it.process.poll() is None:
        it.process.kill()
    it.opened.store.close()
    it.opened.live.close()


@pytest.fixture
def alive(served: Served) -> Iterator[Opened]:
    """A core that measures: readings and a heartbeat keep coming."""
    it, over = served.opened, threading.Event()

    def measure() -> None:
        while not over.wait(0.5):
            for meter, watts in ((1, 820.0), (2, -2300.0), (3, 1450.0)):
                readings.put(it.live, it.clock, meter, Reading(values={"power_w": watts, "import_wh": 5000.0}))
            heartbeat.beat(it.live, "core", it.clock)
        it.live.close()

    thread = threading.Thread(target=measure)
    thread.start()
    yield it
    over.set()
    thread.join()
