"""A furnished household and its touchscreen, for every test of the screens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.access import certificate, device_key, display_pin
from appliance.config import Home
from appliance.opened import open_home
from appliance.store import live, migrate, settings
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from tests.ui.touch.shared_clock import SharedClock

PIN = "2580"  # of the settings


def make_house(folder: Path) -> tuple[House, Path]:
    """A home with store, live file, keys and certificate, still empty; and the file of its clock."""
    clock_file = folder / "clock"
    clock = SharedClock(clock_file, make=True)
    home = Home(root=folder / "home", run=folder / "run")
    home.make()
    migrate.migrate(home.store_db, clock)
    live.make(home.live_db, clock.boot_id)
    device_key.make(home.keys)
    certificate.ensure(home.tls, ["192.0.2.7"], clock.now())
    return House(open_home(home, clock), clock), clock_file


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A furnished household with a morning behind it; a core runs whenever the test says so."""
    it, _ = make_house(tmp_path)
    it.furnish()
    it.day()
    for key in ("ui.dim_after_s", "ui.off_after_s"):  # bright, unless a test is about darkness
        settings.put(it.it.store, it.clock.now(), audit.CLI, key, "3600")
    it.live(12)  # a core just started keeps its relays open for a moment
    yield it
    it.it.store.close()
    it.it.live.close()


@pytest.fixture
def touch(house: House, tmp_path: Path) -> Iterator[Touch]:
    """Its touchscreen, running."""
    screen = Touch(house, tmp_path / "clock")
    yield screen.start()
    screen.kill()


@pytest.fixture
def unlocked(house: House, touch: Touch) -> Touch:
    """The settings' first page, after the PIN."""
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Settings")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("Communication")
    return touch


@pytest.fixture
def wallbox(unlocked: Touch) -> Touch:
    """The settings of the wallbox."""
    unlocked.tap("Charging")
    unlocked.see("Learn a card")
    unlocked.tap("Wallbox")
    unlocked.see("Weekly plan", "none yet")
    return unlocked
