"""What a device sends by itself, kept until somebody asks for it.

A reader's callbacks put cards and errors in, its `next` takes them out in
order. When nobody takes them, newer ones are dropped: a card from a minute ago
must not open anything, and a line gone mad must not fill the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import time
from collections import deque
from collections.abc import Callable

from drivers.interfaces import DriverError, Presented

KEPT = 16
CHUNK_BYTES = 4096


def boottime_s() -> float:
    """The boot clock, which no one can set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Arrivals:
    """A queue with an end. Belongs to the loop's thread."""

    def __init__(self, now_s: Callable[[], float] = boottime_s) -> None:
        self._now_s = now_s
        self._kept: deque[Presented | DriverError] = deque()
        self._end: DriverError | None = None
        self._news = asyncio.Event()

    def put(self, code: str, kind: str) -> None:
        """Somebody is there, now."""
        self._add(Presented(code, kind, self._now_s()))

    def complain(self, error: DriverError) -> None:
        """Something came that is no card; more may come."""
        self._add(error)

    def end(self, error: DriverError) -> None:
        """Nothing will come any more until `start`."""
        self._end = self._end or error
        self._news.set()

    def start(self) -> None:
        """Forget everything: the device is new."""
        self._kept.clear()
        self._end = None
        self._news.clear()

    async def next(self) -> Presented:
        """The oldest, or wait for one. Raises DriverError."""
        while not self._kept:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        found = self._kept.popleft()
        if isinstance(found, DriverError):
            raise found
        return found

    def _add(self, one: Presented | DriverError) -> None:
        if len(self._kept) < KEPT:
            self._kept.append(one)
            self._news.set()


class Watch:
    """A descriptor whose bytes are handed on as they come, in the running loop."""

    def __init__(
        self, fd: int, on_bytes: Callable[[bytes], None], on_end: Callable[[OSError], None], let_go: Callable[[], None]
    ) -> None:
        self._fd, self._on_bytes, self._on_end, self._let_go = fd, on_bytes, on_end, let_go
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._loop.add_reader(fd, self._ready)

    def close(self) -> None:
        """Let go of the descriptor. Never raises."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._fd)
            with contextlib.suppress(OSError):
                self._let_go()

    def _ready(self) -> None:
        try:
            received = os.read(self._fd, CHUNK_BYTES)
            if not received:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        except BlockingIOError:
            return
        except OSError as error:
            self.close()
            self._on_end(error)
            return
        self._on_bytes(received)
