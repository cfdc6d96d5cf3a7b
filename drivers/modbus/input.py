"""A contact at an input of a Modbus board, on a line that meters may share.

A task reads it every `LOOK_S`, while somebody asks for it; `is_closed` tells
what was read last, and None until the first answer. What could not be read for
`LOST_S` is not known.
"""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic

from drivers.interfaces import DriverError
from drivers.modbus import sharing
from drivers.modbus.bits import Bit
from drivers.modbus.bus import Bus, Question

LOOK_S = 1.0
LOST_S = 5.0
ALONE_S = 10.0  # the charging loop asks each second


class BoardInput:
    """One input (drivers.interfaces.Contact). To be used in the thread of a running event loop."""

    def __init__(self, at: Bit) -> None:
        self._at = at
        self._task: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._seen: bool | None = None
        self._seen_s = 0.0
        self._error: DriverError | None = None
        self._asked_s = 0.0

    def is_closed(self) -> bool | None:
        """As it was read last. Raises DriverError when it cannot be read."""
        self._asked_s = monotonic()
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()  # raises what nobody foresaw
        if self._task is None or self._task.done():
            self._seen, self._error = None, None
            self._looked.clear()
            self._task = asyncio.create_task(self._work())
        if self._seen is not None and monotonic() - self._seen_s <= LOST_S:
            return self._seen
        if self._error is not None:
            raise DriverError(self._error.code, self._error.message, **self._error.values)
        return None

    def release(self) -> None:
        """Look no more. Never raises."""
        self._asked_s = 0.0

    async def settled(self, within_s: float) -> None:
        """Wait until it was read, or could not be, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._looked.wait()

    async def _work(self) -> None:
        bus: Bus | None = None
        while monotonic() - self._asked_s <= ALONE_S:
            try:
                if bus is None:
                    bus = sharing.join(self._at.address, self)
                (bit,) = await bus.read(Question(self._at.unit, 2, self._at.number, 1))
                self._seen, self._seen_s, self._error = bool(bit), monotonic(), None
            except DriverError as error:
                self._error = error
            self._looked.set()
            await asyncio.sleep(LOOK_S)
        if bus is not None:
            await sharing.leave(bus, self)
