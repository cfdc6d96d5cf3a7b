"""Reading on, whatever the meters do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from appliance import audit, clock, faults
from appliance.metering import meters, readings
from appliance.metering.meters import Meter
from appliance.metering.sampling import Sampler
from appliance.opened import Opened, open_home
from drivers.interfaces import DriverError, Reading
from tests.fake_clock import FakeClock


class Scripted:
    """A meter that answers what the test says, and knows whether its line was let go."""

    def __init__(self, answer: Callable[[int], Reading]) -> None:
        self.reads = 0
        self.closed = False
        self._answer = answer

    async def read(self) -> Reading:
        self.reads += 1
        return self._answer(self.reads)

    async def close(self) -> None:
        self.closed = True


def well(number: int) -> Reading:
    return Reading({"power_w": 500.0, "import_wh": 1000.0 + number}, 0.01)


def silent(_number: int) -> Reading:
    raise DriverError("silent", "Unit {unit} does not answer.", unit=7)


@pytest.fixture
def it(opened: Opened) -> Opened:
    """The home on the machine's own clock: sampling really sleeps."""
    return open_home(opened.home, clock.SystemClock())


def add(it: Opened, name: str, interval_s: float = 0.2) -> Meter:
    return meters.add(
        it.store, it.clock, name=name, model="m", url="tcp://x:1", unit=1, interval_s=interval_s, actor=audit.CLI
    )


def sample(it: Opened, drivers: dict[str, Scripted], seconds: float) -> None:
    async def run() -> None:
        sampler = Sampler(it.store, it.live, it.clock, lambda meter: drivers[meter.name])
        task = asyncio.create_task(sampler.run())
        await asyncio.sleep(seconds)
        assert not task.done() or task.exception() is None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_each_meter_is_read_in_its_own_rhythm(it: Opened) -> None:
    fast, slow = add(it, "fast", 0.2), add(it, "slow", 0.5)
    drivers = {"fast": Scripted(well), "slow": Scripted(well)}
    sample(it, drivers, 1.1)
    assert drivers["fast"].reads > drivers["slow"].reads >= 2
    assert set(readings.newest(it.live)) == {fast.id, slow.id}
    assert drivers["fast"].closed and drivers["slow"].closed, "the lines are let go at the end"


def test_a_silent_meter_is_a_fault_and_keeps_nobody_waiting(it: Opened) -> None:
    bad = add(it, "bad")
    add(it, "good")
    drivers = {"bad": Scripted(silent), "good": Scripted(well)}
    sample(it, drivers, 0.7)
    (fault,) = faults.active(it.live)
    assert (fault.source, fault.code, fault.sentence) == (f"meter:{bad.id}", "silent", "Unit 7 does not answer.")
    assert drivers["good"].reads >= 3


def test_the_fault_ends_with_the_first_good_reading(it: Opened) -> None:
    add(it, "shaky")
    sample(it, {"shaky": Scripted(lambda number: silent(number) if number < 3 else well(number))}, 1.2)
    assert faults.active(it.live) == []


def test_a_jumping_counter_is_a_fault_with_a_remedy(it: Opened) -> None:
    add(it, "odd")
    odd = Scripted(lambda number: Reading({"power_w": 1.0, "import_wh": 5000.0 if number < 3 else 9_000_000.0}))
    sample(it, {"odd": odd}, 1.2)
    (fault,) = faults.active(it.live)
    assert fault.code == "counter" and "replaced" in fault.sentence


def test_a_meter_added_while_running_is_read_after_a_wake(it: Opened) -> None:
    driver = Scripted(well)

    async def run() -> None:
        sampler = Sampler(it.store, it.live, it.clock, lambda _meter: driver)
        task = asyncio.create_task(sampler.run())
        await asyncio.sleep(0.1)
        add(it, "late")
        sampler.wake()
        await asyncio.sleep(0.3)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert driver.reads >= 1


def test_an_archived_meter_is_not_read_and_its_fault_goes(it: Opened) -> None:
    meter = add(it, "gone")
    sample(it, {"gone": Scripted(silent)}, 0.3)
    assert faults.active(it.live)
    meters.archive(it.store, it.clock, meter.id, actor=audit.CLI)
    driver = Scripted(well)
    sample(it, {"gone": driver}, 0.3)
    assert driver.reads == 0


@pytest.mark.parametrize(
    ("age_s", "interval_s", "speed", "fresh"),
    [
        (4.9, 1.0, 1.0, True),
        (5.1, 1.0, 1.0, False),
        (29.0, 10.0, 1.0, True),
        (31.0, 10.0, 1.0, False),
        (200.0, 1.0, 60.0, True),
    ],
)
def test_old_values_are_no_data(opened: Opened, age_s: float, interval_s: float, speed: float, fresh: bool) -> None:
    when = opened.clock
    assert isinstance(when, FakeClock)
    readings.put(opened.live, when, 1, Reading({"power_w": 1.0}))
    when.advance(age_s)
    when.speed = speed
    assert readings.is_fresh(readings.newest(opened.live)[1], when, interval_s) is fresh
