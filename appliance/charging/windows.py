"""Weekly hours: when somebody may charge, and what a charging point with a plan allows when.

Hours are local wall-clock time, so they follow the change to and from summer
time by themselves: an hour that comes twice holds twice, one that is left out
never comes. Without a known local time nothing holds. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from appliance.errors import N_, BadInput

EDGE = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
TYPED = re.compile(rf"([1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?)*) ({EDGE})-({EDGE}|24:00)(?: (free|authorized))?")
MOST = 50  # windows of one person or plan
OUTSIDE = "outside"  # the mode of a point with a plan while no window of it holds


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week, from `begin` to before `end`; over midnight when `end` is not after `begin`."""

    days: frozenset[int]  # ISO weekdays on which it begins, Monday = 1
    begin: time
    end: time
    mode: str = "authorized"  # in a plan: 'free' or 'authorized'

    def holds(self, local: datetime) -> bool:
        """Tell whether it covers a local moment."""
        now, today = local.time(), local.isoweekday()
        if self.begin < self.end:
            return today in self.days and self.begin <= now < self.end
        yesterday = (today - 2) % 7 + 1
        return (today in self.days and now >= self.begin) or (yesterday in self.days and now < self.end)

    def __str__(self) -> str:
        days = ",".join(str(day) for day in sorted(self.days))
        mode = "" if self.mode == "authorized" else f" {self.mode}"
        return f"{days} {self.begin:%H:%M}-{self.end:%H:%M}{mode}"


def parse(texts: Sequence[str], field: str = "hours", *, plan: bool = False) -> tuple[Window, ...]:
    """Windows as typed, one a text: `1-5 08:00-18:00`; in a plan also `6,7 00:00-24:00 free`. Raises BadInput."""
    found = [TYPED.fullmatch(" ".join(text.split())) for text in texts]
    windows = tuple(_window(one) for one in found if one is not None)
    if len(windows) < len(texts) or len(texts) > MOST or not (plan or all(one.mode == "authorized" for one in windows)):
        raise BadInput(
            N_("Hours are days and times, like '1-5 08:00-18:00' (Monday is 1); at most {most} of them."),
            field=field, most=MOST,
        )  # fmt: skip
    return windows


def _window(found: re.Match[str]) -> Window:
    end = time(0) if found[3] == "24:00" else time.fromisoformat(found[3])
    return Window(_days(found[1]), time.fromisoformat(found[2]), end, found[4] or "authorized")


def _days(text: str) -> frozenset[int]:
    """'1-5', '6,7' or '5-1' (Friday to Monday) as a set."""
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        days |= {(day - 1) % 7 + 1 for day in range(begin, end + (1 if end >= begin else 8))}
    return frozenset(days)


def to_json(windows: Sequence[Window]) -> str:
    """Windows as the store keeps them."""
    return json.dumps([str(one) for one in windows])


def from_json(text: str) -> tuple[Window, ...]:
    """Inverse of `to_json`."""
    return () if text == "[]" else parse(json.loads(text), plan=True)


def allowed(windows: Sequence[Window], local: datetime | None) -> bool:
    """Tell whether these hours allow a moment. None at all allow any; an unknown moment is outside."""
    return not windows or (local is not None and any(one.holds(local) for one in windows))


def mode_at(mode: str, plan: Sequence[Window], local: datetime | None) -> str:
    """The mode in force: that of the first window that holds for a point in mode `time`, OUTSIDE when none does."""
    if mode != "time":
        return mode
    if local is None:
        return OUTSIDE
    return next((one.mode for one in plan if one.holds(local)), OUTSIDE)
