"""Register maps: what a meter's registers mean, as data.

A map is a TOML file without logic in `maps/`, one register a line. It does not
load when a rule of `rules` or `sense` is broken. `decode` and `encode` are
inverses, so that one map feeds driver, simulator, tests and documentation.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from drivers.interfaces import MeterModel
from drivers.modbus import codec, marks, rules, sense
from drivers.modbus.marks import Identify, Label, identifies
from drivers.modbus.rules import BadMap

__all__ = [
    "BadMap", "Identify", "Label", "Point", "RegisterMap", "aliases", "as_mapping", "decode", "encode", "identifies",
    "image", "load", "models", "names", "parse",
]  # fmt: skip

# Powers of ten that a simulated meter keeps in its scale registers, by unit.
EXPONENTS: Mapping[str, int] = {"V": -1, "A": -2, "Hz": -2, "": -3}
NO_EXPONENT = 0x8000  # a scale register that says "not available"
MOST_DIGITS = 10  # a power of ten beyond this is no scale


@dataclass(frozen=True, slots=True)
class Point:
    """One quantity in the meter's registers. SI value = raw * scale, import positive."""

    quantity: str
    address: int  # 0-based, as it travels in the request
    type: str
    scale: float  # below 0 where the meter counts export as positive
    unit: str
    word_order: str = "big"
    minus: int | None = None  # address of the opposite direction, subtracted; read in the same request
    slow: bool = False  # changes slowly: once a minute is enough
    invalid: tuple[bytes, ...] = ()  # bit patterns that say "not available"
    function: int = 3  # 3 = holding, 4 = input registers
    alone: bool = False  # must be read by itself
    plus: tuple[int, ...] = ()  # addresses of further parts, added; read in the same request
    scale_register: int | None = None  # address of a power of ten (s16) beside `scale`; read in the same request
    absolute: bool = False  # some of these meters show it below zero: its size is meant
    again: bool = False  # these registers are another quantity, too
    takes: tuple[codec.Take, ...] = field(init=False, repr=False, compare=False)  # its parts, which are added

    def __post_init__(self) -> None:
        scales = [self.scale] * (1 + len(self.plus)) + [-self.scale] * (self.minus is not None)
        takes = (
            codec.taker(self.type, start, scale, self.word_order, self.invalid)
            for start, scale in zip(self.starts, scales, strict=True)
        )
        object.__setattr__(self, "takes", tuple(takes))

    @property
    def size(self) -> int:
        """Registers of one value."""
        return codec.size_of(self.type)

    @property
    def starts(self) -> tuple[int, ...]:
        """First register of each value it takes."""
        return (self.address, *self.plus) if self.minus is None else (self.address, *self.plus, self.minus)

    @property
    def addresses(self) -> tuple[int, ...]:
        """All registers it takes."""
        found = tuple(start + i for start in self.starts for i in range(self.size))
        return found if self.scale_register is None else (*found, self.scale_register)

    @property
    def spans(self) -> tuple[int, int]:
        """First register and the one after the last that must be read together."""
        if self.minus is None and not self.plus and self.scale_register is None:
            return self.address, self.address + self.size
        return min(self.addresses), max(self.addresses) + 1


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Everything needed to read one model."""

    model: MeterModel
    points: tuple[Point, ...]
    function: int  # of points that do not say otherwise
    max_read: int
    even: bool  # starts and counts must be even
    gap_s: float  # silence the meter wants before the next request
    holes: tuple[tuple[int, int], ...]  # first and last register of ranges that must not be read
    source: tuple[str, ...]
    notes: tuple[str, ...]  # what an installer should know
    identify: tuple[Identify, ...] = ()  # all of them together prove the model
    labels: tuple[Label, ...] = ()
    unprovable: bool = False  # it has neither voltage nor frequency: no value shows that the model is right


def decode(point: Point, registers: Mapping[int, int]) -> float | None:
    """SI value from `address -> register`; None where the meter says "not available", of one part, too.

    Raises KeyError when a register is missing.
    """
    total = 0.0
    for take in point.takes:
        value = take(registers)
        if value is None:
            return None
        total += value
    if point.scale_register is not None:
        exponent = registers[point.scale_register]
        if exponent >= NO_EXPONENT:
            exponent -= 0x10000
        if abs(exponent) > MOST_DIGITS:
            return None
        total = total * 10.0**exponent if exponent >= 0 else total / 10**-exponent
    return abs(total) if point.absolute else total


def encode(point: Point, value: float) -> dict[int, int]:
    """`address -> register` that decodes to `value`, as near as the type allows. Raises struct.error out of range."""
    found: dict[int, int] = {}
    if point.scale_register is not None:
        exponent = EXPONENTS.get(point.unit, 0)
        found[point.scale_register] = exponent & 0xFFFF
        value = value * 10**-exponent
    parts = dict.fromkeys(point.starts, 0.0) | {point.address: value}
    if point.minus is not None:
        parts |= {point.address: max(value, 0.0), point.minus: max(-value, 0.0)}
    for start, part in parts.items():
        found |= as_mapping(start, codec.registers_of(point.type, part, point.scale, point.word_order))
    return found


def image(of: RegisterMap, values: Mapping[str, float], function: int | None = None) -> dict[int, int]:
    """All registers of a meter that shows `values`, of one function or all. Raises KeyError, ValueError.

    Sums come first: their parts are quantities of their own, which know better.
    """
    found: dict[int, int] = {}
    for point in sorted(of.points, key=lambda point: (not point.plus, not point.again)):
        if function not in (None, point.function):
            continue
        try:
            found |= encode(point, values[point.quantity])
        except struct.error as error:
            raise ValueError(f"{point.quantity}={values[point.quantity]} does not fit {point.type}") from error
    return found


def as_mapping(start: int, registers: Sequence[int]) -> dict[int, int]:
    """`address -> register` of one answered block."""
    return dict(enumerate(registers, start))


@cache
def names() -> list[str]:
    """All models there is a map for."""
    folder = resources.files("drivers.modbus") / "maps"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def aliases() -> Mapping[str, Mapping[str, str]]:
    """Other names under which models are sold: name -> `map`, `vendor`, `title`. Raises BadMap."""
    text = (resources.files("drivers.modbus") / "aliases.toml").read_text("utf-8")
    found = rules.read_aliases("aliases.toml", text)
    sense.refuse_impossible_aliases(found, names())
    return found


def models() -> list[MeterModel]:
    """All models that can be named, by name; those sold under another name, too."""
    return sorted((load(name).model for name in (*names(), *aliases())), key=lambda model: model.name)


@cache
def load(name: str) -> RegisterMap:
    """The map of one model, by its name or by another it is sold under. Raises BadMap, KeyError for an unknown name."""
    if name in names():
        return parse(name, (resources.files("drivers.modbus") / "maps" / f"{name}.toml").read_text("utf-8"))
    alias = aliases()[name]
    of = load(alias["map"])
    return replace(of, model=replace(of.model, name=name, vendor=alias["vendor"], title=alias["title"]))


def parse(name: str, text: str) -> RegisterMap:
    """A map from its TOML text. Raises BadMap, which names file, line, key and remedy."""
    sheet = rules.read(f"{name}.toml", text)
    data = sheet.data
    function, word_order = data["function"], data["word_order"]
    invalid = {kind: tuple(bytes.fromhex(bits) for bits in listed) for kind, listed in data.get("invalid", {}).items()}
    points = tuple(
        Point(**{"word_order": word_order, "function": function, "invalid": invalid.get(entry["type"], ())}
              | entry | {"plus": tuple(entry.get("plus", ()))})
        for entry in data["registers"]
    )  # fmt: skip
    found = RegisterMap(
        model=MeterModel(
            name=name,
            transports=tuple(data["transports"]),
            quantities=tuple(point.quantity for point in points),
            **{key: data[key] for key in ("vendor", "title", "unit", "baud", "parity", "tested")},
        ),
        points=points,
        function=function,
        max_read=data["max_read"],
        even=data.get("even", False),
        gap_s=data["gap_ms"] / 1000,
        holes=tuple((first, last) for first, last in data.get("holes", ())),
        source=tuple(data["source"]),
        notes=tuple(data.get("notes", ())),
        identify=tuple(marks.identify_of(entry, function) for entry in data.get("identify", ())),
        labels=tuple(marks.label_of(entry, function, word_order) for entry in data.get("labels", ())),
        unprovable=data.get("unprovable", False),
    )
    sense.refuse_impossible(sheet, found)
    return found
