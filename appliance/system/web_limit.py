"""The core's own look at the web admin's deadline: a port that is open when no window is means a process that hangs.

The process that owns the port closes it on time; nothing here is needed for
that. If the port still accepts `LATE_S` after the window, that is a fault, and
the service manager is told to kill the web admin with everything in it. It is
started again, and finds its window closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from appliance import audit, errors, faults
from appliance.access import web_window
from appliance.errors import N_
from appliance.network import addresses
from appliance.opened import Opened
from appliance.system.bus import Bus, BusError, Object

log = logging.getLogger("wattward.web")

SYSTEMD = Object("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
UNIT = "wattward-admin.service"
KILL = 9  # SIGKILL
LOOK_S = 2.0
LATE_S = 5.0  # the owner looks each second, and a busy machine may need a moment more
CONNECT_S = 2.0
SOURCE, CODE = "web limit", "late"
LATE = N_("The web admin's port was still open after its ten minutes; its program is being ended.")


class WebLimit:
    """One per core. It needs nothing but the store, and the time."""

    def __init__(self, it: Opened, bus: Bus) -> None:
        self._it = it
        self._bus = bus
        self._closed_since_s: float | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except errors.StoreError as error:
                log.warning("%s", error)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Compare the port with the window once. Raises StoreError."""
        now_s = asyncio.get_running_loop().time()
        if web_window.state(self._it.store, self._it.clock).open:
            self._closed_since_s = None
            return
        if self._closed_since_s is None:
            self._closed_since_s = now_s
        if now_s - self._closed_since_s < LATE_S:
            return
        if await self._accepts() and not web_window.state(self._it.store, self._it.clock).open:
            await self._end_it()
        else:
            faults.clear(self._it.live, SOURCE)

    async def _accepts(self) -> bool:
        """Tell whether the web admin is what listens on the port now."""
        if not (self._it.home.run / web_window.SERVING).exists():
            return False  # somebody else's port is none of our business
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection("127.0.0.1", addresses.web_port(self._it))
            writer.close()
            return True
        return False

    async def _end_it(self) -> None:
        now = self._it.clock.now()
        if faults.report(self._it.live, now, SOURCE, CODE, LATE):
            log.error(LATE)
            with self._it.store.write() as db:
                audit.record(db, now, audit.CORE, "web.overdue", "web admin")
        try:
            await self._bus.call(SYSTEMD, "KillUnit", "ssi", UNIT, "all", KILL)
        except BusError as error:
            log.warning("%s", error)
