"""A Wiegand reader on two GPIO lines: cards of 26 or 34 bits, and a keypad if it has one.

A falling edge on the first line is a 0, on the second a 1; a pause ends a
frame. Bits carry the time they were seen at, so a busy program does not glue
two keys together. 4 or 8 bits are a key: digits gather until `#`, `*` starts
again, a long pause forgets them. Whatever does not fit is garbled, never a
guess.

26 bits may be a card or the begin of one of 34, so a short pause decides. A card
that was seen whole before is told at its last bit. If more bits come after all,
they go on where the frame was, and the card is not known any more.

Wiegand is one-way and has no heartbeat: a reader that is unplugged looks like
one that nobody uses.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol

from drivers.interfaces import Presented
from drivers.readers import codes, faults
from drivers.readers.address import Address
from drivers.readers.arrivals import Arrivals

PAUSE_S = 0.025  # ends a frame; bits come every 0.2 to 20 ms (SIA AC-01), keys at most every 50 ms
SETTLED_BITS = 5  # ends one that could be whole: so many times the longest pause in it …
SETTLED_S = (0.006, 0.010)  # … but within these: a busy program sees bits up to 5 ms late
SHORT_CARD, LONG_CARD = codes.WIEGAND_BITS  # the long one is whole at once: no longer frame is known here
KEY_BITS = (4, 8)
KNOWN_MAX = 1000  # cards
BITS_MAX = 64
KEY_PAUSE_S = 10.0  # who types slower begins anew
PIN_DIGITS_MAX = 12


class EdgeModule(Protocol):
    """The part of RPi.GPIO that a Wiegand reader needs."""

    BCM: Any
    IN: Any
    PUD_UP: Any
    FALLING: Any

    @property
    def lgpio(self) -> Any: ...  # noqa: ANN401 - the library below rpi-lgpio, whose errors it lets through

    def setwarnings(self, value: bool) -> None: ...

    def setmode(self, new_mode: Any) -> None: ...  # noqa: ANN401 - the module's own constants

    def setup(self, chanlist: int, direction: Any, pull_up_down: Any) -> None: ...  # noqa: ANN401 - as above

    def add_event_detect(self, channel: int, edge: Any, callback: Callable[[int], object]) -> None: ...  # noqa: ANN401

    def remove_event_detect(self, channel: int) -> None: ...

    def cleanup(self, chanlist: int) -> None: ...


class Keypad:
    """Keys become PINs."""

    def __init__(self) -> None:
        self._digits = ""
        self._pressed_s = 0.0

    def press(self, key: str, at_s: float) -> str | None:
        """Take a key at a monotonic time; the PIN, if it ends one."""
        if at_s - self._pressed_s > KEY_PAUSE_S:
            self._digits = ""
        self._pressed_s = at_s
        if key.isdecimal():
            self._digits = (self._digits + key)[: PIN_DIGITS_MAX + 1]
            return None
        digits, self._digits = self._digits, ""
        return digits if key == "#" and 1 <= len(digits) <= PIN_DIGITS_MAX else None


class Frame:
    """Bits and the time of the last one; and which short cards were whole before."""

    def __init__(self) -> None:
        self.bits: list[int] = []
        self._last_s = self._longest_s = 0.0
        self._taken: list[int] = []  # a short card's frame that was taken last: it may turn out to go on
        self._known: dict[tuple[int, ...], None] = {}  # short cards, oldest first

    def add(self, bit: int, at_s: float) -> list[int] | None:
        """Take a bit; the frame before it, if a pause says that it had ended."""
        paused = at_s - self._last_s > PAUSE_S
        ended = self.take() if self.bits and paused else None
        self._learn(paused)
        self._longest_s = max(self._longest_s, at_s - self._last_s) if self.bits else 0.0
        self._last_s = at_s
        if len(self.bits) <= BITS_MAX:
            self.bits.append(bit)
        return ended

    def take(self) -> list[int]:
        """The frame, and begin anew."""
        bits, self.bits = self.bits, []
        self._taken = bits if _may_be_short_card(bits) else []
        return bits

    def _learn(self, paused: bool) -> None:
        """With the next bit it is certain whether a short card was one, or the begin of a long one."""
        taken, self._taken = self._taken, []
        if taken and paused:
            self._known.pop(tuple(taken), None)
            self._known[tuple(taken)] = None
            while len(self._known) > KNOWN_MAX:
                del self._known[next(iter(self._known))]
        elif taken:
            self._known.pop(tuple(taken), None)
            self.bits = taken

    @property
    def wait_s(self) -> float:
        """How long nothing must come until the frame has ended."""
        short_card = _may_be_short_card(self.bits)
        if len(self.bits) == LONG_CARD or (short_card and tuple(self.bits) in self._known):
            return 0.0
        shortest_s, longest_s = SETTLED_S
        settled_s = min(max(SETTLED_BITS * self._longest_s, shortest_s), longest_s)
        return settled_s if short_card or len(self.bits) in KEY_BITS else PAUSE_S


def _may_be_short_card(bits: list[int]) -> bool:
    return len(bits) == SHORT_CARD and codes.has_parity(bits)


class WiegandReader:
    """D0 and D1 of one reader (drivers.interfaces.Reader)."""

    def __init__(self, address: Address, gpio: EdgeModule) -> None:
        self._at = address
        self._gpio = gpio
        self._refusals = (RuntimeError, ValueError, OSError, gpio.lgpio.error)
        self._arrivals = Arrivals()
        self._frame = Frame()
        self._keypad = Keypad()
        self._pause: asyncio.TimerHandle | None = None
        self._taken: list[int] = []

    async def open(self) -> None:
        """Take both lines. Raises DriverError(`unavailable`)."""
        await self.close()
        self._arrivals.start()
        self._frame, self._keypad = Frame(), Keypad()
        loop = asyncio.get_running_loop()
        try:
            self._gpio.setwarnings(False)
            self._gpio.setmode(self._gpio.BCM)
            for bit, line in enumerate(self._at.lines):
                self._gpio.setup(line, self._gpio.IN, self._gpio.PUD_UP)
                self._taken.append(line)
                self._gpio.add_event_detect(line, self._gpio.FALLING, self._edge_of(loop, bit))
        except self._refusals as error:
            await self.close()
            raise faults.unavailable(self._at, error) from error

    async def next(self) -> Presented:
        """Wait for a card or a PIN. Raises DriverError(`garbled`)."""
        return await self._arrivals.next()

    async def close(self) -> None:
        """Give both lines back."""
        if self._pause is not None:
            self._pause.cancel()
        while self._taken:
            line = self._taken.pop()
            with contextlib.suppress(*self._refusals):
                self._gpio.remove_event_detect(line)
            with contextlib.suppress(*self._refusals):
                self._gpio.cleanup(line)

    def _edge_of(self, loop: asyncio.AbstractEventLoop, bit: int) -> Callable[[int], None]:
        """What the library's own thread calls at an edge."""

        def seen(_line: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._take, bit, monotonic())

        return seen

    def _take(self, bit: int, at_s: float) -> None:
        if self._pause is not None:
            self._pause.cancel()
        if not self._taken:
            return  # closed meanwhile
        ended = self._frame.add(bit, at_s)
        if ended is not None:
            self._tell(ended, at_s)
        wait_s = self._frame.wait_s
        if wait_s:
            self._pause = asyncio.get_running_loop().call_later(wait_s, self._paused, at_s)
        else:
            self._paused(at_s)

    def _paused(self, at_s: float) -> None:
        self._tell(self._frame.take(), at_s)

    def _tell(self, bits: list[int], at_s: float) -> None:
        try:
            if len(bits) in (4, 8):
                pin = self._keypad.press(codes.key_of(bits), at_s)
                if pin is not None:
                    self._arrivals.put(pin, "pin")
            else:
                self._arrivals.put(codes.from_wiegand(bits, self._at.order), "rfid")
        except codes.Unreadable as error:
            self._arrivals.complain(faults.garbled(self._at, error))
