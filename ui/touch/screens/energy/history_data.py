"""What the history shows of one period, looked up in the watcher's thread. No Kivy here.

A period that is over is kept for KEPT_S, so going back and forth costs nothing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from appliance.billing import lookback
from appliance.billing.lookback import History as History
from appliance.metering import household
from appliance.metering.periods import Period
from appliance.opened import Opened
from ui.touch.status import Status

KEPT_S = 600.0  # a late quarter hour or another tariff is seen after so long
KEPT = 40  # periods
EVERY_S, SLOW_EVERY_S = 30.0, 300.0  # what still grows is looked at anew: days to months, years


@dataclass(frozen=True, slots=True)
class Album:
    """Periods that were looked up."""

    now_s: Callable[[], float] = time.monotonic
    kept: OrderedDict[Period, tuple[float, History]] = field(default_factory=OrderedDict)

    def history(self, it: Opened, kind: str, day: date | None, status: Status) -> History:
        """The period of a kind that `day` (None: today) lies in. Raises StoreError."""
        zone, today = _zone(status), status.now.date()
        first = household.first_day(it, zone)
        period = lookback.period(kind, day, today, first)
        known = self.kept.get(period)
        if known is not None and known[1].today == today and self.now_s() - known[0] < KEPT_S:
            return known[1]
        found = lookback.look_up(it, period, status.now, zone, first)
        if found.is_over:
            self.kept[period] = (self.now_s(), found)
            while len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page wants to see; its `look` is the page's sight."""

    album: Album
    kind: str
    day: date | None  # None: the newest

    @property
    def every_s(self) -> float:
        """How often to look."""
        return SLOW_EVERY_S if self.kind in ("year", "total") else EVERY_S

    def look(self, it: Opened, status: Status) -> History:
        """Look it up. Raises StoreError."""
        return self.album.history(it, self.kind, self.day, status)


def _zone(status: Status) -> ZoneInfo:
    assert isinstance(status.now.tzinfo, ZoneInfo)  # noqa: S101 - made so in gather.py
    return status.now.tzinfo
