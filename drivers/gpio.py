"""A relay, or the contact that watches a contactor, on one GPIO line of a Raspberry Pi.

`GpioRelay` works on an object with the interface of the RPi.GPIO module (BCM
numbering) that is handed to it: rpi-lgpio on a Pi, a strict twin elsewhere.
The line drives an active-high relay board whose normally-open contact releases
the charging station: low, undriven or dead means no charging.

Only lines 9 to 27 are taken: at reset the chip pulls these down, 0 to 8 up.
Every switch is read back. A line that would not close is driven low again, a
line that is lost is let go, and the next call takes it anew, low.

`GpioInput` reads a contact between its line and ground, against the chip's
pull-up. A normally-closed auxiliary (mirror) contact: low means the contactor
is open, high that it is closed - or that the wire is broken, which must not
look well. A plain contact: low means that it is closed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from drivers.interfaces import DriverError

FIRST_LINE, LAST_LINE = 9, 27  # pulled down at reset (BCM2711 peripherals, 5.3)


class GpioModule(Protocol):
    """The part of RPi.GPIO that a relay and an input need."""

    BCM: Any
    OUT: Any
    IN: Any
    PUD_UP: Any
    LOW: Any
    HIGH: Any

    @property
    def lgpio(self) -> Any: ...  # noqa: ANN401 - the library below rpi-lgpio, whose errors it lets through

    def setwarnings(self, value: bool) -> None: ...

    def setmode(self, new_mode: Any) -> None: ...  # noqa: ANN401 - the module's own constants

    def setup(self, chanlist: int, direction: Any, pull_up_down: Any = ..., initial: Any = ...) -> None: ...  # noqa: ANN401 - as above

    def output(self, channel: int, value: Any) -> None: ...  # noqa: ANN401 - as above

    def input(self, channel: int) -> int: ...

    def cleanup(self, chanlist: int) -> None: ...


def line_of(spec: str) -> int:
    """The line in `gpio:17`. Raises ValueError with the rule."""
    kind, _, number = spec.partition(":")
    if kind != "gpio" or not number.isdecimal() or not FIRST_LINE <= int(number) <= LAST_LINE:
        raise ValueError(f"A relay is gpio:N with N from {FIRST_LINE} to {LAST_LINE}, not {spec!r}.")
    return int(number)


class GpioRelay:
    """One normally-open relay (drivers.interfaces.Relay). It takes its line at the first call."""

    def __init__(self, gpio: GpioModule, line: int, gone: Callable[[], None] = lambda: None) -> None:
        """`gone` is called when the line is given back for good."""
        self._gpio = gpio
        self._line = line_of(f"gpio:{line}")
        self._gone = gone
        self._ready = False
        self._refusals = (RuntimeError, ValueError, OSError, gpio.lgpio.error)

    def is_closed(self) -> bool:
        """Read the line back. Raises DriverError(`unavailable`)."""
        try:
            self._prepare()
            return bool(self._gpio.input(self._line))
        except self._refusals as error:
            raise self._lost(error) from error

    def switch(self, *, closed: bool) -> None:
        """Drive the line and read it back. Raises DriverError(`unavailable`, `stuck`)."""
        try:
            self._prepare()
            self._gpio.output(self._line, self._gpio.HIGH if closed else self._gpio.LOW)
            followed = bool(self._gpio.input(self._line)) == closed
            if not followed:
                self._gpio.output(self._line, self._gpio.LOW)
        except self._refusals as error:
            raise self._lost(error) from error
        if not followed:
            raise DriverError(
                "stuck",
                "The relay on GPIO {line} does not follow: have the wiring of the line checked.",
                line=self._line,
            )

    def release(self) -> None:
        """Drive the line low and give it back to the kernel. Never raises."""
        self._let_go()
        self._gone()

    def _let_go(self) -> None:
        if self._ready:
            self._ready = False
            with contextlib.suppress(*self._refusals):
                self._gpio.output(self._line, self._gpio.LOW)
            with contextlib.suppress(*self._refusals):
                self._gpio.cleanup(self._line)

    def _prepare(self) -> None:
        """Take the line as an output, low from the first moment."""
        if not self._ready:
            self._gpio.setwarnings(False)
            self._gpio.setmode(self._gpio.BCM)
            self._gpio.setup(self._line, self._gpio.OUT, initial=self._gpio.LOW)
            self._ready = True

    def _lost(self, error: Exception) -> DriverError:
        self._let_go()
        return _unusable(self._line, error)


class GpioInput:
    """One contact (drivers.interfaces.Contact). It takes its line at the first call."""

    def __init__(
        self, gpio: GpioModule, line: int, gone: Callable[[], None] = lambda: None, *, mirror: bool = True
    ) -> None:  # fmt: skip
        """`gone` is called when the line is given back for good; `mirror`: it is open when the contactor is closed."""
        self._gpio = gpio
        self._line = line_of(f"gpio:{line}")
        self._gone = gone
        self._closed_level = int(mirror)
        self._ready = False
        self._refusals = (RuntimeError, ValueError, OSError, gpio.lgpio.error)

    def is_closed(self) -> bool:
        """Tell whether what it stands for is closed. Raises DriverError(`unavailable`)."""
        try:
            if not self._ready:
                self._gpio.setwarnings(False)
                self._gpio.setmode(self._gpio.BCM)
                self._gpio.setup(self._line, self._gpio.IN, self._gpio.PUD_UP)
                self._ready = True
            return int(bool(self._gpio.input(self._line))) == self._closed_level
        except self._refusals as error:
            self._let_go()
            raise _unusable(self._line, error) from error

    def release(self) -> None:
        """Give the line back to the kernel. Never raises."""
        self._let_go()
        self._gone()

    def _let_go(self) -> None:
        if self._ready:
            self._ready = False
            with contextlib.suppress(*self._refusals):
                self._gpio.cleanup(self._line)


def _unusable(line: int, error: Exception) -> DriverError:
    return DriverError(
        "unavailable",
        "GPIO {line} cannot be used ({detail}): check that this is a Raspberry Pi, the group 'gpio', and that no"
        " other program holds the line.",
        line=line,
        detail=str(error).strip("'"),  # lgpio's errors come in quotes
    )
