"""The rescue at the start-up screen: UP and DOWN held together for 5 s. Arithmetic only, without Kivy."""

from __future__ import annotations

import math

HELD_S = 5.0
SEEN_S = 6.0  # the start-up screen stays so long, and longer while somebody holds


class BothHeld:
    """Fed with what is held at a moment; a release begins anew."""

    def __init__(self, now_s: float, speed: float = 1.0) -> None:
        self._speed = speed
        self._began_s = now_s
        self._since_s: float | None = None
        self.fired = False

    def feed(self, now_s: float, *, up: bool, down: bool) -> bool:
        """Take a look; tell, once, that both were held long enough."""
        if not (up and down):
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        if self.fired or now_s - self._since_s < HELD_S * self._speed:
            return False
        self.fired = True
        return True

    def countdown(self, now_s: float) -> int:
        """5, 4, 3, 2, 1 while both are held; 0 else."""
        if self._since_s is None or self.fired:
            return 0
        return max(1, math.ceil(HELD_S - (now_s - self._since_s) / self._speed))

    def is_over(self, now_s: float, *, up: bool, down: bool) -> bool:
        """Tell whether the start-up screen may go: its time is over and nobody holds anything."""
        return not (up or down) and not self.fired and now_s - self._began_s >= SEEN_S * self._speed
