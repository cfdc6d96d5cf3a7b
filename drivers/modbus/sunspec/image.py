"""The registers of a SunSpec device that shows one of our meters.

From 40000 on: the mark, the common model, the meter as integers (201 or 203),
the same as floats (211 or 213), the end. All models of a kind are equally long,
so nothing moves when a meter turns out to have three phases. What has no value
now is marked as not implemented, never an old number; counters have no such
mark as integers and read 0, which the specification gives that meaning.

Power is positive where it comes from the grid, TotWhImp counts that; counters
are the meter's own, so resetting ours does not turn them back. Scale factors
stand still until a value needs a larger one.

Source: sunspec/models json/model_1.json, model_201.json … model_213.json; registers of layout.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drivers.interfaces import ServedMeter
from drivers.modbus import codec
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity

BASE = 40000
MARK = [0x5375, 0x6E53]  # "SunS"
END = [0xFFFF, 0]
VENDOR = "Wattward"
SINGLE, THREE = (201, 211), (203, 213)
SCALES = {6: -2, 15: -1, 17: -2, 22: 0, 27: 0, 32: 0, 37: -2, 54: 0}  # offset of a factor -> what a house needs
GREATEST = {"s16": 0x7FFF, "u32": 0xFFFFFFFE}
TOTAL_CURRENT_AT = 2  # sum of the phases
AVERAGE_VOLTAGE_AT = {"s16": 7, "f32": 10}
EVENTS_AT = 124  # in the float models, two registers of flags: none
PHASES = ("l1", "l2", "l3")


def registers(meter: ServedMeter, unit: int) -> list[int]:
    """All registers of the device from BASE on."""
    who = Identity(VENDOR, meter.name, meter.version, meter.serial)
    now = {quantity: value for quantity, value in meter.values.items() if value is not None}
    found = [*MARK, *layout.common(who, unit)]
    for model in _models(meter.values):
        found += _model(model, now)
    return found + END


def _models(quantities: Iterable[str]) -> tuple[int, int]:
    """Single-phase where nothing but the first phase is known of, else three-phase."""
    known = set(quantities)
    has_more = any(f"_{phase}_" in quantity for phase in PHASES[1:] for quantity in known)
    return SINGLE if known and not has_more else THREE


def _model(model: int, now: Mapping[str, float]) -> list[int]:
    scales = {at: _scale(model, at, usual, now) for at, usual in SCALES.items()}
    words = layout.encode(model, now, scales)
    kind = layout.places(model)[0].type
    phases = PHASES if model in THREE else PHASES[:1]
    amperes = [now[f"current_{phase}_a"] for phase in phases if f"current_{phase}_a" in now]
    volts = [now[f"voltage_{phase}_v"] for phase in phases if f"voltage_{phase}_v" in now]
    if len(amperes) == len(phases):
        _put(words, kind, TOTAL_CURRENT_AT, sum(amperes), scales[6])
    if volts:
        _put(words, kind, AVERAGE_VOLTAGE_AT[kind], sum(volts) / len(volts), scales[15])
    if kind == "f32":
        words[EVENTS_AT : EVENTS_AT + 2] = [0, 0]
    return words


def _put(words: list[int], kind: str, at: int, value: float, scale: int) -> None:
    if kind == "s16":
        value /= 10.0**scale
        if abs(value) > GREATEST[kind]:
            return
    words[at : at + codec.size_of(kind)] = codec.registers_of(kind, value)


def _scale(model: int, at: int, usual: int, now: Mapping[str, float]) -> int:
    """The scale factor at an offset: the usual one, or the least with which all its values fit."""
    scale = usual
    for place in layout.places(model):
        if place.scale_at != at or place.quantity not in now:
            continue
        value = abs(now[place.quantity]) * (100 if place.quantity.startswith("power_factor") else 1)
        while round(value / 10.0**scale) > GREATEST[place.type]:
            scale += 1
    return scale
