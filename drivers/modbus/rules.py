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

TRANSPORTS = ("tcp", "udp", "rtu", "rtutcp")
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


def _are_ranges(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_hole, value))


def _are_entries(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _is_address(value: object) -> bool:
    return type(value) is int and 0 <= value <= 0xFFFF


def _are_addresses(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_address, value))


def _are_words(value: object) -> bool:
    """Tell whether `value` lists registers, or lists of registers."""
    return isinstance(value, list) and bool(value) and all(_is_address(one) or _are_addresses(one) for one in value)


def _is_scale(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value) and value != 0


def _optional(rule: Rule) -> Rule:
    return Rule(rule.words, rule.holds, needed=False)


TEXT = Rule("a text", lambda value: isinstance(value, str) and bool(value.strip()))
TEXTS = Rule("a list of texts", _is_texts)
FLAG = Rule("true or false", lambda value: type(value) is bool)
ADDRESS = _whole(0, 0xFFFF)
FUNCTION = _one_of(3, 4)
COUNT = _whole(1, 125)

MAP_RULES: Mapping[str, Rule] = {
    "vendor": TEXT,
    "title": TEXT,
    "transports": Rule(f"a list from {TRANSPORTS}", lambda value: _is_texts(value) and set(value) <= set(TRANSPORTS)),
    "unit": _whole(1, 247),
    "baud": _one_of(*BAUDS),
    "parity": _one_of(*PARITIES),
    "tested": FLAG,
    "function": FUNCTION,
    "word_order": _one_of("big", "little"),
    "max_read": COUNT,
    "even": _optional(FLAG),
    "gap_ms": _whole(0, 1000),
    "unprovable": _optional(FLAG),
    "holes": Rule("a list of [first, last] registers", _are_ranges, needed=False),
    "invalid": Rule('a table like { u32 = ["FFFFFFFF"] }', _are_marks, needed=False),
    "source": TEXTS,
    "notes": _optional(TEXTS),
    "identify": Rule("a list of marks, one a line", _are_entries, needed=False),
    "labels": Rule("a list of labels, one a line", _are_entries, needed=False),
    "registers": Rule("a list of registers, one a line", _are_entries),
}
POINT_RULES: Mapping[str, Rule] = {
    "quantity": TEXT,
    "address": ADDRESS,
    "type": _one_of(*TYPES),
    "scale": Rule("a number that is not 0", _is_scale),
    "unit": Rule("a text", lambda value: isinstance(value, str)),
    "function": _optional(FUNCTION),
    "minus": _optional(ADDRESS),
    "plus": Rule("a list of addresses", _are_addresses, needed=False),
    "scale_register": _optional(ADDRESS),
    "absolute": _optional(FLAG),
    "alone": _optional(FLAG),
    "again": _optional(FLAG),
    "slow": _optional(FLAG),
}
MARK_RULES: Mapping[str, Rule] = {
    "proves": TEXT,
    "address": ADDRESS,
    "function": _optional(FUNCTION),
    "count": _optional(COUNT),
    "values": Rule("a list of registers", _are_words, needed=False),
    "range": Rule("the [first, last] of its values", _is_hole, needed=False),
    "texts": _optional(TEXTS),
}
LABEL_RULES: Mapping[str, Rule] = {
    "name": _one_of("model", "serial", "firmware", "hardware"),
    "address": ADDRESS,
    "type": _one_of("u16", "u32", "hex", "text"),
    "function": _optional(FUNCTION),
    "count": _optional(COUNT),
}
LISTS: Mapping[str, tuple[Mapping[str, Rule], str, str]] = {  # key -> rules, which key names an entry, what it is
    "registers": (POINT_RULES, "quantity", "register"),
    "identify": (MARK_RULES, "proves", "mark"),
    "labels": (LABEL_RULES, "name", "label"),
}
ALIAS_RULES: Mapping[str, Rule] = {"map": TEXT, "vendor": TEXT, "title": TEXT}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A map's file whose form is right; `refuse` says where its meaning is not."""

    file: str
    lines: tuple[str, ...]
    data: Mapping[str, Any]

    def refuse(self, number: int, key: str, what: str, of: str = "registers") -> NoReturn:
        """Raise BadMap for a key of the entry `number` (from 0) of one of the `LISTS`."""
        _, named_by, kind = LISTS[of]
        entry = self.data[of][number]
        value = f" {entry[key]!r}" if key in entry else ""
        name = entry.get(named_by, f"without {named_by}")
        raise BadMap(f"{self.file}, line {self._entry_line(of, number)}, {kind} {name}: key {key!r}{value} {what}.")

    def refuse_key(self, key: str, what: str) -> NoReturn:
        """Raise BadMap for a key of the whole map."""
        raise BadMap(f"{self.file}, line {self._key_line(key)}: key {key!r} {what}.")

    def entry_lines(self, of: str) -> list[int]:
        """The lines on which an entry of one of the `LISTS` begins."""
        begin = self._key_line(of)
        following = range(begin + 1, len(self.lines) + 1)
        end = next((n for n in following if self.lines[n - 1].startswith("]")), len(self.lines) + 1)
        return [n for n in range(begin + 1, end) if re.match(r"\s*\{", self.lines[n - 1])]

    def _key_line(self, key: str) -> int:
        return next((n for n, text in enumerate(self.lines, 1) if re.match(rf"\s*{re.escape(key)}\s*=", text)), 1)

    def _entry_line(self, of: str, number: int) -> int | str:
        found = self.entry_lines(of)
        return found[number] if number < len(found) else "?"


def read(file: str, text: str) -> Sheet:
    """A map's file of which each key is known and possible. Raises BadMap."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{file}: {error}.") from error
    sheet = Sheet(file, tuple(text.splitlines()), data)
    _check(data, MAP_RULES, sheet.refuse_key)
    for key, (by, _, kind) in LISTS.items():
        if len(sheet.entry_lines(key)) != len(data.get(key, ())) and key in data:
            sheet.refuse_key(key, f"must hold one {kind} a line; split or join lines")
        for number, entry in enumerate(data.get(key, ())):
            _check(entry, by, partial(sheet.refuse, number, of=key))
    return sheet


def read_aliases(file: str, text: str) -> Mapping[str, Mapping[str, str]]:
    """Other names of models: name -> map, vendor, title. Raises BadMap."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{file}: {error}.") from error
    for name, entry in data.items():
        sheet = Sheet(file, tuple(text.splitlines()), data)
        if not isinstance(entry, dict):
            sheet.refuse_key(name, "must be a table [name] with the keys map, vendor, title")
        _check(entry, ALIAS_RULES, partial(_refuse_alias, sheet, name))
    return data


def _refuse_alias(sheet: Sheet, name: str, key: str, what: str) -> NoReturn:
    line = next((n for n, text in enumerate(sheet.lines, 1) if text.strip() == f"[{name}]"), 1)
    raise BadMap(f"{sheet.file}, line {line}, alias {name}: key {key!r} {what}.")


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
