"""Read everything a meter has, once, with the registers as they are: for who looks whether it is set up right.

It uses the line that readings use, in turn with them. What the meter refuses
is shown as refused, never as a value.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from time import monotonic

from drivers.interfaces import DriverError, Inspection, RawPoint
from drivers.modbus import codec, plan, registers, sharing
from drivers.modbus.address import Address, parse_url
from drivers.modbus.bus import Bus, Question
from drivers.modbus.registers import Point, RegisterMap
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec import meter as sunspec
from drivers.modbus.sunspec.meter import SunspecMeter


async def inspect(model: str, url: str, unit: int) -> Inspection:
    """Everything the meter has. Raises DriverError, BadAddress, KeyError for an unknown model."""
    began = monotonic()
    if model in sunspec.CHOICES:
        meter = SunspecMeter(parse_url(url), unit, sunspec.CHOICES[model])
        try:
            return await _of_sunspec(meter, began)
        except DriverError as error:
            raise error.named(meter.title) from error
        finally:
            await meter.close()
    of = registers.load(model)
    address = parse_url(url, of.model.baud, of.model.parity)
    look = Look(of, unit)
    bus = sharing.join(address, look)
    try:
        return await look.everything(bus, address, began)
    except DriverError as error:
        raise error.named(str(of.model)) from error
    finally:
        await sharing.leave(bus, look)


async def _of_sunspec(meter: SunspecMeter, began: float) -> Inspection:
    block, words = await meter.registers()
    values = layout.decode(block.model, words, block.who, block.owner)
    points = tuple(
        RawPoint(
            place.quantity, sunspec.READ_HOLDING, block.start + place.offset,
            tuple(words[place.offset : place.offset + codec.size_of(place.type)]), values.get(place.quantity),
        )
        for place in layout.places(block.model)
    )  # fmt: skip
    return Inspection(str(block.who), points, 1, monotonic() - began)


class Look:
    """One look at a meter with a register map."""

    def __init__(self, of: RegisterMap, unit: int) -> None:
        self._of = of
        self._unit = unit
        self._requests = 0

    async def everything(self, bus: Bus, address: Address, began: float) -> Inspection:
        """All points; a refused block is asked point by point. Raises DriverError when nothing is answered."""
        held: dict[tuple[int, int], int] = {}
        refusal: DriverError | None = None
        for block in plan.blocks(self._of, at=plan.toll(self._of, address)):
            points = [point for point in self._of.points if block.holds(point)]
            try:
                await self._fetch(bus, block, held)
            except DriverError as error:
                if error.code != "refused":
                    raise
                refusal = await self._one_by_one(bus, points, held) or refusal
        if not held and refusal is not None:
            raise refusal
        identity = await self._label(bus)
        return Inspection(identity, tuple(self._raw(held)), self._requests, monotonic() - began)

    async def _label(self, bus: Bus) -> str:
        """What is printed on the meter, as far as its registers say it."""
        texts = []
        for label in self._of.labels:
            self._requests += 1
            question = Question(self._unit, label.function, label.address, label.count, self._of.gap_s, least=1)
            with contextlib.suppress(DriverError):
                if text := label.text(await bus.read(question)):
                    texts.append(f"{label.name} {text}")
        return ", ".join(texts)

    async def _one_by_one(self, bus: Bus, points: list[Point], held: dict[tuple[int, int], int]) -> DriverError | None:
        refusal: DriverError | None = None
        for point in points:
            for block in plan.blocks(self._of, [point]):
                try:
                    await self._fetch(bus, block, held)
                except DriverError as error:
                    if error.code != "refused":
                        raise
                    refusal = error
        return refusal

    async def _fetch(self, bus: Bus, block: plan.Block, held: dict[tuple[int, int], int]) -> None:
        self._requests += 1
        question = Question(self._unit, block.function, block.start, block.count, self._of.gap_s, least=1)
        words = await bus.read(question)
        held.update({(block.function, block.start + i): word for i, word in enumerate(words)})

    def _raw(self, held: dict[tuple[int, int], int]) -> Iterator[RawPoint]:
        for point in self._of.points:
            function = point.function
            addresses = point.addresses
            if any((function, address) not in held for address in addresses):
                yield RawPoint(point.quantity, function, point.address, (), None)
                continue
            mine = {address: held[function, address] for address in addresses}
            value = registers.decode(point, mine)
            yield RawPoint(point.quantity, function, point.address, tuple(mine[a] for a in addresses), value)
