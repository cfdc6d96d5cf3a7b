"""Hear on a line only what can be the answer to the request in flight.

An ear is told each frame that goes out and is shown all bytes that came in
since; it lets through the one complete answer, or nothing yet. What comes
while no request is in flight is dropped: on RTU, where frames bear no number,
a late answer would be taken for the next one.

RTU: an adapter's echo of the request, and noise before the answer, are cut
off. TCP: frames with another transaction id or unit are left out. So nothing
reaches pymodbus that it would stumble over.

The answer to a written coil is the request itself. Whether a line echoes is
known from what was read on it before; so a coil is read before it is written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

WRITE_COIL = 5
READ_BITS = (1, 2)
RTU_CHECK = 2  # bytes
RTU_EXCEPTION = 5  # unit, function | 0x80, code, CRC (2); an answer has its count of bytes in place of the code
EXCEPTIONS = range(1, 12)  # codes of the protocol
GLITCH = 2  # bytes that switching the driver on and off may feign
MBAP = 7  # transaction (2), protocol (2), length (2), unit
LONGEST_MBAP_LENGTH = 254  # unit and 253 bytes of PDU


class Ear:
    """What both framings have in common. `trace` is what pymodbus calls with each frame out and in."""

    def __init__(self) -> None:
        self._asked = b""
        self.heard_at = 0.0  # time.monotonic() of the last byte
        self.noise = False  # more than a glitch was heard since the request went out
        self.stray = False  # more than a glitch was heard while nothing was awaited; who asks for it puts it back
        self.echoes = False  # the line repeats what is sent

    def trace(self, sending: bool, data: bytes) -> bytes:
        """Note a frame that goes out; let through of the bytes that came in what answers it."""
        if sending:
            self._asked, self.noise = data, False
            return data
        self.noise, self.heard_at = len(data) > GLITCH, time.monotonic()
        self.stray |= self.noise and not self._asked
        return self.answer_in(data) if self._asked else b""

    def deafen(self) -> None:
        """No request is in flight any more."""
        self._asked = b""

    def answer_in(self, data: bytes) -> bytes:
        """The complete answer in `data`, or nothing."""
        raise NotImplementedError


class RtuEar(Ear):
    """Frames without numbers, told apart by unit, function and length."""

    def answer_in(self, data: bytes) -> bytes:
        """See Ear."""
        asked = self._asked
        echo = data.startswith(asked) or asked.startswith(data)
        if echo and (asked[1] != WRITE_COIL or self.echoes):
            data = data[len(asked) :]  # an adapter that hears itself
        found = next((frame for frame in self._candidates(data) if crc(frame[:-2]) == frame[-2:]), b"")
        if found and asked[1] != WRITE_COIL:
            self.echoes = echo
        return found

    def _candidates(self, data: bytes) -> Iterator[bytes]:
        """What begins and is as long as the answer must: so a late one for another count does not pass.

        Characters come one by one: while what begins as the answer is not yet as long, there is nothing to look for.
        """
        asked = self._asked
        begin, size = _answer_to(asked[1:-RTU_CHECK])
        begin, whole = asked[:1] + begin, 1 + size + RTU_CHECK
        if len(data) < whole and data.startswith(begin):
            return
        refusal = bytes([asked[0], asked[1] | 0x80])
        at = data.find(asked[:1])
        while 0 <= at <= len(data) - RTU_EXCEPTION:
            if data.startswith(begin, at) and at + whole <= len(data):
                yield data[at : at + whole]
            elif data.startswith(refusal, at) and data[at + 2] in EXCEPTIONS:
                yield data[at : at + RTU_EXCEPTION]
            at = data.find(asked[:1], at + 1)


class TcpEar(Ear):
    """Frames with a transaction id."""

    def answer_in(self, data: bytes) -> bytes:
        """See Ear."""
        asked = self._asked
        at = 0
        while at + MBAP < len(data):
            length = int.from_bytes(data[at + 4 : at + 6], "big")
            if data[at + 2 : at + 4] != b"\0\0" or not 3 <= length <= LONGEST_MBAP_LENGTH:
                return b""  # not Modbus; nothing after it can be believed
            frame = data[at : at + 6 + length]
            if len(frame) < 6 + length:
                return b""
            if frame[:2] == asked[:2] and frame[6] == asked[6] and _answers(frame[7:], asked[7:]):
                return frame
            at += len(frame)
        return b""


def _answer_to(asked: bytes) -> tuple[bytes, int]:
    """How the answer to a PDU begins, and how long it is (Modbus Application Protocol V1.1b3, 6.1 to 6.5)."""
    if asked[0] == WRITE_COIL:
        return asked, len(asked)
    count = int.from_bytes(asked[3:5], "big")
    held = (count + 7) // 8 if asked[0] in READ_BITS else 2 * count
    return bytes([asked[0], held & 0xFF]), 2 + held


def _answers(pdu: bytes, asked: bytes) -> bool:
    """Tell whether a PDU refuses what was asked, or answers it: registers as many as it says."""
    if pdu[0] == asked[0] | 0x80:
        return len(pdu) == 2
    if asked[0] == WRITE_COIL or asked[0] in READ_BITS:
        begin, size = _answer_to(asked)
        return pdu.startswith(begin) and len(pdu) == size
    return pdu[0] == asked[0] and pdu[1] % 2 == 0 and len(pdu) == 2 + pdu[1]


def crc(data: bytes) -> bytes:
    """The check of a frame on a serial line (Modbus over serial line V1.02, 6.2.2), low byte first."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return value.to_bytes(2, "little")


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC = [_crc_of(byte) for byte in range(256)]
