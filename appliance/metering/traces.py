"""The shape of a quarter hour: power in 10-second means, packed into some hundred bytes.

Whole watts, differences, bytes shuffled, zlib. A bin in which nothing was
measured stays empty and is told from zero by a bitmap that is only kept when a
bin is empty. Layout: version, bitmap?, bitmap, zlib(high bytes, low bytes).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

VERSION = 1
STEP_S = 10  # seconds of a bin
BINS = 900 // STEP_S
LIMIT_W = 100_000_000  # differences are 32 bit
BITMAP_BYTES = (BINS + 7) // 8


def pack(bins: Sequence[int | None]) -> bytes | None:
    """Pack `BINS` means in W; None when there is no value at all."""
    if not any(watts is not None for watts in bins):
        return None
    filled, last = [], 0
    for watts in bins:
        last = last if watts is None else max(-LIMIT_W, min(LIMIT_W, watts))
        filled.append(last)
    changes = [filled[0], *(b - a for a, b in zip(filled, filled[1:], strict=False))]
    raw = struct.pack(f">{BINS}i", *changes)
    shuffled = b"".join(raw[i::4] for i in range(4))
    bitmap = b""
    if None in bins:
        bitmap = sum(1 << i for i, watts in enumerate(bins) if watts is not None).to_bytes(BITMAP_BYTES, "little")
    return bytes([VERSION, len(bitmap)]) + bitmap + zlib.compress(shuffled, 9, wbits=-15)


def unpack(packed: bytes | None) -> list[int | None]:
    """Inverse of `pack`. Raises ValueError for a layout this program does not know."""
    if packed is None:
        return [None] * BINS
    version, bitmap_bytes = packed[0], packed[1]
    if version != VERSION:
        raise ValueError(f"trace of version {version}")
    shuffled = zlib.decompress(packed[2 + bitmap_bytes :], wbits=-15)
    raw = bytes(
        byte for four in zip(*(shuffled[i * BINS : (i + 1) * BINS] for i in range(4)), strict=True) for byte in four
    )
    there = int.from_bytes(packed[2 : 2 + bitmap_bytes], "little") if bitmap_bytes else (1 << BINS) - 1
    bins: list[int | None] = []
    last = 0
    for i, change in enumerate(struct.unpack(f">{BINS}i", raw)):
        last += change
        bins.append(last if there >> i & 1 else None)
    return bins
