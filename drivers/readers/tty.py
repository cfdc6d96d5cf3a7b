"""A serial port opened for one reader, its bytes handed on as they come.

Everything pyserial is in here. The port is locked, so that no two readers ever
share one by mistake.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import serial

from drivers.interfaces import DriverError
from drivers.readers import faults
from drivers.readers.arrivals import Watch


class Tty:
    """One open port: 8 data bits, no parity, 1 stop bit."""

    def __init__(
        self, device: str, baud: int, on_bytes: Callable[[bytes], None], on_end: Callable[[DriverError], None]
    ) -> None:
        """Open and lock it. Raises DriverError(`unplugged`, `unavailable`)."""
        self._device = device
        try:
            port = serial.Serial(device, baud, timeout=0, exclusive=True)
        except ValueError as error:
            raise faults.unavailable(device, error) from error
        except OSError as error:  # what pyserial raises is one
            raise faults.of(device, error) from error
        self._fd: int = port.fileno()
        self._watch = Watch(self._fd, on_bytes, lambda error: on_end(faults.of(device, error)), port.close)

    def write(self, data: bytes) -> None:
        """Send. Raises DriverError(`unplugged`) when the port is gone or takes nothing."""
        try:
            if os.write(self._fd, data) != len(data):
                raise faults.unplugged(self._device)
        except OSError as error:
            raise faults.unplugged(self._device) from error

    def close(self) -> None:
        """Let go of the port. Never raises."""
        self._watch.close()
