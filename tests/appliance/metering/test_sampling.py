"""Reading on, whatever the meters do."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from appliance import audit, clock, faults
from appliance.config import Home
from appliance.metering import growing, health, history, meters, readings, slots
from appliance.metering.meters import Meter
from appliance.metering.sampling import OpenMeter, Sampler, next_deadline_s
from appliance.opened import Opened, open_home
from appliance.store import live, migrate
from drivers.interfaces import DriverError, Reading
from drivers.modbus.meter import open_meter
from tests.fake_clock import FakeClock
from tests.patience import until
from tests.small_disk import small_disk

BORDER = datetime(2026, 11, 21, 12, 15, tzinfo=UTC)


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


def fast(home: Home, speed: float, origin: datetime) -> Opened:
    """The home on a clock that runs fast from `origin` on."""
    boottime_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return open_home(home, clock.FastClock(speed, origin.timestamp(), boottime_s))


@contextlib.asynccontextmanager
async def sampling(it: Opened, opener: OpenMeter) -> AsyncIterator[Sampler]:
    """A sampler at work."""
    sampler = Sampler(it.store, it.live, it.clock, opener)
    task = asyncio.create_task(sampler.run())
    try:
        yield sampler
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def sample(it: Opened, drivers: dict[str, Scripted], true: Callable[[], object]) -> None:
    """Sample until something is so."""
    sample_from(it, lambda meter: drivers[meter.name], true)


def sample_from(it: Opened, opener: OpenMeter, true: Callable[[], object]) -> None:
    async def run() -> None:
        async with sampling(it, opener):
            await until(true)

    asyncio.run(run())


def sources(it: Opened) -> list[str]:
    return [fault.source for fault in faults.active(it.live)]


def test_each_meter_is_read_in_its_own_rhythm(it: Opened) -> None:
    fast, slow = add(it, "fast", 0.2), add(it, "slow", 0.5)
    drivers = {"fast": Scripted(well), "slow": Scripted(well)}
    sample(it, drivers, lambda: drivers["slow"].reads >= 3)
    assert drivers["fast"].reads > drivers["slow"].reads
    assert set(readings.newest(it.live)) == {fast.id, slow.id}
    assert drivers["fast"].closed and drivers["slow"].closed, "the lines are let go at the end"


def test_a_silent_meter_is_a_fault_and_keeps_nobody_waiting(it: Opened) -> None:
    bad = add(it, "bad")
    add(it, "good")
    drivers = {"bad": Scripted(silent), "good": Scripted(well)}
    sample(it, drivers, lambda: faults.active(it.live) and drivers["good"].reads >= 3)
    (fault,) = faults.active(it.live)
    assert (fault.source, fault.code, fault.sentence) == (f"meter:{bad.id}", "silent", "bad – Unit 7 does not answer.")


def test_the_fault_ends_with_the_first_good_reading(it: Opened) -> None:
    meter, seen = add(it, "shaky"), set[str]()
    shaky = Scripted(lambda number: silent(number) if number < 3 else well(number))

    def well_again() -> bool:
        seen.update(sources(it))
        return shaky.reads >= 3 and not sources(it)

    sample(it, {"shaky": shaky}, well_again)
    assert seen == {f"meter:{meter.id}"}


def test_a_jumping_counter_is_a_fault_with_a_remedy(it: Opened) -> None:
    add(it, "odd")
    odd = Scripted(lambda number: Reading({"power_w": 1.0, "import_wh": 5000.0 if number < 3 else 9_000_000.0}))
    sample(it, {"odd": odd}, lambda: faults.active(it.live))
    (fault,) = faults.active(it.live)
    assert fault.code == "counter" and "replaced" in fault.sentence


def test_a_meter_added_while_running_is_read_after_a_wake(it: Opened) -> None:
    driver = Scripted(well)

    async def run() -> None:
        async with sampling(it, lambda _meter: driver) as sampler:
            await asyncio.sleep(0.1)
            add(it, "late")
            sampler.wake()
            await until(lambda: driver.reads)

    asyncio.run(run())


def test_an_archived_meter_is_not_read_and_its_fault_goes(it: Opened) -> None:
    meter = add(it, "gone")
    add(it, "kept")
    sample(it, {"gone": Scripted(silent), "kept": Scripted(well)}, lambda: faults.active(it.live))
    meters.archive(it.store, it.clock, meter.id, actor=audit.CLI)
    gone, kept = Scripted(well), Scripted(well)
    sample(it, {"gone": gone, "kept": kept}, lambda: kept.reads >= 2 and not faults.active(it.live))
    assert gone.reads == 0


def test_a_meter_removed_while_running_leaves_nothing(it: Opened) -> None:
    meter, driver = add(it, "wrong"), Scripted(well)

    async def run() -> None:
        async with sampling(it, lambda _meter: driver) as sampler:
            await until(lambda: growing.load(it.live, meter.id))
            meters.remove(it.store, it.clock, meter.id, actor=audit.CLI)
            sampler.wake()
            await until(lambda: driver.closed)

    asyncio.run(run())
    assert growing.load(it.live, meter.id) is None


def test_a_reading_cut_off_inside_the_driver_starts_again(it: Opened) -> None:
    add(it, "cut")
    drivers: list[Scripted] = []

    def cut_off(_number: int) -> Reading:
        raise asyncio.CancelledError

    def opener(_meter: Meter) -> Scripted:
        drivers.append(Scripted(cut_off if not drivers else well))
        return drivers[-1]

    sample_from(it, opener, lambda: len(drivers) == 2 and drivers[1].reads >= 2)
    assert drivers[0].closed


def test_what_an_earlier_core_reported_ends_with_the_first_success(it: Opened) -> None:
    add(it, "good")
    for source in ("store", "meter:1", "meter:99", "relay:1"):
        faults.report(it.live, it.clock.now(), source, "old", "Something was wrong.")
    sample(it, {"good": Scripted(well)}, lambda: sources(it) == ["relay:1"])


def test_while_the_date_is_doubted_values_are_live_and_nothing_is_kept(it: Opened) -> None:
    meter = add(it, "good")
    now = it.clock.now()
    faults.report(it.live, now, "clock", "jumped", "The clock was set.")
    faults.report(it.live, now, f"meter:{meter.id}", "silent", "It was silent.")
    good = Scripted(well)
    sample(it, {"good": good}, lambda: good.reads >= 2 and sources(it) == ["clock"])  # the meter answers again
    assert meter.id in readings.newest(it.live) and growing.load(it.live, meter.id) is None


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Home]:
    """A home whose store lies on a file system of 2 MiB. Needs root."""
    with small_disk(tmp_path / "card", mib=2) as card:
        home = Home(card / "home", tmp_path / "run")
        home.make()
        yield home


def test_on_a_full_card_sampling_goes_on_and_the_slots_are_written_later(small_card: Home) -> None:
    before = clock.SystemClock()
    migrate.migrate(small_card.store_db, before)
    live.make(small_card.live_db, before.boot_id)
    it = fast(small_card, 120.0, BORDER.replace(minute=14))
    meter, driver = add(it, "Grid", 5.0), Scripted(well)
    filler = small_card.root / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    sample(it, {"Grid": driver}, lambda: slots.waiting(it.live) and faults.active(it.live))
    (fault,) = faults.active(it.live)
    assert fault.source == "store" and "free space" in fault.sentence
    ((_, kept),) = slots.waiting(it.live)
    reads, now = driver.reads, it.clock.now()
    assert history.energy(it.store, it.live, meter.id, BORDER.replace(minute=0), now).import_wh, "it is shown meanwhile"
    filler.unlink()
    sample(it, {"Grid": driver}, lambda: driver.reads > reads and not (sources(it) or slots.waiting(it.live)))
    with it.store.read() as db:
        assert db.execute("SELECT import_wh FROM slots").fetchall() == [(kept.import_wh,)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A simulated house on a given clock; the URL of its meters."""
    running: list[subprocess.Popen[str]] = []

    def start(spec: str) -> str:
        words = ["--modbus-port", "0", "--pins", str(tmp_path / "pins"), "--clock", spec]
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "drivers.simulated.house", *words], stdout=subprocess.PIPE, text=True
            )
        )
        stdout = running[0].stdout
        assert stdout is not None
        return f"tcp://127.0.0.1:{stdout.readline().split('modbus=')[1].split()[0]}"

    yield start
    for process in running:
        process.terminate()
        process.wait()


def test_the_real_driver_on_a_simulated_house_fills_quarter_hours(opened: Opened, house: Callable[[str], str]) -> None:
    speed, boottime_s = 450.0, time.clock_gettime(time.CLOCK_BOOTTIME)
    origin = BORDER.replace(minute=10)
    url = house(f"{speed};{origin.timestamp()};{boottime_s}")
    it = open_home(opened.home, clock.FastClock(speed, origin.timestamp(), boottime_s))
    for name, model, unit in (("Grid", "kostal-ksem-g2", 1), ("Roof", "eastron-sdm630", 3)):
        meters.add(
            it.store, it.clock, name=name, model=model, url=url, unit=unit, interval_s=20.0,
            role="grid" if unit == 1 else "pv", actor=audit.CLI,
        )  # fmt: skip

    def kept(meter: Meter) -> list[tuple[int, ...]]:
        with it.store.read() as db:
            return db.execute(
                "SELECT import_wh, export_wh, import_counter_wh, export_counter_wh, min_w, mean_w, max_w FROM slots"
                " WHERE meter_id=? ORDER BY id",
                (meter.id,),
            ).fetchall()

    both = meters.all(it.store)
    sample_from(
        it,
        lambda meter: open_meter(meter.model, meter.url, meter.unit),
        lambda: all(len(kept(meter)) >= 2 for meter in both),
    )
    for meter in both:
        rows = kept(meter)
        for before, row in pairwise(rows):
            assert row[:2] == (row[2] - before[2], row[3] - before[3]), "energy is the difference at the borders"
        assert all(min_w <= mean_w <= max_w for *_, min_w, mean_w, max_w in rows)
        assert sum(rows[-1][:2]) > 0, "something was counted, in or out"
    assert faults.active(it.live) == []


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


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("power_w", float("nan")),
        ("voltage_l1_v", float("inf")),
        ("current_l1_a", float("-inf")),
        ("import_wh", -1.0),
        ("power_l2_w", 3.3e7),
        ("frequency_hz", 1e30),
    ],
)
def test_a_value_that_cannot_be_is_a_fault_and_nothing_of_the_reading_is_used(
    it: Opened, quantity: str, value: float
) -> None:
    meter = add(it, "odd")
    sample(
        it,
        {"odd": Scripted(lambda _: Reading({"power_w": 5.0, "import_wh": 1.0} | {quantity: value}))},
        lambda: sources(it),
    )
    (fault,) = faults.active(it.live)
    assert fault.code == "implausible" and fault.sentence.startswith(f"odd – It answers {quantity}")
    assert readings.newest(it.live) == {} and growing.load(it.live, meter.id) is None


def test_how_well_a_meter_answers_is_written_down(it: Opened) -> None:
    good, bad = add(it, "good"), add(it, "bad")
    both = {"good": Scripted(well), "bad": Scripted(silent)}
    sample(it, both, lambda: set(health.all(it.live)) == {good.id, bad.id})
    found = health.all(it.live)
    assert found[good.id].readings >= 1 and found[good.id].errors == 0
    assert found[bad.id].errors >= 1 and found[bad.id].readings == 0


def test_a_meter_out_of_use_has_no_health(it: Opened) -> None:
    meter = add(it, "gone")

    async def run() -> None:
        async with sampling(it, lambda _meter: Scripted(well)) as sampler:
            await until(lambda: meter.id in health.all(it.live))
            meters.archive(it.store, it.clock, meter.id, actor=audit.CLI)
            sampler.wake()
            await until(lambda: health.all(it.live) == {})

    asyncio.run(run())


@pytest.mark.parametrize(
    ("now_s", "following_s"),
    [
        (10.1, 11.0),  # in time
        (11.4, 11.0),  # late: at once, and the rhythm stays
        (13.5, 13.0),  # two were missed wholly
        (11.0, 11.0),
    ],
)
def test_a_late_reading_does_not_shift_the_rhythm(now_s: float, following_s: float) -> None:
    assert next_deadline_s(10.0, 1.0, now_s) == pytest.approx(following_s)


def test_under_a_fast_clock_what_was_read_in_real_seconds_is_no_gap(it: Opened) -> None:
    """A demo at 225 times the speed: the meter answers every 11 of its seconds, twenty times a real one."""
    fast_it = fast(it.home, 225.0, BORDER.replace(minute=29))
    meter = add(fast_it, "Grid", 1.0)

    class Slow(Scripted):
        async def read(self) -> Reading:
            await asyncio.sleep(0.05)
            return await super().read()

    def gaps() -> list[tuple[int]]:
        with fast_it.store.read() as db:
            return db.execute("SELECT gap FROM slots WHERE meter_id = ? ORDER BY id", (meter.id,)).fetchall()

    sample(fast_it, {"Grid": Slow(well)}, lambda: len(gaps()) == 2)
    assert gaps()[1] == (0,), "the first quarter hour had begun before the core"
