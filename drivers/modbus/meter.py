"""A meter at one unit of a line: reads its blocks, decodes, and believes only what is plausible.

Meters that share a line share the bus. What changes slowly is read once a
minute, while the line has nothing better to do, and repeated in between; where
the meter does not have those registers, the quantities are absent.
"""

from __future__ import annotations

import asyncio
import logging
import math
from time import monotonic

from drivers.interfaces import DriverError, MeterModel, Reading
from drivers.modbus import asking, faults, plan, plausibility, registers, sharing
from drivers.modbus.address import Address, parse_url
from drivers.modbus.asking import Asking, Part
from drivers.modbus.bus import Bus
from drivers.modbus.registers import RegisterMap
from drivers.modbus.sunspec import meter as sunspec
from drivers.modbus.sunspec.meter import SunspecMeter
from drivers.sentences import N_, BadAddress

log = logging.getLogger(__name__)

SLOW_S = 60.0  # how often slow points are read
SLOW_DUE_S = 30.0  # by then at the latest, however busy the line
LONGEST_DUE_S = 10.0  # a meter read once a minute does not wait for its answer as long
NOT_THERE = (1, 2, 3)  # Modbus exceptions of a meter that lacks the function, the registers, or so many at once


class ModbusMeter:
    """One meter (drivers.interfaces.Meter), read every `every_s` seconds or so."""

    def __init__(self, address: Address, of: RegisterMap, unit: int, every_s: float = 1.0) -> None:
        self._address = address
        self._map = of
        self._every_s = min(every_s, LONGEST_DUE_S)
        self._bus: Bus | None = None
        toll = plan.toll(of, address)
        fast, slow = asking.split(of, toll)
        self._fast = Asking(of, fast, unit, toll)
        self._slow = Asking(of, slow, unit, toll)
        self._kept: dict[str, float] = {}
        self._slow_at = -math.inf
        self._slow_task: asyncio.Task[None] | None = None

    @property
    def title(self) -> str:
        """What people call the model."""
        return str(self._map.model)

    async def read(self) -> Reading:
        """Read all quantities of the map, the slow ones at most two minutes old. Raises DriverError."""
        began = monotonic()
        try:
            if self._bus is None:
                self._bus = sharing.join(self._address, self)
            values = await self._read_fast(self._bus, began + self._every_s)
        except DriverError as error:
            raise error.named(self.title) from error
        self._refuse_implausible(values)
        if self._slow_at == -math.inf:
            await self._read_slow(self._bus, began + self._every_s)
        elif began - self._slow_at >= SLOW_S:
            self._begin_slow(self._bus, began)
        return Reading(values | self._kept, monotonic() - began)

    async def _read_fast(self, bus: Bus, due_s: float) -> dict[str, float]:
        """What is read each time; in other pieces where the meter refuses a block. Raises DriverError."""
        values: dict[str, float] = {}
        done = 0
        while done < len(self._fast.parts):
            part = self._fast.parts[done]
            try:
                values |= part.values(await bus.read(part.question, due_s))
                part.answered = True
                done += 1
            except faults.Refused as error:
                if error.exception not in NOT_THERE or not self._fast.learn(part):
                    self._fast.forget()
                    raise
                done = 0
            except faults.Overasked:  # it lives, and this costs a time-out: other pieces are for the next reading
                if part.answered or not self._fast.learn(part):
                    self._fast.forget()
                raise
        self._fast.keep()
        return values

    def _begin_slow(self, bus: Bus, now_s: float) -> None:
        """Bring the slow quantities up to date, while readings go on."""
        if self._slow_task is not None and not self._slow_task.done():
            return
        if self._slow_task is not None:
            self._slow_task.result()  # raises what nobody foresaw
        self._slow_task = asyncio.create_task(self._read_slow(bus, now_s + SLOW_DUE_S))

    async def _read_slow(self, bus: Bus, due_s: float) -> None:
        """Bring the slow quantities up to date; without them where the meter does not give them."""
        self._slow_at = monotonic()
        kept: dict[str, float] = {}
        parts, complete = list(self._slow.parts), True
        while parts:
            part = parts.pop(0)
            try:
                kept |= part.values(await bus.read(part.question, due_s))
                part.answered = True
            except DriverError as error:
                if self._ask_slow_otherwise(part, error):
                    parts = [part for part in self._slow.parts if not kept.keys() & {p.quantity for p in part.points}]
                    continue
                complete = False
                log.info("%s is read without %s: %s", self.title, ", ".join(p.quantity for p in part.points), error)
        (self._slow.keep if complete else self._slow.forget)()
        self._kept = {} if plausibility.first_impossible(kept) else kept

    def _ask_slow_otherwise(self, part: Part, error: DriverError) -> bool:
        """Tell whether to ask again at once, in other pieces; do without what the meter does not have."""
        if not isinstance(error, faults.Refused) or error.exception not in NOT_THERE:
            return False
        if self._slow.learn(part):
            return True
        self._slow.drop(part)
        return False

    def _refuse_implausible(self, values: dict[str, float]) -> None:
        """Raise DriverError(`implausible`) for what only another model's registers can give."""
        if plausibility.is_empty(values, self._map.model.quantities):
            raise faults.empty(self._address, self.title)
        quantity = plausibility.first_impossible(values)
        if quantity is not None:
            raise faults.implausible(self._address, self.title, quantity, values[quantity])

    async def close(self) -> None:
        """Let go of the line; a later `read` opens it again."""
        if self._slow_task is not None:
            self._slow_task.cancel()
            await asyncio.gather(self._slow_task, return_exceptions=True)
            self._slow_task = None
        bus, self._bus = self._bus, None
        if bus is not None:
            await sharing.leave(bus, self)


def models() -> list[MeterModel]:
    """All models there is a map for, by each name they are sold under, and those of SunSpec, which need none."""
    return registers.models() + sunspec.models()


def model_of(name: str) -> MeterModel:
    """One model. Raises KeyError for an unknown name."""
    return sunspec.model_of(name) if name in sunspec.CHOICES else registers.load(name).model


def open_meter(model: str, url: str, unit: int | None = None, every_s: float = 1.0) -> ModbusMeter | SunspecMeter:
    """A meter that connects at its first read and is to be read every `every_s` seconds.

    Raises BadAddress, KeyError for an unknown model.
    """
    of = model_of(model)
    address = parse_url(url, of.baud, of.parity)
    if address.transport not in of.transports:
        allowed = ", ".join(of.transports)
        raise BadAddress(
            N_("{model} is not read over {transport}; use one of: {transports}."),
            model=model, transport=address.transport, transports=allowed,
        )  # fmt: skip
    unit = of.unit if unit is None else unit
    first, last = (0, 255) if address.numbered else (1, 247)
    if not first <= unit <= last:
        raise BadAddress(N_("A unit id on {url} is {first} to {last}, not {unit}."),
                         url=url, first=first, last=last, unit=unit)  # fmt: skip
    if model in sunspec.CHOICES:
        return SunspecMeter(address, unit, sunspec.CHOICES[model], every_s)
    return ModbusMeter(address, registers.load(model), unit, every_s)
