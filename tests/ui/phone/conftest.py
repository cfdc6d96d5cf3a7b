"""A furnished home, the app for apps in front of it, its processes, and phones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from appliance import clock
from appliance.opened import Opened
from appliance.store import settings
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
