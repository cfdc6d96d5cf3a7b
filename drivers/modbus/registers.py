"""Register maps: what a meter's registers mean, as data.

A map is a TOML file without logic in `maps/`. It does not load when a key is
unknown, a unit is not the quantity's, or registers are impossible or overlap;
the error names file, line of the list, key and remedy. `decode` and `encode`
are exact inverses, so that one map feeds driver, simulator and documentation.
"""

from __future__ import annotations

import math
import struct
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from drivers.interfaces import QUANTITIES, MeterModel

# type -> (struct code of the big-endian bytes, number of 16-bit registers)
TYPES: Mapping[str, tuple[str, int]] = {
    "u16": (">H", 1),
    "s16": (">h", 1),
    "u32": (">I", 2),
    "s32": (">i", 2),
    "u64": (">Q", 4),
    "s64": (">q", 4),
    "f32": (">f", 2),
}
# The markers with which many meters say "not available"; a float says NaN.
NOT_AVAILABLE: Mapping[str, int] = {
    "u32": 0xFFFF_FFFF,
    "s32": 0x7FFF_FFFF,
    "u64": 0xFFFF_FFFF_FFFF_FFFF,
    "s64": 0x7FFF_FFFF_FFFF_FFFF,
}
MAP_KEYS = {
    "vendor", "title", "transports", "unit", "baud", "parity", "tested", "function", "word_order", "max_read",
    "even", "gap_ms", "holes", "source", "registers",
}  # fmt: skip
POINT_KEYS = {"quantity", "address", "type", "scale", "unit", "minus", "slow"}


class BadMap(ValueError):
    """A register map breaks a rule. The message names file, entry, key and remedy."""


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

    @property
    def size(self) -> int:
        """Registers of one value."""
        return TYPES[self.type][1]

    @property
    def spans(self) -> tuple[int, int]:
        """First register and the one after the last that must be read together."""
        starts = [self.address] if self.minus is None else [self.address, self.minus]
        return min(starts), max(starts) + self.size


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Everything needed to read one model."""

    model: MeterModel
    points: tuple[Point, ...]
    function: int  # 3 = holding, 4 = input registers
    max_read: int
    even: bool  # starts and counts must be even
    gap_s: float  # silence before the next request
    holes: tuple[tuple[int, int], ...]  # first and last register of ranges that must not be read
    source: tuple[str, ...]


def decode(point: Point, registers: Mapping[int, int]) -> float | None:
    """SI value from `address -> register`; None where the meter says "not available".

    Raises KeyError when a register is missing.
    """
    value = _decode_at(point, point.address, registers)
    if point.minus is None or value is None:
        return value
    opposite = _decode_at(point, point.minus, registers)
    return None if opposite is None else value - opposite


def _decode_at(point: Point, address: int, registers: Mapping[int, int]) -> float | None:
    code, size = TYPES[point.type]
    words = [registers[address + i] for i in range(size)]
    if point.word_order == "little":
        words.reverse()
    raw = struct.unpack(code, struct.pack(f">{size}H", *words))[0]
    if raw == NOT_AVAILABLE.get(point.type) or (isinstance(raw, float) and not math.isfinite(raw)):
        return None
    return float(raw) * point.scale if point.scale >= 1 else float(raw) / round(1 / point.scale)


def encode(point: Point, value: float) -> dict[int, int]:
    """`address -> register` that decodes to `value`, as near as the type allows. Raises struct.error out of range."""
    if point.minus is None:
        return _encode_at(point, point.address, value)
    return _encode_at(point, point.address, max(value, 0.0)) | _encode_at(point, point.minus, max(-value, 0.0))


def _encode_at(point: Point, address: int, value: float) -> dict[int, int]:
    code, size = TYPES[point.type]
    raw = value / point.scale
    words = list(struct.unpack(f">{size}H", struct.pack(code, raw if point.type == "f32" else round(raw))))
    if point.word_order == "little":
        words.reverse()
    return {address + i: word for i, word in enumerate(words)}


def names() -> list[str]:
    """All models there is a map for."""
    folder = resources.files("drivers.modbus") / "maps"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def load(name: str) -> RegisterMap:
    """The map of one model. Raises BadMap, KeyError for an unknown name."""
    if name not in names():
        raise KeyError(name)
    text = (resources.files("drivers.modbus") / "maps" / f"{name}.toml").read_text("utf-8")
    return parse(name, text)


def parse(name: str, text: str) -> RegisterMap:
    """A map from its TOML text. Raises BadMap."""
    file = f"{name}.toml"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{file}: {error}") from error
    _refuse_unknown(file, "", data, MAP_KEYS)
    missing = MAP_KEYS - {"even", "holes"} - set(data)
    if missing:
        raise BadMap(f"{file}: key {sorted(missing)[0]!r} is missing; every map states it")
    points = tuple(_point(file, number, entry, data) for number, entry in enumerate(data["registers"], 1))
    result = RegisterMap(
        model=_model(name, data, points),
        points=points,
        function=data["function"],
        max_read=data["max_read"],
        even=data.get("even", False),
        gap_s=data["gap_ms"] / 1000,
        holes=tuple((first, last) for first, last in data.get("holes", [])),
        source=tuple(data["source"]),
    )
    _refuse_impossible(file, result)
    return result


def _model(name: str, data: Mapping[str, object], points: tuple[Point, ...]) -> MeterModel:
    keys = ("vendor", "title", "unit", "baud", "parity", "tested")
    transports = data["transports"]
    assert isinstance(transports, list)  # noqa: S101 - TOML arrays are lists
    return MeterModel(
        name=name,
        transports=tuple(transports),
        quantities=tuple(point.quantity for point in points),
        **{key: data[key] for key in keys},  # type: ignore[arg-type]  # checked against the map's rules
    )


def _refuse_unknown(file: str, where: str, entry: Mapping[str, object], known: set[str]) -> None:
    for key in entry:
        if key not in known:
            raise BadMap(f"{file}{where}: unknown key {key!r}; allowed are {', '.join(sorted(known))}")


def _point(file: str, number: int, entry: Mapping[str, object], data: Mapping[str, object]) -> Point:
    """One entry of `registers`, checked."""
    where = f" register {number} ({entry.get('quantity')})"
    _refuse_unknown(file, where, entry, POINT_KEYS)
    point = Point(word_order=str(data["word_order"]), **entry)  # type: ignore[arg-type]  # keys checked just above
    if point.quantity not in QUANTITIES:
        raise BadMap(f"{file}{where}: unknown quantity; allowed are {', '.join(QUANTITIES)}")
    if point.type not in TYPES:
        raise BadMap(f"{file}{where}: type {point.type!r} is not one of {', '.join(TYPES)}")
    if point.unit != QUANTITIES[point.quantity]:
        raise BadMap(
            f"{file}{where}: unit {point.unit!r} must be {QUANTITIES[point.quantity]!r}; set scale accordingly"
        )
    if point.scale <= 0 or not 0 <= point.address <= 0x10000 - point.size:
        raise BadMap(f"{file}{where}: scale must be positive and address within 0..65535")
    return point


def _refuse_impossible(file: str, found: RegisterMap) -> None:
    """Refuse what no meter can answer."""
    if found.function not in (3, 4) or not 1 <= found.max_read <= 125:
        raise BadMap(f"{file}: function is 3 or 4, max_read 1 to 125")
    quantities = [point.quantity for point in found.points]
    for quantity in quantities:
        if quantities.count(quantity) > 1:
            raise BadMap(f"{file}: quantity {quantity!r} stands twice; keep one")
    owner: dict[int, str] = {}
    for point in found.points:
        first, end = point.spans
        if end - first > found.max_read:
            raise BadMap(f"{file}: {point.quantity} spans {end - first} registers, max_read is {found.max_read}")
        starts = (point.address,) if point.minus is None else (point.address, point.minus)
        for register in (start + i for start in starts for i in range(point.size)):
            if register in owner:
                raise BadMap(f"{file}: {point.quantity} and {owner[register]} overlap at register {register}")
            if any(low <= register <= high for low, high in found.holes):
                raise BadMap(f"{file}: {point.quantity} lies in a hole at register {register}; correct one of them")
            owner[register] = point.quantity


def as_mapping(start: int, registers: Sequence[int]) -> dict[int, int]:
    """`address -> register` of one answered block."""
    return {start + i: register for i, register in enumerate(registers)}
