"""How cards are told apart in a stream of bytes: lines, STX…ETX with a check sum, or bursts.

Each framer is fed what comes and gives what ended: a card's number, or the
`Unreadable` that says why it is none. `idle` is called when nothing came for
`idle_s`; what has not ended by then never will.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, reduce
from operator import xor
from typing import Protocol

from drivers.readers import codes
from drivers.readers.codes import Unreadable

STX, ETX = b"\x02", b"\x03"
FRAME_MAX = 64  # bytes; the longest card's number has 20 digits
Ended = str | Unreadable


class Framer(Protocol):
    """One way to tell cards apart."""

    idle_s: float

    def feed(self, received: bytes) -> list[Ended]: ...

    def idle(self) -> list[Ended]: ...


def framer_of(frame: str, code: str, order: str) -> Framer:
    """The framer for the options of a serial reader's address."""
    if frame == "stx":
        return Checked(order)
    if frame == "raw":
        return Bursts(order)
    return Lines(code, order)


def _read(read: Callable[[], str]) -> Ended:
    try:
        return read()
    except Unreadable as error:
        return error


class Lines:
    """A number in ASCII, ended by CR or LF; with `pause_ends` also by a pause."""

    idle_s = 0.2

    def __init__(self, code: str, order: str, *, pause_ends: bool = False) -> None:
        self._code, self._order, self._pause_ends = code, order, pause_ends
        self._rest = b""

    def feed(self, received: bytes) -> list[Ended]:
        """The lines that ended. Control characters around a number are left out."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + received)
        if len(self._rest) > FRAME_MAX:
            self._rest = b""
            lines.append(b"\xff")  # no number
        return [self._number(line) for line in lines if line.strip(b"\0\x02\x03 ")]

    def idle(self) -> list[Ended]:
        """A line without end."""
        rest, self._rest = self._rest.strip(b"\0\x02\x03 "), b""
        if not rest:
            return []
        return [self._number(rest) if self._pause_ends else Unreadable("a line without end")]

    def _number(self, line: bytes) -> Ended:
        text = line.strip(b"\0\x02\x03 ").decode("ascii", "replace")
        return _read(partial(codes.from_text, text, self._code, self._order))


class Checked:
    """STX, hex digits whose last byte is the XOR of the others, ETX: RDM6300 and ID-12.

    The ID-12 puts CR LF before its ETX (ID-12LA data sheet, ASCII format); it does not count.
    """

    idle_s = 0.2

    def __init__(self, order: str) -> None:
        self._order = order
        self._rest = b""

    def feed(self, received: bytes) -> list[Ended]:
        """The frames that ended; noise between them is left out, noise in them spoils them."""
        self._rest += received
        ended: list[Ended] = []
        while ETX in self._rest:
            frame, _, self._rest = self._rest.partition(ETX)
            ended.append(self._number(frame.rpartition(STX)[2] if STX in frame else b""))
        if len(self._rest) > FRAME_MAX:
            self._rest = b""
            ended.append(Unreadable("no frame"))
        return ended

    def idle(self) -> list[Ended]:
        """A frame without end, or noise."""
        rest, self._rest = self._rest, b""
        return [Unreadable("no frame")] if rest.strip(b"\0\r\n") else []

    def _number(self, frame: bytes) -> Ended:
        digits = frame.strip(b"\r\n")
        if not re.fullmatch(rb"(?:[0-9A-Fa-f]{2})+", digits):
            return Unreadable("no frame")
        *number, check = bytes.fromhex(digits.decode())
        if reduce(xor, number, 0) != check:
            return Unreadable("check sum")
        return _read(partial(codes.canonical, bytes(number), self._order))


class Bursts:
    """The bytes of a number, nothing around them; a pause ends them."""

    idle_s = 0.05

    def __init__(self, order: str) -> None:
        self._order = order
        self._rest = b""

    def feed(self, received: bytes) -> list[Ended]:
        """Nothing ends while bytes come."""
        self._rest = (self._rest + received)[: FRAME_MAX + 1]
        return []

    def idle(self) -> list[Ended]:
        """What came in one go."""
        rest, self._rest = self._rest, b""
        return [_read(partial(codes.canonical, rest, self._order))] if rest else []
