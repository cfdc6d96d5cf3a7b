"""A card reader on a serial port or a USB adapter that sends each card by itself.

It has no heartbeat: a reader that is unplugged from its adapter looks like one
that nobody uses. An adapter that is pulled is noticed at once.
"""

from __future__ import annotations

import asyncio

from drivers.interfaces import Presented
from drivers.readers import faults, frames
from drivers.readers.address import Address
from drivers.readers.arrivals import Arrivals
from drivers.readers.tty import Tty


class Framed:
    """Bytes that become cards: a framer, the clock for its pauses, and where the cards go."""

    def __init__(self, address: Address, framer: frames.Framer, arrivals: Arrivals) -> None:
        self._at, self._framer, self._arrivals = address, framer, arrivals
        self._pause: asyncio.TimerHandle | None = None

    def receive(self, received: bytes) -> None:
        """Take what came."""
        self.stop()
        self._tell(self._framer.feed(received))
        self._pause = asyncio.get_running_loop().call_later(self._framer.idle_s, self._idle)

    def stop(self) -> None:
        """Wait for no pause any more."""
        if self._pause is not None:
            self._pause.cancel()

    def _idle(self) -> None:
        self._tell(self._framer.idle())

    def _tell(self, ended: list[frames.Ended]) -> None:
        for one in ended:
            if isinstance(one, str):
                self._arrivals.put(one, "rfid")
            else:
                self._arrivals.complain(faults.garbled(self._at, one))


class SerialReader:
    """One reader on a serial port (drivers.interfaces.Reader)."""

    def __init__(self, address: Address) -> None:
        self._at = address
        self._arrivals = Arrivals()
        self._framed: Framed | None = None
        self._tty: Tty | None = None

    async def open(self) -> None:
        """Open the port. Raises DriverError(`unplugged`, `unavailable`)."""
        await self.close()
        self._arrivals.start()
        framer = frames.framer_of(self._at.frame, self._at.code, self._at.order)
        self._framed = Framed(self._at, framer, self._arrivals)
        self._tty = Tty(self._at.device, self._at.baud, self._framed.receive, self._arrivals.end)

    async def next(self) -> Presented:
        """Wait for a card. Raises DriverError(`unplugged`, `garbled`)."""
        return await self._arrivals.next()

    async def close(self) -> None:
        """Let go of the port."""
        if self._framed is not None:
            self._framed.stop()
        if self._tty is not None:
            self._tty.close()
            self._tty = None
