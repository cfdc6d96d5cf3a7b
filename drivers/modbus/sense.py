"""What the points of a register map must be together, so that some meter could have and answer them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from drivers.interfaces import QUANTITIES
from drivers.modbus import plausibility
from drivers.modbus.rules import BadMap, Sheet

if TYPE_CHECKING:  # `registers` asks this module before it hands a map out
    from drivers.modbus.registers import Point, RegisterMap


def refuse_impossible(sheet: Sheet, of: RegisterMap) -> None:
    """Raise BadMap for points that no meter has, or none can answer."""
    owners: dict[tuple[int, int], tuple[int, str, Point]] = {}  # function, register -> value's start and type, point
    for number, point in enumerate(of.points):
        _refuse_point(sheet, number, point, of)
        if of.model.quantities.index(point.quantity) != number:
            sheet.refuse(number, "quantity", "stands twice; keep one of them")
        for register, (start, kind) in _registers(point):
            if any(low <= register <= high for low, high in of.holes):
                sheet.refuse(number, "address", f"lies in a hole at register {register}; correct one of them")
            owner = owners.setdefault((point.function, register), (start, kind, point))
            if owner[2] is not point or owner[:2] != (start, kind):
                _refuse_overlap(sheet, number, point, register, (start, kind), owner)
    _refuse_marks(sheet, of)
    _refuse_proof(sheet, of)


def _registers(point: Point) -> Iterator[tuple[int, tuple[int, str]]]:
    """Each register of a point, and the start and type of the value it is part of."""
    for start in point.starts:
        yield from ((start + i, (start, point.type)) for i in range(point.size))
    if point.scale_register is not None:
        yield point.scale_register, (point.scale_register, "scale")


def _refuse_overlap(
    sheet: Sheet, number: int, point: Point, register: int, value: tuple[int, str], owner: tuple[int, str, Point]
) -> None:
    """A value may be used twice where the map says that it is meant; half a value never."""
    whole = owner[:2] == value
    meant = value[1] == "scale" or point.again or point.plus or owner[2].again or owner[2].plus
    if not whole:
        key = "scale_register" if value[1] == "scale" else "address"
        sheet.refuse(number, key, f"overlaps {owner[2].quantity} at register {register}; correct one")
    if not meant:
        sheet.refuse(
            number, "address",
            f"overlaps {owner[2].quantity} at register {register}; correct one, or say again = true if it is both",
        )  # fmt: skip


def _refuse_point(sheet: Sheet, number: int, point: Point, of: RegisterMap) -> None:
    """Refuse one point that is impossible by itself."""
    first, end = point.spans
    if point.quantity not in QUANTITIES:
        sheet.refuse(number, "quantity", f"is unknown; use one of {', '.join(QUANTITIES)}")
    if point.unit != (unit := QUANTITIES[point.quantity]):
        sheet.refuse(number, "unit", f"must be {unit!r}; change it, and the scale with it")
    if len(set(point.starts)) != len(point.starts):
        sheet.refuse(number, "plus" if point.plus else "minus", "names a register twice; correct one")
    if end > 0x10000:
        sheet.refuse(number, "address", "ends behind register 65535; correct it (0-based, without 30001 or 40001)")
    if end - first > of.max_read:
        far = next(key for key in ("minus", "plus", "scale_register", "type") if _has(point, key))
        sheet.refuse(number, far, f"makes a span of {end - first} registers, max_read is {of.max_read}; correct one")
    if of.even and (point.size % 2 or point.scale_register is not None or any(start % 2 for start in point.starts)):
        sheet.refuse(number, "address", "must be even, and the type of even size, because the map says even")
    if point.scale < 0 and point.unit in ("V", "Hz", "Wh"):
        sheet.refuse(
            number, "scale", "must be above 0: only what flows has a direction; use absolute = true for counters"
        )


def _has(point: Point, key: str) -> bool:
    return getattr(point, key) not in (None, ())


def _refuse_marks(sheet: Sheet, of: RegisterMap) -> None:
    """Refuse a mark that nothing can match."""
    for number, mark in enumerate(of.identify):
        entry = sheet.data["identify"][number]
        if sum(key in entry for key in ("values", "range", "texts")) != 1:
            sheet.refuse(number, "proves", "needs exactly one of the keys values, range, texts", of="identify")
        if any(len(value) != mark.count for value in mark.values):
            sheet.refuse(
                number, "count", f"must be the number of registers in each value, not {mark.count}", of="identify"
            )


def _refuse_proof(sheet: Sheet, of: RegisterMap) -> None:
    """Insist that a map says whether its values can show that the model is right."""
    proves = any(quantity in plausibility.PROOFS for quantity in of.model.quantities)
    if proves and of.unprovable:
        sheet.refuse_key("unprovable", "is wrong: voltage L1 or frequency is among the registers; take it out")
    if not proves and not of.unprovable:
        sheet.refuse_key("registers", "hold neither voltage_l1_v nor frequency_hz; add one, or say unprovable = true")


def refuse_impossible_aliases(aliases: Mapping[str, Mapping[str, str]], names: Collection[str]) -> None:
    """Raise BadMap for another name of a model that there is no map for, or that is a map's own."""
    for name, entry in aliases.items():
        if entry["map"] not in names:
            raise BadMap(
                f"aliases.toml, alias {name}: key 'map' {entry['map']!r} is no map; use one of {', '.join(names)}."
            )
        if name in names:
            raise BadMap(
                f"aliases.toml, alias {name}: key 'map' is not needed: {name} has a map of its own; take it out."
            )
