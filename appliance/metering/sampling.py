"""Read every meter in its rhythm, keep what it says, and close the quarter hours.

One task a meter, by absolute deadlines, so nothing drifts; meters on one line
wait for each other inside the driver. Whatever a meter does, it becomes a fault
row and the next reading is tried at its time. A store that cannot be written is
a fault, too: readings go on into `live.db` and the finished slots wait there.

The card is written in a thread of its own: readings, relays and PINs never wait
for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from appliance import clock, errors, faults, known_time
from appliance.errors import N_
from appliance.metering import health, meters, readings, totals
from appliance.metering.book import Book
from appliance.metering.continuity import Continuity
from appliance.metering.meters import Meter
from appliance.metering.slots import start_of
from appliance.store.database import Store
from appliance.waker import Waker
from drivers.interfaces import DriverError, Reading
from drivers.interfaces import Meter as Driver

log = logging.getLogger("wattward.metering")

LOOK_S = 1.0  # a lost ring does no harm
CLOSE_AFTER_S = 3.0  # how long after the border a last reading of the old slot may still come
BEGIN_S = 0.2  # readings begin so long after a second does, so that each second gets its own

OpenMeter = Callable[[Meter], Driver]


class Sampler:
    """Reads the meters that the store names, until it is cancelled."""

    def __init__(self, store: Store, live: Store, when: clock.Clock, open_meter: OpenMeter) -> None:
        self._store = store
        self._live = live
        self._clock = when
        self._open = open_meter
        self._book = Book(store, live)
        self._continuity = Continuity(store)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="history")
        self._waker = Waker()
        self._tasks: dict[Meter, asyncio.Task[None]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._first_look = True
        self._store_ill = True  # as far as is known: what an earlier core reported ends with the first success

    def wake(self) -> None:
        """Say that the store changed: the list of meters is looked at again."""
        self._waker.wake()

    async def run(self) -> None:
        """Work until cancelled. A task that dies of something unforeseen ends everything."""
        try:
            while True:
                self._follow_store()
                await self._close_slots()
                self._look_after_tasks()
                await self._waker.sleep(LOOK_S)
        finally:
            for task in self._tasks.values():
                self._let_go(task)
            await asyncio.gather(*self._leaving, return_exceptions=True)
            self._writer.shutdown()

    def _follow_store(self) -> None:
        """Start reading meters that are new or changed, stop reading those that are gone."""
        try:
            known = meters.all(self._store, archived=True)
        except errors.StoreError as error:
            self._store_fault(error)
            return
        wanted = {meter for meter in known if not meter.archived}
        if wanted == set(self._tasks) and not self._first_look:
            return
        self._first_look = False
        for meter in set(self._tasks) - wanted:
            self._let_go(self._tasks.pop(meter))
            with self._live.write(ring=False) as db:
                health.forget(db, meter.id)
            if meter.id not in {other.id for other in known}:
                self._book.drop(meter.id)
                self._continuity.drop(meter.id)
        for meter in wanted - set(self._tasks):
            self._tasks[meter] = asyncio.create_task(self._read_on(meter), name=f"meter {meter.name}")
        sources = {f"meter:{meter.id}" for meter in wanted}
        for fault in faults.active(self._live):
            if fault.source.startswith("meter:") and fault.source not in sources:
                faults.clear(self._live, fault.source)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        task.cancel()

    def _look_after_tasks(self) -> None:
        """Start again what somebody else cancelled; raise what nobody foresaw."""
        for meter, task in list(self._tasks.items()):
            if task.cancelled():
                log.warning("meter %s: reading was cut off and starts again", meter.name)
                del self._tasks[meter]
            elif task.done():
                task.result()

    async def _read_on(self, meter: Meter) -> None:
        """Read one meter for ever; let go of its line when it is no longer wanted."""
        driver: Driver | None = None
        pulse = health.Pulse(meter.id, self._clock.boottime_s())
        deadline_s = self._first_deadline_s(meter.interval_s)
        try:
            while True:
                try:
                    if driver is None:
                        driver = self._open(meter)
                    self._take(meter, await driver.read())
                    pulse.read(self._clock.boottime_s())
                except DriverError as error:
                    pulse.failed(self._clock.boottime_s())
                    self._report(meter, error.code, error.message, **error.values)
                except errors.StoreError as error:
                    self._store_fault(error)
                self._tell(pulse)
                now_s = self._clock.boottime_s()
                deadline_s = next_deadline_s(deadline_s, meter.interval_s, now_s)
                await asyncio.sleep(max(0.0, deadline_s - now_s) / self._clock.speed)
        finally:
            if driver is not None:
                await driver.close()

    def _first_deadline_s(self, interval_s: float) -> float:
        """The last moment at which a reading in rhythm would have begun, by the boot clock."""
        phase_s = (self._clock.now().timestamp() - BEGIN_S) % min(1.0, interval_s)
        return self._clock.boottime_s() - phase_s

    def _take(self, meter: Meter, reading: Reading) -> None:
        """Show a reading and let it count, if it is possible at all. Raises DriverError, StoreError."""
        quantity = readings.impossible(reading.values)
        if quantity is not None:
            raise DriverError(
                "implausible",
                N_("It answers {quantity} = {value}, which cannot be: check the meter's model."),
                quantity=quantity,
                value=str(reading.values[quantity]),
            )
        readings.put(self._live, self._clock, meter.id, reading)
        self._count(meter, reading.values)

    def _tell(self, pulse: health.Pulse) -> None:
        """Write down how the meter is, now and then."""
        if not pulse.due(self._clock.boottime_s() / self._clock.speed):
            return
        try:
            with self._live.write(ring=False) as db:
                health.put(db, pulse.health())
        except errors.StoreError as error:
            self._store_fault(error)

    def _count(self, meter: Meter, values: Mapping[str, float]) -> None:
        """Let the slot grow while the calendar can be believed; say when a counter cannot."""
        now, at_s = self._clock.now(), self._clock.boottime_s()
        believed = True
        if known_time.trusted(self._store, self._live, self._clock):
            shown = self._continuity.see(meter.id, now, at_s, values)
            believed = self._book.add(meter.id, now, at_s, values, meter.interval_s, self._clock.speed) and shown
        if believed:
            if faults.clear(self._live, f"meter:{meter.id}"):
                log.info("meter %s: well again", meter.name)
            return
        self._report(
            meter,
            totals.JUMPED,
            N_("Its counter jumped: check whether the meter was replaced or its model is wrong."),
        )

    def _report(self, meter: Meter, code: str, message: str, /, **values: object) -> None:
        named = {**values, faults.METER: meter.name}
        if faults.report(self._live, self._clock.now(), f"meter:{meter.id}", code, message, **named):
            log.warning("meter %s: %s", meter.name, message.format(**named))

    def _store_fault(self, error: errors.StoreError) -> None:
        self._store_ill = True
        if faults.report(self._live, self._clock.now(), "store", "unwritable", error.message, **error.values):
            log.error("%s", error)

    async def _close_slots(self) -> None:
        """Shortly after each border, finish all slots and let the other thread write them."""
        now = self._clock.now()
        try:
            over = now.timestamp() - start_of(now) >= CLOSE_AFTER_S
            if known_time.trusted(self._store, self._live, self._clock) and over:
                self._book.close(now, self._clock.boottime_s(), {meter.id for meter in self._tasks})
            if self._book.unwritten or self._continuity.unwritten:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._write)
            if self._store_ill:
                self._store_ill = False
                faults.clear(self._live, "store")
        except errors.StoreError as error:
            self._store_fault(error)

    def _write(self) -> None:
        """Bring all that waits to the card. Raises StoreError."""
        self._book.write()
        self._continuity.write()


def next_deadline_s(deadline_s: float, interval_s: float, now_s: float) -> float:
    """The next deadline: what is late is read at once, what was missed wholly is left out, the rhythm stays."""
    following_s = deadline_s + interval_s
    return following_s + max(0.0, (now_s - following_s) // interval_s) * interval_s
