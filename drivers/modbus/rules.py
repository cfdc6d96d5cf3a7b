"""The rules a register map's file keeps, and the errors that say which one it breaks.

Only form is judged here: keys, their types and bounds, one register a line.
What the points mean together is judged by `registers`.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from drivers.modbus.codec import TYPES

TRANSPORTS = ("tcp", "rtu", "rtutcp")
BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
PARITIES = ("N", "E", "O")


class BadMap(ValueError):
    """A register map breaks a rule. The message names file, line, key and remedy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a key's value must be, in words and as a test."""

    words: str
    holds: Callable[[Any], bool]
    needed: bool = True


def _whole(low: int, high: int) -> Rule:
    return Rule(f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def _one_of(*allowed: object) -> Rule:
    return Rule(f"one of {', '.join(map(repr, allowed))}", lambda value: value in allowed and type(value) is not bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) and text.strip() for text in value)


def _is_hole(value: object) -> bool:
    return (
        isinstance(value, list)
        and [type(end) for end in value] == [int, int]
        and 0 <= value[0] <= value[1] <= 0xFFFF
    )  # fmt: skip


def _are_marks(value: object) -> bool:
    """Tell whether `value` is a table type -> bit patterns as hexadecimal text of the type's length."""
    return isinstance(value, dict) and all(
        kind in TYPES and _is_texts(marks) and all(re.fullmatch(f"[0-9A-F]{{{4 * TYPES[kind][1]}}}", m) for m in marks)
        for kind, marks in value.items()
    )


TEXT = Rule("a text", lambda value: isinstance(value, str) and bool(value.strip()))
TEXTS = Rule("a list of texts", _is_texts)
FLAG = Rule("true or false", lambda value: type(value) is bool)
ADDRESS = _whole(0, 0xFFFF)

MAP_RULES: Mapping[str, Rule] = {
    "vendor": TEXT,
    "title": TEXT,
    "transports": Rule(f"a list from {TRANSPORTS}", lambda value: _is_texts(value) and set(value) <= set(TRANSPORTS)),
    "unit": _whole(1, 247),
    "baud": _one_of(*BAUDS),
    "parity": _one_of(*PARITIES),
    "tested": FLAG,
    "function": _one_of(3, 4),
    "word_order": _one_of("big", "little"),
    "max_read": _whole(1, 125),
    "even": Rule(FLAG.words, FLAG.holds, needed=False),
    "gap_ms": _whole(0, 1000),
    "holes": Rule(
        "a list of [first, last] registers", lambda value: isinstance(value, list) and all(map(_is_hole, value)), False
    ),
    "invalid": Rule('a table like { u32 = ["FFFFFFFF"] }', _are_marks, needed=False),
    "source": TEXTS,
    "notes": Rule(TEXTS.words, TEXTS.holds, needed=False),
    "registers": Rule(
        "a list of registers, one a line",
        lambda value: isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value),
    ),
}
POINT_RULES: Mapping[str, Rule] = {
    "quantity": TEXT,
    "address": ADDRESS,
    "type": _one_of(*TYPES),
    "scale": Rule(
        "a number above 0", lambda value: type(value) in (int, float) and math.isfinite(value) and value > 0
    ),
    "unit": Rule("a text", lambda value: isinstance(value, str)),
    "minus": Rule(ADDRESS.words, ADDRESS.holds, needed=False),
    "slow": Rule(FLAG.words, FLAG.holds, needed=False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A map's file whose form is right; `refuse` says where its meaning is not."""

    file: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]

    def refuse(self, number: int, key: str, what: str) -> NoReturn:
        """Raise BadMap for a key of the register `number` (from 0)."""
        entry = self.data["registers"][number]
        value = f" {entry[key]!r}" if key in entry else ""
        name = entry.get("quantity", "without quantity")
        raise BadMap(f"{self.file}, line {self._entry_line(number)}, register {name}: key {key!r}{value} {what}.")

    def refuse_key(self, key: str, what: str) -> NoReturn:
        """Raise BadMap for a key of the whole map."""
        line = next((n for n, text in enumerate(self.lines, 1) if re.match(rf"\s*{re.escape(key)}\s*=", text)), 1)
        raise BadMap(f"{self.file}, line {line}: key {key!r} {what}.")

    def entry_lines(self) -> list[int]:
        """The lines on which a register begins."""
        return [n for n, text in enumerate(self.lines, 1) if re.match(r"\s*\{", text)]

    def _entry_line(self, number: int) -> int | str:
        found = self.entry_lines()
        return found[number] if number < len(found) else "?"


def read(file: str, text: str) -> Sheet:
    """A map's file of which each key is known and possible. Raises BadMap."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{file}: {error}.") from error
    sheet = Sheet(file, tuple(text.splitlines()), data)
    _check(data, MAP_RULES, sheet.refuse_key)
    if len(sheet.entry_lines()) != len(data["registers"]):
        sheet.refuse_key("registers", "must hold one register a line; split or join lines")
    for number, entry in enumerate(data["registers"]):
        _check(entry, POINT_RULES, partial(sheet.refuse, number))
    return sheet


def _check(entry: Mapping[str, object], by: Mapping[str, Rule], refuse: Callable[[str, str], NoReturn]) -> None:
    for key in entry:
        if key not in by:
            refuse(key, f"is unknown; allowed are {', '.join(by)}")
    for key, rule in by.items():
        if key not in entry:
            if rule.needed:
                refuse(key, f"is missing; it is {rule.words}")
        elif not rule.holds(entry[key]):
            refuse(key, f"must be {rule.words}")
