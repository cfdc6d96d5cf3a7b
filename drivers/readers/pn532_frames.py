"""The frames a PN532 and its host exchange, on whatever wire (NXP UM0701-02, 6.2).

    00 | 00 FF | LEN LCS | TFI PD… | DCS | 00      LEN + LCS = 0, TFI + PD… + DCS = 0 (modulo 256)
    00   00 FF   00  FF    00                      ACK
    00   00 FF   FF  00    00                      NACK

Pure: bytes in, answers out. What is no frame is skipped; what is a broken one
is BROKEN.
"""

from __future__ import annotations

from enum import Enum

TO_CHIP, FROM_CHIP = 0xD4, 0xD5  # TFI
ACK_FRAME = bytes.fromhex("0000ff00ff00")
NACK_FRAME = bytes.fromhex("0000ffff0000")
START = b"\x00\xff"
ANSWER_MAX = 64  # bytes of the longest frame that is asked for here: one card, and more than that


class Sign(Enum):
    """An answer that carries no data."""

    ACK = "ack"
    NACK = "nack"
    BROKEN = "broken"  # also the chip's own error frame: it did not understand


def build(data: bytes) -> bytes:
    """The frame around a command and its parameters."""
    body = bytes([TO_CHIP]) + data
    return b"\x00" + START + bytes([len(body), -len(body) & 0xFF]) + body + bytes([-sum(body) & 0xFF, 0x00])


class Parser:
    """Finds answers in what comes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[bytes | Sign]:
        """The answers that are complete now; of a frame with data what follows its TFI."""
        self._rest += received
        found: list[bytes | Sign] = []
        while (answer := self._next()) is not None:
            found.append(answer)
        return found

    def _next(self) -> bytes | Sign | None:
        at = self._rest.find(START)
        if at < 0:
            self._rest = self._rest[-1:]  # it may be the first half of a start
            return None
        head = self._rest[at + 2 : at + 4]
        if len(head) < 2:
            return None
        if head in (b"\x00\xff", b"\xff\x00"):
            self._rest = self._rest[at + 4 :]
            return Sign.NACK if head[0] else Sign.ACK
        length, check = head
        if (length + check) & 0xFF:
            self._rest = self._rest[at + 2 :]
            return Sign.BROKEN
        body = self._rest[at + 4 : at + 5 + length]
        if len(body) <= length:
            return None
        self._rest = self._rest[at + 5 + length :]
        return body[1:-1] if sum(body) & 0xFF == 0 and body[0] == FROM_CHIP else Sign.BROKEN
