"""Tell which model a unit that answers is.

In this order: a SunSpec chain names its meters; identification registers that
only one model has; else the values each map would show, where mains voltage
and frequency must be among them, because that is what numbers read with a
wrong map hardly ever look like. What the maps agree on is asked once. Only
reading is done, never writing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from drivers.interfaces import SURENESS, Candidate, DriverError, Found
from drivers.modbus import plan, plausibility, registers
from drivers.modbus.address import Address
from drivers.modbus.registers import Identify, Label, Point, RegisterMap
from drivers.modbus.sunspec import chain, layout
from drivers.modbus.sunspec import meter as sunspec

VOLTAGE_V = (180.0, 260.0)  # mains of 200 to 240 V with sags and swells; narrower than what a reading may show
FREQUENCY_HZ = (45.0, 65.0)
LIVE_V = 5.0  # below this a phase is not connected
POWER_W = 100e3
MOST_SILENCES = 3  # some meters do not refuse what they lack, they do not answer; each costs a time-out
MOST_CANDIDATES = 5
BALANCE_W = 5.0  # sum of phases against the total: rounding, and phases read a moment apart
BALANCE_SHARE = 0.03

Ask = Callable[[int, int, int], Awaitable[list[int]]]  # function, start, count -> registers; raises DriverError
Key = tuple[int, int, int]


class SaysNothing(Exception):
    """The unit was silent too often to go on."""


@dataclass(slots=True)
class Memory:
    """Asks each thing once. A refusal is an answer, too: `None`."""

    ask: Ask
    silences: int = 0
    known: dict[Key, list[int] | None] = field(default_factory=dict)

    async def look(self, function: int, start: int, count: int) -> list[int] | None:
        """Registers; None where there are none. Raises SaysNothing, DriverError(`unreachable`)."""
        key = (function, start, count)
        if key not in self.known:
            try:
                self.known[key] = await self.ask(*key)
            except DriverError as error:
                if error.code == "unreachable":
                    raise
                self.known[key] = None
                self.silences += error.code in ("silent", "garbled")
                if self.silences > MOST_SILENCES:
                    raise SaysNothing from error
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a map fits a unit."""

    of: RegisterMap
    score: float
    sure: str
    values: Mapping[str, float]

    @property
    def candidate(self) -> Candidate:
        """The same as others see it."""
        model = self.of.model
        return Candidate(model.name, str(model), self.sure, model.tested, self.values)


async def recognise(ask: Ask, address: Address, url: str, unit: int, maps: Iterable[RegisterMap]) -> Found:
    """What this unit is. Raises DriverError(`unreachable`)."""
    memory = Memory(ask)
    identity = ""
    candidates: list[Candidate] = []
    try:
        identity, candidates = await _sunspec(memory)
        fitting = [of for of in maps if address.transport in of.model.transports]
        fits = await _by_mark(memory, fitting)
        if not fits and not candidates:
            fits = await _by_values(memory, fitting) or await _by_elimination(memory, fitting)
        if fits and fits[0].sure == "identified":
            identity = identity or await _label(memory, fits[0].of.labels)
        candidates = [fit.candidate for fit in fits if fit.sure == "identified"] + candidates
        candidates += [fit.candidate for fit in fits if fit.sure != "identified"]
    except SaysNothing:
        pass
    return Found(url, unit, identity, tuple(candidates[:MOST_CANDIDATES]))


async def _sunspec(memory: Memory) -> tuple[str, list[Candidate]]:
    """Who the device says it is, and the meters in its chain."""

    async def read(start: int, count: int) -> list[int]:
        words = await memory.look(sunspec.READ_HOLDING, start, count)
        if words is None:
            raise DriverError("refused", "There are no such registers.")
        return words

    found = await chain.find(read)
    if found is None:
        return "", []
    candidates = []
    for meter in found.meters:
        words = await read(meter.start, layout.size(meter.model))
        values = layout.decode(meter.model, words, meter.who, meter.owner)
        who = str(meter.who) or "SunSpec"
        candidates.append(
            Candidate(sunspec.name_of(meter), f"{who} (SunSpec {meter.model})", "identified", True, values)
        )
    return str(found.who), candidates


async def _by_mark(memory: Memory, maps: Sequence[RegisterMap]) -> list[Fit]:
    """The maps whose identification registers hold what only that model's do."""
    fits: list[Fit] = []
    for of in maps:
        if of.identify and all([await _reads(memory, mark) for mark in of.identify]):
            score, values = await _score(memory, of)
            fits.append(Fit(of, score, "identified", values))
    return sorted(fits, key=_rank)


async def _label(memory: Memory, labels: Iterable[Label]) -> str:
    """What is printed on the meter, as far as its registers say it."""
    texts = []
    for label in labels:
        words = await memory.look(label.function, label.address, label.count)
        if words is not None and (text := label.text(words)):
            texts.append(f"{label.name} {text}")
    return ", ".join(texts)


async def _reads(memory: Memory, mark: Identify) -> bool:
    words = await memory.look(mark.function, mark.address, mark.count)
    return words is not None and mark.identifies(words)


async def _by_values(memory: Memory, maps: Sequence[RegisterMap]) -> list[Fit]:
    """The maps that show a meter's values, the best first."""
    fits: list[Fit] = []
    for of in maps:
        if await _is_excluded(memory, of):
            continue
        telling = [point for point in of.points if point.quantity in ("voltage_l1_v", "frequency_hz")]
        shown = await _values(memory, of, telling, together=False)
        if not shown or not all(_is_telling(quantity, value) for quantity, value in shown.items()):
            continue
        score, values = await _score(memory, of)
        if score > 0:
            fits.append(Fit(of, score, "likely" if len(shown) == 2 and score >= 1 else "possible", values))
    return sorted(fits, key=_rank)


async def _by_elimination(memory: Memory, maps: Sequence[RegisterMap]) -> list[Fit]:
    """Where nothing else fits: the maps without voltage and frequency that show everything else as a house has it."""
    fits: list[Fit] = []
    for of in maps:
        if not of.unprovable or await _is_excluded(memory, of):
            continue
        score, values = await _score(memory, of)
        if score >= 1 and values.get("import_wh", 0.0) > 0:
            fits.append(Fit(of, score, "possible", values))
    return sorted(fits, key=_rank)


async def _is_excluded(memory: Memory, of: RegisterMap) -> bool:
    """Tell whether its identification registers hold something else. Zeros may mean that there are none (SDM72D-M)."""
    for mark in of.identify:
        words = await memory.look(mark.function, mark.address, mark.count)
        if words is not None and any(words) and not mark.identifies(words):
            return True
    return False


async def _score(memory: Memory, of: RegisterMap) -> tuple[float, dict[str, float]]:
    """Share of the map that the unit has and that can be, more when the phases add up; 0 for what cannot be."""
    values = await _values(memory, of, of.points, together=True)
    if plausibility.first_impossible(values) is not None or not all(_is_usual(*item) for item in values.items()):
        return 0.0, values
    phases = [values[name] for name in ("power_l1_w", "power_l2_w", "power_l3_w") if name in values]
    score = len(values) / len(of.points)
    if len(phases) == 3 and "power_w" in values:
        adds_up = abs(sum(phases) - values["power_w"]) <= BALANCE_W + BALANCE_SHARE * sum(map(abs, phases))
        score += 0.5 if adds_up else -0.5
    return score, values


async def _values(memory: Memory, of: RegisterMap, points: Sequence[Point], *, together: bool) -> dict[str, float]:
    """What the map's points show; those the unit refuses are absent."""
    found: dict[str, float] = {}
    groups = [list(points)] if together else [[point] for point in points]
    for block in (block for group in groups for block in plan.blocks(of, group)):
        words = await memory.look(block.function, block.start, block.count)
        if words is None:
            continue
        held = registers.as_mapping(block.start, words)
        for point in points:
            if block.holds(point) and (value := registers.decode(point, held)) is not None:
                found[point.quantity] = value
    return found


def _rank(fit: Fit) -> tuple[int, float, bool, int, str]:
    """The sure ones first, then those of which more fits, that more sources agree on, that show more."""
    model = fit.of.model
    return SURENESS.index(fit.sure), -round(fit.score, 1), not model.tested, -len(fit.values), model.name


def _is_telling(quantity: str, value: float) -> bool:
    low, high = VOLTAGE_V if quantity == "voltage_l1_v" else FREQUENCY_HZ
    return low <= value <= high


def _is_usual(quantity: str, value: float) -> bool:
    """Tell whether a house's meter shows such a value."""
    if quantity.count("_l") > 1:  # between two phases: the square root of three times as much
        return value <= LIVE_V or VOLTAGE_V[0] <= value / 3**0.5 <= VOLTAGE_V[1]
    if quantity.startswith("voltage"):
        return value <= LIVE_V or VOLTAGE_V[0] <= value <= VOLTAGE_V[1]
    if quantity.startswith("power_factor"):
        return abs(value) <= 1.001
    if quantity.endswith("_w"):
        return abs(value) <= POWER_W
    return True
