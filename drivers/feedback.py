"""Lamps and a buzzer at the charger: what each signal looks and sounds like, and who plays it.

SIGNALS is the whole table. Every signal has a rhythm of its own, so that who
cannot tell red from green, or does not see, can still tell them apart. A signal
that repeats is a state and goes on; one that does not is an answer: it is played
once, to its end or the next answer, and the state goes on after it.

Playing never blocks: `show` returns at once, a task of the loop does the rest.
Lamps are only lamps: a line that fails is told at the next `show` and never
keeps anybody from charging.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from drivers.gpio import GpioModule
from drivers.interfaces import DriverError, SignalName
from drivers.readers.address import line_of
from drivers.sentences import N_, BadAddress

Rhythm = tuple[tuple[int, int], ...]  # (on, off) in ms, one after another
LAMPS = ("green", "red", "yellow", "buzzer")
SPEC = N_("Lamps are named as in green=gpio:22,red=gpio:23,buzzer=gpio:24, each on a line of its own, not {spec}.")


@dataclass(frozen=True, slots=True)
class Signal:
    """What each lamp does; one that is not named is off."""

    lamps: Mapping[str, Rhythm]
    repeats: bool = False


DARK: Final = "dark"
SIGNALS: Mapping[SignalName, Signal] = {
    DARK:       Signal({}, repeats=True),
    # states
    "ready":    Signal({"green": ((60, 2940),)}, repeats=True),                 # a short wink: hold a card to it
    "deciding": Signal({"yellow": ((100, 100),), "green": ((100, 100),)}, repeats=True),
    "waiting":  Signal({"yellow": ((500, 500),), "green": ((500, 500),)}, repeats=True),  # for the car
    "charging": Signal({"green": ((1000, 0),)}, repeats=True),                  # steady
    "fault":    Signal({"red": ((150, 150), (150, 1550))}, repeats=True),       # two and a pause
    # once
    "accepted": Signal({"green": ((1200, 0),), "buzzer": ((400, 0),)}),         # one long
    "refused":  Signal({"red": ((120, 120),) * 5, "buzzer": ((120, 120),) * 3}),  # short and fast
    "stopped":  Signal({"green": ((300, 300),) * 2, "buzzer": ((80, 220),) * 2}),  # two
    "learned":  Signal({"green": ((150, 150),) * 4, "buzzer": ((60, 90), (60, 390))}),
    "locked":   Signal({"red": ((1500, 0),), "buzzer": ((700, 0),)}),           # one long, low: wait
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Which lamps are on, and for how long."""

    on: frozenset[str]
    for_ms: int


def timeline(signal: Signal) -> list[Step]:
    """A signal as steps one after another; lamps that have ended stay off."""
    marks = {lamp: list(accumulate(time for pair in rhythm for time in pair)) for lamp, rhythm in signal.lamps.items()}
    times = sorted({0, *(time for ends in marks.values() for time in ends)})
    steps: list[Step] = []
    for begin, end in pairwise(times):
        on = frozenset(lamp for lamp, ends in marks.items() if _is_on(ends, begin))
        if steps and steps[-1].on == on:
            steps[-1] = Step(on, steps[-1].for_ms + end - begin)
        else:
            steps.append(Step(on, end - begin))
    return steps


def _is_on(ends: list[int], at_ms: int) -> bool:
    """Tell whether a lamp whose on and off times end then is on at `at_ms`."""
    passed = sum(end <= at_ms for end in ends)
    return passed < len(ends) and passed % 2 == 0


@dataclass(frozen=True, slots=True)
class Lamps:
    """Which lamp hangs on which line."""

    lines: Mapping[str, int]
    active_low: bool = False


def parse_lamps(spec: str) -> Lamps:
    """Understand `green=gpio:22,red=gpio:23,buzzer=gpio:24?active=low`. Raises BadAddress."""
    head, _, option = spec.strip().partition("?")
    lines: dict[str, int] = {}
    for part in head.split(","):
        lamp, _, place = part.partition("=")
        line = line_of(place)
        if lamp not in LAMPS or lamp in lines or line is None or line in lines.values():
            raise BadAddress(SPEC, spec=spec)
        lines[lamp] = line
    if option not in ("", "active=low", "active=high"):
        raise BadAddress(SPEC, spec=spec)
    return Lamps(lines, active_low=option == "active=low")


class GpioFeedback:
    """Plays signals on GPIO lines (drivers.interfaces.Feedback)."""

    def __init__(
        self, lamps: Lamps, gpio: GpioModule, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._lamps, self._gpio, self._sleep = lamps, gpio, sleep
        self._refusals = (RuntimeError, ValueError, OSError, gpio.lgpio.error)
        self._taken: list[int] = []
        self._state: SignalName = DARK
        self._answering = False
        self._task: asyncio.Task[None] | None = None
        self._fault: DriverError | None = None

    def show(self, signal: SignalName) -> None:
        """Begin a signal of SIGNALS. Raises DriverError(`unavailable`) for a line that fails, or failed meanwhile.

        A state that is shown already goes on as it is; one shown during an answer waits for its end.
        """
        is_state = SIGNALS[signal].repeats
        is_on = signal == self._state
        if is_state:
            self._state = signal
        if is_state and (is_on or self._answering) and self._task is not None and not self._task.done():
            return
        fault, self._fault = self._fault, None
        self._stop()
        self._answering = not is_state
        with self._translated():
            self._take()
        self._task = asyncio.get_running_loop().create_task(self._play(signal))
        if fault is not None:
            raise fault

    def close(self) -> None:
        """All off, and the lines given back."""
        self._stop()
        while self._taken:
            line = self._taken.pop()
            with contextlib.suppress(*self._refusals):
                self._gpio.output(line, self._level(on=False))
            with contextlib.suppress(*self._refusals):
                self._gpio.cleanup(line)

    async def _play(self, signal: SignalName) -> None:
        """Play until stopped; a fault ends it and is kept."""
        try:
            with self._translated():
                if not SIGNALS[signal].repeats:
                    await self._run(timeline(SIGNALS[signal]))
                    self._answering = False
                steps = timeline(SIGNALS[self._state]) or [Step(frozenset(), 0)]
                while len(steps) > 1:
                    await self._run(steps)
                self._light(steps[0].on)
        except DriverError as error:
            self._fault = error

    async def _run(self, steps: list[Step]) -> None:
        for step in steps:
            self._light(step.on)
            await self._sleep(step.for_ms / 1000)

    def _light(self, on: frozenset[str]) -> None:
        for lamp, line in self._lamps.lines.items():
            self._gpio.output(line, self._level(on=lamp in on))

    def _take(self) -> None:
        """Take the lines that are not held yet, all off."""
        if len(self._taken) == len(self._lamps.lines):
            return
        self._gpio.setwarnings(False)
        self._gpio.setmode(self._gpio.BCM)
        for line in self._lamps.lines.values():
            if line not in self._taken:
                self._gpio.setup(line, self._gpio.OUT, initial=self._level(on=False))
                self._taken.append(line)

    def _level(self, *, on: bool) -> int:
        return int(self._gpio.LOW if on == self._lamps.active_low else self._gpio.HIGH)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._refusals as error:
            self.close()
            raise DriverError(
                "unavailable",
                "The lamps at the charger cannot be used ({detail}): check their lines and that no other program"
                " holds them.",
                detail=str(error).strip("'"),
            ) from error
