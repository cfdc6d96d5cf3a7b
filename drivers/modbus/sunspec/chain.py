"""Walk a device's chain of SunSpec models and find the meters in it.

The chain begins with the mark "SunS" at one of a few addresses, then model
follows model: ID, length, that many registers; 0xFFFF ends it. Nothing that a
device may answer makes the walk endless: a model without length, too many
models, or an address past the last register end it, and what was found before
holds. Only a unit that does not answer at all is a fault.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.interfaces import DriverError
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity

MARK = [0x5375, 0x6E53]  # "SunS"
# The specification's three, then the neighbours: vendors count from 1, and firmware has moved it by one (KOSTAL).
BASES = (40000, 0, 50000, 40001, 39999, 1, 50001, 49999)
END = 0xFFFF
MOST_MODELS = 60  # an inverter with three meters and storage has about twenty
LAST_REGISTER = 0xFFFF

ReadRegisters = Callable[[int, int], Awaitable[list[int]]]  # start, count -> registers; raises DriverError


@dataclass(frozen=True, slots=True)
class MeterBlock:
    """One meter in a chain."""

    position: int  # the how-manieth meter of the chain, from 1
    model: int  # 201 … 214
    start: int  # address of its ID register
    length: int  # as the device says
    who: Identity  # the common model before it
    owner: Identity  # the first common model of the chain


@dataclass(frozen=True, slots=True)
class Chain:
    """What a device says about itself."""

    base: int
    who: Identity
    meters: tuple[MeterBlock, ...]
    models: tuple[int, ...]  # all models in order


async def find(read: ReadRegisters, first: int | None = None) -> Chain | None:
    """The device's chain; None when there is none. `first` is where it was last time. Raises DriverError."""
    for base in dict.fromkeys(BASES if first is None else (first, *BASES)):
        if await _given(read, base, 2) == MARK:
            return await _walk(read, base)
    return None


async def _walk(read: ReadRegisters, base: int) -> Chain:
    """Model after model from behind the mark."""
    at = base + len(MARK)
    models: list[int] = []
    meters: list[MeterBlock] = []
    who = owner = Identity()
    while at + layout.HEADER <= LAST_REGISTER and len(models) < MOST_MODELS:
        header = await _given(read, at, layout.HEADER)
        if header is None or header[0] in (0, END) or header[1] == 0:
            break
        model, length = header
        if model == layout.COMMON and length in layout.COMMON_LENGTHS:
            who = layout.identity(await _given(read, at, layout.HEADER + 64) or [0] * 66)
            owner = owner if layout.COMMON in models else who
        elif model in layout.METER_MODELS and _holds_all(model, at, length):
            meters.append(MeterBlock(len(meters) + 1, model, at, length, who, owner))
        models.append(model)
        at += layout.HEADER + length
    return Chain(base, owner, tuple(meters), tuple(models))


def _holds_all(model: int, at: int, length: int) -> bool:
    """Tell whether the stated length holds all quantities: a longer one is a newer edition, a shorter a mistake."""
    return length + layout.HEADER >= layout.size(model) and at + layout.size(model) <= LAST_REGISTER + 1


async def _given(read: ReadRegisters, start: int, count: int) -> list[int] | None:
    """Registers; None where the device has none. Raises DriverError for everything but a refusal."""
    try:
        return await read(start, count)
    except DriverError as error:
        if error.code != "refused":
            raise
        return None
