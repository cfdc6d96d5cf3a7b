"""A meter at one unit of a bus: reads its blocks, decodes, and believes only what is plausible.

Meters that share a URL share the bus. What changes slowly is read once a
minute and repeated in between. A meter of another model answers, too, but with
impossible voltages or frequencies: then nothing of the reading is used.
"""

from __future__ import annotations

import math
import time

from drivers.interfaces import DriverError, MeterModel, Reading
from drivers.modbus import plan, registers
from drivers.modbus.bus import Address, BadAddress, Bus, parse_url
from drivers.modbus.registers import Point, RegisterMap

__all__ = ["Address", "BadAddress", "ModbusMeter", "models", "open_meter", "parse_url"]

SLOW_S = 60.0  # how often slow points are read
VOLTAGE_V = (80.0, 300.0)  # phase to neutral anywhere in the world, with sags
FREQUENCY_HZ = (40.0, 70.0)

_buses: dict[Address, Bus] = {}


class ModbusMeter:
    """One meter (drivers.interfaces.Meter)."""

    def __init__(self, bus: Bus, of: RegisterMap, unit: int) -> None:
        self._bus = bus
        self._map = of
        self._unit = unit
        self._fast = [point for point in of.points if not point.slow]
        self._slow = [point for point in of.points if point.slow]
        self._fast_blocks = plan.blocks(of, self._fast)
        self._all_blocks = plan.blocks(of)
        self._kept: dict[str, float] = {}
        self._slow_at = -math.inf

    async def read(self) -> Reading:
        """Read all quantities of the map, the slow ones at most a minute old. Raises DriverError."""
        began = time.monotonic()
        with_slow = bool(self._slow) and began - self._slow_at >= SLOW_S
        raw: dict[int, int] = {}
        for block in self._all_blocks if with_slow else self._fast_blocks:
            answer = await self._bus.read(self._unit, self._map.function, block.start, block.count, self._map.gap_s)
            raw |= registers.as_mapping(block.start, answer)
        values = _decoded(self._fast, raw)
        self._refuse_implausible(values)
        if with_slow:
            self._kept, self._slow_at = _decoded(self._slow, raw), began
        return Reading(values | self._kept, time.monotonic() - began)

    def _refuse_implausible(self, values: dict[str, float]) -> None:
        """Raise DriverError(`implausible`) for values that only another model's registers can give."""
        for quantity, value in values.items():
            low, high = _bounds(quantity)
            present = not (quantity.startswith("voltage_l") and not quantity.startswith("voltage_l1") and value < 1)
            if present and not low <= value <= high:
                raise DriverError(
                    "implausible",
                    "{title} at {address} answers {quantity} = {value}: check that the model is right."
                    " Its values are not used.",
                    title=f"{self._map.model.vendor} {self._map.model.title}", address=str(self._bus.address),
                    quantity=quantity, value=f"{value:.6g}",
                )  # fmt: skip

    async def close(self) -> None:
        """Let go of the line; other meters on it open it again at their next read."""
        await self._bus.close()


def _decoded(points: list[Point], raw: dict[int, int]) -> dict[str, float]:
    values = ((point.quantity, registers.decode(point, raw)) for point in points)
    return {quantity: value for quantity, value in values if value is not None}


def _bounds(quantity: str) -> tuple[float, float]:
    """What a household's meter can show."""
    if quantity.startswith("voltage"):
        return VOLTAGE_V
    if quantity == "frequency_hz":
        return FREQUENCY_HZ
    if quantity.endswith("_wh"):
        return 0.0, 1e12
    if quantity.startswith("power_factor"):
        return -1.01, 1.01
    return -1e6, 1e6  # 1 MW, 1 MA


def models() -> list[MeterModel]:
    """All models there is a map for, by name."""
    return [registers.load(name).model for name in registers.names()]


def open_meter(model: str, url: str, unit: int | None = None) -> ModbusMeter:
    """A meter that connects at its first read. Raises BadAddress, KeyError for an unknown model."""
    of = registers.load(model)
    address = parse_url(url)
    bus = _buses.setdefault(address, Bus(address))
    return ModbusMeter(bus, of, of.model.unit if unit is None else unit)
