"""Hours of the week on the clock on the wall, as people type them: `1-5 22:00-06:00` (Monday is 1).

They follow the change to and from summer time by themselves: an hour that comes
twice holds twice, one that is left out never comes. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

DAYS = r"[1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?)*"
EDGE = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` to before `end`; over midnight when `end` is not after `begin`."""

    days: frozenset[int]  # ISO weekdays on which they begin, Monday = 1
    begin: time
    end: time

    def holds(self, local: datetime) -> bool:
        """Tell whether they cover a local moment."""
        now, today = local.time(), local.isoweekday()
        if self.begin < self.end:
            return today in self.days and self.begin <= now < self.end
        yesterday = (today - 2) % 7 + 1
        return (today in self.days and now >= self.begin) or (yesterday in self.days and now < self.end)

    @property
    def text(self) -> str:
        """As they may be typed."""
        return f"{','.join(map(str, sorted(self.days)))} {self.begin:%H:%M}-{self.end:%H:%M}"


def days(text: str) -> frozenset[int]:
    """What DAYS matches as a set: '1-5', '6,7' or '5-1' (Friday to Monday)."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        found |= {(day - 1) % 7 + 1 for day in range(begin, end + (1 if end >= begin else 8))}
    return frozenset(found)
