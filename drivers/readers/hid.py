"""A card reader that types like a USB keyboard, taken for ourselves.

The device is named by its address and grabbed (EVIOCGRAB), so that what it
types reaches neither the touchscreen nor a console, and no other keyboard is
ever a reader. Digits and letters make a number, Enter ends it; a pause in the
middle, or events the kernel lost, make it no number.

The kernel's interface is one ioctl and records of 24 bytes
(Documentation/input/input.rst), so it is spoken to directly: the usual package
has no wheel for the Raspberry Pi.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable

from drivers.interfaces import Presented
from drivers.readers import codes, faults
from drivers.readers.address import Address
from drivers.readers.arrivals import Arrivals, Watch

EVENT = struct.Struct("llHHi")  # struct input_event on 64 bits: seconds, microseconds, type, code, value
EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
PRESSED = 1
ENDS = (28, 96)  # Enter, Enter of the keypad
KEY_PAUSE_S = 0.5  # readers type a key in 2 to 20 ms
DIGITS_MAX = 40
KEYMAP = {  # linux/input-event-codes.h, as they lie on the keyboard
    **{2 + place: sign for place, sign in enumerate("1234567890-")},
    **{16 + place: sign for place, sign in enumerate("QWERTYUIOP")},
    **{30 + place: sign for place, sign in enumerate("ASDFGHJKL")},
    **{44 + place: sign for place, sign in enumerate("ZXCVBNM,.")},
    **{71 + place: sign for place, sign in enumerate("789-456+1230.")},
    39: ":",
    57: " ",
}


def grab(fd: int) -> None:
    """Take an input device for this program alone. Raises OSError."""
    fcntl.ioctl(fd, EVIOCGRAB, 1)


class Typed:
    """Keys become words."""

    def __init__(self) -> None:
        self._signs = ""
        self._spoilt = False
        self._half = b""

    def feed(self, received: bytes) -> list[str | None]:
        """The words that ended; None for one that was spoilt."""
        data = self._half + received
        whole = len(data) - len(data) % EVENT.size
        self._half = data[whole:]
        ended: list[str | None] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if (kind, code) == (EV_SYN, SYN_DROPPED):
                self._spoilt = True
            elif kind == EV_KEY and value == PRESSED:
                self._press(code, ended)
        return ended

    def give_up(self) -> bool:
        """Forget what has not ended; tell whether there was any."""
        had = bool(self._signs) or self._spoilt
        self._signs, self._spoilt = "", False
        return had

    def _press(self, code: int, ended: list[str | None]) -> None:
        if code in ENDS:
            if self._signs or self._spoilt:
                ended.append(None if self._spoilt else self._signs)
            self._signs, self._spoilt = "", False
        elif len(self._signs) < DIGITS_MAX:
            self._signs += KEYMAP.get(code, "")
        else:
            self._spoilt = True


class HidReader:
    """One grabbed keyboard-like reader (drivers.interfaces.Reader)."""

    def __init__(self, address: Address, grab: Callable[[int], None] = grab) -> None:
        self._at = address
        self._grab = grab
        self._arrivals = Arrivals()
        self._typed = Typed()
        self._watch: Watch | None = None
        self._pause: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Open and grab the device. Raises DriverError(`unplugged`, `unavailable`)."""
        await self.close()
        try:
            fd = os.open(self._at.device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise faults.of(self._at, error) from error
        try:
            self._grab(fd)
        except OSError as error:
            os.close(fd)
            raise faults.of(self._at, error) from error
        self._arrivals.start()
        self._typed = Typed()
        self._watch = Watch(fd, self._receive, self._lost, lambda: os.close(fd))

    async def next(self) -> Presented:
        """Wait for a card. Raises DriverError(`unplugged`, `garbled`)."""
        return await self._arrivals.next()

    async def close(self) -> None:
        """Let go of the device, and of the grab with it."""
        self._stop_pause()
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _receive(self, received: bytes) -> None:
        self._stop_pause()
        for word in self._typed.feed(received):
            self._tell(word)
        self._pause = asyncio.get_running_loop().call_later(KEY_PAUSE_S, self._paused)

    def _tell(self, word: str | None) -> None:
        try:
            if word is None:
                raise codes.Unreadable("keys were lost")
            self._arrivals.put(codes.from_text(word, self._at.code, self._at.order), "rfid")
        except codes.Unreadable as error:
            self._arrivals.complain(faults.garbled(self._at, error))

    def _paused(self) -> None:
        if self._typed.give_up():
            self._arrivals.complain(faults.garbled(self._at, "no Enter"))

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()

    def _lost(self, error: OSError) -> None:
        self._stop_pause()
        self._arrivals.end(faults.of(self._at, error))
