"""The core's hand on its machine: does what `tasks` wants, and looks at network and time now and then.

One task at a time. A task that fails says why in its row and ends nothing; a
machine that cannot be reached (a demo, no system bus) makes tasks fail with a
sentence. After a restore or a factory reset was decided the core ends, and its
next start does the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from appliance import audit, errors
from appliance.backup import restore
from appliance.errors import N_
from appliance.network import changing, links, networkmanager
from appliance.opened import Opened
from appliance.system import factory, power, restoring, support, tasks, timekeeping
from appliance.system.bus import Absent, Bus, BusError
from appliance.system.tasks import Task
from appliance.waker import Waker

log = logging.getLogger("wattward.machine")

LOOK_S = 10.0  # real seconds between two looks at network and time
FIRST_S = 3.0  # the first one waits: measuring begins before
TURN_S = 1.0  # a lost ring does no harm
Result = Mapping[str, Any]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """A task with what is needed to do it."""

    it: Opened
    bus: Bus
    task: Task
    secret: str
    tell: Tell
    end_core: Callable[[], None]

    @property
    def wanted(self) -> Mapping[str, Any]:
        return self.task.wanted


class Machine:
    """One per core."""

    def __init__(self, it: Opened, bus: Bus, end_core: Callable[[], None]) -> None:
        self._it = it
        self._bus = bus
        self._end_core = end_core
        self._waker = Waker()
        self._looked_at_s = float("-inf")

    def wake(self) -> None:
        """Say that something may be wanted."""
        self._waker.wake()

    async def run(self) -> None:
        """Do what is wanted and look, until cancelled."""
        try:
            self._guarded(lambda: tasks.leave_old(self._it.live))
            self._looked_at_s = asyncio.get_running_loop().time() - LOOK_S + FIRST_S
            while True:
                await self._turn()
                await self._waker.sleep(TURN_S)
        finally:
            self._bus.close()

    async def _turn(self) -> None:
        while claimed := self._guarded(lambda: tasks.claim(self._it, *WORKS)):
            await self._do(*claimed)
            self._looked_at_s = float("-inf")
        now_s = asyncio.get_running_loop().time()
        if now_s - self._looked_at_s >= LOOK_S:
            await self._look()
            self._looked_at_s = now_s

    def _guarded(self, what: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `what` returns
        try:
            return what()
        except errors.StoreError as error:
            log.warning("%s", error)
            return None

    async def _do(self, task: Task, secret: str) -> None:
        live = self._it.live
        order = Order(self._it, self._bus, task, secret, lambda stage: tasks.tell(live, task.id, stage), self._end_core)
        try:
            result = await WORKS[task.kind](order)
            with self._it.store.write() as db:
                audit.record(db, self._it.clock.now(), task.by, f"machine.{task.kind}", "machine", **task.wanted)
            tasks.end(live, task.id, result)
        except errors.WattwardError as error:
            log.info("%s: %s", task.kind, error)
            message, values = error.message, error.values
            self._guarded(lambda: tasks.fail(live, task.id, message, values))

    async def _look(self) -> None:
        """Network and time as they are now; what cannot be seen grows old."""
        for look in (self._look_at_network, self._look_at_time):
            try:
                await look()
            except BusError as error:
                log.info("%s", error)
            except errors.StoreError as error:
                log.warning("%s", error)

    async def _look_at_network(self) -> None:
        links.put(self._it, await networkmanager.look(self._bus))

    async def _look_at_time(self) -> None:
        timekeeping.put(self._it, await timekeeping.look(self._bus))


# What each kind of task is -----------------------------------------------------------------------


async def _find_wifi(order: Order) -> Result:
    return {"found": [asdict(one) for one in await changing.find(order.bus)]}


async def _join_wifi(order: Order) -> Result:
    name = str(order.wanted["name"])
    order.tell(N_("Connecting"))
    await changing.join(
        order.bus, name, order.secret, sae=bool(order.wanted["sae"]), hidden=bool(order.wanted["hidden"])
    )
    return {"name": name}


async def _forget_wifi(order: Order) -> Result:
    return {"forgotten": await changing.forget(order.bus)}


async def _address(order: Order) -> Result:
    fields = dict(order.wanted)
    kind = str(fields.pop("link"))
    await changing.set_address(order.bus, kind, links.Address(**fields | {"dns": tuple(fields["dns"])}))
    return {}


async def _set_time(order: Order) -> Result:
    await timekeeping.do_set_time(order.it, order.bus, str(order.wanted["utc"]), order.task.by)
    return {}


async def _set_server(order: Order) -> Result:
    await timekeeping.do_set_server(order.bus, on=bool(order.wanted["on"]))
    return {}


async def _set_zone(order: Order) -> Result:
    await timekeeping.do_set_zone(order.bus, str(order.wanted["zone"]))
    return {}


async def _power(order: Order) -> Result:
    power.require_nobody_charging(order.it, even_charging=bool(order.wanted["even_charging"]))
    await power.do(order.bus, order.task.kind)
    return {}


async def _support(order: Order) -> Result:
    order.tell(N_("Collecting"))
    made = await asyncio.to_thread(support.make, order.it)
    return {"path": str(made.path), "where": made.where, "size_bytes": made.size_bytes}


async def _restore(order: Order) -> Result:
    """Open, check and decide in a thread; then end: only a starting core changes the store under everybody."""
    power.require_nobody_charging(order.it, even_charging=bool(order.wanted["even_charging"]))
    order.tell(N_("Opening and checking the backup"))
    it, path = order.it, Path(str(order.wanted["path"]))
    restored = await asyncio.to_thread(restore.decide, it.home, it.clock, path, order.secret or None, order.task.by)
    order.tell(N_("Putting it in place"))
    order.end_core()
    return {"made_at": restored.made_at.isoformat(), "appliance": restored.appliance}


async def _factory_reset(order: Order) -> Result:
    power.require_nobody_charging(order.it, even_charging=bool(order.wanted["even_charging"]))
    order.tell(N_("Forgetting the Wi-Fi"))
    try:
        await changing.forget(order.bus)
    except Absent:
        log.info("no NetworkManager, so there is no Wi-Fi to forget")
    order.tell(N_("Starting anew"))
    factory.decide(order.it.home, order.task.by)
    order.end_core()
    return {}


WORKS: dict[str, Callable[[Order], Awaitable[Result]]] = {
    links.FIND: _find_wifi,
    links.JOIN: _join_wifi,
    links.FORGET: _forget_wifi,
    links.ADDRESS: _address,
    timekeeping.SET_TIME: _set_time,
    timekeeping.SET_NTP: _set_server,
    timekeeping.SET_ZONE: _set_zone,
    power.RESTART: _power,
    power.OFF: _power,
    support.KIND: _support,
    restoring.KIND: _restore,
    factory.KIND: _factory_reset,
}
