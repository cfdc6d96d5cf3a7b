"""Numbers in registers."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus import codec

BOUNDS = {
    "u16": (0, 2**16 - 1),
    "s16": (-(2**15), 2**15 - 1),
    "u32": (0, 2**32 - 1),
    "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**43),  # times 1000, a float still tells neighbours apart
    "s64": (-(2**43), 2**43),
}


@given(st.data(), st.sampled_from(sorted(BOUNDS)), st.sampled_from([0.001, 0.01, 0.1, 1, 10, 1000]))
def test_every_integer_comes_back_in_both_word_orders(data: st.DataObject, kind: str, scale: float) -> None:
    raw = data.draw(st.integers(*BOUNDS[kind]))
    for order in ("big", "little"):
        value = raw / round(1 / scale) if scale < 1 else raw * scale
        words = codec.registers_of(kind, value, scale, order)
        assert len(words) == codec.size_of(kind)
        assert codec.value_of(kind, words, scale, order) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(["big", "little"]))
def test_every_float_comes_back(value: float, order: str) -> None:
    assert codec.value_of("f32", codec.registers_of("f32", value, 1, order), 1, order) == value


def test_low_word_first_is_the_same_number_with_its_words_turned_round() -> None:
    assert codec.value_of("u32", [0x0001, 0x0002]) == 0x10002
    assert codec.value_of("u32", [0x0002, 0x0001], order="little") == 0x10002
    assert codec.value_of("u64", [4, 3, 2, 1], order="little") == 0x0001_0002_0003_0004


def test_tenths_are_divided_not_multiplied() -> None:
    assert codec.value_of("u32", [0, 2301], 0.1) == 230.1  # 2301 * 0.1 is 230.10000000000002
    assert codec.value_of("u16", [3], 0.3) == pytest.approx(0.9)  # no whole divisor: multiplied


def test_signed_numbers_are_negative() -> None:
    assert codec.value_of("s16", [0xFFFE]) == -2
    assert codec.value_of("s32", [0xFFFF, 0xFFFE], 0.001) == -0.002
    assert codec.value_of("s64", [0xFFFF] * 4) == -1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_no_number_is_not_available(value: float) -> None:
    assert codec.value_of("f32", codec.registers_of("f32", value)) is None


def test_a_marked_bit_pattern_is_not_available_and_its_neighbour_is() -> None:
    marks = (b"\xff\xff\xff\xff",)
    assert codec.value_of("u32", [0xFFFF, 0xFFFF], invalid=marks) is None
    assert codec.value_of("u32", [0xFFFF, 0xFFFE], invalid=marks) == 0xFFFF_FFFE
    assert codec.value_of("u32", [0xFFFF, 0xFFFF], order="little", invalid=marks) is None


@pytest.mark.parametrize(
    ("kind", "value"), [("u16", -1), ("u16", 70_000), ("s16", 32_768), ("f32", 1e39), ("u32", math.nan)]
)
def test_what_does_not_fit_is_refused(kind: str, value: float) -> None:
    with pytest.raises(struct.error):
        codec.registers_of(kind, value)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["big", "little"]))
def test_every_double_comes_back(value: float, order: str) -> None:
    assert codec.value_of("f64", codec.registers_of("f64", value, 1, order), 1, order) == value


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("t5", [0xFE00, 0x5996], 229.34),  # the maker's example: FE 00 59 96
        ("t5", [0xFD01, 0xE240], 123.456),
        ("t5", [0xFF00, 0x0974], 242.0),
        ("t5", [0x0200, 0x0005], 500.0),
        ("t6", [0xFDFE, 0x1DC0], -123.456),
        ("t6", [0xFFFF, 0xFFFF], -0.1),
    ],
)
def test_exponents_are_decimal_and_mantissas_may_be_negative(kind: str, words: list[int], value: float) -> None:
    assert codec.value_of(kind, words) == value


@given(st.floats(-8e9, 8e9), st.sampled_from(["big", "little"]))
def test_every_number_with_an_exponent_comes_back_to_six_digits(value: float, order: str) -> None:
    for kind, one in (("t6", value), ("t5", abs(value))):
        found = codec.value_of(kind, codec.registers_of(kind, one, 1, order), 1, order)
        assert found == pytest.approx(one, rel=1e-6, abs=1e-9)


def test_an_exponent_of_something_below_zero_needs_a_sign() -> None:
    with pytest.raises(struct.error):
        codec.registers_of("t5", -1.0)


def test_a_scale_below_zero_turns_the_sign_and_divides_as_exactly() -> None:
    assert codec.value_of("s32", [0, 2301], -0.1) == -230.1
    assert codec.registers_of("s32", -230.1, -0.1) == [0, 2301]
    assert codec.value_of("f32", codec.registers_of("f32", 5.5, -1), -1) == 5.5


def test_a_place_that_is_read_again_and_again_gives_the_same() -> None:
    take = codec.taker("s32", 40, 0.1, "little", (b"\x7f\xff\xff\xff",))
    assert take({40: 0x86A0, 41: 1, 42: 9}) == 10_000.0
    assert take({40: 0xFFFF, 41: 0x7FFF}) is None
    with pytest.raises(KeyError):
        take({40: 1})
    assert codec.taker("u16", 7)({7: 3}) == 3


def test_texts_are_two_characters_a_register_without_what_fills_them_up() -> None:
    assert codec.text_of([0x506F, 0x7765, 0x7200]) == "Power"
    assert codec.text_of(codec.words_of("Grüße", 4)) == "Gr??e"
    assert codec.words_of("SOCO", 3) == (0x534F, 0x434F, 0)
    assert codec.words_of("too long", 2) == (0x746F, 0x6F20)
    assert codec.text_of([]) == ""
