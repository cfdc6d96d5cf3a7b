"""A battery on wheels behind a charging station of 11 kW.

It draws power only while the station is released, less and less from 80 % on,
and fills up. A full car that is no longer released drives off after a while
and comes back emptier, so that there is always something to charge.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_W = 11_000.0
LEAST_W = 1_400.0  # 6 A on one phase, the least IEC 61851 allows
WAKE_S, RAMP_S = 3.0, 6.0  # the car answers the station, then raises its current
TAPER_FROM = 0.8  # share of the battery from which on it draws less
EFFICIENCY = 0.92  # what of the power arrives in the battery
REST_S, AWAY_S = 900.0, 1200.0  # how long it stands full, how long it is away
COMES_BACK_WITH = 0.35


@dataclass
class Car:
    """The car now. Times are seconds of the house's clock."""

    capacity_wh: float = 58_000.0
    stored_wh: float = 22_000.0
    present: bool = True
    released_since_s: float | None = None
    rested_since_s: float | None = None
    back_at_s: float | None = None  # None while away: until it is called back

    @property
    def charge(self) -> float:
        """Share of the battery that is full, 0..1."""
        return self.stored_wh / self.capacity_wh

    def release(self, released: bool, t_s: float) -> None:
        """The station may charge from now on, or may no longer."""
        if not released:
            self.released_since_s = None
        elif self.released_since_s is None:
            self.released_since_s = t_s

    def power_w(self, t_s: float) -> float:
        """What it draws now."""
        if not self.present or self.released_since_s is None or self.charge >= 1:
            return 0.0
        awake_s = t_s - self.released_since_s - WAKE_S
        fullness = max(0.0, self.charge - TAPER_FROM) / (1 - TAPER_FROM)
        taper = 1 - fullness * (1 - LEAST_W / MOST_W)
        return MOST_W * taper * min(1.0, max(0.0, awake_s / RAMP_S))

    def live(self, t_s: float, dt_s: float) -> None:
        """Charge for `dt_s`; drive off and come back when it is time."""
        self.stored_wh = min(self.capacity_wh, self.stored_wh + self.power_w(t_s) * EFFICIENCY * dt_s / 3600)
        if not self.present:
            if self.back_at_s is not None and t_s >= self.back_at_s:
                self.arrive(COMES_BACK_WITH, t_s)
        elif self.released_since_s is not None or self.charge < 0.99:
            self.rested_since_s = None
        elif self.rested_since_s is None:
            self.rested_since_s = t_s
        elif t_s - self.rested_since_s >= REST_S:
            self.leave(t_s + AWAY_S)

    def leave(self, back_at_s: float | None = None) -> None:
        """Drive off."""
        self.present, self.back_at_s, self.rested_since_s = False, back_at_s, None

    def arrive(self, charge: float, t_s: float) -> None:
        """Come back with the battery filled to `charge`. A station that is still released wakes it at once."""
        if self.released_since_s is not None:
            self.released_since_s = t_s
        self.present, self.back_at_s, self.stored_wh = True, None, charge * self.capacity_wh
