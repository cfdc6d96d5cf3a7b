"""A core as a process serves meters as soon as somebody switches it on, and not longer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit, clock, errors, faults, heartbeat
from appliance.config import Home
from appliance.metering import meters
from appliance.opened import Opened, open_home
from appliance.services import sunspec
from tests.appliance.services.test_sunspec import asked, free_port, put

COMMON_ID_AT, VENDOR_AT = 40002, 40004


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(root=tmp_path / "home", run=tmp_path / "run")


@pytest.fixture
def core(home: Home) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "appliance.cli.main", "--home", str(home.root), "core"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "WATTWARD_RUN": str(home.run)},
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def _runs(it: Opened) -> bool:
    try:
        return heartbeat.core_runs(it.live, it.clock)
    except errors.StoreError:
        return False


def test_a_core_serves_while_the_switch_is_on_and_ends_cleanly(home: Home, core: subprocess.Popen[str]) -> None:
    it, port = open_home(home, clock.SystemClock()), free_port()

    async def until(unit: int, wanted: int | None) -> None:
        async with asyncio.timeout(15):
            while await asked(port, unit, VENDOR_AT) != wanted:
                assert core.poll() is None, core.stderr and core.stderr.read()
                await asyncio.sleep(0.05)

    async def scene() -> None:
        async with asyncio.timeout(15):
            while not _runs(it):
                await asyncio.sleep(0.05)
        meters.add(it.store, it.clock, name="Roof", model="eastron-sdm630", url="tcp://127.0.0.1:1", unit=1, role="pv",
                   actor=audit.CLI)  # fmt: skip
        put(it, sunspec.PORT, port)
        assert await asked(port) is None
        put(it, sunspec.SWITCH, "on")
        await until(11, int.from_bytes(b"Wa"))
        assert await asked(port, 11, COMMON_ID_AT) == 1
        put(it, sunspec.SWITCH, "off")
        await until(11, None)
        put(it, sunspec.SWITCH, "on")
        await until(11, int.from_bytes(b"Wa"))
        assert [fault.source for fault in faults.active(it.live) if fault.source == sunspec.SOURCE] == []

    asyncio.run(scene())
    core.terminate()
    assert core.wait(15) == 0
    assert asyncio.run(asked(port, 11)) is None
