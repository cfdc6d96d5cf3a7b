"""A card's number, written one way whatever reader read it: uppercase hex, two digits a byte.

Readers disagree: some type the number in decimal, some in hex, some the other
way round. `form` says what a reader types, `order` whether its bytes must be
turned round so that they equal what another reader says of the same card. All
of it is pure; what cannot be a card's number is `Unreadable`, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ORDERS = ("normal", "reversed")
FORMS = ("hex", "decimal", "facility")
BYTES = range(3, 11)  # from 24-bit Wiegand to a triple-size UID (ISO/IEC 14443-3: 4, 7 or 10)
DECIMAL_BYTES = ((10, 4), (13, 5), (17, 7))  # the most digits -> bytes: 2**32, 2**40 and 2**56 have so many
FACILITY_MAX, NUMBER_MAX = 0xFF, 0xFFFF  # of a 26-bit card
WIEGAND_BITS = (26, 34)
KEYS = "0123456789*#"  # Wiegand keypads send the place in this list


class Unreadable(ValueError):
    """What came cannot be a card's number or a key."""


def canonical(number: bytes, order: str = "normal") -> str:
    """The number of a card. Raises Unreadable: too short, too long, or what a blind reader says of every card."""
    if len(number) not in BYTES:
        raise Unreadable(f"{len(number)} bytes are no card number")
    if not any(number) or all(byte == 0xFF for byte in number):
        raise Unreadable("a number of only zeros or ones belongs to no card")
    return (number[::-1] if order == "reversed" else number).hex().upper()


def from_text(text: str, form: str = "hex", order: str = "normal") -> str:
    """The number of a card as a reader types it in one of FORMS. Raises Unreadable."""
    return canonical({"hex": _hex, "decimal": _decimal, "facility": _facility}[form](text.strip()), order)


def _hex(text: str) -> bytes:
    digits = re.sub(r"[ :\-]", "", text).removeprefix("0x")
    if not re.fullmatch(r"[0-9A-Fa-f]+", digits):
        raise Unreadable("no hex digits")
    return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))  # some leave out a leading zero


def _decimal(text: str) -> bytes:
    if not re.fullmatch(r"[0-9]+", text):
        raise Unreadable("no decimal digits")
    for digits, size in DECIMAL_BYTES:
        if len(text) <= digits and int(text) < 1 << 8 * size:
            return int(text).to_bytes(size, "big")
    raise Unreadable("a decimal number too large for a card")


def _facility(text: str) -> bytes:
    """Facility and number, `123,45678`, as printed on 26-bit cards."""
    found = re.fullmatch(r"([0-9]{1,3})[, .]([0-9]{1,5})|([0-9]{3})([0-9]{5})", text)
    if found is None:
        raise Unreadable("not facility,number")
    facility, number = (int(part) for part in found.groups() if part is not None)
    if facility > FACILITY_MAX or number > NUMBER_MAX:
        raise Unreadable("facility or number too large")
    return bytes([facility]) + number.to_bytes(2, "big")


def has_parity(bits: Sequence[int]) -> bool:
    """Tell whether the parity bits of a Wiegand card's frame are right."""
    half = len(bits) // 2
    return sum(bits[:half]) % 2 == 0 and sum(bits[half:]) % 2 == 1


def from_wiegand(bits: Sequence[int], order: str = "normal") -> str:
    """The number in a Wiegand frame of 26 or 34 bits: facility, then number. Raises Unreadable.

    The first bit makes the first half even, the last one the second half odd (SIA AC-01).
    """
    if len(bits) not in WIEGAND_BITS:
        raise Unreadable(f"{len(bits)} bits are no Wiegand card")
    if not has_parity(bits):
        raise Unreadable("parity")
    inner = bits[1:-1]
    return canonical(_number(inner).to_bytes(len(inner) // 8, "big"), order)


def key_of(bits: Sequence[int]) -> str:
    """The key in a burst of 4 bits, or of 8 whose first half is the complement. Raises Unreadable."""
    if len(bits) not in (4, 8):
        raise Unreadable(f"{len(bits)} bits are no key")
    value = _number(bits[-4:])
    if (len(bits) == 8 and _number(bits[:4]) != value ^ 0xF) or value >= len(KEYS):
        raise Unreadable("no key")
    return KEYS[value]


def _number(bits: Sequence[int]) -> int:
    return int("".join(map(str, bits)), 2)
