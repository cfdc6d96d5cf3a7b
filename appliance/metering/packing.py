"""A series of whole numbers in as few bytes as the standard library can make of it.

Differences, or distances from the mean where those are smaller; a byte each,
and what does not fit a byte behind them, its bytes shuffled; then deflate, or
LZMA where that is smaller (noise that fills the byte).
What was not measured is kept apart in a bitmap, so that it is never a number.
Why this and not something else: docs/decisions/009-how-history-is-kept.md.

Layout: version and flags, decimals, mean or first value, count; bitmap with its
length where something is missing; the squeezed bytes.
"""

from __future__ import annotations

import logging
import lzma
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import sub

log = logging.getLogger("wattward.metering")

VERSION = 1
BY_DIFFERENCE, WITH_BITMAP, WIDE, BY_LZMA = 1, 2, 4, 8  # flags in the low half of the first byte
MIDDLE, ESCAPE = 128, 255  # byte of the number 0; byte of a number that stands behind
LOWEST, HIGHEST = -MIDDLE, ESCAPE - MIDDLE - 1
MOST_VALUES = 86400  # of a series: a day of seconds
SMALL_BYTES = 40  # below this no other way is tried
NOISY_BYTES = 0.55  # a value; only above this LZMA is ever smaller
LZMA = [{"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 0, "lp": 0, "pb": 0}]  # a value says nothing of the next


@dataclass(frozen=True, slots=True)
class Series:
    """What was packed: whole steps of 10 to the power of minus `decimals`; None where nothing was measured."""

    steps: list[int | None]
    decimals: int

    def values(self) -> list[float | None]:
        """In units instead of steps."""
        if not self.decimals:
            return [None if step is None else float(step) for step in self.steps]
        divisor = 10**self.decimals
        return [None if step is None else step / divisor for step in self.steps]


def pack(steps: Sequence[int | None], decimals: int) -> bytes | None:
    """Pack a series; None when there is no value in it."""
    known = [step for step in steps if step is not None]
    if not known:
        return None
    flags, base, body = _smallest(known)
    bitmap = b""
    if len(known) < len(steps):
        flags |= WITH_BITMAP
        bitmap = _deflate(_bits(steps))
        bitmap = _varint(len(bitmap)) + bitmap
    head = bytes([VERSION << 4 | flags, decimals]) + _varint(_folded(base)) + _varint(len(steps))
    return head + bitmap + body


def unpack(packed: bytes) -> Series:
    """Inverse of `pack`. Raises ValueError for a layout this program does not know, and for what is spoiled."""
    try:
        return _unpack(packed)
    except (zlib.error, lzma.LZMAError, struct.error, EOFError, IndexError, StopIteration) as error:
        raise ValueError(f"a packed series that is spoiled ({error})") from error


def sound(packed: bytes) -> Series | None:
    """What was packed; None where the card spoiled it, which counts as not measured."""
    try:
        return unpack(packed)
    except ValueError as error:
        log.warning("a stretch of history is left out: %s", error)
        return None


def _unpack(packed: bytes) -> Series:
    version, flags, decimals = packed[0] >> 4, packed[0] & 15, packed[1]
    if version != VERSION:
        raise ValueError(f"a packed series of version {version}")
    folded, at = _read_varint(packed, 2)
    count, at = _read_varint(packed, at)
    if not 0 < count <= MOST_VALUES:
        raise ValueError(f"a packed series of {count} values")
    if not flags & WITH_BITMAP:
        numbers = _numbers(packed[at:], flags, _unfolded(folded), count)
        return Series([next(numbers) for _ in range(count)], decimals)
    length, at = _read_varint(packed, at)
    there = int.from_bytes(zlib.decompress(packed[at : at + length], wbits=-15), "little")
    numbers = _numbers(packed[at + length :], flags, _unfolded(folded), there.bit_count())
    return Series([next(numbers) if there >> i & 1 else None for i in range(count)], decimals)


def _smallest(known: Sequence[int]) -> tuple[int, int, bytes]:
    """Flags, base and body of whichever way takes fewest bytes."""
    wide, raw = _raw([0, *map(sub, known[1:], known)])
    found = (BY_DIFFERENCE | wide, known[0], _deflate(raw))
    if len(found[2]) < SMALL_BYTES:
        return found
    mean = sum(known) // len(known)
    wide, distances = _raw([step - mean for step in known])
    body = _deflate(distances)
    if len(body) < len(found[2]):
        found, raw = (wide, mean, body), distances
    if len(found[2]) < NOISY_BYTES * len(known):
        return found
    body = lzma.compress(raw, format=lzma.FORMAT_RAW, filters=LZMA)
    return (found[0] | BY_LZMA, found[1], body) if len(body) < len(found[2]) else found


def _raw(numbers: Sequence[int]) -> tuple[int, bytes]:
    """Numbers in bytes, and the flag that says how wide those behind are."""
    small = bytes([number + MIDDLE if LOWEST <= number <= HIGHEST else ESCAPE for number in numbers])
    behind = [number for number in numbers if not LOWEST <= number <= HIGHEST]
    if not behind:
        return 0, small
    wide = WIDE if max(behind) >= 2**31 or min(behind) < -(2**31) else 0
    width = 8 if wide else 4
    raw = struct.pack(f"<{len(behind)}{'q' if wide else 'i'}", *behind)
    return wide, small + b"".join(raw[i::width] for i in range(width))


def _numbers(body: bytes, flags: int, base: int, count: int) -> Iterator[int]:
    """The numbers of a body, as they were."""
    if flags & BY_LZMA:
        raw = lzma.decompress(body, format=lzma.FORMAT_RAW, filters=LZMA)
    else:
        raw = zlib.decompress(body, wbits=-15)
    numbers: list[int] = [byte - MIDDLE for byte in raw[:count]]
    if len(raw) > count:
        behind = iter(_unshuffled(raw[count:], wide=bool(flags & WIDE)))
        numbers = [next(behind) if number == ESCAPE - MIDDLE else number for number in numbers]
    if flags & BY_DIFFERENCE:
        return accumulate(chain([base + numbers[0]], numbers[1:]))
    return iter([base + number for number in numbers])


def _unshuffled(planes: bytes, *, wide: bool) -> tuple[int, ...]:
    width = 8 if wide else 4
    count = len(planes) // width
    raw = bytearray(len(planes))
    for i in range(width):
        raw[i::width] = planes[i * count : (i + 1) * count]
    return struct.unpack(f"<{count}{'q' if wide else 'i'}", raw)


def _bits(steps: Sequence[int | None]) -> bytes:
    there = sum(1 << i for i, step in enumerate(steps) if step is not None)
    return there.to_bytes((len(steps) + 7) // 8, "little")


def _deflate(raw: bytes) -> bytes:
    """Z_FILTERED leaves out the short matches that noise offers: 3 % smaller than the default."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED)
    return squeeze.compress(raw) + squeeze.flush()


def _folded(number: int) -> int:
    """Without a sign: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unfolded(folded: int) -> int:
    return folded >> 1 if not folded & 1 else -(folded + 1 >> 1)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the highest bit: more to come."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _read_varint(packed: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while packed[at] > 127:
        number |= (packed[at] & 127) << shift
        shift, at = shift + 7, at + 1
    return number | packed[at] << shift, at + 1
