"""A reader of the simulated house: the same promises as a real one, over the house's socket.

Whatever the address says, cards come as the house's `present` words say. A
reader of tags hears them only while it is asked.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from drivers.interfaces import Presented, Reader
from drivers.readers import faults
from drivers.readers.address import Address
from drivers.readers.arrivals import boottime_s

ANSWER_S = 1.0  # a house that takes longer is gone


def reader(path: str, address: Address) -> Reader:
    """The reader at `address` of the house whose socket is at `path`."""
    return HouseTags(path, address) if address.kind == "ble-tag" else HouseReader(path, address)


class HouseReader:
    """One reader (drivers.interfaces.Reader)."""

    def __init__(self, path: str, address: Address) -> None:
        self._path, self._at = path, address
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        """Connect and listen. Raises DriverError(`unplugged`)."""
        await self.close()
        try:
            async with asyncio.timeout(ANSWER_S):
                self._wire = await asyncio.open_unix_connection(self._path)
                self._wire[1].write(f"reader listen {self._at.kind}:{self._place()}\n".encode())
                answer = await self._wire[0].readline()
        except OSError as error:  # TimeoutError is one
            raise faults.unplugged(self._at) from error
        if answer != b"ok\n":
            raise faults.unplugged(self._at)

    async def next(self) -> Presented:
        """Wait for somebody. Raises DriverError(`unplugged`, `garbled`)."""
        if self._wire is None:
            raise faults.unplugged(self._at)
        try:
            line = await self._wire[0].readline()
        except OSError as error:
            raise faults.unplugged(self._at) from error
        kind, _, code = line.decode().strip().partition(" ")
        if not kind:
            raise faults.unplugged(self._at)
        if not code:
            raise faults.garbled(self._at, kind)
        return Presented(code, kind, boottime_s())

    async def close(self) -> None:
        """Hang up."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire[1].close()

    def _place(self) -> str:
        """The address without spaces, which the house's words have none of."""
        return str(self._at).replace(" ", "")


class HouseTags(HouseReader):
    """A reader of tags (also drivers.interfaces.Askable)."""

    def __init__(self, path: str, address: Address) -> None:
        super().__init__(path, address)
        self._until_s = 0.0

    def ask(self, for_s: float) -> None:
        """Hear tags for so long, or until one came; 0: no more."""
        self._until_s = monotonic() + for_s

    async def next(self) -> Presented:
        """As any reader, but nobody is heard who was not asked for."""
        while True:
            found = await super().next()
            if found.kind == "ble" and found.code in self._at.tags and monotonic() < self._until_s:
                self._until_s = 0.0
                return found
