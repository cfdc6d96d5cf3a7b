"""Signs of life: a stuck loop looks dead, in real seconds also under a fast clock."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from appliance import heartbeat
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import changes, live
from tests.fake_clock import FakeClock


def test_a_process_that_began_lives_and_ages(opened: Opened, clock: FakeClock) -> None:
    heartbeat.begin(opened.live, "core", clock)
    beat = heartbeat.beats(opened.live, clock)["core"]
    assert (beat.pid, beat.version, beat.age_s) == (os.getpid(), heartbeat.version(), 0.0)
    clock.advance(3)
    assert heartbeat.beats(opened.live, clock)["core"].age_s == 3.0
    heartbeat.beat(opened.live, "core", clock)
    assert heartbeat.beats(opened.live, clock)["core"].age_s == 0.0


def test_the_core_runs_until_it_was_silent_for_five_seconds(opened: Opened, clock: FakeClock) -> None:
    assert not heartbeat.core_runs(opened.live, clock)
    heartbeat.begin(opened.live, "core", clock)
    clock.advance(heartbeat.CORE_SILENT_S)
    assert heartbeat.core_runs(opened.live, clock)
    clock.advance(0.1)
    assert not heartbeat.core_runs(opened.live, clock)


def test_under_a_fast_clock_silence_is_counted_in_real_seconds(opened: Opened, clock: FakeClock) -> None:
    heartbeat.begin(opened.live, "core", clock)
    clock.speed = 60.0
    clock.advance(4 * 60)
    assert heartbeat.core_runs(opened.live, clock)
    clock.advance(2 * 60)
    assert not heartbeat.core_runs(opened.live, clock)


def test_a_heartbeat_wakes_nobody(opened: Opened, clock: FakeClock) -> None:
    heartbeat.begin(opened.live, "core", clock)
    bell = changes.Bell(opened.home.bells, "touch")
    heartbeat.beat(opened.live, "core", clock)
    assert not bell.wait(0)
    bell.close()


def test_without_a_live_file_nobody_lives(home: Home, clock: FakeClock) -> None:
    file = live.open_live(home.live_db)
    assert heartbeat.beats(file, clock) == {} and not heartbeat.core_runs(file, clock)


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"wattward-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if abstract else name)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name if abstract else name)
        heartbeat.notify("WATCHDOG=1")
        assert manager.recv(100) == b"WATCHDOG=1"


def test_without_a_service_manager_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    heartbeat.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    heartbeat.notify("READY=1")
    assert list(tmp_path.iterdir()) == []
