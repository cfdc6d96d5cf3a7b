"""The core: it builds store and hardware and makes the hardware match the store.

1. One core only (a lock on the run directory). 2. A damaged store is set aside
and the newest good backup put in its place. 3. The schema is brought up to
date. 4. Every relay is opened. 5. The loops run in one task group: charging
(woken by the bell, by its next deadline and at least every second), sampling,
housekeeping. A loop that dies ends the process; the service manager starts it
again and the relays are open meanwhile.

The watchdog is told only by the charging loop, after a turn that went through.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass

from appliance import audit, errors, faults, heartbeat, known_time
from appliance.access import device_key, web_accounts
from appliance.backup import key as backup_key
from appliance.backup import recover, schedule, worker
from appliance.billing import journal, press
from appliance.charging import learning, privacy, wiring
from appliance.charging.controller import Controller
from appliance.charging.points import Point
from appliance.charging.terminals import Equipment, Terminals
from appliance.core_lock import only_core
from appliance.metering import errands, inspections, models, scans
from appliance.metering.direction import Turned
from appliance.metering.exporting import Exporter
from appliance.metering.meters import Meter
from appliance.metering.sampling import Sampler
from appliance.opened import Opened
from appliance.services.sunspec import SunSpec
from appliance.store import changes, live, migrate
from appliance.system import bus, factory
from appliance.system.buttons import Buttons
from appliance.system.machine import Machine
from appliance.system.web_limit import WebLimit
from drivers import feedback, hardware
from drivers.interfaces import (
    Askable,
    Contact,
    DriverError,
    Inspection,
    MeterModel,
    Presented,
    Reading,
    Relay,
    ScanStep,
    ScanWanted,
)
from drivers.interfaces import Meter as MeterDriver
from drivers.modbus import bits, server
from drivers.modbus import meter as modbus
from drivers.readers import address as reader_address
from drivers.readers import watched
from drivers.sentences import BadAddress

log = logging.getLogger("wattward.core")

TURN_S = 1.0  # the longest the charging loop sleeps: a lost ring does no harm, the watchdog (15 s) is content
OPENED_S = 3.0  # how long a stop waits for relays on slow lines to open
HOUSEKEEPING_S = 5.0  # wishes that nobody rang for
HARDWARE = os.environ.get("WATTWARD_HARDWARE", "pi")


class Core:
    """One running core."""

    def __init__(self, opened: Opened, chosen: hardware.Hardware) -> None:
        self._opened = opened
        self._hardware = chosen
        self._bell = changes.Bell(opened.home.bells, "core")
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        chosen.changed = self._rung.set
        self._controller = Controller(opened, self._relay_for, self._contact_for, self._plug_for)
        self._terminals = Terminals(
            opened, Equipment(chosen.reader, chosen.feedback, chosen.let_go, watched.supervise)
        )  # fmt: skip
        self._sampler = Sampler(opened.store, opened.live, opened.clock, self._meter_for)
        self._sunspec = SunSpec(opened, server.serve)
        self._errands = errands.Runner(
            opened.live,
            opened.clock,
            {scans.KIND: scans.work(chosen.scan), inspections.KIND: inspections.work(chosen.inspect)},
        )
        self._watch = known_time.Watch(opened.clock)
        self._buttons = Buttons(opened, chosen.input)
        services = bus.system() if HARDWARE == "pi" else bus.nowhere()
        self._machine = Machine(opened, services, self._stopping.set)
        self._web_limit = WebLimit(opened, services)
        self._exporter = Exporter(opened)

    def _relay_for(self, point: Point) -> Relay:
        return self._hardware.relay(point.relay)

    def _contact_for(self, point: Point) -> Contact:
        return self._hardware.input(point.feedback)

    def _plug_for(self, point: Point) -> Contact:
        return self._hardware.input(wiring.split_plug(point.plug)[0], mirror=False)

    def _meter_for(self, meter: Meter) -> MeterDriver:
        driver = self._hardware.meter(meter.model, meter.url, meter.unit, meter.interval_s)
        return Turned(driver) if meter.inverted else driver

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT. Every way out opens the relays."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_reader(self._bell.fileno(), self._on_bell)
        try:
            self._controller.start()
            heartbeat.begin(self._opened.live, "core", self._opened.clock)
            heartbeat.notify("READY=1")
            async with asyncio.TaskGroup() as group:
                loops = [group.create_task(work()) for work in self._works()]
                await self._stopping.wait()
                for task in loops:
                    task.cancel()
        finally:
            heartbeat.notify("STOPPING=1")
            self._controller.stop()
            self._hardware.close()
            await self._hardware.settled(OPENED_S)
            loop.remove_reader(self._bell.fileno())
            self._bell.close()

    def _works(self) -> tuple[Callable[[], Coroutine[None, None, None]], ...]:
        """The loops; one that dies ends the process."""
        measuring = self._sampler.run, self._errands.run, self._sunspec.run
        return (
            self._charging,
            self._terminals.run,
            *measuring,
            self._machine.run,
            self._web_limit.run,
            self._buttons.run,
            self._housekeeping,
            self._reports,
            self._exporter.run,
        )

    async def _reports(self) -> None:
        await press.run(self._opened)

    def _on_bell(self) -> None:
        self._bell.answer()
        self._rung.set()
        self._terminals.wake()
        self._sampler.wake()
        self._errands.wake()
        self._sunspec.wake()
        self._machine.wake()
        self._exporter.wake()

    async def _charging(self) -> None:
        """Turn after turn: reconcile, then give the sign of life."""
        while True:
            self._rung.clear()
            delay_s = self._controller.step()
            self._look_at_clock()
            heartbeat.beat(self._opened.live, "core", self._opened.clock)
            heartbeat.notify("WATCHDOG=1")
            try:
                async with asyncio.timeout(min(delay_s, TURN_S) if delay_s > 0 else 0):
                    await self._rung.wait()
            except TimeoutError:
                continue

    def _look_at_clock(self) -> None:
        try:
            self._watch.look(self._opened.store, self._opened.live)
        except errors.StoreError as error:
            faults.report(
                self._opened.live, self._opened.clock.now(), "store", "unreadable", error.message, **error.values
            )

    async def _housekeeping(self) -> None:
        """Fulfil wishes in a thread of their own, and let the schedule make them."""
        planner = schedule.build(self._opened)
        press.plan(planner, self._opened)
        planner.start()
        try:
            while True:
                await asyncio.to_thread(self._keep_house)
                await asyncio.sleep(HOUSEKEEPING_S)
        finally:
            planner.shutdown(wait=False)

    def _keep_house(self) -> None:
        """What is due now and then; a store that cannot be used now is tried again."""
        try:
            known_time.keep(self._opened.store, self._opened.live, self._opened.clock)
            schedule.catch_up(self._opened)
            worker.step(self._opened)
            learning.forget(self._opened.store, self._opened.clock)
            if known_time.trusted(self._opened.store, self._opened.live, self._opened.clock):
                privacy.keep(self._opened)
        except errors.StoreError as error:
            log.warning("%s", error)


def prepare(opened: Opened) -> str | None:
    """Make home, store and keys ready; return what had to be repaired, as a sentence. Raises WattwardError."""
    home = opened.home
    forgotten_for = factory.finish_decided(home)
    repaired = recover.repair_if_damaged(home, opened.clock)
    migrate.migrate(home.store_db, opened.clock)
    live.make(home.live_db, opened.clock.boot_id)
    models.publish(opened.live, meter_models())
    device_key.make(home.keys)
    backup_key.make(home.keys)
    web_accounts.ensure_default(opened)
    with contextlib.suppress(errors.StoreError):  # a read-only card: the next start enters what is missing
        journal.catch_up(opened, journal.Signer.of(opened.key()))
    if forgotten_for is not None:
        with opened.store.write() as db:
            audit.record(db, opened.clock.now(), forgotten_for, "machine.factory_reset", "machine")
    if repaired:
        faults.report(opened.live, opened.clock.now(), "repair", "repaired", repaired)
        with opened.store.write() as db:
            audit.record(db, opened.clock.now(), audit.CORE, "store.repair", "store.db", outcome=repaired)
    return repaired


def main(opened: Opened) -> int:
    """Run the core in the foreground; return the exit code. Raises WattwardError for what a person can mend."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    opened.home.make()
    with only_core(opened.home.run):
        if repaired := prepare(opened):
            log.warning(repaired)
        asyncio.run(_run(opened))
    return 0


async def _run(opened: Opened) -> None:
    await Core(opened, hardware.choose(HARDWARE)).run()


# What the command line may ask of hardware while no core runs --------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of `wattward doctor`."""

    name: str
    state: str  # 'ok', 'warn', 'fail'
    sentence: str


def meter_models() -> list[MeterModel]:
    """All meter models this program can read."""
    return modbus.models()


def check_meter(model: str, url: str, unit: int | None) -> int:
    """Look whether such a meter could be opened; return the unit id to use. Raises BadInput."""
    return models.check(meter_models(), model, url, unit)


async def _read_once(meter: Meter) -> Reading:
    driver = modbus.open_meter(meter.model, meter.url, meter.unit)
    try:
        return await (Turned(driver) if meter.inverted else driver).read()
    finally:
        await driver.close()


def read_meter_once(meter: Meter) -> Reading:
    """Read a meter directly, without a core. Raises DriverError."""
    return asyncio.run(_read_once(meter))


async def _scan(wanted: ScanWanted, told: Callable[[ScanStep], None]) -> None:
    async with aclosing(hardware.choose(HARDWARE).scan(wanted)) as steps:
        async for step in steps:
            told(step)


def scan_directly(wanted: ScanWanted, told: Callable[[ScanStep], None]) -> None:
    """Look for meters without a core, telling each step; KeyboardInterrupt ends it at once. Raises DriverError."""
    asyncio.run(_scan(wanted, told))


def inspect_directly(meter: Meter) -> Inspection:
    """Read everything a meter has without a core. Raises DriverError."""
    return asyncio.run(hardware.choose(HARDWARE).inspect(meter.model, meter.url, meter.unit))


def check_reader(url: str, lamps: str = "") -> None:
    """Look whether a reader and its lamps can be written so. Raises BadInput."""
    for field, parse, text in (("url", reader_address.parse_url, url), ("lamps", feedback.parse_lamps, lamps)):
        try:
            if text or field == "url":
                parse(text)
        except BadAddress as error:
            raise errors.BadInput(error.message, field=field, **error.values) from error


def try_reader(url: str, wait_s: float) -> Presented | None:
    """Open a reader without a core and wait for somebody; None: nobody came. Raises DriverError."""

    async def attempt() -> Presented | None:
        reader = hardware.choose(HARDWARE).reader(url)
        try:
            await reader.open()
            if isinstance(reader, Askable):
                reader.ask(wait_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    return await reader.next()
            return None
        finally:
            await reader.close()

    return asyncio.run(attempt())


def hardware_check(relays: tuple[str, ...]) -> list[Check]:
    """Look whether the relays' lines can be had on this machine (only while no core holds them)."""
    return asyncio.run(_look_at_relays(hardware.choose(HARDWARE), relays))


async def _look_at_relays(chosen: hardware.Hardware, relays: tuple[str, ...]) -> list[Check]:
    found: list[Check] = []
    for spec in relays:
        try:
            relay = chosen.relay(spec)
            relay.is_closed()
            await chosen.settled(OPENED_S)
            answers = relay.is_closed() is not None
            found.append(Check(f"relay {spec}", *(("ok", "answers") if answers else ("fail", "does not answer"))))
        except DriverError as error:
            found.append(Check(f"relay {spec}", "fail", str(error)))
    chosen.close()
    return found


def check_relay(spec: str, field: str) -> None:
    """Look whether a relay or an input on a Modbus board can be written so. Raises BadInput."""
    try:
        bits.parse(spec, (*bits.RELAYS, *bits.INPUTS))
    except BadAddress as error:
        raise errors.BadInput(error.message, field=field, **error.values) from error
