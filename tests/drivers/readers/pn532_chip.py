"""A PN532 as seen from its wires: frames in, frames out, on UART, SPI and I2C (NXP UM0701-02).

It reads frames by itself, not with the driver's parser, and is as strict as the
chip: it sleeps until it is woken, does nothing before SAMConfiguration, and
without a limit of tries it looks for a card for ever.
"""

from __future__ import annotations

import errno
from collections import deque

ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
NOT_UNDERSTOOD = bytes.fromhex("0000ff01ff7f8100")


def frame(data: bytes) -> bytes:
    """An information frame from the chip."""
    body = b"\xd5" + data
    return b"\x00\x00\xff" + bytes([len(body), 256 - len(body)]) + body + bytes([(256 - sum(body) % 256) % 256, 0])


class Pn532Chip:
    """One chip, and what a test may do to it."""

    def __init__(self, *, asleep: bool = True) -> None:
        self.card = b""
        self.deaf = False
        self.broken = 0  # so many answers leave with a wrong check sum
        self.refused = 0  # so many frames are answered by NACK
        self.noise = b""  # before the next answer
        self.firmware = b"\x32\x01\x06\x07"
        self.looks = 0
        self._asleep, self._set_up, self._limited = asleep, False, False
        self._rest = b""
        self._last = b""

    def take(self, data: bytes) -> list[bytes]:
        """What the host sends; what the chip answers, frame by frame."""
        if self.deaf:
            return []
        if self._asleep and b"\x55\x55" in data:
            self._asleep = False
        self._rest += b"" if self._asleep else data
        answers: list[bytes] = []
        while (body := self._body()) is not None:
            answers += self._react(body)
        return answers

    def _body(self) -> bytes | None:
        """The next frame's kind or body: ACK, NACK, or what follows LCS."""
        at = self._rest.find(b"\x00\x00\xff")
        if at < 0 or len(self._rest) < at + 6:
            return None
        for sign in (ACK, NACK):
            if self._rest[at : at + 6] == sign:
                self._rest = self._rest[at + 6 :]
                return sign
        length = self._rest[at + 3]
        if len(self._rest) < at + 7 + length:
            return None
        whole = self._rest[at : at + 7 + length]
        self._rest = self._rest[at + 7 + length :]
        assert (length + whole[4]) % 256 == 0, "the host's LCS is wrong"
        assert sum(whole[5 : 6 + length]) % 256 == 0, "the host's DCS is wrong"
        assert whole[5] == 0xD4 and whole[-1] == 0, "no frame of a host"
        return whole[6 : 5 + length]

    def _react(self, body: bytes) -> list[bytes]:
        if body == ACK:  # the host gives up
            return []
        if body == NACK:
            return [self._leaving(self._last)]
        if self.refused:
            self.refused -= 1
            return [NACK]
        answer = self._obey(body)
        if answer is None:
            return [ACK]
        self._last = NOT_UNDERSTOOD if answer == b"" else frame(answer)
        return [ACK, self._leaving(self._last)]

    def _obey(self, body: bytes) -> bytes | None:
        """The answer to a command; empty when it is not understood, None when there is none yet."""
        match body[0], list(body[1:]):
            case 0x14, [0x01, *_]:
                self._set_up = True
                return b"\x15"
            case 0x02, []:
                return b"\x03" + self.firmware
            case 0x32, [0x05, _, _, tries]:
                self._limited = tries != 0xFF
                return b"\x33"
            case 0x4A, [0x01, 0x00] if self._set_up:
                self.looks += 1
                if not self.card:
                    return b"\x4b\x00" if self._limited else None
                sens = b"\x00\x04" if len(self.card) == 4 else b"\x00\x44"
                return b"\x4b\x01\x01" + sens + b"\x08" + bytes([len(self.card)]) + self.card
        return b""

    def _leaving(self, answer: bytes) -> bytes:
        noise, self.noise = self.noise, b""
        if self.broken:
            self.broken -= 1
            answer = answer[:-2] + bytes([answer[-2] ^ 0xFF, 0])
        return noise + answer


def turned(data: bytes) -> bytes:
    """Every byte with its lowest bit first."""
    return bytes(sum((byte >> place & 1) << 7 - place for place in range(8)) for byte in data)


class OnSpi:
    """The chip behind spidev: it says whether it has an answer, and gives it when read."""

    def __init__(self, chip: Pn532Chip) -> None:
        self.chip = chip
        self.there = True
        self._ready: deque[bytes] = deque()

    def __call__(self, _path: str, _hz: int) -> OnSpi:
        """Open it, as `Spi` is."""
        if not self.there:
            raise OSError(errno.ENOENT, "No such file or directory")
        self._ready.clear()
        return self

    def transfer(self, data: bytes) -> bytes:
        """One chip select."""
        if not self.there:
            raise OSError(errno.ENODEV, "No such device")
        kind, rest = turned(data[:1]), turned(data[1:])
        answer = bytes(len(rest))
        if kind == b"\x01":
            self._ready.extend(self.chip.take(rest))
        elif kind == b"\x02":
            answer = bytes([bool(self._ready)])
        elif kind == b"\x03" and self._ready:
            answer = self._ready.popleft().ljust(len(rest), b"\0")[: len(rest)]
        return b"\0" + turned(answer)

    def close(self) -> None:
        """Nothing is held."""


class OnI2c:
    """The kernel's side of /dev/i2c-1 with the chip on it: `os` and `fcntl` of the link's module."""

    O_RDWR = O_CLOEXEC = 0

    def __init__(self, chip: Pn532Chip) -> None:
        self.chip = chip
        self.there = True
        self.addresses: list[tuple[int, int, int]] = []
        self.closed = 0
        self._ready: deque[bytes] = deque()

    def open(self, path: str, _flags: int) -> int:
        assert path == "/dev/i2c-1"
        self._ready.clear()
        return 77

    def ioctl(self, fd: int, request: int, value: int) -> None:
        self.addresses.append((fd, request, value))

    def write(self, fd: int, data: bytes) -> int:
        self._acknowledge(fd)
        self._ready.extend(self.chip.take(data))
        return len(data)

    def read(self, fd: int, size: int) -> bytes:
        """A byte that says whether there is an answer, then the answer if more is read."""
        self._acknowledge(fd)
        if size == 1 or not self._ready:
            return bytes([bool(self._ready)]).ljust(size, b"\0")
        return (b"\x01" + self._ready.popleft()).ljust(size, b"\0")[:size]

    def close(self, fd: int) -> None:
        self.closed += fd == 77

    def _acknowledge(self, fd: int) -> None:
        assert fd == 77
        if not self.there:
            raise OSError(errno.ENXIO, "No such device or address")
