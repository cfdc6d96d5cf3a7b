"""Find the meters on a line: ask unit after unit, at one speed after the other, and recognise who answers.

A unit is asked for two holding registers from 0, the smallest question every
device has an answer to, be it a refusal. Nothing but reading (functions 3 and
4) is ever sent. First come the units and speeds meters are delivered with, so
that the usual meter is found within seconds; then, at the speed at which
somebody answered (all devices on a line speak the same), every other unit.

How long an empty line takes, 9600 8N1, 247 units: the question is 8 characters
of 10 bits, 8.3 ms; its shortest answer would be 9, 9.4 ms; `ANSWER_S` for the
meter to begin, 150 ms; then 3.5 characters of silence, 4 ms: 172 ms a unit,
42 s, and one second of listening at the end. Most meters begin within 100 ms.
Slower ones (up to 600 ms are known) are not lost: their answer is heard while
the next units are asked, and then those that could have sent it are asked
again, each with a second of patience.

If this process already reads meters on the line, its bus is used, so the line
keeps one master; at another speed the bus is lent for one question at a time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from time import monotonic

from drivers.interfaces import DriverError, Found, ScanStep, ScanWanted
from drivers.modbus import faults, recognise, registers, sharing, wire
from drivers.modbus.address import Address, parse_url
from drivers.modbus.bus import Bus, Question
from drivers.modbus.registers import RegisterMap
from drivers.modbus.rules import BAUDS, PARITIES

ANSWER_S = {"rtu": 0.15, "rtutcp": 0.25, "tcp": 0.5, "udp": 0.5}  # a gateway adds its own delay, and its line's
NETWORK = ("tcp", "udp")  # frames bear numbers there, and the device is its own master
PATIENT_S = 1.0  # for who may have answered late
UNITS = range(1, 248)  # Modbus over serial line V1.02, 2.2
USUAL_UNITS = 5  # the first few: how meters are delivered, and how installers count
# Speeds and parities in the order in which meters are delivered with them (METERING A.4), then the rest.
SPEEDS = (
    (9600, "N"), (9600, "E"), (2400, "N"), (2400, "E"), (19200, "E"), (19200, "N"), (38400, "N"), (115200, "N"),
    (9600, "O"), (19200, "O"), (38400, "E"), (115200, "E"), (57600, "N"), (4800, "N"), (4800, "E"), (1200, "N"),
)  # fmt: skip
ODD_UNITS = (97, 163, 231)  # nobody sets all of these: who answers them answers to any unit id
SUNSPEC_UNITS = (1, 126, 200, 240)  # SunSpec's own, and a meter behind a Fronius inverter


@dataclass(frozen=True, slots=True)
class Try:
    """One unit at one place and speed."""

    address: Address
    unit: int


def url_of(address: Address) -> str:
    """The address as `meters add` takes it."""
    if address.transport == "rtu":
        return f"rtu://{address.device}?baud={address.baud}&parity={address.parity}"
    return f"{address.transport}://{address}"


def speeds(wanted: ScanWanted) -> list[Address]:
    """The line at each speed to try, in order. Raises BadAddress."""
    plain = parse_url(wanted.url)
    if plain.transport != "rtu":
        return [plain]
    bauds = wanted.bauds or ((plain.baud,) if "baud=" in wanted.url else ())
    parities = wanted.parities or ((plain.parity,) if "parity=" in wanted.url else ())
    every = product(bauds or BAUDS, parities or PARITIES) if bauds or parities else ()  # who names some wants them all
    chosen = [
        pair
        for pair in dict.fromkeys((*SPEEDS, *every))
        if (not bauds or pair[0] in bauds) and (not parities or pair[1] in parities)
    ]
    return [dataclasses.replace(plain, baud=baud, parity=parity) for baud, parity in chosen]


def usual_units(address: Address, maps: Iterable[RegisterMap]) -> list[int]:
    """The units meters have as they are delivered, on such a line and at its speed; commonest first."""
    counts: dict[int, int] = {}
    for model in (of.model for of in maps):
        fits = address.transport in model.transports
        if fits and (address.transport != "rtu" or (model.baud, model.parity) == (address.baud, address.parity)):
            counts[model.unit] = counts.get(model.unit, 0) + 1
    first = sorted(counts, key=lambda unit: (-counts[unit], unit))
    own = SUNSPEC_UNITS if address.transport in NETWORK else ()
    return list(dict.fromkeys([*first, *own, *UNITS[:USUAL_UNITS]]))


def quick(wanted: ScanWanted, maps: Sequence[RegisterMap]) -> list[Try]:
    """What is tried first: the usual units at each speed."""
    return [
        Try(address, unit)
        for address in speeds(wanted)
        for unit in usual_units(address, maps)
        if not wanted.units or unit in wanted.units
    ]


def thorough(wanted: ScanWanted, at: Iterable[Address], tried: Iterable[Try]) -> list[Try]:
    """Everything else at these speeds."""
    already = set(tried)
    every = (Try(address, unit) for address in at for unit in wanted.units or UNITS)
    return [one for one in every if one not in already]


class _Lines:
    """The bus of one address at a time, its own or the one that reads the meters there already."""

    def __init__(self) -> None:
        self._bus: Bus | None = None

    async def read(self, address: Address, question: Question) -> list[int]:
        """Ask at this speed. Raises DriverError."""
        held = sharing.held(address)
        if held is not None and held is not self._bus and wire.speed_of(held.address) != wire.speed_of(address):
            async with held.lent():
                bus = Bus(address)
                try:
                    return await bus.read(question)
                finally:
                    await bus.close()
        if self._bus is None or self._bus.address != address or held is not self._bus:
            await self.close()
            self._bus = sharing.join(address, self)
        return await self._bus.read(question)

    async def close(self) -> None:
        """Let go of the line."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await sharing.leave(bus, self)


@dataclass(slots=True)
class Sweep:
    """One scan under way."""

    wanted: ScanWanted
    maps: Sequence[RegisterMap]
    lines: _Lines
    done: int = 0
    total: int = 0
    found_at: list[Address] = field(default_factory=list)
    seen: set[Try] = field(default_factory=set)
    patiently: set[Try] = field(default_factory=set)
    recent: list[tuple[float, Try]] = field(default_factory=list)
    opened: bool = False  # at one speed at least
    impossible: set[Address] = field(default_factory=set)  # speeds the adapter does not know

    async def run(self) -> AsyncIterator[ScanStep]:
        """All steps. Raises DriverError(`unreachable`), BadAddress."""
        first = quick(self.wanted, self.maps)
        places = speeds(self.wanted)
        self.total = len(first) + len(thorough(self.wanted, places, first))
        if places[0].transport in NETWORK and not self.wanted.units and await self._answers_any(places[0]):
            rest: list[Try] = []
            first = first[:1]
        else:
            rest = thorough(self.wanted, places, first)
        self.total = len(first) + len(rest)
        async for step in self._all(first, listens=not (first and rest and rest[0].address == first[-1].address)):
            yield step
        if self.found_at:
            rest = [one for one in rest if one.address in self.found_at]
        self.total = self.done + len(rest)
        async for step in self._all(rest):
            yield step

    async def _all(self, tries: Sequence[Try], listens: bool = True) -> AsyncIterator[ScanStep]:
        for one in tries:
            self.done += 1
            async for step in self._one(one):
                yield step
        if listens and tries and tries[-1] not in self.seen and tries[-1].address.transport not in NETWORK:
            async for step in self._one(tries[-1], PATIENT_S):  # listening, too, for who is still to answer
                if step.found is not None:
                    yield step

    async def _one(self, one: Try, patience_s: float = 0.0) -> AsyncIterator[ScanStep]:
        heard = await self._hear(one, patience_s)
        yield await self._step(one, heard)
        if heard == "noise":
            for suspect in self._suspects():
                if await self._hear(suspect, PATIENT_S) == "answer":
                    yield await self._step(suspect, "answer")

    async def _step(self, one: Try, heard: str) -> ScanStep:
        found = None
        if heard == "answer" and one not in self.seen:
            self.seen.add(one)
            if one.address not in self.found_at:
                self.found_at.append(one.address)
            found = await self._recognise(one)
        return ScanStep(self.done, self.total, url_of(one.address), one.unit, found, noise=heard == "noise")

    async def _hear(self, one: Try, patience_s: float = 0.0) -> str:
        """Ask whether the unit is there: "answer", "noise" or ""."""
        patience_s = patience_s or self.wanted.answer_s or ANSWER_S[one.address.transport]
        if one.address in self.impossible:
            return ""
        self.recent.append((monotonic(), one))
        heard = "answer"
        try:
            await self.lines.read(one.address, Question(one.unit, 3, 0, 2, patience_s=patience_s))
        except DriverError as error:
            if error.code == "unreachable":
                if not self.opened:
                    raise faults.searched(error) from error
                self.impossible.add(one.address)
            heard = {"refused": "answer", "garbled": "noise"}.get(error.code, "")
        self.opened |= one.address not in self.impossible
        return heard

    def _suspects(self) -> list[Try]:
        """Who was asked so lately that what was heard may be a late answer; each is asked again once."""
        since = monotonic() - 2 * PATIENT_S
        self.recent = [(at, one) for at, one in self.recent if at >= since]
        suspects = [one for _, one in self.recent if one not in self.seen | self.patiently]
        self.patiently.update(suspects)
        return list(dict.fromkeys(suspects))

    async def _answers_any(self, address: Address) -> bool:
        """Tell whether a network device does not care for unit ids. Then every unit would be found."""
        return all([await self._hear(Try(address, unit)) == "answer" for unit in ODD_UNITS])

    async def _recognise(self, one: Try) -> Found:
        """Which model it is, asked in peace."""

        async def ask(function: int, start: int, count: int) -> list[int]:
            return await self.lines.read(one.address, Question(one.unit, function, start, count, least=1))

        return await recognise.recognise(ask, one.address, url_of(one.address), one.unit, self.maps)


async def scan(wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
    """Look for meters; each step tells how far it is and what was found. Raises BadAddress, DriverError(`unreachable`).

    Whoever ends early closes the generator, or is cancelled: the line is free then.
    """
    lines = _Lines()
    sweep = Sweep(wanted, [registers.load(name) for name in registers.names()], lines)
    try:
        async for step in sweep.run():
            yield step
    finally:
        await lines.close()
