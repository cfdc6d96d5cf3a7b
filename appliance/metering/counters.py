"""A meter's absolute energy counter, and whether to believe what it says.

A counter that runs backwards, or faster than any house, is not believed. When
it stays so for a minute and goes on plausibly from there, it belongs to another
meter or was reset: counting starts anew from where it was first seen, and what
was counted before stays counted. A counter that runs over its end goes on.

A counter that moves in coarse steps is filled in with the energy that the power
makes, never further from the counter than one step of it.
"""

from __future__ import annotations

from dataclasses import dataclass

FASTEST_W = 100_000.0  # no household meter counts faster
SLACK_WH = 3.0  # counters and readings are not of the same instant
FLOAT_STEP = 2**-22  # a counter in a 32-bit float resolves this part of its value: 2 Wh above 8.4 MWh
REPLACED_S = 60.0  # how long another meter's counter is watched before it is taken
STEPS_WH = (1000, 100, 10, 1)  # resolutions of counters; from 10 Wh on a quarter hour needs the power, too
COARSE_WH = 10
ENDS_WH = (2**31, 2**32, 2**31 / 10, 2**32 / 10, 2**31 * 10, 2**32 * 10, 1e8, 1e9, 1e10)  # where counters begin anew
OVER_END_WH = 100_000.0  # an outage in which more than this was used is not told from another meter


@dataclass(slots=True)
class Count:
    """One counter of a meter: where the quarter hour began, what was believed last, what is counted."""

    begin_wh: int | None = None
    last_wh: float | None = None  # what the meter said; None: not since this boot
    last_s: float = 0.0  # boot clock; below zero: before this boot
    counted_wh: float | None = None  # with what a coarse counter does not show yet
    step_wh: int = STEPS_WH[0]  # all that was said is a multiple of this
    doubted_first_wh: float | None = None  # what it says instead, since
    doubted_since_s: float = 0.0
    doubted_wh: float = 0.0
    doubted_s: float = 0.0

    def see(self, wh: float, at_s: float, flow_wh: float | None = None) -> bool:
        """Take the counter's value at `at_s` (boot clock); tell whether it is believed.

        `flow_wh`: what the power made since the reading before, in this direction; None: not known.
        """
        if self.counted_wh is None:
            self.counted_wh = wh
            self.begin_wh = round(wh)
        elif (over := self._over_end(wh, at_s)) is not None:
            self._start_from(wh, round(self.counted_wh - over))
        elif not self._follows(wh, at_s):
            self._doubt(wh, at_s)
            return False
        self.step_wh = min(self.step_wh, step_of(wh))
        self.counted_wh = self._counted(wh, flow_wh)
        self.last_wh, self.last_s, self.doubted_first_wh = max(wh, self.last_wh or 0.0), at_s, None
        return True

    def _counted(self, wh: float, flow_wh: float | None) -> float:
        """What is counted now that the meter says `wh`."""
        before_wh = wh if self.counted_wh is None else self.counted_wh
        if self.step_wh < COARSE_WH or not wh:
            return max(before_wh, wh)
        if self.last_wh is None:  # goes on after a reboot: what was filled in then is not counted again
            return before_wh if wh - self.step_wh < before_wh else wh
        if flow_wh is None:
            flow_wh = max(0.0, wh - self.last_wh)
        return max(before_wh, wh - self.step_wh, min(before_wh + flow_wh, wh + self.step_wh))

    def _follows(self, wh: float, at_s: float) -> bool:
        step_wh = min(self.step_wh, step_of(wh))
        if self.last_wh is not None:
            return follows(self.last_wh, wh, at_s - self.last_s, step_wh)
        counted_wh = self.counted_wh or 0.0  # goes on after a reboot: ahead of a coarse counter by up to a step
        return follows(counted_wh, max(wh, min(counted_wh, wh + step_wh)), at_s - self.last_s, step_wh)

    def _over_end(self, wh: float, at_s: float) -> float | None:
        """How much the counter's range is when it has just run over its end; None when it has not."""
        before_wh = self.counted_wh if self.last_wh is None else self.last_wh
        if before_wh is None or wh >= before_wh or wh > OVER_END_WH:
            return None
        for end_wh in ENDS_WH:
            if 0 <= end_wh - before_wh <= OVER_END_WH and follows(before_wh, wh + end_wh, at_s - self.last_s):
                return end_wh
        return None

    def _doubt(self, wh: float, at_s: float) -> None:
        """Watch what cannot be; once it has been plausible in itself for long enough, count on from it."""
        if self.doubted_first_wh is None or not follows(self.doubted_wh, wh, at_s - self.doubted_s, step_of(wh)):
            self.doubted_first_wh, self.doubted_since_s = wh, at_s
        self.doubted_wh, self.doubted_s = wh, at_s
        if at_s - self.doubted_since_s >= REPLACED_S:
            self._start_from(wh, round(self.doubted_first_wh))
            self.last_wh, self.last_s, self.doubted_first_wh, self.step_wh = wh, at_s, None, step_of(wh)

    def _start_from(self, wh: float, zero_wh: int) -> None:
        """Go on from another counter, of which what lies above `zero_wh` is new."""
        self.begin_wh = zero_wh - self.energy_wh
        self.counted_wh, self.last_wh = wh, None

    @property
    def energy_wh(self) -> int:
        """Energy since the quarter hour began."""
        return 0 if self.counted_wh is None or self.begin_wh is None else max(0, round(self.counted_wh) - self.begin_wh)

    @property
    def end_wh(self) -> int | None:
        """The counter as it was believed last."""
        return None if self.counted_wh is None else round(self.counted_wh)

    def go_on(self) -> Count:
        """The same counter for the quarter hour that follows."""
        return Count(
            self.end_wh, self.last_wh, self.last_s, self.counted_wh, self.step_wh,
            self.doubted_first_wh, self.doubted_since_s, self.doubted_wh, self.doubted_s,
        )  # fmt: skip

    @classmethod
    def resumed(cls, wh: int, at_s: float) -> Count:
        """The counter as it was stored at `at_s` (boot clock; below zero: before this boot)."""
        return cls(wh, None, at_s, float(wh))


def step_of(wh: float) -> int:
    """The coarsest step a counter that shows `wh` may have."""
    return next((step for step in STEPS_WH if round(wh, 3) % step == 0), 1)


def follows(before_wh: float, wh: float, passed_s: float, step_wh: float = 0.0) -> bool:
    """Tell whether a household's counter of such steps may show `wh` this long after `before_wh`."""
    back_wh = max(SLACK_WH, wh * FLOAT_STEP)
    return -back_wh <= wh - before_wh <= FASTEST_W * max(0.0, passed_s) / 3600 + max(back_wh, step_wh)
