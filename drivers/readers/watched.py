"""Keep one reader reading, whatever happens to it, and tell everything once.

`supervise` opens the reader, hands on who is there, and says what is wrong
until it is not. After every failure the reader is closed and opened again, the
first times soon, later every ten seconds, for ever: who plugs it in again need
not do anything else.

A card that is held counts once, until it was away for two seconds. A broken
frame now and then is nobody's fault; several within a minute are a fault until
a card is read or a minute was quiet. More cards than people can hold to it are
noise, and dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from drivers.interfaces import DriverError, Presented, Reader
from drivers.readers import faults


@dataclass(frozen=True, slots=True)
class Limits:
    """What is normal."""

    open_s: float = 45.0  # Bluetooth: finding and connecting may take 15 s each
    pauses_s: tuple[float, ...] = (0.5, 1, 2, 5, 10)  # before the first, second … try
    held_s: float = 2.0
    garbled: int = 3  # so many within garbled_s are a fault
    garbled_s: float = 60.0
    crowd: int = 6  # so many people within crowd_s are no people
    crowd_s: float = 10.0


class Visitors:
    """Who is new, and whether there are too many."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen_s: dict[str, float] = {}
        self._came_s: deque[float] = deque(maxlen=limits.crowd)

    def is_new(self, who: Presented) -> bool:
        """Tell whether this is somebody else than the card that is held; a PIN is always new."""
        now_s = who.at_boottime_s
        self._seen_s = {code: at_s for code, at_s in self._seen_s.items() if now_s - at_s < self._limits.held_s}
        known = who.kind != "pin" and who.code in self._seen_s
        self._seen_s[who.code] = now_s
        return not known

    def is_crowd(self, who: Presented) -> bool:
        """Count a new one; tell whether it is one too many."""
        self._came_s.append(who.at_boottime_s)
        return len(self._came_s) == self._limits.crowd and (self._came_s[-1] - self._came_s[0] < self._limits.crowd_s)


class Watched:
    """One reader and how it does."""

    def __init__(
        self,
        name: object,
        reader: Reader,
        on_presented: Callable[[Presented], None],
        on_fault: Callable[[DriverError | None], None],
        limits: Limits,
    ) -> None:
        self._name, self._reader, self._limits = name, reader, limits
        self._on_presented, self._on_fault = on_presented, on_fault
        self._visitors = Visitors(limits)
        self._garbled_s: deque[float] = deque(maxlen=limits.garbled)
        self._calm: asyncio.TimerHandle | None = None
        self._fault: DriverError | None = None
        self._failures = 0

    async def run(self) -> None:
        """Go on until cancelled; then the reader is closed."""
        try:
            while True:
                try:
                    await self._open()
                    while True:
                        await self._serve()
                except DriverError as error:
                    self._say(error)
                    await self._reader.close()
                pauses_s = self._limits.pauses_s
                await asyncio.sleep(pauses_s[min(self._failures, len(pauses_s) - 1)])
                self._failures += 1
        finally:
            if self._calm is not None:
                self._calm.cancel()
            await self._reader.close()

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(self._limits.open_s):
                await self._reader.open()
        except TimeoutError as error:
            raise faults.silent(self._name) from error
        if self._fault is not None and self._fault.code != "garbled":
            self._say(None)

    async def _serve(self) -> None:
        """Hand on one. Raises DriverError when the reader must be opened anew."""
        try:
            who = await self._reader.next()
            if self._visitors.is_new(who):
                if self._visitors.is_crowd(who):
                    raise faults.flooding(self._name)
                self._failures = 0
                self._quiet()
                self._on_presented(who)
        except DriverError as error:
            if error.code != "garbled":
                raise
            self._note(error)

    def _note(self, error: DriverError) -> None:
        """Count a broken frame. Raises it when there are too many."""
        now_s = monotonic()
        self._garbled_s.append(now_s)
        if self._calm is not None:
            self._calm.cancel()
        self._calm = asyncio.get_running_loop().call_later(self._limits.garbled_s, self._quiet)
        if len(self._garbled_s) == self._limits.garbled and now_s - self._garbled_s[0] < self._limits.garbled_s:
            self._garbled_s.clear()
            raise error

    def _quiet(self) -> None:
        """No broken frame for long enough, or a good card."""
        if self._fault is not None and self._fault.code == "garbled":
            self._say(None)

    def _say(self, fault: DriverError | None) -> None:
        """Tell what is wrong, if that is news."""
        if _words(fault) != _words(self._fault):
            self._on_fault(fault)
        self._fault = fault


def _words(fault: DriverError | None) -> tuple[str, str] | None:
    return None if fault is None else (fault.code, str(fault))


async def supervise(
    name: object,
    reader: Reader,
    on_presented: Callable[[Presented], None],
    on_fault: Callable[[DriverError | None], None],
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> None:
    """Keep `reader` reading until cancelled. `on_fault(None)`: it is well again."""
    await Watched(name, reader, on_presented, on_fault, limits).run()
