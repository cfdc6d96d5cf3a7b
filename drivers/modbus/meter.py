"""A meter at one unit of a line: reads its blocks, decodes, and believes only what is plausible.

Meters that share a line share the bus. What changes slowly is read once a
minute and repeated in between; where the meter does not give those registers,
the quantities are absent.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from time import monotonic

from drivers.interfaces import DriverError, MeterModel, Reading
from drivers.modbus import faults, plan, plausibility, registers, sharing
from drivers.modbus.address import Address, BadAddress, parse_url
from drivers.modbus.bus import Bus, Question
from drivers.modbus.faults import N_
from drivers.modbus.registers import Point, RegisterMap

__all__ = ["Address", "BadAddress", "ModbusMeter", "models", "open_meter", "parse_url"]

log = logging.getLogger(__name__)

SLOW_S = 60.0  # how often slow points are read


class ModbusMeter:
    """One meter (drivers.interfaces.Meter)."""

    def __init__(self, address: Address, of: RegisterMap, unit: int) -> None:
        self._address = address
        self._map = of
        self._bus: Bus | None = None
        self._fast = _Part(of, unit, [point for point in of.points if not point.slow])
        self._slow = _Part(of, unit, [point for point in of.points if point.slow])
        self._kept: dict[str, float] = {}
        self._slow_at = -math.inf

    @property
    def title(self) -> str:
        """What people call the model."""
        return f"{self._map.model.vendor} {self._map.model.title}"

    async def read(self) -> Reading:
        """Read all quantities of the map, the slow ones at most a minute old. Raises DriverError."""
        began = monotonic()
        if self._bus is None:
            self._bus = sharing.join(self._address, self)
        values = await self._fast.read(self._bus)
        self._refuse_implausible(values)
        if began - self._slow_at >= SLOW_S:
            await self._read_slow(self._bus)
            self._slow_at = began
        return Reading(values | self._kept, monotonic() - began)

    async def _read_slow(self, bus: Bus) -> None:
        """Bring the slow quantities up to date; without them where the meter has none."""
        try:
            kept = await self._slow.read(bus)
        except DriverError as error:
            log.info("%s is read without %s: %s", self.title, ", ".join(self._slow.quantities), error)
            kept = {}
        self._kept = {} if plausibility.first_impossible(kept) else kept

    def _refuse_implausible(self, values: dict[str, float]) -> None:
        """Raise DriverError(`implausible`) for what only another model's registers can give."""
        if plausibility.is_empty(values):
            raise faults.empty(self._address, self.title)
        quantity = plausibility.first_impossible(values)
        if quantity is not None:
            raise faults.implausible(self._address, self.title, quantity, values[quantity])

    async def close(self) -> None:
        """Let go of the line; a later `read` opens it again."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await sharing.leave(bus, self)


class _Part:
    """Points read together, and the requests that fetch them."""

    def __init__(self, of: RegisterMap, unit: int, points: list[Point]) -> None:
        self.quantities = [point.quantity for point in points]
        self._points = points
        self._questions = [
            Question(unit, of.function, block.start, block.count, of.gap_s) for block in plan.blocks(of, points)
        ]

    async def read(self, bus: Bus) -> dict[str, float]:
        """SI values; a quantity the meter marks as not available is absent. Raises DriverError."""
        raw: dict[int, int] = {}
        for question in self._questions:
            raw |= registers.as_mapping(question.start, await bus.read(question))
        return dict(_known((point.quantity, registers.decode(point, raw)) for point in self._points))


def _known(values: Iterable[tuple[str, float | None]]) -> Iterable[tuple[str, float]]:
    return ((quantity, value) for quantity, value in values if value is not None)


def models() -> list[MeterModel]:
    """All models there is a map for, by name."""
    return [registers.load(name).model for name in registers.names()]


def open_meter(model: str, url: str, unit: int | None = None) -> ModbusMeter:
    """A meter that connects at its first read. Raises BadAddress, KeyError for an unknown model."""
    of = registers.load(model)
    address = parse_url(url, of.model.baud, of.model.parity)
    if address.transport not in of.model.transports:
        allowed = ", ".join(of.model.transports)
        raise BadAddress(
            N_("{model} is not read over {transport}; use one of: {transports}."),
            model=model, transport=address.transport, transports=allowed,
        )  # fmt: skip
    unit = of.model.unit if unit is None else unit
    first, last = (0, 255) if address.transport == "tcp" else (1, 247)
    if not first <= unit <= last:
        raise BadAddress(N_("A unit id on {url} is {first} to {last}, not {unit}."),
                         url=url, first=first, last=last, unit=unit)  # fmt: skip
    return ModbusMeter(address, of, unit)
