"""Linux's spidev, spoken to directly: one transfer is one ioctl (linux/spi/spidev.h).

The buffers are arrays, which tell their address: ctypes would want memory that
can be written and executed, which the service is not given.
"""

from __future__ import annotations

import fcntl
import os
import struct
from array import array

TRANSFER = struct.Struct(
    "=QQIIHBBBBBB"
)  # tx, rx, length, speed, delay, bits, cs_change, tx_nbits, rx_nbits, delay, pad
SPI_IOC_MESSAGE_1 = 0x40206B00  # _IOW('k', 0, char[32])
SPI_IOC_WR_MODE = 0x40016B01  # _IOW('k', 1, __u8)
BITS = 8


class Spi:
    """One chip on the bus, mode 0."""

    def __init__(self, path: str, hz: int) -> None:
        """Open it. Raises OSError."""
        self._hz = hz
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(self._fd, SPI_IOC_WR_MODE, b"\0")
        except OSError:
            os.close(self._fd)
            raise

    def transfer(self, data: bytes) -> bytes:
        """Send and receive as many bytes. Raises OSError."""
        out, back = array("B", data), array("B", bytes(len(data)))
        fcntl.ioctl(
            self._fd, SPI_IOC_MESSAGE_1,
            TRANSFER.pack(out.buffer_info()[0], back.buffer_info()[0], len(data), self._hz, 0, BITS, 0, 0, 0, 0, 0),
        )  # fmt: skip
        return back.tobytes()

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)
