"""How a card of ISO/IEC 14443 A is woken, told apart and put to sleep: the bytes, not the radio."""

from __future__ import annotations

from functools import reduce
from operator import xor

from drivers.readers.codes import Unreadable

WAKE_UP = b"\x52"  # WUPA, 7 bits: also wakes a card that sleeps
HALT = b"\x50\x00"
SELECT = (0x93, 0x95, 0x97)  # one per cascade level
ALL_BITS, NO_BITS = 0x70, 0x20  # NVB: the whole number is known, nothing is
CASCADE_TAG = 0x88
NOT_COMPLETE = 0x04  # in SAK: another level follows


def crc_a(data: bytes) -> bytes:
    """CRC_A, low byte first (ISO/IEC 14443-3, annex B)."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte ^= byte << 4 & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return crc.to_bytes(2, "little")


def with_crc(data: bytes) -> bytes:
    """What is sent with its CRC_A."""
    return data + crc_a(data)


def checked_part(answer: bytes) -> bytes:
    """The four bytes of one cascade level. Raises Unreadable when their check byte is wrong."""
    if len(answer) != 5 or reduce(xor, answer):
        raise Unreadable("check byte")
    return answer[:4]


def checked_sak(answer: bytes) -> int:
    """SAK. Raises Unreadable when its CRC is wrong."""
    if len(answer) != 3 or crc_a(answer[:1]) != answer[1:]:
        raise Unreadable("check sum")
    return answer[0]
