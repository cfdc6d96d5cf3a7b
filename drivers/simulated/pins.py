"""A strict twin of the RPi.GPIO module: the same names, the same refusals.

It is handed to `GpioRelay` and others in the module's place. What rpi-lgpio
refuses is refused here with the same class and the same words; what nobody
needs, as PWM and waiting for an edge, is left out. Levels live in memory;
`wires` carries them to a simulated house.

Tests may spoil it: a line that is `stuck`, one that is `busy` in another
program, or a `chip` that is not there. `feed` is what an outside device does
to an input; callbacks run in the caller's thread, on a Pi in one of lgpio's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from drivers.simulated import lgpio

_BOARD = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25, 23: 11,
    24: 8, 26: 7, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip  # pin of the 40-pin header -> line
_PULLED_UP = (2, 3)  # by resistors on the board


class StrictPins:
    """The lines of one chip, as one program sees them."""

    UNKNOWN, BOARD, BCM = -1, 10, 11
    PUD_OFF, PUD_DOWN, PUD_UP = 20, 21, 22
    OUT, IN = 0, 1
    LOW, HIGH = 0, 1
    RISING, FALLING, BOTH = 31, 32, 33
    lgpio = lgpio

    def __init__(self) -> None:
        self._mode: int | None = None
        self._open = False
        self._warnings = True
        self._directions: dict[int, int] = {}  # of the lines this program holds
        self._edges: dict[int, tuple[int, Callable[[int], object] | None]] = {}
        self.levels: dict[int, int] = {}  # what is driven
        self.chip = True
        self.busy: set[int] = set()
        self.stuck: dict[int, int] = {}  # line -> level it keeps, whatever is driven

    def setwarnings(self, value: bool) -> None:
        """Switch warnings on or off."""
        self._warnings = bool(value)

    def getmode(self) -> int | None:
        """The numbering in force."""
        return self._mode

    def setmode(self, new_mode: int) -> None:
        """Choose the numbering; it cannot change until everything is cleaned up."""
        if self._mode is not None and new_mode != self._mode:
            raise ValueError("A different mode has already been set!")
        if new_mode not in (self.BOARD, self.BCM):
            raise ValueError("An invalid mode was passed to setmode()")
        if not self._open and not self.chip:
            raise lgpio.error("can not open gpiochip")
        self._open = True
        self._mode = new_mode

    def gpio_function(self, channel: int) -> int:
        """The direction of a line, held or not."""
        return self._directions.get(self._line(channel), self.IN)

    def setup(
        self, chanlist: int | Iterable[int], direction: int, pull_up_down: int = PUD_OFF, initial: int | None = None
    ) -> None:
        """Take lines as inputs or outputs."""
        if direction == self.OUT:
            if pull_up_down != self.PUD_OFF:
                raise ValueError("pull_up_down parameter is not valid for outputs")
        elif direction == self.IN:
            if initial is not None:
                raise ValueError("initial parameter is not valid for inputs")
            if pull_up_down not in (self.PUD_UP, self.PUD_DOWN, self.PUD_OFF):
                raise ValueError("Invalid value for pull_up_down - should be either PUD_OFF, PUD_UP or PUD_DOWN")
        else:
            raise ValueError("An invalid direction was passed to setup()")
        for line in self._lines(chanlist):
            if self._warnings and line in _PULLED_UP and pull_up_down != self.PUD_OFF:
                warnings.warn(Warning("A physical pull up resistor is fitted on this channel!"), stacklevel=2)
            self._take(line, direction, initial)

    def output(self, channel: int | Iterable[int], value: int | Iterable[int]) -> None:
        """Drive lines."""
        lines = self._lines(channel)
        values = tuple(bool(one) for one in value) if isinstance(value, Iterable) else (bool(value),)
        if len(lines) != len(values):
            if not (len(lines) > 1 and len(values) == 1):
                raise RuntimeError("Number of channels != number of values")
            values *= len(lines)
        for line, level in zip(lines, values, strict=True):
            if self._directions.get(line) != self.OUT:
                raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
            self._drive(line, int(level))

    def input(self, channel: int) -> int:
        """Read a line, also one that is driven."""
        line = self._line(channel)
        if line not in self._directions:
            raise RuntimeError("You must setup() the GPIO channel first")
        return self.stuck.get(line, self._level(line))

    def add_event_detect(
        self, channel: int, edge: int, callback: Callable[[int], object] | None = None, bouncetime: int | None = None
    ) -> None:
        """Call back at each edge of an input."""
        if callback is not None and not callable(callback):
            raise TypeError("Parameter must be callable")
        line = self._line(channel)
        if self._directions.get(line) != self.IN:
            raise RuntimeError("You must setup() the GPIO channel as an input first")
        if edge not in (self.RISING, self.FALLING, self.BOTH):
            raise ValueError("The edge must be set to RISING, FALLING or BOTH")
        if bouncetime is not None and bouncetime != -666 and bouncetime <= 0:
            raise ValueError("Bouncetime must be greater than 0")
        if line in self._edges:
            raise RuntimeError("Conflicting edge detection already enabled for this GPIO channel")
        self._edges[line] = (edge, callback)

    def remove_event_detect(self, channel: int) -> None:
        """Call back no more."""
        self._edges.pop(self._line(channel), None)

    def feed(self, line: int, level: int) -> None:
        """An outside device drives an input; whoever waits for that edge is called."""
        if level == self.levels.get(line, 0):
            return
        self.levels[line] = level
        edge, callback = self._edges.get(line, (None, None))
        if callback is not None and edge in (self.BOTH, self.RISING if level else self.FALLING):
            callback(line)

    def cleanup(self, chanlist: int | Iterable[int] | None = None) -> None:
        """Give lines back; without a list all of them, and the chip."""
        if not self._open:
            return
        lines = tuple(self._directions) if chanlist is None else self._lines(chanlist)
        if not lines and self._warnings:
            warnings.warn(
                Warning(
                    "No channels have been set up yet - nothing to clean up!  Try cleaning up at the end of your"
                    " program instead!"
                ),
                stacklevel=2,
            )
        for line in lines:
            self._give_back(line)
        if chanlist is None:
            self._mode, self._open = None, False

    def lose(self) -> None:
        """All lines are gone, as when the chip's driver is taken away; the program is not told."""
        self._directions.clear()
        self._edges.clear()
        self.levels.clear()
        self._mode, self._open = None, False

    def _line(self, channel: int) -> int:
        """The line that `channel` means in the numbering in force."""
        if self._mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)")
        if channel not in (range(54) if self._mode == self.BCM else _BOARD):
            raise ValueError("The channel sent is invalid on a Raspberry Pi")
        return channel if self._mode == self.BCM else _BOARD[channel]

    def _lines(self, chanlist: int | Iterable[int]) -> tuple[int, ...]:
        channels = chanlist if isinstance(chanlist, Iterable) else (chanlist,)
        try:
            return tuple(self._line(int(channel)) for channel in channels)
        except TypeError as error:
            raise ValueError("Channel must be an integer or list/tuple of integers") from error

    def _take(self, line: int, direction: int, initial: int | None) -> None:
        self._refuse_busy(line)
        self._claim(line)
        level = self._level(line) if initial is None else int(bool(initial))
        if direction == self.OUT:
            self._edges.pop(line, None)
        self._directions[line] = direction
        if direction == self.OUT:
            self._drive(line, level)

    def _give_back(self, line: int) -> None:
        self._refuse_busy(line)
        self._edges.pop(line, None)
        if self._directions.pop(line, None) is not None:
            self._let_go(line)

    def _refuse_busy(self, line: int) -> None:
        if line in self.busy and line not in self._directions:
            raise lgpio.error("GPIO busy")

    def _claim(self, line: int) -> None:
        """Ask the chip for a line."""

    def _drive(self, line: int, level: int) -> None:
        self.levels[line] = level

    def _level(self, line: int) -> int:
        return self.levels.get(line, 0)

    def _let_go(self, line: int) -> None:
        self.levels[line] = 0
