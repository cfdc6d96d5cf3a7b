"""An MFRC522 register by register, with ISO 14443 A cards in its field (NXP MFRC522 data sheet; ISO/IEC 14443-3).

It answers only when everything is set up that the real one needs: antenna,
modulation, CRC preset and timer. Its cards compute check sums by themselves.
"""

from __future__ import annotations

import errno

DEFAULTS = {0x14: 0x80, 0x37: 0x92, 0x11: 0x3F, 0x04: 0x14}


def crc(data: bytes) -> bytes:
    """CRC_A bit by bit: x16 + x12 + x5 + 1, reflected, beginning at 6363."""
    value = 0x6363
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return bytes([value & 0xFF, value >> 8])


class Card:
    """One card and what it does with frames."""

    def __init__(self, number: bytes) -> None:
        self.number = number
        self.state = "idle"
        self.spoilt = False
        self._level = 0
        parts = [number[at : at + 3] for at in range(0, len(number) - 4, 3)]
        self._parts = [b"\x88" + part for part in parts] + [number[-4:]]

    def hear(self, frame: bytes, last_bits: int) -> bytes:
        """Its answer, empty when it keeps quiet."""
        if last_bits == 7:
            wakes = (frame == b"\x52" and self.state in ("idle", "halt")) or (frame == b"\x26" and self.state == "idle")
            self.state = "ready" if wakes else "idle" if self.state != "halt" else "halt"
            self._level = 0
            return b"\x04\x00" if wakes else b""
        if frame == b"\x50\x00" + crc(b"\x50\x00"):
            self.state = "halt"
            return b""
        if self.state != "ready":
            return b""
        part = self._parts[self._level]
        check = part[0] ^ part[1] ^ part[2] ^ part[3]
        select = bytes([0x93 + 2 * self._level])
        if frame == select + b"\x20":
            return part + bytes([check ^ self.spoilt])
        chosen = select + b"\x70" + part + bytes([check])
        if frame == chosen + crc(chosen):
            last = self._level == len(self._parts) - 1
            self._level += 1
            self.state = "active" if last else "ready"
            sak = b"\x08" if last else b"\x04"
            return sak + crc(sak)
        self.state = "idle"
        return b""


class Rc522Chip:
    """The chip behind spidev, as `Spi` is."""

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.there = True  # the device file
        self.alive = True  # the chip on it
        self.stuck = False  # it takes orders and never finishes
        self.resets = 0
        self.reset()

    def __call__(self, path: str, _hz: int) -> Rc522Chip:
        """Open it."""
        assert path == "/dev/spidev0.0"
        if not self.there:
            raise OSError(errno.ENOENT, "No such file or directory")
        return self

    def close(self) -> None:
        """Nothing is held."""

    def reset(self) -> None:
        """Power up, or soft reset."""
        self._registers = dict(DEFAULTS)
        self._fifo = b""

    def transfer(self, data: bytes) -> bytes:
        """One chip select: address and value."""
        if not self.there:
            raise OSError(errno.ENODEV, "No such device")
        address, value = data
        if not self.alive:
            return b"\0\0"
        register = address >> 1 & 0x3F
        if address & 0x80:
            return bytes([0, self._read(register)])
        self._write(register, value)
        return b"\0\0"

    def _read(self, register: int) -> int:
        if register == 0x09:
            byte, self._fifo = self._fifo[:1], self._fifo[1:]
            return byte[0] if byte else 0
        if register == 0x0A:
            return len(self._fifo)
        return self._registers.get(register, 0)

    def _write(self, register: int, value: int) -> None:
        if register == 0x09:
            self._fifo += bytes([value])
        elif register == 0x0A:
            self._fifo = b"" if value & 0x80 else self._fifo
        elif register == 0x04:
            assert not value & 0x80, "only clearing is expected"
            self._registers[4] &= ~value
        elif (register, value) == (0x01, 0x0F):
            self.resets += 1
            self.reset()
        else:
            self._registers[register] = value
            if register == 0x0D and value & 0x80 and self._registers.get(0x01) == 0x0C:
                self._send(value & 0x07)

    def _send(self, last_bits: int) -> None:
        frame, self._fifo = self._fifo, b""
        if self.stuck:
            return
        is_set_up = self._registers[0x14] & 0x03 == 0x03 and self._registers.get(0x15) == 0x40
        field = self.cards if is_set_up and self._registers[0x11] & 0x03 == 0x01 else []
        answers = [answer for card in field if (answer := card.hear(frame, last_bits))]
        self._registers[0x06] = 0
        if not answers:
            has_timer = self._registers.get(0x2A, 0) & 0x80 and self._registers.get(0x2D, 0)
            self._registers[0x04] |= 0x01 if has_timer else 0
            return
        if len(set(answers)) > 1:
            self._registers[0x06] = 0x08  # a collision
        self._fifo = answers[0]
        self._registers[0x04] |= 0x20
