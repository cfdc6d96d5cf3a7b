"""A relay that is a coil of a Modbus board, on a line that meters may share.

A line takes time and the charging loop does not wait: `switch` says what is
wanted, a task carries it out, reads the coil back (`is_closed` tells that, and
None until the first answer) and calls `changed`. Opening goes before every
other question on the line, is tried until the coil is read as open, and takes
back a closing that is still waiting for the line.

1. The coil is opened when it is used first. 2. What does not follow, or could
not be closed, is told to open. 3. Every `LOOK_S` it is read: a coil that
opened by itself stays open until it is told again; one that cannot be read for
`LOST_S` is not known. 4. Without anybody asking for `ALONE_S` it opens.

A board keeps its coils when this program dies. A `pulse` closes for `PULSE_S`
and is renewed with every look, so that the board opens it by itself: Waveshare's
"flash on" (function 5, 0x0200 + coil, tenths of a second; manual of the Modbus
RTU Relay). A `coil` needs the board's own watchdog: each look is a sign of life.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from time import monotonic

from drivers.interfaces import DriverError
from drivers.modbus import sharing
from drivers.modbus.bits import Bit
from drivers.modbus.bus import Bus, Question
from drivers.sentences import N_

log = logging.getLogger(__name__)

LOOK_S = 2.0
LOST_S = 5.0  # two looks may be lost
PULSE_S = 8.0  # three renewals may be lost
ALONE_S = 10.0  # the charging loop asks each second
RETRY_S = (0.5, 1.0, 2.0, 5.0)  # between attempts to open what does not answer
RELEASED_S = 60.0  # how long a relay that is not wanted any more is told to open
ON, OFF = 0xFF00, 0  # Modbus Application Protocol V1.1b3, 6.5
FLASH_ON = 0x0200
TENTHS = 10
STUCK = N_("The relay at {relay} does not follow: check the board, and that nobody else switches it.")


class CoilRelay:
    """One normally-open relay (drivers.interfaces.Relay). To be used in the thread of a running event loop."""

    def __init__(
        self, at: Bit, changed: Callable[[], None] = lambda: None, gone: Callable[[], None] = lambda: None
    ) -> None:  # fmt: skip
        """`changed` is called when what is known of the coil changed, `gone` when it was released and is let go."""
        self._at = at
        self._changed = changed
        self._gone = gone
        self._bus: Bus | None = None
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._more = asyncio.Event()
        self._wanted = False
        self._seen: bool | None = None  # as read last; None: not known
        self._seen_s = 0.0
        self._error: DriverError | None = None  # why it is not known
        self._refusal: DriverError | None = None  # what became of the last order, until it was told
        self._failures = 0
        self._asked_s = 0.0
        self._released_s: float | None = None

    def is_closed(self) -> bool | None:
        """As it was read last. Raises DriverError: it did not follow (once), or it cannot be read."""
        self._begin()
        if self._refusal is not None:
            error, self._refusal = self._refusal, None
            raise error
        lost = self._seen is None or monotonic() - self._seen_s > LOST_S
        if lost and self._error is not None:
            self.switch(closed=False)
            raise DriverError(self._error.code, self._error.message, **self._error.values)
        return self._seen

    def switch(self, *, closed: bool) -> None:
        """Say what is wanted; what became of it, `is_closed` tells."""
        self._begin()
        if closed != self._wanted:
            self._wanted = closed
            self._refusal = None
            self._settled.clear()
            if not closed and self._task is not None:
                self._seen = self._seen or None  # a closing may be under way
                self._task.cancel()  # one that waits for the line is not sent any more
                self._task = asyncio.create_task(self._work())
            self._more.set()

    def release(self) -> None:
        """Open it and let go of the line once it is open. Never raises."""
        if self._task is None:
            self._gone()
        elif self._released_s is None:
            self.switch(closed=False)
            self._released_s = monotonic()
            self._more.set()

    async def settled(self, within_s: float) -> None:
        """Wait until the last order was carried out or failed, at most so long."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(within_s):
                await self._settled.wait()
        except TimeoutError:
            log.warning("the relay at %s has not answered yet", self._at)

    def _begin(self) -> None:
        self._asked_s, self._released_s = monotonic(), None
        if self._task is not None and self._task.done() and not self._task.cancelled():
            self._task.result()  # raises what nobody foresaw
        if self._task is None or self._task.done():
            self._settled.clear()
            self._seen = None
            self._task = asyncio.create_task(self._work())

    # The task that talks to the board ---------------------------------------------------------

    async def _work(self) -> None:
        """Order by order, look by look, until it is released."""
        while not self._is_done():
            self._more.clear()
            wanted = self._wanted and self._seen is not None  # what is not known is opened first
            told = wanted != self._seen
            try:
                seen = await self._turn(wanted, told)
            except DriverError as error:
                self._failed(error, told)
            else:
                self._saw(seen, wanted, told)
            if self._wanted == wanted:
                self._settled.set()
            await self._pause()
        if self._bus is not None:
            bus, self._bus = self._bus, None
            await sharing.leave(bus, self)
        if self._released_s is not None:
            self._gone()

    def _is_done(self) -> bool:
        if self._released_s is None:
            return False
        late = monotonic() - self._released_s > RELEASED_S
        if late and self._seen is not False:
            log.error("the relay at %s was not seen to open", self._at)
        return late or self._seen is False

    async def _turn(self, wanted: bool, told: bool) -> bool:
        """Carry out an order, or only look; return what is read then. Raises DriverError."""
        look = Question(self._at.unit, 1, self._at.number, 1, urgent=told and not wanted)
        if self._bus is None:
            self._bus = sharing.join(self._at.address, self)
            with contextlib.suppress(DriverError):
                await self._bus.read(look)  # shows whether the line echoes
        if told:
            await self._write(self._bus, closed=wanted)
        closed = bool((await self._bus.read(look, monotonic()))[0])
        if closed and wanted and not told and self._at.kind == "pulse":
            await self._write(self._bus, closed=True)
        return closed

    async def _write(self, bus: Bus, *, closed: bool) -> None:
        register, value = self._at.number, ON if closed else OFF
        if closed and self._at.kind == "pulse":
            register, value = FLASH_ON + self._at.number, int(PULSE_S * TENTHS)
        await bus.read(Question(self._at.unit, 5, register, 1, value=value, urgent=not closed), monotonic())

    def _saw(self, closed: bool, wanted: bool, told: bool) -> None:
        before, self._seen, self._seen_s = self._seen, closed, monotonic()
        self._error = None
        if told and closed != wanted:
            self._refusal = DriverError("stuck", STUCK, relay=str(self._at))
            self._failures += 1
        else:
            self._failures = 0
        alone = monotonic() - self._asked_s > ALONE_S
        if wanted == self._wanted and wanted and (not closed or alone):
            self._wanted = False  # it does not follow, opened by itself, or nobody asks any more
            self._seen = None if told else closed
            self._more.set()
        if before != closed or self._refusal is not None:
            self._changed()

    def _failed(self, error: DriverError, told: bool) -> None:
        self._failures += 1
        was_known, self._error = self._error is None, error
        if told:
            self._seen = None  # it may have been carried out
            self._wanted = False
        elif monotonic() - self._seen_s > LOST_S:
            self._wanted = False
        if told or was_known:
            self._changed()

    async def _pause(self) -> None:
        """Until something is to be done."""
        pause_s = LOOK_S
        if self._failures:
            pause_s = RETRY_S[min(self._failures, len(RETRY_S)) - 1]
        elif self._seen != self._wanted:
            return
        try:
            async with asyncio.timeout(pause_s):
                await self._more.wait()
        except TimeoutError:
            return
