"""Read the touchscreen's own pictures: 8-bit RGB, as it writes them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


def pixels(path: Path) -> tuple[int, int, bytes]:
    """Width, height and RGB bytes of a PNG, top row first."""
    data, place, packed, width, height, channels = path.read_bytes(), 8, b"", 0, 0, 3
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) in {(8, 2), (8, 6)}
            channels = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            packed += body
        place += 12 + size
    raw = _unfilter(zlib.decompress(packed), width * channels, channels)
    if channels == 4:
        raw = b"".join(raw[i : i + 3] for i in range(0, len(raw), 4))
    return width, height, raw


def _unfilter(raw: bytes, stride: int, step: int) -> bytes:
    """Undo PNG's five row filters."""
    above, rows = bytearray(stride), []
    for start in range(0, len(raw), stride + 1):
        row = bytearray(raw[start + 1 : start + 1 + stride])
        kind = raw[start]
        for i in range(stride if kind else 0):
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            row[i] = (row[i] + _guess(kind, left, above[i], corner)) & 255
        rows.append(bytes(row))
        above = row
    return b"".join(rows)


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        nearest = left + up - corner
        return min((left, up, corner), key=lambda one: abs(nearest - one))
    return (0, left, up, (left + up) // 2)[kind]
