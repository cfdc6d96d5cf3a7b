"""When the flow picture may move: seen, bright, wanted, and the machine has the time for it."""

from __future__ import annotations

import time
from pathlib import Path

BUSY, CALM = 0.85, 0.6  # share of all cores: above the first it rests, until it is below the second
LOOK_S = 2.0  # between two looks at the machine
STAT = Path("/proc/stat")


class Load:
    """How busy the machine is; a picture that moves is the first thing to go without."""

    def __init__(self, stat: Path = STAT) -> None:
        self._stat = stat
        self._before = (0, 0)
        self._at_s = float("-inf")
        self.is_high = False

    def look(self, now_s: float | None = None) -> bool:
        """Tell whether the machine is too busy; looked at every LOOK_S seconds."""
        now_s = time.monotonic() if now_s is None else now_s
        if now_s - self._at_s < LOOK_S:
            return self.is_high
        self._at_s = now_s
        idle, whole = _ticks(self._stat)
        idle_before, whole_before = self._before
        self._before = (idle, whole)
        if whole_before and whole > whole_before:
            busy = 1 - (idle - idle_before) / (whole - whole_before)
            self.is_high = busy > (CALM if self.is_high else BUSY)
        return self.is_high


def _ticks(stat: Path) -> tuple[int, int]:
    """Idle ticks and all ticks since the start; (0, 0) where the kernel does not say."""
    try:
        fields = stat.read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return (0, 0)
    ticks = [int(field) for field in fields[:8]]  # user nice system idle iowait irq softirq steal
    return (ticks[3] + ticks[4], sum(ticks)) if len(ticks) > 4 else (0, 0)
