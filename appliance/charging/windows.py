"""Weekly hours: when somebody may charge, and what a charging point with a plan allows when.

Hours are local wall-clock time (`weekly`). Without a known local time nothing
holds. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from appliance import weekly
from appliance.errors import N_, BadInput
from appliance.weekly import DAYS, EDGE, Hours

TYPED = re.compile(rf"({DAYS}) ({EDGE})-({EDGE}|24:00)(?: (free|authorized))?")
MOST = 50  # windows of one person or plan
OUTSIDE = "outside"  # the mode of a point with a plan while no window of it holds


@dataclass(frozen=True, slots=True)
class Window(Hours):
    """Hours of the week in which one may charge."""

    mode: str = "authorized"  # in a plan: 'free' or 'authorized'

    def __str__(self) -> str:
        return self.text if self.mode == "authorized" else f"{self.text} {self.mode}"


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
    return Window(weekly.days(found[1]), time.fromisoformat(found[2]), end, found[4] or "authorized")


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
