"""What must never be: power through an open relay, a grid connection drawn beyond its limit, a contactor that sticks.

And what must be said: a meter that counts the wrong way round.

Pure: each guard is a value, and `seen` gives the next one. Moments are on the
boot clock, delays in real seconds times the clock's speed. What is not known
(a silent meter) neither raises nor ends an alarm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

LEAK_W = 200.0
LEAK_AFTER_S = 30.0
REVERSED_AFTER_S = 30.0
OVER_FOR_S = 5.0  # above the limit for so long opens every relay
BELOW_BY_A = 2.0  # and so far below the limit ...
BELOW_FOR_S = 60.0  # ... for so long lets them close again
FOLLOW_WITHIN_S = 0.5
REST_MOST_S = 900.0  # between two tries with a contactor that does not follow
CALM_S = 60.0  # one that followed for so long is as good as new
Said = tuple[str, str, str, dict[str, object]]  # a fault: source, code, sentence, its values
PHASES = ("l1", "l2", "l3")


@dataclass(frozen=True, slots=True)
class Leak:
    """Power that flows at one point while its relay is open."""

    since_s: float | None = None
    alarm: bool = False

    def seen(self, power_w: float | None, *, is_open: bool | None, now_s: float, speed: float = 1.0) -> Leak:
        """`power_w`, of either sign, is None when the meter says nothing about now, `is_open` when no relay tells."""
        if is_open is False:
            return Leak()
        if power_w is None or is_open is None:
            return self if self.alarm else Leak()
        if abs(power_w) <= LEAK_W:
            return Leak()
        since_s = now_s if self.since_s is None else self.since_s
        return Leak(since_s, self.alarm or now_s - since_s >= LEAK_AFTER_S * speed)


@dataclass(frozen=True, slots=True)
class Reversed:
    """A meter that shows power out of a car: it is wired the wrong way round. Ends when power is seen to flow in."""

    since_s: float | None = None
    alarm: bool = False

    def seen(self, power_w: float | None, now_s: float, speed: float = 1.0) -> Reversed:
        """Little power, or none known, says nothing."""
        if power_w is None or abs(power_w) <= LEAK_W:
            return replace(self, since_s=None)
        if power_w > 0:
            return Reversed()
        since_s = now_s if self.since_s is None else self.since_s
        return Reversed(since_s, self.alarm or now_s - since_s >= REVERSED_AFTER_S * speed)


@dataclass(frozen=True, slots=True)
class Grid:
    """The current drawn from the grid, against the limit a person set."""

    over_since_s: float | None = None
    below_since_s: float | None = None
    holds: bool = False  # every relay is to be open

    def seen(self, current_a: float | None, limit_a: float, now_s: float, speed: float = 1.0) -> Grid:
        """`current_a` is that of the phase that draws most; None: no meter says anything about now."""
        if limit_a <= 0:
            return Grid()
        if current_a is None:
            return replace(self, below_since_s=None)
        if self.holds:
            return self._released(current_a, limit_a, now_s, speed)
        if current_a <= limit_a:
            return Grid()
        since_s = now_s if self.over_since_s is None else self.over_since_s
        return Grid(since_s, holds=now_s - since_s >= OVER_FOR_S * speed)

    def _released(self, current_a: float, limit_a: float, now_s: float, speed: float) -> Grid:
        if current_a >= limit_a - BELOW_BY_A:
            return Grid(holds=True)
        since_s = now_s if self.below_since_s is None else self.below_since_s
        return Grid() if now_s - since_s >= BELOW_FOR_S * speed else Grid(below_since_s=since_s, holds=True)


def drawn_a(values: Mapping[str, float]) -> float | None:
    """The current of the phase that draws most; what is fed into the grid counts as none. None: not measured."""
    found = [
        0.0 if values.get(f"power_{phase}_w", 0.0) < 0 else abs(values[f"current_{phase}_a"])
        for phase in PHASES
        if math.isfinite(values.get(f"current_{phase}_a", math.nan))
    ]
    return max(found, default=None)


@dataclass(frozen=True, slots=True)
class Contactor:
    """Whether a contactor does what its relay tells it, by its auxiliary contact."""

    differs_since_s: float | None = None
    lags: bool = False  # did not close with its relay: until it does
    welded: bool = False  # closed although its relay is open: stays until a person saw it open
    tries: int = 0  # closings that it did not follow
    rests_until_s: float = -math.inf  # not tried again before

    def seen(
        self, *, relay_closed: bool | None, contact_closed: bool | None, now_s: float, speed: float = 1.0,
        pause_s: float = 10.0,
    ) -> Contactor:  # fmt: skip
        """None: that one cannot be read. `pause_s`: before it is tried again; each time twice as long."""
        if relay_closed is None or contact_closed is None:
            return replace(self, differs_since_s=None, lags=self.lags and contact_closed is not None)
        if relay_closed == contact_closed:
            return self._followed(now_s, speed) if relay_closed else replace(self, differs_since_s=None)
        since_s = now_s if self.differs_since_s is None else self.differs_since_s
        late = now_s - since_s >= FOLLOW_WITHIN_S * speed
        if contact_closed:
            return replace(
                self, differs_since_s=since_s, lags=self.lags and not late, welded=self.welded or late
            )  # fmt: skip
        if not late or now_s < self.rests_until_s:
            return replace(self, differs_since_s=since_s)
        rest_s = min(pause_s * 2**self.tries, max(pause_s, REST_MOST_S))
        return replace(
            self, differs_since_s=since_s, lags=True, tries=min(self.tries + 1, 16), rests_until_s=now_s + rest_s
        )  # fmt: skip

    def _followed(self, now_s: float, speed: float) -> Contactor:
        """One that closes and drops again is not at once as good as new."""
        if now_s - self.rests_until_s >= CALM_S * speed:
            return Contactor(welded=self.welded)
        return replace(self, differs_since_s=None, lags=False)

    def may_close(self, now_s: float) -> bool:
        """Tell whether its relay may be closed."""
        return not self.welded and now_s >= self.rests_until_s

    def unwanted(self) -> Contactor:
        """Nobody wants to charge: what did not follow is tried anew for the next."""
        return Contactor(self.differs_since_s, welded=self.welded)
