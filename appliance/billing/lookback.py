"""One period of a household beside the one before it: energies, money, bars or curves, for whoever shows history.

Reads only. A period that still grows is compared with the one before as far as
that had come by then, so that a morning is not held against a whole day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from appliance.billing import grid_money
from appliance.billing.grid_money import Money
from appliance.metering import household, meters, periods
from appliance.metering.balance import Energies
from appliance.metering.household import Bars, Powers
from appliance.metering.periods import Period
from appliance.opened import Opened

FINE_S, COARSE_S = 300, 900  # steps of a day's curve: from minutes, and where those are no longer kept
MAKERS = frozenset({"pv", "battery"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bar of a stretch is made of, in Wh: where it came from, and what left the house."""

    own: int  # of the roof, used here
    battery: int
    grid: int
    fed: int  # of the roof, into the grid
    house: int
    car: int


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

    @property
    def makes(self) -> bool:
        """Tell whether the house makes or stores energy of its own."""
        return bool(MAKERS & self.roles)


def used_wh(energies: Energies) -> int | None:
    """What house and car used."""
    return None if energies.house_wh is None else energies.house_wh + max(0, energies.car_wh or 0)


def parts(one: Energies) -> Parts:
    """What a bar is made of; what is not known adds nothing."""
    fed, charged = one.grid_export_wh or 0, one.battery_charged_wh or 0
    return Parts(
        own=max(0, (one.pv_wh or 0) - fed - charged),
        battery=one.battery_given_wh or 0,
        grid=one.grid_import_wh or 0,
        fed=fed,
        house=(one.house_wh if one.house_wh is not None else one.grid_import_wh) or 0,
        car=max(0, one.car_wh or 0),
    )


def period(kind: str, day: date | None, today: date, first: date | None) -> Period:
    """The period of a kind that `day` (None: today) lies in; never one that has not begun."""
    if kind == "total":
        return periods.total(first or today, today)
    return periods.containing(kind, min(day or today, today))


def look_up(it: Opened, wanted: Period, now: datetime, zone: ZoneInfo, first: date | None) -> History:
    """All of it, from the store. Raises StoreError."""
    today = now.astimezone(zone).date()
    previous, is_day = wanted.previous(), wanted.kind == "day"
    over = wanted.last < today
    return History(
        period=wanted,
        zone=zone,
        today=today,
        first=first,
        roles=frozenset(meter.role for meter in meters.all(it.store)),
        sums=household.between(it, wanted.first, min(wanted.last, today), zone),
        money=grid_money.between(it, wanted.first, min(wanted.last, today), zone),
        before=None if previous is None else _before(it, wanted, previous, now, zone),
        before_money=grid_money.between(it, previous.first, previous.last, zone) if previous and over else None,
        bars=None if is_day else household.bars(it, wanted, zone),
        bars_before=household.bars(it, previous, zone) if previous and not is_day else None,
        powers=powers(it, wanted.first, zone) if is_day else None,
    )


def powers(it: Opened, day: date, zone: ZoneInfo) -> Powers:
    """The curves of a day, as finely as they are still kept. Raises StoreError."""
    fine = household.powers(it, day, zone, FINE_S)
    coarse = household.powers(it, day, zone, COARSE_S)
    return fine if _known(fine) * FINE_S >= _known(coarse) * COARSE_S * 0.9 else coarse


def _before(it: Opened, wanted: Period, previous: Period, now: datetime, zone: ZoneInfo) -> Energies:
    """The period before, to the same moment when this one still grows."""
    begin, end = wanted.bounds(zone)
    then, until = previous.bounds(zone)
    return household.stretch(it, then, until if now >= end else min(until, then + (now - begin)), zone)


def _known(found: Powers) -> int:
    return sum(one.grid_w is not None or one.house_w is not None for one in found.at_each)
