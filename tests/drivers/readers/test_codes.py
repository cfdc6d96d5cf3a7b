"""A card has one number, whatever reader reads it."""

from __future__ import annotations

import pytest

from drivers.readers import codes
from drivers.readers.codes import Unreadable


def bits(text: str) -> list[int]:
    """`1 0101` as bits."""
    return [int(sign) for sign in text if sign in "01"]


@pytest.mark.parametrize(
    ("form", "typed", "normal", "turned"),
    [
        ("hex", "04a1b2c3", "04A1B2C3", "C3B2A104"),
        ("hex", "04:A1:B2:C3:D4:E5:F6", "04A1B2C3D4E5F6", "F6E5D4C3B2A104"),
        ("hex", " 04 A1 B2 C3 ", "04A1B2C3", "C3B2A104"),
        ("hex", "0x04A1B2C3", "04A1B2C3", "C3B2A104"),
        ("hex", "4A1B2C3", "04A1B2C3", "C3B2A104"),  # a reader that leaves out the leading zero
        ("hex", "0B00C5D20F", "0B00C5D20F", "0FD2C5000B"),
        ("hex", "01020304050607080910", "01020304050607080910", "10090807060504030201"),
        ("decimal", "0077705923", "04A1B2C3", "C3B2A104"),
        ("decimal", "77705923", "04A1B2C3", "C3B2A104"),
        ("decimal", "4294967294", "FFFFFFFE", "FEFFFFFF"),
        ("decimal", "0000000001", "00000001", "01000000"),
        ("decimal", "0047257604623", "0B00C5D20F", "0FD2C5000B"),
        ("decimal", "01303689068602870", "04A1B2C3D4E5F6", "F6E5D4C3B2A104"),
        ("facility", "123,45678", "7BB26E", "6EB27B"),
        ("facility", "12345678", "7BB26E", "6EB27B"),
        ("facility", "1,2", "010002", "020001"),
    ],
)
def test_what_readers_type_is_one_number(form: str, typed: str, normal: str, turned: str) -> None:
    assert codes.from_text(typed, form) == normal
    assert codes.from_text(typed, form, "reversed") == turned


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        ("hex", ""), ("hex", "04G1B2C3"), ("hex", "0102"), ("hex", "0102030405060708091011"), ("hex", "٠٤٠١٠٢٠٣"),
        ("hex", "00000000"), ("hex", "FFFFFFFF"), ("decimal", ""), ("decimal", "04A1B2C3"), ("decimal", "-5"),
        ("decimal", "0000000000"), ("decimal", "1" * 18), ("decimal", "9" * 17), ("decimal", "12345²78"),
        ("facility", "256,1"), ("facility", "1,65536"), ("facility", "1234567"), ("facility", "123;45678"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_never_guessed(form: str, typed: str) -> None:
    with pytest.raises(Unreadable):
        codes.from_text(typed, form)


def test_a_decimal_number_too_large_for_ten_digits_of_four_bytes_is_five_bytes() -> None:
    assert codes.from_text("4294967296", "decimal") == "0100000000"


@pytest.mark.parametrize("size", range(3, 11))
def test_every_size_of_number_keeps_its_leading_zeros(size: int) -> None:
    assert codes.canonical(bytes(size - 1) + b"\x01") == "00" * (size - 1) + "01"


@pytest.mark.parametrize(
    ("frame", "number"),
    [
        # 26 bits by hand: facility 123 = 01111011, number 45678 = 1011001001101110; first half 01111011 1011 holds
        # 9 ones, so the first bit is 1; second half 001001101110 holds 6, so the last bit is 1
        ("1 01111011 1011001001101110 1", "7BB26E"),
        ("0 00000000 0000000000000001 0", "000001"),
        # 34 bits: 04A1B2C3; first half 0000010010100001 holds 4 ones, second 1011001011000011 holds 8
        ("0 0000010010100001 1011001011000011 1", "04A1B2C3"),
    ],
)
def test_a_wiegand_frame_is_facility_and_number(frame: str, number: str) -> None:
    assert codes.from_wiegand(bits(frame)) == number
    assert codes.from_wiegand(bits(frame), "reversed") == bytes.fromhex(number)[::-1].hex().upper()


@pytest.mark.parametrize("flipped", range(34))
def test_any_flipped_bit_of_a_wiegand_frame_is_noticed(flipped: int) -> None:
    frame = bits("0 0000010010100001 1011001011000011 1")
    frame[flipped] ^= 1
    with pytest.raises(Unreadable, match="parity"):
        codes.from_wiegand(frame)


@pytest.mark.parametrize("length", [*range(26), *range(27, 34), 35, 36, 64])
def test_other_lengths_are_no_wiegand_card(length: int) -> None:
    with pytest.raises(Unreadable, match=f"{length} bits"):
        codes.from_wiegand([1] * length)


@pytest.mark.parametrize(("key", "value"), [(key, place) for place, key in enumerate("0123456789*#")])
def test_a_key_is_four_bits_or_eight_with_their_complement(key: str, value: int) -> None:
    four = bits(f"{value:04b}")
    assert codes.key_of(four) == key
    assert codes.key_of([1 - bit for bit in four] + four) == key
    with pytest.raises(Unreadable):
        codes.key_of(four + four)


@pytest.mark.parametrize("burst", ["1100", "1111", "1", "10101", "0000 1111 0"])
def test_other_bursts_are_no_key(burst: str) -> None:
    with pytest.raises(Unreadable):
        codes.key_of(bits(burst))
