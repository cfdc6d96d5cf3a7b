"""A loop's sleep that somebody may end: it looks by itself now and then, so a lost call does no harm."""

from __future__ import annotations

import asyncio
import contextlib


class Waker:
    """Belongs to one sleeper."""

    def __init__(self) -> None:
        self._called = asyncio.Event()

    def wake(self) -> None:
        """End the sleep; the next one, if nobody sleeps now."""
        self._called.set()

    async def sleep(self, most_s: float) -> None:
        """Until woken, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._called.wait()
        self._called.clear()
