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

from appliance.billing import grid_money
from appliance.billing.grid_money import Money
from appliance.metering import household, meters, periods
from appliance.metering.balance import Energies
from appliance.metering.household import Bars, Powers
from appliance.metering.periods import Period
from appliance.opened import Opened
from ui.touch.status import Status

KEPT_S = 600.0  # a late quarter hour or another tariff is seen after so long
KEPT = 40  # periods
EVERY_S, SLOW_EVERY_S = 30.0, 300.0  # what still grows is looked at anew: days to months, years
FINE_S, COARSE_S = 300, 900  # steps of a day's curve: from minutes, and where those are no longer kept


@dataclass(frozen=True, slots=True)
class History:
    """One period beside the one before it."""

    period: Period
    zone: ZoneInfo
    today: date
    first: date | None  # the first day anything was measured
    roles: frozenset[str]
    sums: Energies
    money: Money
    before: Energies | None  # the one before, as far as this one has come
    before_money: Money | None  # only when this one is over
    bars: Bars | None  # None for a day
    bars_before: Bars | None
    powers: Powers | None  # of a day

    @property
    def is_over(self) -> bool:
        """Tell whether nothing will be added to it."""
        return self.period.last < self.today

    @property
    def measured(self) -> bool:
        """Tell whether anything was."""
        return any(wh is not None for wh in (self.sums.grid_import_wh, self.sums.pv_wh, self.sums.car_wh))


@dataclass(frozen=True, slots=True)
class Album:
    """Periods that were looked up."""

    now_s: Callable[[], float] = time.monotonic
    kept: OrderedDict[Period, tuple[float, History]] = field(default_factory=OrderedDict)

    def history(self, it: Opened, kind: str, day: date | None, status: Status) -> History:
        """The period of a kind that `day` (None: today) lies in. Raises StoreError."""
        zone, today = _zone(status), status.now.date()
        first = household.first_day(it, zone)
        whole = kind == "total"
        period = periods.total(first or today, today) if whole else periods.containing(kind, min(day or today, today))
        known = self.kept.get(period)
        if known is not None and known[1].today == today and self.now_s() - known[0] < KEPT_S:
            return known[1]
        found = look_up(it, period, status, first)
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


def look_up(it: Opened, period: Period, status: Status, first: date | None) -> History:
    """All of it, from the store. Raises StoreError."""
    zone, today = _zone(status), status.now.date()
    previous, is_day = period.previous(), period.kind == "day"
    over = period.last < today
    return History(
        period=period,
        zone=zone,
        today=today,
        first=first,
        roles=frozenset(meter.role for meter in meters.all(it.store)),
        sums=household.between(it, period.first, min(period.last, today), zone),
        money=grid_money.between(it, period.first, min(period.last, today), zone),
        before=None if previous is None else _before(it, period, previous, status),
        before_money=grid_money.between(it, previous.first, previous.last, zone) if previous and over else None,
        bars=None if is_day else household.bars(it, period, zone),
        bars_before=household.bars(it, previous, zone) if previous and not is_day else None,
        powers=_powers(it, period.first, zone) if is_day else None,
    )


def _before(it: Opened, period: Period, previous: Period, status: Status) -> Energies:
    """The period before, to the same moment when this one still grows."""
    zone = _zone(status)
    begin, end = period.bounds(zone)
    then, until = previous.bounds(zone)
    return household.stretch(it, then, until if status.now >= end else min(until, then + (status.now - begin)), zone)


def _powers(it: Opened, day: date, zone: ZoneInfo) -> Powers:
    fine = household.powers(it, day, zone, FINE_S)
    coarse = household.powers(it, day, zone, COARSE_S)
    return fine if _known(fine) * FINE_S >= _known(coarse) * COARSE_S * 0.9 else coarse


def _known(powers: Powers) -> int:
    return sum(one.grid_w is not None or one.house_w is not None for one in powers.at_each)


def _zone(status: Status) -> ZoneInfo:
    assert isinstance(status.now.tzinfo, ZoneInfo)  # noqa: S101 - made so in gather.py
    return status.now.tzinfo
