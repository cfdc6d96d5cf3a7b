"""An MFRC522 on SPI that looks for an ISO 14443 A card ten times a second (NXP MFRC522 data sheet, rev. 3.9).

Before each look the chip's version is read: a chip that is unplugged, or that
reset itself, is noticed at the next look. A card is read and put to sleep, and
woken again by the next look, so that one that stays is told again and again.
Two cards at once disturb each other and are nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol

from drivers.interfaces import Presented
from drivers.readers import codes, faults, iso14443
from drivers.readers.address import Address
from drivers.readers.arrivals import boottime_s
from drivers.readers.codes import Unreadable
from drivers.readers.spi import Spi

# data sheet, table 20
COMMAND, COM_IRQ, ERROR, FIFO_DATA, FIFO_LEVEL, BIT_FRAMING = 0x01, 0x04, 0x06, 0x09, 0x0A, 0x0D
MODE, TX_CONTROL, TX_ASK, T_MODE, T_PRESCALER, T_RELOAD_H, T_RELOAD_L = 0x11, 0x14, 0x15, 0x2A, 0x2B, 0x2C, 0x2D
VERSION = 0x37
IDLE, TRANSCEIVE, SOFT_RESET = 0x00, 0x0C, 0x0F  # 10.3
RX_IRQ, IDLE_IRQ, TIMER_IRQ, ALL_IRQS = 0x20, 0x10, 0x01, 0x7F  # 9.3.1.5
FLUSH, START_SEND, ANTENNA = 0x80, 0x80, 0x03
PROTOCOL_ERRORS = 0x1B  # buffer overflow, collision, parity, protocol (9.3.1.7)
NO_CHIP = (0x00, 0xFF)  # a bus that nobody drives
SET_UP = (
    (T_MODE,      0x80),  # the timer starts with the end of a transmission
    (T_PRESCALER, 0xA9),  # 13.56 MHz / (2 * 169 + 1) = 40 kHz: 25 us a step
    (T_RELOAD_H,  0x00),
    (T_RELOAD_L,  0xC8),  # 200 * 25 us = 5 ms; a card answers within 0.1 ms
    (TX_ASK,      0x40),  # 100 % ASK
    (MODE,        0x3D),  # CRC preset 6363, as type A has it
)  # fmt: skip
SPI_HZ = 1_000_000  # of 10 MHz
LOOK_S = 0.1
ANSWER_S = 0.1  # for the chip itself: its timer ends every exchange after 5 ms
STARTED_S = 0.05  # oscillator and soft reset (8.8.2)


class Bus(Protocol):
    """What the chip needs of spidev."""

    def transfer(self, data: bytes) -> bytes: ...

    def close(self) -> None: ...


class Rc522Reader:
    """One chip on SPI, perhaps with its reset line (drivers.interfaces.Reader)."""

    def __init__(
        self, address: Address, gpio: Any = None, bus: Callable[[str, int], Bus] = Spi  # noqa: ANN401 - RPi.GPIO
    ) -> None:  # fmt: skip
        self._at = address
        self._gpio = gpio
        self._open_bus = bus
        self._bus: Bus | None = None
        self._holds_line = False
        self._look_at_s = 0.0

    async def open(self) -> None:
        """Reset and set up the chip. Raises DriverError(`unplugged`, `silent`, `unavailable`)."""
        await self.close()
        try:
            await self._reset_line()
            self._bus = self._open_bus(self._at.device, SPI_HZ)
            self._write(COMMAND, SOFT_RESET)
            await asyncio.sleep(STARTED_S)
            self._check_version()
            self._set_up()
        except OSError as error:
            raise faults.of(self._at, error) from error

    async def next(self) -> Presented:
        """Look until there is a card. Raises DriverError(`unplugged`, `silent`, `garbled`)."""
        while True:
            await asyncio.sleep(max(0.0, self._look_at_s - monotonic()))
            self._look_at_s = monotonic() + LOOK_S
            try:
                self._check_version()
                number = await self._look()
                if number is not None:
                    return Presented(codes.canonical(number, self._at.order), "rfid", boottime_s())
            except Unreadable as error:
                raise faults.garbled(self._at, error) from error
            except OSError as error:
                raise faults.of(self._at, error) from error

    async def close(self) -> None:
        """Switch the field off and let go of the bus and the reset line."""
        bus = self._bus
        if bus is not None:
            with contextlib.suppress(OSError):
                self._write(TX_CONTROL, 0x80)
            self._bus = None
            with contextlib.suppress(OSError):
                bus.close()
        if self._holds_line:
            self._holds_line = False
            with contextlib.suppress(RuntimeError, ValueError, self._gpio.lgpio.error):
                self._gpio.cleanup(self._at.reset_line)

    async def _reset_line(self) -> None:
        """Pull the chip's reset line low for a moment, if it has one."""
        line, gpio = self._at.reset_line, self._gpio
        if line is None:
            return
        try:
            gpio.setwarnings(False)
            gpio.setmode(gpio.BCM)
            gpio.setup(line, gpio.OUT, initial=gpio.LOW)
            self._holds_line = True
            await asyncio.sleep(0.001)  # 100 ns would do (8.8.1)
            gpio.output(line, gpio.HIGH)
        except (RuntimeError, ValueError, gpio.lgpio.error) as error:
            raise faults.unavailable(self._at, error) from error
        await asyncio.sleep(STARTED_S)

    def _check_version(self) -> None:
        if self._read(VERSION) in NO_CHIP:
            raise faults.silent(self._at)

    def _set_up(self) -> None:
        for register, value in SET_UP:
            self._write(register, value)
        self._write(TX_CONTROL, self._read(TX_CONTROL) | ANTENNA)

    async def _look(self) -> bytes | None:
        """The number of the card in the field, if there is one. Raises Unreadable."""
        if self._read(T_RELOAD_L) != dict(SET_UP)[T_RELOAD_L]:
            self._set_up()  # the chip had no power for a moment
        if await self._exchange(iso14443.WAKE_UP, last_bits=7) is None:
            return None
        number = b""
        for select in iso14443.SELECT:
            answer = await self._exchange(bytes([select, iso14443.NO_BITS]))
            if answer is None:
                return None
            part = iso14443.checked_part(answer)
            chosen = bytes([select, iso14443.ALL_BITS]) + answer
            answer = await self._exchange(iso14443.with_crc(chosen))
            if answer is None:
                return None
            if not iso14443.checked_sak(answer) & iso14443.NOT_COMPLETE:
                await self._exchange(iso14443.with_crc(iso14443.HALT))
                return number + part
            if part[0] != iso14443.CASCADE_TAG:
                raise Unreadable("cascade")
            number += part[1:]
        raise Unreadable("a number without end")

    async def _exchange(self, data: bytes, last_bits: int = 0) -> bytes | None:
        """Send to the card; its answer, or None when there is none or several at once."""
        self._write(COMMAND, IDLE)
        self._write(COM_IRQ, ALL_IRQS)
        self._write(FIFO_LEVEL, FLUSH)
        for byte in data:
            self._write(FIFO_DATA, byte)
        self._write(COMMAND, TRANSCEIVE)
        self._write(BIT_FRAMING, START_SEND | last_bits)
        deadline = monotonic() + ANSWER_S
        while not (irqs := self._read(COM_IRQ)) & (RX_IRQ | IDLE_IRQ | TIMER_IRQ):
            if monotonic() > deadline:
                raise faults.silent(self._at)
            await asyncio.sleep(0.001)
        self._write(BIT_FRAMING, 0)
        if not irqs & RX_IRQ or self._read(ERROR) & PROTOCOL_ERRORS:
            return None
        return bytes(self._read(FIFO_DATA) for _ in range(self._read(FIFO_LEVEL)))

    def _read(self, register: int) -> int:
        return self._transfer(bytes([0x80 | register << 1, 0]))[1]  # 8.1.2.3

    def _write(self, register: int, value: int) -> None:
        self._transfer(bytes([register << 1, value]))

    def _transfer(self, data: bytes) -> bytes:
        if self._bus is None:
            raise faults.unplugged(self._at)
        return self._bus.transfer(data)
