"""The three wires to a PN532: UART (HSU), I2C and SPI (NXP UM0701-02, 6.2; PN532/C1 data sheet, 8.3).

A link moves bytes and knows nothing of frames. On I2C and SPI the chip says
when it has an answer; on UART the answer just comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from drivers.interfaces import DriverError
from drivers.readers import faults
from drivers.readers.address import Address
from drivers.readers.spi import Spi
from drivers.readers.tty import Tty

WAKE = b"\x55\x55" + bytes(14)  # as long as the chip may need to wake (UM0701-02, 7.2.11)
I2C_SLAVE = 0x0703  # linux/i2c-dev.h
I2C_ADDRESS = 0x24
READY_PAUSE_S = 0.002
GRACE_S = 0.02  # for what had come in time while this program was busy
SPI_HZ = 1_000_000  # of 5 MHz
SPI_STATUS, SPI_WRITE, SPI_READ = 0x02, 0x01, 0x03
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))  # the chip sends its lowest bit first


class Link(Protocol):
    """A wire to the chip."""

    def open(self) -> None:
        """Raises DriverError(`unplugged`, `unavailable`)."""
        ...

    async def write(self, data: bytes) -> None:
        """Raises DriverError(`unplugged`)."""
        ...

    async def read(self, most: int, within_s: float) -> bytes:
        """Some bytes; with I2C and SPI `most`, padded. Raises TimeoutError, DriverError(`unplugged`)."""
        ...

    def forget(self) -> None:
        """What has come and was not read is of no interest any more."""
        ...

    def close(self) -> None:
        """Never raises."""
        ...


class Uart:
    """High speed UART, 115200 baud."""

    def __init__(self, address: Address) -> None:
        self._at = address
        self._tty: Tty | None = None
        self._received = b""
        self._end: DriverError | None = None
        self._news = asyncio.Event()

    def open(self) -> None:
        """Open the port."""
        self._received, self._end = b"", None
        self._tty = Tty(self._at.device, self._at.baud, self._receive, self._ended)
        self._write(WAKE)

    async def write(self, data: bytes) -> None:
        """Send at once."""
        self._write(data)

    async def read(self, most: int, within_s: float) -> bytes:
        """What has come, or what comes first."""
        for patience_s in (within_s, GRACE_S):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    return await self._some()
        raise TimeoutError

    def forget(self) -> None:
        """Drop what has come."""
        self._received = b""

    def close(self) -> None:
        """Let go of the port."""
        if self._tty is not None:
            self._tty.close()
            self._tty = None

    async def _some(self) -> bytes:
        while not self._received:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        received, self._received = self._received, b""
        return received

    def _write(self, data: bytes) -> None:
        if self._tty is None:
            raise faults.unplugged(self._at)
        self._tty.write(data)

    def _receive(self, received: bytes) -> None:
        self._received += received
        self._news.set()

    def _ended(self, error: DriverError) -> None:
        self._end = error
        self._news.set()


class Wire(Protocol):
    """A bus on which the chip is asked. All calls may block for milliseconds and raise OSError."""

    def open(self) -> None: ...

    def put(self, data: bytes) -> None: ...

    def get(self, most: int) -> bytes | None:
        """`most` bytes of its answer; None while it has none."""
        ...

    def close(self) -> None: ...


class Polled:
    """I2C or SPI. The bus is used in a thread, so that nobody waits for its bits."""

    def __init__(self, address: Address, wire: Wire) -> None:
        self._at, self._wire = address, wire

    def open(self) -> None:
        """Open the bus."""
        try:
            self._wire.open()
        except OSError as error:
            raise faults.of(self._at, error) from error

    async def write(self, data: bytes) -> None:
        """Send."""
        try:
            await asyncio.to_thread(self._wire.put, data)
        except OSError as error:  # on I2C: nobody acknowledges the address
            raise faults.unplugged(self._at) from error

    async def read(self, most: int, within_s: float) -> bytes:
        """An answer of `most` bytes, once there is one."""
        deadline = monotonic() + within_s
        while (found := await self._get(most)) is None:
            if monotonic() > deadline:
                raise TimeoutError
            await asyncio.sleep(READY_PAUSE_S)
        return found

    def forget(self) -> None:
        """Nothing comes without being asked for."""

    def close(self) -> None:
        """Let go of the bus."""
        with contextlib.suppress(OSError):
            self._wire.close()

    async def _get(self, most: int) -> bytes | None:
        try:
            return await asyncio.to_thread(self._wire.get, most)
        except OSError as error:
            raise faults.unplugged(self._at) from error


class I2c:
    """The chip at address 24 (hex); each answer begins with a byte that says whether it is one."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1

    def open(self) -> None:
        """Open the bus for this chip."""
        self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self._fd, I2C_SLAVE, I2C_ADDRESS)

    def put(self, data: bytes) -> None:
        """Send in one go."""
        os.write(self._fd, data)

    def get(self, most: int) -> bytes | None:
        """Ask whether it is ready, then read."""
        if not os.read(self._fd, 1)[0] & 1:
            return None
        return os.read(self._fd, 1 + most)[1:]

    def close(self) -> None:
        """Let go of the bus."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class SpiBus:
    """The chip on spidev; its bits come the other way round."""

    def __init__(self, path: str, device: Callable[[str, int], Spi] = Spi) -> None:
        self._path, self._device = path, device
        self._spi: Spi | None = None

    def open(self) -> None:
        """Open the bus; a first transfer wakes the chip."""
        self._spi = self._device(self._path, SPI_HZ)
        self._transfer(bytes([SPI_STATUS, 0]))

    def put(self, data: bytes) -> None:
        """Send in one go."""
        self._transfer(bytes([SPI_WRITE]) + data)

    def get(self, most: int) -> bytes | None:
        """Ask whether it is ready, then read."""
        if not self._transfer(bytes([SPI_STATUS, 0]))[1] & 1:
            return None
        return self._transfer(bytes([SPI_READ]) + bytes(most))[1:]

    def close(self) -> None:
        """Let go of the bus."""
        spi, self._spi = self._spi, None
        if spi is not None:
            spi.close()

    def _transfer(self, data: bytes) -> bytes:
        if self._spi is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._spi.transfer(data.translate(REVERSED)).translate(REVERSED)
