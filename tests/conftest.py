"""What every test may ask for: a home in a temporary folder, a clock, the store open, somebody who acts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.config import Home
from appliance.opened import Opened
from tests import first_start
from tests.fake_clock import FakeClock

os.environ["KIVY_LOG_MODE"] = "PYTHON"  # before any test imports it: otherwise the log of every test is Kivy's


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Commands that are called in this process set the umask; what later tests build is for everybody again."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def clock() -> FakeClock:
    """2026-11-21 12:00 UTC; moves by `advance`, `set` and `reboot`."""
    return FakeClock()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An appliance's folders, made, and nothing in them."""
    found = Home(root=tmp_path / "home", run=tmp_path / "run")
    found.make()
    return found


@pytest.fixture
def opened(home: Home, clock: FakeClock) -> Iterator[Opened]:
    """The home as a process has it open after the core's first start: store, live file and device key made."""
    it = first_start.of(home, clock)
    yield it
    it.store.close()
    it.live.close()


@pytest.fixture
def actor() -> audit.Actor:
    """Somebody who acts."""
    return audit.Actor("touch", "household")
