"""A contact sheet: many pictures of the touchscreen at half size on one PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

Picture = tuple[int, int, bytes]  # width, height, RGB, top row first
GAP = 12
PAPER = b"\x40"


def halved(picture: Picture) -> Picture:
    """Half as wide and high; each pixel is the mean of four."""
    width, height, raw = picture
    width, height = width - width % 2, height - height % 2
    stride = picture[0] * 3
    rows = [raw[y * stride : y * stride + width * 3] for y in range(height)]
    lines = b"".join(_mean(above, below) for above, below in zip(rows[::2], rows[1::2], strict=True))
    small = bytearray(len(lines) // 2)
    for channel in range(3):
        small[channel::3] = _mean(lines[channel::6], lines[channel + 3 :: 6])
    return width // 2, height // 2, bytes(small)


def _mean(one: bytes, other: bytes) -> bytes:
    """Byte by byte, all at once: the halves cannot run into each other."""
    mask = int.from_bytes(b"\xfe" * len(one), "big")
    both = ((int.from_bytes(one, "big") & mask) >> 1) + ((int.from_bytes(other, "big") & mask) >> 1)
    return both.to_bytes(len(one), "big")


def write(pictures: Sequence[Picture], path: Path, columns: int = 4) -> None:
    """All of them, side by side. They are of one size."""
    small = [halved(one) for one in pictures]
    width, height, _raw = small[0]
    across = columns * (width + GAP) + GAP
    empty = PAPER * (across * 3)
    rows = [empty] * GAP
    for begin in range(0, len(small), columns):
        line = small[begin : begin + columns]
        for y in range(height):
            row = b"".join(PAPER * (GAP * 3) + raw[y * width * 3 : (y + 1) * width * 3] for _w, _h, raw in line)
            rows.append(row.ljust(across * 3, PAPER))
        rows += [empty] * GAP
    save(path, across, len(rows), b"".join(rows))


def save(path: Path, width: int, height: int, raw: bytes) -> None:
    """Write an RGB picture as PNG."""
    lines = b"".join(b"\0" + raw[y * width * 3 : (y + 1) * width * 3] for y in range(height))
    parts = [
        _part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        _part(b"IDAT", zlib.compress(lines, 9)),
        _part(b"IEND", b""),
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def _part(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
