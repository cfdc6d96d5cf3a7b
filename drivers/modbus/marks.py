"""Registers by which a model is known, and those that say which one of its kind it is.

Marks are compared as they stand, register by register; nothing is scaled.
What is not there proves nothing: an answer is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.modbus import codec

TEXT = "text"


@dataclass(frozen=True, slots=True)
class Identify:
    """Registers, read by themselves, that hold one of `values` or begin with one of `texts` in this model only."""

    proves: str  # what people call the models that hold this
    function: int
    address: int
    count: int
    values: tuple[tuple[int, ...], ...] = ()
    texts: tuple[str, ...] = ()

    def identifies(self, words: Sequence[int]) -> bool:
        """Tell whether these registers are that model's."""
        if len(words) != self.count:
            return False
        text = codec.text_of(words).upper()
        return tuple(words) in self.values or any(text.startswith(begin.upper()) for begin in self.texts)

    @property
    def example(self) -> tuple[int, ...]:
        """Registers that it proves the model with."""
        return self.values[0] if self.values else codec.words_of(self.texts[0], self.count)


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on a meter, as its registers say it: `serial`, `firmware`, `hardware`."""

    name: str
    function: int
    address: int
    count: int
    type: str  # "text", "hex" (digits as they stand), "u16" or "u32"
    word_order: str = "big"

    def text(self, words: Sequence[int]) -> str:
        """What it says; "" for nothing."""
        if self.type == TEXT:
            return codec.text_of(words)
        ordered = words if self.word_order == "big" else words[::-1]
        if self.type == "hex":
            return "".join(f"{word:04X}" for word in ordered)
        number = codec.value_of(self.type, ordered)
        return "" if number is None else str(int(number))


def identifies(identify: Identify, registers: Sequence[int]) -> bool:
    """Tell whether `registers`, answered where `identify` says, prove its model."""
    return identify.identifies(registers)


def identify_of(entry: Mapping[str, Any], function: int) -> Identify:
    """A mark from its line in the map."""
    first, last = entry.get("range", (0, -1))
    values = tuple((value,) for value in range(first, last + 1))
    values += tuple(tuple(value) if isinstance(value, list) else (value,) for value in entry.get("values", ()))
    return Identify(
        entry["proves"], entry.get("function", function), entry["address"], entry.get("count", 1), values,
        tuple(entry.get("texts", ())),
    )  # fmt: skip


def label_of(entry: Mapping[str, Any], function: int, word_order: str) -> Label:
    """A label from its line in the map."""
    kind = entry["type"]
    count = entry.get("count", 2 if kind in ("u32", "hex") else 1)
    return Label(entry["name"], entry.get("function", function), entry["address"], count, kind, word_order)
