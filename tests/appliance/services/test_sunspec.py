"""Meters served to other programs: what they see, the switch, and that sampling does not feel them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from appliance import audit, clock, errors, faults
from appliance.metering import meters, readings
from appliance.metering.meters import Meter
from appliance.metering.sampling import Sampler
from appliance.opened import Opened, open_home
from appliance.services import sunspec
from appliance.services.sunspec import Shown, SunSpec
from appliance.store import settings
from appliance.store.database import Store
from drivers.interfaces import Reading, ServedMeter
from drivers.modbus import server
from drivers.modbus.server import MeterAt, Server
from tests.fake_clock import FakeClock
from tests.patience import until

NOW = {"power_w": 872.0, "power_l2_w": 266.0, "import_wh": 7_812_345.0}
W_AT = 40000 + 70 + 18


def add(it: Opened, name: str, role: str, interval_s: float = 1.0) -> Meter:
    return meters.add(
        it.store, it.clock, name=name, model="m", url="tcp://x:1", unit=1, role=role, interval_s=interval_s,
        actor=audit.CLI,
    )  # fmt: skip


def put(it: Opened, key: str, typed: object) -> None:
    settings.put(it.store, it.clock.now(), audit.CLI, key, str(typed))


async def serve_here(meter_at: MeterAt, port: int) -> Server:
    return await server.serve(meter_at, port, "127.0.0.1")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


async def asked(port: int, unit: int = 1, at: int = W_AT) -> int | None:
    """One register as a client reads it; None when nobody listens, or no more."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(struct.pack(">HHHBBHH", 1, 0, 6, unit, 3, at, 1))
        async with asyncio.timeout(5):
            answer = await reader.readexactly(11)
        writer.close()
    except (OSError, asyncio.IncompleteReadError):
        return None
    return int(struct.unpack(">H", answer[9:])[0])


@contextlib.asynccontextmanager
async def running(service: SunSpec) -> AsyncIterator[None]:
    task = asyncio.create_task(service.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# What is shown -----------------------------------------------------------------------------------


def test_the_grid_is_unit_1_and_each_meter_has_a_unit_of_its_own(opened: Opened, clock: FakeClock) -> None:
    roof, grid = add(opened, "Roof", "pv"), add(opened, "Grid", "grid")
    readings.put(opened.live, clock, grid.id, Reading(NOW))
    shown = Shown(opened)
    assert [shown.at_unit(unit) for unit in (1, 0, 255, 10 + grid.id)] == [shown.at_unit(1)] * 4
    found = shown.at_unit(1)
    assert found is not None and (found.name, found.serial, found.values) == ("Grid", f"meter-{grid.id}", NOW)
    assert shown.at_unit(10 + roof.id) == ServedMeter("Roof", f"meter-{roof.id}", found.version, {})
    assert shown.at_unit(7) is None


def test_without_a_grid_meter_unit_1_is_nobody(opened: Opened) -> None:
    add(opened, "Roof", "pv")
    assert Shown(opened).at_unit(1) is None


def test_an_old_reading_has_no_values_but_its_quantities(opened: Opened, clock: FakeClock) -> None:
    grid = add(opened, "Grid", "grid")
    readings.put(opened.live, clock, grid.id, Reading(NOW))
    clock.advance(5.5)
    found = Shown(opened).at_unit(1)
    assert found is not None and found.values == dict.fromkeys(NOW, None)


def test_a_flood_of_questions_looks_at_the_store_five_times_a_second(
    opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, newest = add(opened, "Grid", "grid"), readings.newest
    looks: list[Store] = []

    def look(live: Store) -> dict[int, readings.Live]:
        looks.append(live)
        return newest(live)

    monkeypatch.setattr(readings, "newest", look)
    shown = Shown(opened)
    first = shown.at_unit(1)
    assert all(shown.at_unit(1) is first for _ in range(100)) and len(looks) == 1
    readings.put(opened.live, clock, grid.id, Reading(NOW))
    clock.advance(0.21)
    second = shown.at_unit(1)
    assert second is not None and second.values == NOW and len(looks) == 2


def test_a_store_that_cannot_be_read_is_nobody(opened: Opened, clock: FakeClock) -> None:
    add(opened, "Grid", "grid")
    shown = Shown(opened)
    assert shown.at_unit(1) is not None
    opened.live.close()
    opened.home.live_db.unlink()
    clock.advance(1)
    assert shown.at_unit(1) is None


def test_a_meter_whose_number_is_beyond_the_units_is_not_served(opened: Opened) -> None:
    with opened.store.write() as db:
        db.execute(
            "INSERT INTO meters (id,name,model,url,unit,role,created_at) VALUES (238,'Far','m','tcp://x:1',1,'pv','x')"
        )
    (far,) = meters.all(opened.store)
    assert sunspec.unit_of(far) is None and Shown(opened).at_unit(248) is None


# The switch --------------------------------------------------------------------------------------


def test_it_is_off_at_first_and_follows_the_setting_while_it_runs(opened: Opened, clock: FakeClock) -> None:
    grid = add(opened, "Grid", "grid")
    readings.put(opened.live, clock, grid.id, Reading(NOW))
    first, second = free_port(), free_port()

    async def scene() -> None:
        service = SunSpec(opened, serve_here)
        async with running(service):
            put(opened, sunspec.PORT, first)
            service.wake()
            await asyncio.sleep(0.1)
            assert await asked(first) is None, "off by default"
            put(opened, sunspec.SWITCH, "on")
            service.wake()
            await _until_asked(first, 872)
            put(opened, sunspec.PORT, second)
            service.wake()
            await _until_asked(second, 872)
            assert await asked(first) is None
            put(opened, sunspec.SWITCH, "off")
            service.wake()
            await _until_asked(second, None)
            put(opened, sunspec.SWITCH, "on")
            service.wake()
            await _until_asked(second, 872)
        assert await asked(second) is None, "and it ends with the core"

    asyncio.run(scene())


async def _until_asked(port: int, wanted: int | None) -> None:
    async with asyncio.timeout(10):
        while await asked(port) != wanted:
            await asyncio.sleep(0.02)


def test_a_taken_port_is_a_fault_that_ends_when_it_is_free_or_not_wanted(opened: Opened) -> None:
    async def scene() -> None:
        service = SunSpec(opened, serve_here)
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            put(opened, sunspec.PORT, port)
            put(opened, sunspec.SWITCH, "on")
            async with running(service):
                await until(lambda: bool(faults.active(opened.live)))
                (fault,) = faults.active(opened.live)
                assert (fault.source, fault.values) == ("sunspec", {"port": port}) and "taken" in fault.sentence
                put(opened, sunspec.SWITCH, "off")
                service.wake()
                await until(lambda: not faults.active(opened.live))
                put(opened, sunspec.SWITCH, "on")
                service.wake()
                await until(lambda: bool(faults.active(opened.live)))
                other.close()
                service.wake()
                await until(lambda: not faults.active(opened.live))

    asyncio.run(scene())


def test_a_store_that_is_away_changes_nothing(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    put(opened, sunspec.PORT, port)
    put(opened, sunspec.SWITCH, "on")
    add(opened, "Grid", "grid")

    def away(_opened: Opened) -> int:
        raise errors.StoreBusy("The store is busy; try again in a moment.")

    async def scene() -> None:
        service = SunSpec(opened, serve_here)
        async with running(service):
            await _until_asked(port, 0x8000)
            monkeypatch.setattr(sunspec, "wanted_port", away)
            service.wake()
            await asyncio.sleep(0.05)
            assert await asked(port) == 0x8000

    asyncio.run(scene())


# Beside the sampling -----------------------------------------------------------------------------

HOSTILE = Path(__file__).with_name("hostile.py")


class Steady:
    """A meter that is always well, and counts."""

    def __init__(self) -> None:
        self.reads = 0

    async def read(self) -> Reading:
        self.reads += 1
        return Reading({**NOW, "power_w": float(self.reads)}, 0.001)

    async def close(self) -> None:
        return


def test_hostile_clients_leave_the_rhythm_of_sampling_as_it_is(opened: Opened) -> None:
    """Readings come as they do without them, but for what a busy machine costs; and an honest client is answered."""
    it = open_home(opened.home, clock.SystemClock())
    grid, port, driver = add(it, "Grid", "grid", interval_s=0.2), free_port(), Steady()
    put(it, sunspec.PORT, port)
    put(it, sunspec.SWITCH, "on")

    async def scene() -> None:
        sampler = Sampler(it.store, it.live, it.clock, lambda _meter: driver)
        sampling = asyncio.create_task(sampler.run())

        async def read_in(seconds: float) -> int:
            before = driver.reads
            await asyncio.sleep(seconds)
            return driver.reads - before

        async with running(SunSpec(it, serve_here)):
            await until(lambda: driver.reads > 0)
            calm = await read_in(2)
            hostile = await asyncio.create_subprocess_exec(
                sys.executable, str(HOSTILE), str(port), stdout=subprocess.PIPE
            )
            try:
                assert hostile.stdout is not None and await hostile.stdout.readline() == b"ready\n"
                found = await read_in(2)
                answer = await asked(port)
            finally:
                hostile.kill()
                await hostile.wait()
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)
        assert found >= calm / 2 > 0, f"{found} readings where there were {calm} before"
        assert answer is not None and 0 < answer <= driver.reads
        assert faults.active(it.live) == []
        assert readings.newest(it.live)[grid.id].values["power_w"] == driver.reads

    asyncio.run(scene())
