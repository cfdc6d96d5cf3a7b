"""The core as a process: what it does at its start, at its end, and when something is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit, clock, config, faults, heartbeat, opened
from appliance.charging import points
from appliance.store import migrate, settings
from tests.patience import PATIENCE_S

CORE = [sys.executable, "-m", "appliance.cli.main"]


class Cores:
    """Starts cores on one home and makes sure that none outlives the test."""

    def __init__(self, home: config.Home) -> None:
        self.home = home
        self.started: list[subprocess.Popen[str]] = []

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """Start one core."""
        process = subprocess.Popen(
            [*CORE, "--home", str(self.home.root), "core"], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "WATTWARD_RUN": str(self.home.run), **environment},
        )  # fmt: skip
        self.started.append(process)
        return process

    def ready(self, process: subprocess.Popen[str], it: opened.Opened) -> None:
        """Wait until this very core gives signs of life."""

        def alive() -> bool:
            core = heartbeat.beats(it.live, it.clock).get("core")
            return core is not None and core.pid == process.pid

        until(alive, "a sign of life", process)


def until(ready: Callable[[], bool], what: str, process: subprocess.Popen[str]) -> None:
    """Wait for something that must come while a process lives."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert process.poll() is None, f"the core ended before {what}: {process.stderr and process.stderr.read()}"
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.02)


@pytest.fixture
def home(tmp_path: Path) -> config.Home:
    return config.Home(root=tmp_path / "home", run=tmp_path / "run")


@pytest.fixture
def it(home: config.Home) -> opened.Opened:
    return opened.open_home(home, clock.SystemClock())


@pytest.fixture
def cores(home: config.Home) -> Iterator[Cores]:
    found = Cores(home)
    yield found
    for process in found.started:
        process.kill()
        process.wait()


def test_a_fresh_home_becomes_an_appliance_and_ends_cleanly(cores: Cores, it: opened.Opened) -> None:
    core = cores.start()
    cores.ready(core, it)
    migrate.require_current(it.store)
    assert len(it.key().export()) == 32
    assert (it.home.keys / "device.key").stat().st_mode & 0o777 == 0o640
    assert it.home.root.stat().st_mode & 0o7777 == 0o2770
    core.send_signal(signal.SIGTERM)
    assert core.wait(10) == 0


def test_a_second_core_names_the_first(cores: Cores, it: opened.Opened) -> None:
    first = cores.start()
    cores.ready(first, it)
    second = cores.start()
    assert second.wait(10) == 1 and second.stderr is not None
    assert f"process {first.pid}" in second.stderr.read()


def test_a_store_of_a_newer_version_is_left_alone(cores: Cores, it: opened.Opened) -> None:
    it.home.make()
    migrate.migrate(it.home.store_db, it.clock)
    with it.store.write() as db:
        db.execute("PRAGMA user_version=999")
    it.store.close()
    before = it.home.store_db.read_bytes()
    core = cores.start()
    assert core.wait(10) == 1 and core.stderr is not None
    assert "version 999" in core.stderr.read()
    assert it.home.store_db.read_bytes() == before


def test_a_damaged_store_is_kept_aside_and_said(cores: Cores, it: opened.Opened) -> None:
    it.home.make()
    it.home.store_db.write_bytes(b"this was a database once " * 400)
    core = cores.start()
    cores.ready(core, it)
    kept = list(it.home.root.glob("store.db.damaged-*"))
    assert len(kept) == 1 and kept[0].read_bytes().startswith(b"this was a database once")
    assert [fault.code for fault in faults.active(it.live) if fault.source == "repair"] == ["repaired"]
    assert "store.repair" in [event.event for event in audit.newest(it.store)]


def test_a_point_without_hardware_is_a_fault_and_the_core_goes_on(cores: Cores, it: opened.Opened) -> None:
    it.home.make()
    migrate.migrate(it.home.store_db, it.clock)
    points.add(it.store, it.clock, "Wallbox", "gpio:17", feedback="gpio:22", actor=audit.CLI)
    core = cores.start(WATTWARD_HARDWARE="pi")
    cores.ready(core, it)
    wrong = {"relay:1", "contactor:1"}
    until(lambda: wrong <= {one.source for one in faults.active(it.live)}, "the faults of relay and contact", core)


def test_a_setting_changed_elsewhere_wakes_the_core(cores: Cores, it: opened.Opened) -> None:
    core = cores.start()
    cores.ready(core, it)
    settings.put(it.store, it.clock.now(), audit.CLI, "charging.start_window_s", "60")
    assert (it.home.bells / "core").is_socket()
    time.sleep(0.2)
    assert core.poll() is None


def test_a_core_killed_in_any_moment_starts_again(cores: Cores, it: opened.Opened) -> None:
    for pause_s in (0.0, 0.05, 0.15, 0.3, 0.5, 0.8):
        core = cores.start()
        time.sleep(pause_s)
        core.send_signal(signal.SIGKILL)
        core.wait()
    core = cores.start()
    cores.ready(core, it)
    with it.store.read() as db:
        assert db.execute("PRAGMA integrity_check").get == "ok"
