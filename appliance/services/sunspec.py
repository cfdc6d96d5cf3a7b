"""Other programs read our meters: a server that follows its setting while the core runs.

A Modbus line has one master, and people have more than one program; this one
serves the newest readings as SunSpec meters. It looks at what is stored and
never at a meter, and only when somebody asks. Unit 1 (also 0 and 255) is the
grid meter, unit 10 + number is the meter with that number. A reading that is
too old has no values.

A port that cannot be opened is a fault row; it is tried again until it can, or
until the setting says otherwise.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable

from appliance import errors, faults, heartbeat
from appliance.metering import meters, readings
from appliance.metering.meters import Meter
from appliance.opened import Opened
from appliance.store import settings
from appliance.waker import Waker
from drivers.interfaces import DriverError, MeterServer, ServedMeter

log = logging.getLogger("wattward.services")

SWITCH, PORT = "service.sunspec", "service.sunspec_port"
SOURCE = "sunspec"  # of its fault
LOOK_S = 5.0  # a lost ring does no harm
SAME_S = 0.2  # real seconds for which all questions get the same answer
GRID_UNITS = (1, 0, 255)
FIRST_UNIT = 10  # meter number 1 is unit 11
LAST_UNIT = 247

Serve = Callable[[Callable[[int], ServedMeter | None], int], Awaitable[MeterServer]]


class SunSpec:
    """The server as the setting wants it."""

    def __init__(self, opened: Opened, serve: Serve) -> None:
        self._opened = opened
        self._serve = serve
        self._waker = Waker()
        self._server: MeterServer | None = None
        self._at: int | None = None  # the port the server was opened for
        self._shown = Shown(opened)

    def wake(self) -> None:
        """Say that the store changed: the setting is looked at again."""
        self._waker.wake()

    async def run(self) -> None:
        """Follow the setting until cancelled."""
        try:
            while True:
                with contextlib.suppress(errors.StoreError):  # said by those who need the store more
                    await self._follow()
                await self._waker.sleep(LOOK_S)
        finally:
            await self._stop()

    async def _follow(self) -> None:
        """Open, move or close the port. Raises StoreError."""
        wanted = wanted_port(self._opened)
        if wanted is not None and wanted == self._at:
            return
        await self._stop()
        if wanted is None:
            faults.clear(self._opened.live, SOURCE)
            return
        try:
            self._server = await self._serve(self._shown.at_unit, wanted)
        except DriverError as error:
            if faults.report(
                self._opened.live, self._opened.clock.now(), SOURCE, error.code, error.message, **error.values
            ):
                log.warning("%s", error)
            return
        self._at = wanted
        faults.clear(self._opened.live, SOURCE)
        log.info("meters are served on port %d", self._server.port)

    async def _stop(self) -> None:
        if self._server is not None:
            await self._server.close()
            log.info("meters are not served any more")
        self._server = self._at = None


def wanted_port(opened: Opened) -> int | None:
    """The port that the settings want; None: none. Raises StoreError."""
    return int(settings.number(opened.store, PORT)) if settings.flag(opened.store, SWITCH) else None


def unit_of(meter: Meter) -> int | None:
    """The unit under which a meter is served; None: its number is too high."""
    unit = FIRST_UNIT + meter.id
    return unit if unit <= LAST_UNIT else None


class Shown:
    """What is served, by unit: looked up when somebody asks, and not more often than five times a second."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._units: dict[int, ServedMeter] = {}
        self._looked_s: float | None = None

    def at_unit(self, unit: int) -> ServedMeter | None:
        """The meter of a unit; None when there is none, or nothing can be said now."""
        now_s = self._opened.clock.boottime_s() / self._opened.clock.speed
        if self._looked_s is None or not 0 <= now_s - self._looked_s < SAME_S:
            self._looked_s = now_s
            try:
                self._units = self._look()
            except errors.StoreError:
                self._units = {}
        return self._units.get(unit)

    def _look(self) -> dict[int, ServedMeter]:
        newest = readings.newest(self._opened.live)
        found: dict[int, ServedMeter] = {}
        for meter in meters.all(self._opened.store):
            shown = self._meter(meter, newest.get(meter.id))
            if (unit := unit_of(meter)) is not None:
                found[unit] = shown
            if meter.role == "grid":
                for grid_unit in GRID_UNITS:
                    found.setdefault(grid_unit, shown)
        return found

    def _meter(self, meter: Meter, reading: readings.Live | None) -> ServedMeter:
        values: dict[str, float | None] = {}
        if reading is not None:
            fresh = readings.is_fresh(reading, self._opened.clock, meter.interval_s)
            values = {quantity: value if fresh else None for quantity, value in reading.values.items()}
        return ServedMeter(meter.name, f"meter-{meter.id}", heartbeat.version(), values)
