"""A strict twin of the RPi.GPIO module: the same names, the same refusals.

It is handed to `GpioRelay` in the module's place. What the chip would not
allow raises here, too, with the words of rpi-lgpio. Tests may make a line
stick. Levels live in memory; `wires` carries them to a simulated house.
"""

from __future__ import annotations

import warnings


class StrictPins:
    """28 lines with BCM numbers."""

    BOARD, BCM = 10, 11
    OUT, IN = 0, 1
    LOW, HIGH = 0, 1
    LINES = range(28)

    def __init__(self) -> None:
        self._mode: int | None = None
        self._warnings = True
        self._directions: dict[int, int] = {}
        self._levels: dict[int, int] = {}
        self.stuck: dict[int, int] = {}  # line -> level it keeps, whatever is driven

    def setwarnings(self, flag: bool) -> None:
        """Switch warnings on or off."""
        self._warnings = bool(flag)

    def setmode(self, mode: int) -> None:
        """Choose the numbering; it cannot change afterwards."""
        if self._mode is not None and mode != self._mode:
            raise ValueError("A different mode has already been set!")
        if mode not in (self.BOARD, self.BCM):
            raise ValueError("An invalid mode was passed to setmode()")
        self._mode = mode

    def getmode(self) -> int | None:
        """The numbering in force."""
        return self._mode

    def setup(self, channel: int, direction: int, pull_up_down: int = 20, initial: int | None = None) -> None:
        """Take a line as input or output."""
        self._check(channel)
        if direction not in (self.OUT, self.IN):
            raise ValueError("An invalid direction was passed to setup()")
        if direction == self.IN and initial is not None:
            raise ValueError("initial parameter is not valid for inputs")
        if channel in self._directions and self._warnings:
            warnings.warn("This channel is already in use, continuing anyway.", RuntimeWarning, stacklevel=2)
        self._directions[channel] = direction
        if direction == self.OUT:
            self._drive(channel, int(initial or 0))

    def output(self, channel: int, value: int) -> None:
        """Drive a line."""
        self._check(channel)
        if self._directions.get(channel) != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        self._drive(channel, int(bool(value)))

    def input(self, channel: int) -> int:
        """Read a line, also one that is driven."""
        self._check(channel)
        if channel not in self._directions:
            raise RuntimeError("You must setup() the GPIO channel first")
        return self.stuck.get(channel, self._level(channel))

    def cleanup(self, channel: int | None = None) -> None:
        """Give one line, or all, back."""
        lines = list(self._directions) if channel is None else [channel]
        for line in lines:
            if self._directions.pop(line, None) is not None:
                self._let_go(line)
        if channel is None:
            self._mode = None

    def _check(self, channel: int) -> None:
        if self._mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)")
        if channel not in self.LINES:
            raise ValueError("The channel sent is invalid on a Raspberry Pi")

    def _drive(self, line: int, level: int) -> None:
        self._levels[line] = level

    def _level(self, line: int) -> int:
        return self._levels.get(line, 0)

    def _let_go(self, line: int) -> None:
        self._levels[line] = 0
