"""A meter's absolute energy counter, and whether to believe what it says.

A counter that runs backwards, or faster than any house, is not believed. When
it stays so for a minute and goes on plausibly from there, it belongs to another
meter: counting starts anew from it, and what was counted before stays counted.
"""

from __future__ import annotations

from dataclasses import dataclass

FASTEST_W = 100_000.0  # no household meter counts faster
SLACK_WH = 3.0  # a float counter in kWh steps by 2 Wh above 16.8 MWh
REPLACED_S = 60.0  # how long another meter's counter is watched before it is taken


@dataclass(slots=True)
class Count:
    """One counter of a meter: where the quarter hour began and what was believed last."""

    begin_wh: int | None = None
    last_wh: float | None = None
    last_s: float = 0.0  # boot clock; below zero: before this boot
    doubted_wh: float | None = None  # what it says instead
    doubted_since_s: float = 0.0
    doubted_s: float = 0.0

    def see(self, wh: float, at_s: float) -> bool:
        """Take the counter's value at `at_s` (boot clock); tell whether it is believed."""
        if self.last_wh is None:
            self.last_wh, self.last_s = wh, at_s
            self.begin_wh = round(wh) if self.begin_wh is None else self.begin_wh
            return True
        if follows(self.last_wh, wh, at_s - self.last_s):
            self.last_wh, self.last_s, self.doubted_wh = max(wh, self.last_wh), at_s, None
            return True
        self._doubt(wh, at_s)
        return False

    def _doubt(self, wh: float, at_s: float) -> None:
        """Watch what cannot be; once it has been plausible in itself for long enough, count on from it."""
        if self.doubted_wh is None or not follows(self.doubted_wh, wh, at_s - self.doubted_s):
            self.doubted_since_s = at_s
        self.doubted_wh, self.doubted_s = wh, at_s
        if at_s - self.doubted_since_s >= REPLACED_S:
            self.begin_wh = round(wh) - self.energy_wh
            self.last_wh, self.last_s, self.doubted_wh = wh, at_s, None

    @property
    def energy_wh(self) -> int:
        """Energy since the quarter hour began."""
        return 0 if self.last_wh is None or self.begin_wh is None else max(0, round(self.last_wh) - self.begin_wh)

    @property
    def end_wh(self) -> int | None:
        """The counter as it was believed last."""
        return None if self.last_wh is None else round(self.last_wh)

    def go_on(self) -> Count:
        """The same counter for the quarter hour that follows."""
        return Count(self.end_wh, self.last_wh, self.last_s, self.doubted_wh, self.doubted_since_s, self.doubted_s)


def follows(before_wh: float, wh: float, passed_s: float) -> bool:
    """Tell whether a household's counter may show `wh` this long after `before_wh`."""
    return -SLACK_WH <= wh - before_wh <= FASTEST_W * max(0.0, passed_s) / 3600 + SLACK_WH
