"""A card reader that sends its cards over Bluetooth, on the Nordic UART service.

It is connected all the time, so one that loses its supply is noticed when the
connection breaks. Numbers are text; a line's end or a pause ends them.
"""

from __future__ import annotations

from drivers.interfaces import Presented
from drivers.readers import faults
from drivers.readers.address import Address
from drivers.readers.arrivals import Arrivals
from drivers.readers.ble_radio import Connection
from drivers.readers.frames import Lines
from drivers.readers.serial_line import Framed

NORDIC_UART_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"  # what the reader sends (nRF Connect SDK, NUS)


class BleReader:
    """One reader (drivers.interfaces.Reader)."""

    def __init__(self, address: Address) -> None:
        self._at = address
        self._arrivals = Arrivals()
        self._connection = Connection(address, self._lost)
        self._framed = self._new_framed()

    async def open(self) -> None:
        """Find and connect. Raises DriverError(`unplugged`, `unavailable`)."""
        await self.close()
        self._arrivals.start()
        self._framed = self._new_framed()
        await self._connection.open(self._at.device, NORDIC_UART_TX, self._framed.receive)

    async def next(self) -> Presented:
        """Wait for a card. Raises DriverError(`unplugged`, `garbled`)."""
        return await self._arrivals.next()

    async def close(self) -> None:
        """Disconnect."""
        self._framed.stop()
        await self._connection.close()

    def _new_framed(self) -> Framed:
        return Framed(self._at, Lines(self._at.code, self._at.order, pause_ends=True), self._arrivals)

    def _lost(self) -> None:
        self._arrivals.end(faults.unplugged(self._at))
