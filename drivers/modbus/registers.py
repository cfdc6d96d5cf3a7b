"""Register maps: what a meter's registers mean, as data.

A map is a TOML file without logic in `maps/`, one register a line. It does not
load when a rule of `rules` is broken. `decode` and `encode` are inverses, so
that one map feeds driver, simulator, tests and documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from drivers.interfaces import QUANTITIES, MeterModel
from drivers.modbus import codec, rules
from drivers.modbus.rules import BadMap

__all__ = ["BadMap", "Point", "RegisterMap", "as_mapping", "decode", "encode", "load", "names", "parse"]


@dataclass(frozen=True, slots=True)
class Point:
    """One quantity in the meter's registers. SI value = raw * scale."""

    quantity: str
    address: int  # 0-based, as it travels in the request
    type: str
    scale: float
    unit: str
    word_order: str = "big"
    minus: int | None = None  # address of the opposite direction, subtracted; read in the same request
    slow: bool = False  # changes slowly: once a minute is enough
    invalid: tuple[bytes, ...] = ()  # bit patterns that say "not available"

    @property
    def size(self) -> int:
        """Registers of one value."""
        return codec.size_of(self.type)

    @property
    def starts(self) -> tuple[int, ...]:
        """First register of each value it takes."""
        return (self.address,) if self.minus is None else (self.address, self.minus)

    @property
    def spans(self) -> tuple[int, int]:
        """First register and the one after the last that must be read together."""
        return min(self.starts), max(self.starts) + self.size


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Everything needed to read one model."""

    model: MeterModel
    points: tuple[Point, ...]
    function: int  # 3 = holding, 4 = input registers
    max_read: int
    even: bool  # starts and counts must be even
    gap_s: float  # silence the meter wants before the next request
    holes: tuple[tuple[int, int], ...]  # first and last register of ranges that must not be read
    source: tuple[str, ...]
    notes: tuple[str, ...]  # what an installer should know


def decode(point: Point, registers: Mapping[int, int]) -> float | None:
    """SI value from `address -> register`; None where the meter says "not available".

    Raises KeyError when a register is missing.
    """
    value = _value_at(point, point.address, registers)
    if point.minus is None or value is None:
        return value
    opposite = _value_at(point, point.minus, registers)
    return None if opposite is None else value - opposite


def _value_at(point: Point, address: int, registers: Mapping[int, int]) -> float | None:
    words = [registers[register] for register in range(address, address + point.size)]
    return codec.value_of(point.type, words, point.scale, point.word_order, point.invalid)


def encode(point: Point, value: float) -> dict[int, int]:
    """`address -> register` that decodes to `value`, as near as the type allows. Raises struct.error out of range."""
    if point.minus is None:
        return _registers_at(point, point.address, value)
    return _registers_at(point, point.address, max(value, 0.0)) | _registers_at(point, point.minus, max(-value, 0.0))


def _registers_at(point: Point, address: int, value: float) -> dict[int, int]:
    return as_mapping(address, codec.registers_of(point.type, value, point.scale, point.word_order))


def as_mapping(start: int, registers: Sequence[int]) -> dict[int, int]:
    """`address -> register` of one answered block."""
    return dict(enumerate(registers, start))


def names() -> list[str]:
    """All models there is a map for."""
    folder = resources.files("drivers.modbus") / "maps"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def load(name: str) -> RegisterMap:
    """The map of one model. Raises BadMap, KeyError for an unknown name."""
    if name not in names():
        raise KeyError(name)
    return parse(name, (resources.files("drivers.modbus") / "maps" / f"{name}.toml").read_text("utf-8"))


def parse(name: str, text: str) -> RegisterMap:
    """A map from its TOML text. Raises BadMap, which names file, line, key and remedy."""
    sheet = rules.read(f"{name}.toml", text)
    data = sheet.data
    invalid = {kind: tuple(bytes.fromhex(bits) for bits in marks) for kind, marks in data.get("invalid", {}).items()}
    points = tuple(
        Point(word_order=data["word_order"], invalid=invalid.get(entry["type"], ()), **entry)
        for entry in data["registers"]
    )
    found = RegisterMap(
        model=MeterModel(
            name=name,
            transports=tuple(data["transports"]),
            quantities=tuple(point.quantity for point in points),
            **{key: data[key] for key in ("vendor", "title", "unit", "baud", "parity", "tested")},
        ),
        points=points,
        function=data["function"],
        max_read=data["max_read"],
        even=data.get("even", False),
        gap_s=data["gap_ms"] / 1000,
        holes=tuple((first, last) for first, last in data.get("holes", ())),
        source=tuple(data["source"]),
        notes=tuple(data.get("notes", ())),
    )
    _refuse_impossible(sheet, found)
    return found


def _refuse_impossible(sheet: rules.Sheet, found: RegisterMap) -> None:
    """Refuse points that no meter has, or none can answer."""
    owner: dict[int, str] = {}
    for number, point in enumerate(found.points):
        _refuse_point(sheet, number, point, found)
        if found.model.quantities.index(point.quantity) != number:
            sheet.refuse(number, "quantity", "stands twice; keep one of them")
        for register in (start + i for start in point.starts for i in range(point.size)):
            if register in owner:
                sheet.refuse(number, "address", f"overlaps {owner[register]} at register {register}; correct one")
            if any(low <= register <= high for low, high in found.holes):
                sheet.refuse(number, "address", f"lies in a hole at register {register}; correct one of them")
            owner[register] = point.quantity


def _refuse_point(sheet: rules.Sheet, number: int, point: Point, of: RegisterMap) -> None:
    """Refuse one point that is impossible by itself."""
    first, end = point.spans
    if point.quantity not in QUANTITIES:
        sheet.refuse(number, "quantity", f"is unknown; use one of {', '.join(QUANTITIES)}")
    if point.unit != (unit := QUANTITIES[point.quantity]):
        sheet.refuse(number, "unit", f"must be {unit!r}; change it, and the scale with it")
    if end > 0x10000:
        sheet.refuse(number, "address", "ends behind register 65535; correct it (0-based, without 30001 or 40001)")
    if end - first > of.max_read:
        sheet.refuse(
            number, "minus", f"makes a span of {end - first} registers, max_read is {of.max_read}; correct one"
        )
    if of.even and (point.size % 2 or any(start % 2 for start in point.starts)):
        sheet.refuse(number, "address", "must be even, and the type of even size, because the map says even")
