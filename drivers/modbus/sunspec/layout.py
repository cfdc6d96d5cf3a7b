"""What the registers of SunSpec's meter models mean, and of the common model that says whose they are.

Models 201 to 204 are integers with scale factors (10 to the power of a register
of the same answer, because some devices change them at run time); 211 to 214
are floats. Each group has one layout: single phase, split phase, wye, delta.
Whatever a device marks as not implemented is absent, never 0.

Source: sunspec/models json/model_1.json, model_201.json … model_214.json (normative). Offsets count from
the model's ID register. Two known deviations are put right here, by vendor or by what is possible:
SolarEdge counts power the other way round (evcc, solaredge_modbus#1); KOSTAL gives counters a sign (mbmd);
a voltage above 327.67 V overflows a signed register at a scale of 10^-2 (solaredge-modbus-multi#479).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivers.modbus import codec

COMMON = 1
COMMON_LENGTHS = (65, 66)  # with and without the pad register
INTEGER_MODELS = (201, 202, 203, 204)
FLOAT_MODELS = (211, 212, 213, 214)
METER_MODELS = INTEGER_MODELS + FLOAT_MODELS
SINGLE_PHASE = (201, 211)  # the only voltage may stand as the average
HEADER = 2  # ID and length
SCALES = range(-10, 11)  # what a scale factor may be
NO_SCALE = -0x8000


@dataclass(frozen=True, slots=True)
class Place:
    """Where one quantity stands in a model."""

    quantity: str
    offset: int
    type: str
    scale_at: int | None = None  # offset of its scale factor
    optional_scale: bool = False  # without one it is 10^0


# quantity -> offset and type of the value, offset of its scale factor
_INTEGERS = (
    Place("current_l1_a",     3, "s16",  6),
    Place("current_l2_a",     4, "s16",  6),
    Place("current_l3_a",     5, "s16",  6),
    Place("voltage_l1_v",     8, "s16", 15),
    Place("voltage_l2_v",     9, "s16", 15),
    Place("voltage_l3_v",    10, "s16", 15),
    Place("voltage_l1_l2_v", 12, "s16", 15),
    Place("voltage_l2_l3_v", 13, "s16", 15),
    Place("voltage_l3_l1_v", 14, "s16", 15),
    Place("frequency_hz",    16, "s16", 17, optional_scale=True),
    Place("power_w",         18, "s16", 22),
    Place("power_l1_w",      19, "s16", 22),
    Place("power_l2_w",      20, "s16", 22),
    Place("power_l3_w",      21, "s16", 22),
    Place("apparent_va",     23, "s16", 27, optional_scale=True),
    Place("apparent_l1_va",  24, "s16", 27, optional_scale=True),
    Place("apparent_l2_va",  25, "s16", 27, optional_scale=True),
    Place("apparent_l3_va",  26, "s16", 27, optional_scale=True),
    Place("reactive_var",    28, "s16", 32, optional_scale=True),
    Place("reactive_l1_var", 29, "s16", 32, optional_scale=True),
    Place("reactive_l2_var", 30, "s16", 32, optional_scale=True),
    Place("reactive_l3_var", 31, "s16", 32, optional_scale=True),
    Place("power_factor",    33, "s16", 37, optional_scale=True),
    Place("power_factor_l1", 34, "s16", 37, optional_scale=True),
    Place("power_factor_l2", 35, "s16", 37, optional_scale=True),
    Place("power_factor_l3", 36, "s16", 37, optional_scale=True),
    Place("export_wh",       38, "u32", 54),
    Place("export_l1_wh",    40, "u32", 54),
    Place("export_l2_wh",    42, "u32", 54),
    Place("export_l3_wh",    44, "u32", 54),
    Place("import_wh",       46, "u32", 54),
    Place("import_l1_wh",    48, "u32", 54),
    Place("import_l2_wh",    50, "u32", 54),
    Place("import_l3_wh",    52, "u32", 54),
)  # fmt: skip
_FLOATS = (
    Place("current_l1_a",     4, "f32"),
    Place("current_l2_a",     6, "f32"),
    Place("current_l3_a",     8, "f32"),
    Place("voltage_l1_v",    12, "f32"),
    Place("voltage_l2_v",    14, "f32"),
    Place("voltage_l3_v",    16, "f32"),
    Place("voltage_l1_l2_v", 20, "f32"),
    Place("voltage_l2_l3_v", 22, "f32"),
    Place("voltage_l3_l1_v", 24, "f32"),
    Place("frequency_hz",    26, "f32"),
    Place("power_w",         28, "f32"),
    Place("power_l1_w",      30, "f32"),
    Place("power_l2_w",      32, "f32"),
    Place("power_l3_w",      34, "f32"),
    Place("apparent_va",     36, "f32"),
    Place("apparent_l1_va",  38, "f32"),
    Place("apparent_l2_va",  40, "f32"),
    Place("apparent_l3_va",  42, "f32"),
    Place("reactive_var",    44, "f32"),
    Place("reactive_l1_var", 46, "f32"),
    Place("reactive_l2_var", 48, "f32"),
    Place("reactive_l3_var", 50, "f32"),
    Place("power_factor",    52, "f32"),
    Place("power_factor_l1", 54, "f32"),
    Place("power_factor_l2", 56, "f32"),
    Place("power_factor_l3", 58, "f32"),
    Place("export_wh",       60, "f32"),
    Place("export_l1_wh",    62, "f32"),
    Place("export_l2_wh",    64, "f32"),
    Place("export_l3_wh",    66, "f32"),
    Place("import_wh",       68, "f32"),
    Place("import_l1_wh",    70, "f32"),
    Place("import_l2_wh",    72, "f32"),
    Place("import_l3_wh",    74, "f32"),
)  # fmt: skip
_AVERAGE = {"s16": Place("voltage_l1_v", 7, "s16", 15), "f32": Place("voltage_l1_v", 10, "f32")}
_LENGTHS = {"s16": 105, "f32": 124}  # registers after the length register
_NOT_THERE = {
    "s16": (b"\x80\x00",),
    "u32": (b"\xff\xff\xff\xff", b"\x80\x00\x00\x00"),  # acc32 has no mark but 0; devices use those of uint32 and int32
    "f32": (),  # not a number: any of them
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device says it is."""

    vendor: str = ""
    model: str = ""
    version: str = ""
    serial: str = ""

    def __str__(self) -> str:
        words = [text for text in (self.vendor, self.model) if text]
        return " ".join(words + ([f"no. {self.serial}"] if self.serial else []))


def places(model: int) -> tuple[Place, ...]:
    """The quantities of a meter model, by offset. Raises KeyError for a model that is no meter."""
    if model not in METER_MODELS:
        raise KeyError(model)
    return _INTEGERS if model in INTEGER_MODELS else _FLOATS


def length(model: int) -> int:
    """How long a meter model says it is."""
    return _LENGTHS[places(model)[0].type]


def size(model: int) -> int:
    """Registers to read from the ID register on, for all quantities and scale factors: 55 or 76."""
    return max(max(place.offset + codec.size_of(place.type), (place.scale_at or 0) + 1) for place in places(model))


def identity(words: Sequence[int]) -> Identity:
    """Who the common model names; `words` begins with its ID register."""
    return Identity(
        vendor=_text(words[2:18]), model=_text(words[18:34]), version=_text(words[42:50]), serial=_text(words[50:66])
    )


def common(who: Identity, unit: int = 1) -> list[int]:
    """The registers of the common model, from its ID register on."""
    texts = ((who.vendor, 16), (who.model, 16), ("", 8), (who.version, 8), (who.serial, 16))
    words = [word for text, count in texts for word in _words(text, count)]
    return [COMMON, 66, *words, unit, 0x8000]


def decode(model: int, words: Sequence[int], who: Identity, owner: Identity | None = None) -> dict[str, float]:
    """SI values of a meter model by quantity; `words` begins with its ID register.

    `who` is the common model before it, `owner` the first of the chain: the inverter that shows its meter.
    """
    values: dict[str, float] = {}
    for place in places(model):
        value = value_at(place, words, who)
        if value is not None:
            values[place.quantity] = value
    if model in SINGLE_PHASE and "voltage_l1_v" not in values:
        average = value_at(_AVERAGE["s16" if model in INTEGER_MODELS else "f32"], words, who)
        if average is not None:
            values["voltage_l1_v"] = average
    if _is((owner or who), "solaredge"):
        values |= {name: -value for name, value in values.items() if name.startswith("power_") and name.endswith("_w")}
    return values


def value_at(place: Place, words: Sequence[int], who: Identity) -> float | None:
    """One quantity; None where it is not implemented or its scale factor cannot be."""
    bits = words[place.offset : place.offset + codec.size_of(place.type)]
    raw = codec.value_of(place.type, bits, invalid=_NOT_THERE[place.type])
    if raw is None or (raw == 0 and _may_be_unsupported(place)):
        return None
    if place.type == "s16" and place.quantity.startswith("voltage") and raw < 0:
        raw += 0x10000  # overflow: no voltage is negative
    if place.type == "u32" and _is(who, "kostal") and raw >= 0x80000000:
        raw = 0x100000000 - raw
    scaled = raw if place.scale_at is None else _scaled(raw, words[place.scale_at], place.optional_scale)
    if scaled is not None and place.quantity.startswith("power_factor") and abs(scaled) > 1:
        scaled /= 100  # integers are in percent, and some floats, too
    return scaled


def encode(model: int, values: Mapping[str, float], scales: Mapping[int, int] | None = None) -> list[int]:
    """All registers of a meter model that shows `values`; what is not among them is marked as not implemented.

    `scales` gives scale factors by their offset; the others are ample for a house. Raises struct.error when a
    value does not fit.
    """
    chosen = {6: -2, 15: -2, 17: -2, 22: 0, 27: 0, 32: 0, 37: -2, 54: 0} | dict(scales or {})
    words = [model, length(model)] + _blank(model)
    for place in places(model):
        value = values.get(place.quantity)
        if value is None:
            continue
        if place.scale_at is not None:
            words[place.scale_at] = chosen[place.scale_at] & 0xFFFF
        if place.quantity.startswith("power_factor") and place.type == "s16":
            value *= 100
        if place.scale_at is not None:
            value /= 10.0 ** chosen[place.scale_at]
        if place.type == "s16" and place.quantity.startswith("voltage") and 0x8000 < round(value) <= 0xFFFF:
            value -= 0x10000
        words[place.offset : place.offset + codec.size_of(place.type)] = codec.registers_of(place.type, value)
    return words


def _blank(model: int) -> list[int]:
    """The registers after the header with nothing implemented."""
    if model in FLOAT_MODELS:
        return [0x7FC0, 0] * (length(model) // 2)
    counters = [0] * (54 - 38)
    return [0x8000] * (38 - HEADER) + counters + [0x8000] + [0] * (length(model) + HEADER - 55)


def _may_be_unsupported(place: Place) -> bool:
    """An accumulator of 0 says "not accumulated"; that of the total is mandatory, so there 0 is 0 Wh."""
    return place.type == "u32" and place.quantity not in ("import_wh", "export_wh")


def _scaled(raw: float, word: int, optional: bool) -> float | None:
    scale: int = struct.unpack(">h", struct.pack(">H", word))[0]
    if scale == NO_SCALE and optional:
        scale = 0
    if scale not in SCALES:
        return None
    return float(raw * 10**scale if scale >= 0 else raw / 10**-scale)


def _is(who: Identity, vendor: str) -> bool:
    return who.vendor.casefold().startswith(vendor)


def _text(words: Sequence[int]) -> str:
    """A text in registers, ended by NUL or filled with blanks. What is not printable is left out."""
    raw = struct.pack(f">{len(words)}H", *words).split(b"\0")[0]
    return "".join(chr(byte) for byte in raw if 32 <= byte < 127).strip()


def _words(text: str, count: int) -> list[int]:
    raw = text.encode("ascii", "replace")[: 2 * count].ljust(2 * count, b"\0")
    return list(struct.unpack(f">{count}H", raw))
