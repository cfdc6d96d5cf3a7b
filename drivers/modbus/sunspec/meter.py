"""A SunSpec meter at one unit of a line (drivers.interfaces.Meter): it is found in the device's chain, then read.

Every reading is one request that begins with the model's ID and length, so a
chain that has moved (a firmware update, another device at the address) is
noticed before a value is used, and the chain is walked again. It is walked
again after every failure, too. Scale factors come with the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from drivers.interfaces import DriverError, MeterModel, Reading
from drivers.modbus import faults, plausibility, sharing
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from drivers.modbus.sunspec import chain, layout
from drivers.modbus.sunspec.chain import Chain, MeterBlock
from drivers.sentences import N_

READ_HOLDING = 3  # SunSpec lies in holding registers
LONGEST_DUE_S = 10.0  # a meter read once a minute does not wait for its answer as long
MOST_POSITIONS = 4  # meters in one chain that can be named; SolarEdge shows three
KINDS = {1: "single-phase", 2: "split-phase", 3: "three-phase", 4: "three-phase without neutral"}
TRANSPORTS = ("tcp", "rtu", "rtutcp")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which meter of a chain is meant: the n-th, or the first of one model."""

    name: str
    position: int = 1
    model: int = 0  # 0: any

    def picks(self, found: Chain) -> MeterBlock | None:
        """The meter meant; None when the chain has none such."""
        fitting = [meter for meter in found.meters if not self.model or meter.model == self.model]
        return fitting[self.position - 1] if len(fitting) >= self.position else None


CHOICES: Mapping[str, Choice] = {
    choice.name: choice
    for choice in (
        Choice("sunspec"),
        *(Choice(f"sunspec-{position}", position) for position in range(2, MOST_POSITIONS + 1)),
        *(Choice(f"sunspec-{model}", model=model) for model in layout.METER_MODELS),
    )
}


def name_of(meter: MeterBlock) -> str:
    """The name under which this meter of a chain is read."""
    return "sunspec" if meter.position == 1 else f"sunspec-{meter.position}"


def models() -> list[MeterModel]:
    """The names under which SunSpec meters are read, as models."""
    return [model_of(name) for name in CHOICES]


def model_of(name: str) -> MeterModel:
    """One of them. Raises KeyError."""
    every = tuple(place.quantity for place in layout.places(203))
    return MeterModel(name, "SunSpec", _title(CHOICES[name]), TRANSPORTS, unit=1, quantities=every)


def _title(choice: Choice) -> str:
    if choice.model:
        kind = KINDS[choice.model % 10]
        return f"meter model {choice.model} ({kind}, {'integers' if choice.model < 210 else 'floats'})"
    return "any meter" if choice.position == 1 else f"any meter, number {choice.position} of its device"


class SunspecMeter:
    """One meter in a chain."""

    def __init__(self, address: Address, unit: int, choice: Choice, every_s: float = 1.0) -> None:
        self._address = address
        self._unit = unit
        self._choice = choice
        self._every_s = min(every_s, LONGEST_DUE_S)
        self._bus: Bus | None = None
        self._base: int | None = None  # where the chain was last time
        self._block: MeterBlock | None = None  # where the meter is, as far as is known

    @property
    def title(self) -> str:
        """What people call the meter: what it says about itself, once it has been read."""
        known = str(self._block.who) if self._block is not None else ""
        return known or "The SunSpec meter"

    async def read(self) -> Reading:
        """Read all quantities the meter has. Raises DriverError."""
        began = monotonic()
        try:
            block, words = await self.registers()
        except DriverError as error:
            title, self._block = self.title, None
            raise error.named(title) from error
        values = layout.decode(block.model, words, block.who, block.owner)
        if plausibility.is_empty(values):
            raise faults.empty(self._address, self.title)
        quantity = plausibility.first_impossible(values)
        if quantity is not None:
            raise faults.implausible(self._address, self.title, quantity, values[quantity])
        return Reading(values, monotonic() - began)

    async def registers(self) -> tuple[MeterBlock, list[int]]:
        """The meter and its registers from the ID register on, all of one answer. Raises DriverError."""
        if self._block is not None:
            words = await self._words(self._block)
            if words[: layout.HEADER] == [self._block.model, self._block.length]:
                return self._block, words
        self._block = block = await self._look()
        words = await self._words(block)
        if words[: layout.HEADER] != [block.model, block.length]:
            raise faults.garbled(self._address, self._unit)
        return block, words

    async def _look(self) -> MeterBlock:
        """Walk the chain to the meter meant. Raises DriverError."""
        found = await chain.find(self._ask, self._base)
        if found is None:
            raise DriverError("implausible", NO_SUNSPEC, address=str(self._address), unit=self._unit)
        self._base = found.base
        block = self._choice.picks(found)
        if block is None:
            raise DriverError(
                "implausible", NO_METER, who=str(found.who) or str(self._address), model=self._choice.name,
                found=", ".join(str(meter.model) for meter in found.meters) or "-",
            )  # fmt: skip
        return block

    async def _words(self, block: MeterBlock) -> list[int]:
        return await self._ask(block.start, layout.size(block.model))

    async def _ask(self, start: int, count: int) -> list[int]:
        if self._bus is None:
            self._bus = sharing.join(self._address, self)
        question = Question(self._unit, READ_HOLDING, start, count, least=1)
        return await self._bus.read(question, monotonic() + self._every_s)

    async def close(self) -> None:
        """Let go of the line; a later `read` opens it again."""
        bus, self._bus = self._bus, None
        self._block = None
        if bus is not None:
            await sharing.leave(bus, self)


NO_SUNSPEC = N_(
    "Unit {unit} at {address} answers, but has no SunSpec registers: check the unit id, and that SunSpec is switched"
    " on in the device; or choose the meter's own model."
)
NO_METER = N_(
    "{who} has no meter for {model} among its SunSpec models (meters found: {found}):"
    " check that its meter is connected and set up, or choose another one."
)
