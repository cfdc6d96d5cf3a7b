"""A key fob or phone that lets its owner charge when it is near, and asked for.

Nothing is listened to until somebody at the point asks for it, and no longer
than asked: what passes by at other times is nobody's business and opens
nothing. Near means that several adverts in a row come with at least the wanted
strength; one strong echo is not enough.

An address or UUID in an advert can be copied by whoever hears it. It is as
good as a card's number, not better.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic

from drivers.interfaces import Presented
from drivers.readers import ble_radio
from drivers.readers.address import Address
from drivers.readers.arrivals import boottime_s
from drivers.readers.ble_radio import Advert

NEEDED = 3  # strong adverts of one tag
WITHIN_S = 5.0  # fobs advertise every 0.1 to 2 s


class Nearness:
    """Which of the wanted tags is near."""

    def __init__(self, tags: tuple[str, ...], rssi_dbm: int) -> None:
        self._strong_s: dict[str, deque[float]] = {tag: deque(maxlen=NEEDED) for tag in tags}
        self._rssi_dbm = rssi_dbm

    def hear(self, advert: Advert, at_s: float) -> str | None:
        """Take an advert at a monotonic time; the tag that is near now. A weak one begins anew."""
        for tag in advert.names & self._strong_s.keys():
            strong_s = self._strong_s[tag]
            if advert.rssi_dbm < self._rssi_dbm:
                strong_s.clear()
                continue
            strong_s.append(at_s)
            if len(strong_s) == NEEDED and at_s - strong_s[0] <= WITHIN_S:
                return tag
        return None


class TagReader:
    """Some tags, asked for by `ask` (drivers.interfaces.Reader and Askable)."""

    def __init__(self, address: Address) -> None:
        self._at = address
        self._until_s = 0.0
        self._asked = asyncio.Event()

    def ask(self, for_s: float) -> None:
        """Listen for so long, or until a tag is near; 0: stop."""
        self._until_s = monotonic() + for_s
        self._asked.set()

    async def open(self) -> None:
        """See that there is a radio, without listening. Raises DriverError(`unavailable`)."""
        await ble_radio.check(self._at)

    async def next(self) -> Presented:
        """Wait to be asked, then for a tag. Raises DriverError(`unavailable`)."""
        while True:
            if monotonic() >= self._until_s:
                self._asked.clear()
                await self._asked.wait()
                continue
            tag = await self._listen()
            if tag is not None:
                self._until_s = 0.0
                return Presented(tag, "ble", boottime_s())

    async def close(self) -> None:
        """Nothing is held while nobody asks."""
        self._until_s = 0.0

    async def _listen(self) -> str | None:
        """The tag that comes near before time is up or nobody wants it any more."""
        near: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        nearness = Nearness(self._at.tags, self._at.rssi_dbm)

        def hear(advert: Advert) -> None:
            tag = nearness.hear(advert, monotonic())
            if tag is not None and not near.done():
                near.set_result(tag)

        async with ble_radio.listening(self._at, hear):
            while not near.done() and (left_s := self._until_s - monotonic()) > 0:
                self._asked.clear()
                again = asyncio.ensure_future(self._asked.wait())
                try:
                    await asyncio.wait((near, again), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    again.cancel()
        return near.result() if near.done() else None
