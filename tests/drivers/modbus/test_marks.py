"""Registers that name a model, and what is printed on a meter."""

from __future__ import annotations

import pytest

from drivers.modbus import codec, marks, registers
from drivers.modbus.marks import Identify, Label


def test_a_mark_is_one_of_its_values_and_nothing_else() -> None:
    code = Identify("EM24", 3, 11, 1, values=((71,), (72,)))
    assert marks.identifies(code, [71]) and marks.identifies(code, (72,))
    assert not marks.identifies(code, [73]) and not marks.identifies(code, []) and not marks.identifies(code, [71, 0])
    assert code.example == (71,)


@pytest.mark.parametrize("text", ["B23 112-100", "b23", "B24 x"])
def test_a_text_begins_with_one_of_its_texts_however_it_is_written(text: str) -> None:
    mark = Identify("ABB", 3, 35168, 6, texts=("B23", "B24"))
    assert mark.identifies(codec.words_of(text, 6))
    assert not mark.identifies(codec.words_of("A43 B23", 6))
    assert not mark.identifies([0] * 6)
    assert mark.identifies(mark.example)


def test_a_range_of_values_is_all_of_them() -> None:
    mark = marks.identify_of({"proves": "EM340", "address": 11, "range": [330, 346]}, 3)
    assert len(mark.values) == 17
    assert mark.identifies([330]) and mark.identifies([346]) and not mark.identifies([329])
    assert not mark.identifies([347])


@pytest.mark.parametrize(
    ("label", "words", "said"),
    [
        (Label("serial", 3, 0, 2, "u32"), [1, 2], "65538"),
        (Label("serial", 3, 0, 2, "u32", "little"), [2, 1], "65538"),
        (Label("serial", 3, 0, 2, "hex"), [0x1506, 0x0001], "15060001"),
        (Label("firmware", 3, 0, 1, "u16"), [770], "770"),
        (Label("serial", 3, 0, 4, "text"), [0x4142, 0x3132, 0x2000, 0], "AB12"),
        (Label("serial", 3, 0, 2, "text", "little"), [0x4142, 0x3132], "AB12"),
        (Label("serial", 3, 0, 2, "text"), [0, 0], ""),
    ],
)
def test_a_label_is_text_for_people(label: Label, words: list[int], said: str) -> None:
    assert label.text(words) == said


def test_labels_take_the_registers_their_type_needs() -> None:
    sdm630 = registers.load("eastron-sdm630")
    (serial,) = sdm630.labels
    assert (serial.name, serial.function, serial.address, serial.count) == ("serial", 3, 64512, 2)
    assert sdm630.function == 4
    assert [label.count for label in registers.load("abb-b21").labels] == [2, 8, 6]
