"""What a kilowatt hour costs at a moment, and what a session cost.

Pure. A price holds from local midnight of its first day until the next one
begins; an employer's flat rate holds for one calendar year only. Within a day
bands may set other prices. A session is cut where its price changes; the energy
of each piece is read off the meter's counter there, so the pieces add up to the
session by construction. Where no price is known there is None, never zero.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from appliance import weekly
from appliance.errors import N_, BadInput
from appliance.weekly import DAYS, EDGE, Hours

MOST = Decimal(100)  # a kWh that costs more is a typing error
CENT = Decimal("0.01")
LONGEST_DAYS = 370  # a session that seems longer was ended under a wrong calendar; it has one price

Counter = Sequence[tuple[datetime, int]]  # the meter's counter in Wh at moments, in order of time


@dataclass(frozen=True, slots=True)
class Band(Hours):
    """Another price at some hours of the week."""

    per_kwh: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What a kWh costs from a local date on. The first band that holds overrules `per_kwh`."""

    valid_from: date
    per_kwh: Decimal
    bands: tuple[Band, ...] = ()

    def at(self, local: datetime) -> Decimal:
        """Price per kWh at a local moment."""
        return next((band.per_kwh for band in self.bands if band.holds(local)), self.per_kwh)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a session with one price."""

    begin: datetime
    end: datetime
    energy_wh: int
    per_kwh: Decimal | None


def per_kwh(prices: Sequence[Price], local: datetime, *, one_year: bool) -> Decimal | None:
    """Price at a local moment out of `prices` in order of their first day; None: none holds then."""
    place = bisect_right([price.valid_from for price in prices], local.date()) - 1
    if place < 0 or (one_year and prices[place].valid_from.year != local.year):
        return None
    return prices[place].at(local)


def pieces(counter: Counter, prices: Sequence[Price], zone: tzinfo, *, one_year: bool) -> list[Piece]:
    """A session cut where its price changes. `counter`: at its begin, at its end, and at what is known between."""
    begin, end = counter[0][0], counter[-1][0]
    found: list[Piece] = []
    since = begin
    costs = per_kwh(prices, begin.astimezone(zone), one_year=one_year)
    for border in [*_borders(begin, end, prices, zone), end]:
        costs_then = per_kwh(prices, border.astimezone(zone), one_year=one_year)
        if costs_then != costs or border == end:
            found.append(Piece(since, border, _wh_at(counter, border) - _wh_at(counter, since), costs))
            since, costs = border, costs_then
    return found


def cost(parts: Sequence[Piece]) -> Decimal | None:
    """What a session cost, to the cent; None when the price of any energy in it is not known."""
    total = Decimal(0)
    for part in parts:
        if part.energy_wh and part.per_kwh is None:
            return None
        total += Decimal(part.energy_wh) * (part.per_kwh or Decimal(0)) / 1000
    return total.quantize(CENT, ROUND_HALF_UP)


def _borders(begin: datetime, end: datetime, prices: Sequence[Price], zone: tzinfo) -> list[datetime]:
    """The moments inside (begin, end) at which a price may change."""
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    if (last - first).days > LONGEST_DAYS:
        return []
    times = {time()} | {edge for price in prices for band in price.bands for edge in (band.begin, band.end)}
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    moments = {  # an hour that comes twice has each edge twice
        datetime.combine(day, edge, zone).replace(fold=fold).astimezone(UTC)
        for day in days for edge in times for fold in (0, 1)
    }  # fmt: skip
    return sorted(moment for moment in moments | _clock_changes(first, last, zone) if begin < moment < end)


def _clock_changes(first: date, last: date, zone: tzinfo) -> set[datetime]:
    """The moments at which the clocks were changed on these local days."""
    found: set[datetime] = set()
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        before, after = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
        offset = before.astimezone(zone).utcoffset()
        if after.astimezone(zone).utcoffset() == offset:
            continue
        while after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            if middle.astimezone(zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        found.add(after)
    return found


def _wh_at(counter: Counter, moment: datetime) -> int:
    """The counter at a moment: read, or between two readings in proportion to time."""
    after = bisect_right([at for at, _ in counter], moment)
    if after == len(counter):
        return counter[-1][1]
    (before_at, before_wh), (after_at, after_wh) = counter[max(after - 1, 0)], counter[after]
    if moment <= before_at:
        return before_wh
    return before_wh + round((after_wh - before_wh) * ((moment - before_at) / (after_at - before_at)))


# Text and storage --------------------------------------------------------------------------------


def amount(text: str, field: str = "per_kwh") -> Decimal:
    """A price as typed, with point or comma. Raises BadInput."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not (value.is_finite() and 0 <= value <= MOST and isinstance(exponent, int) and exponent >= -5):
        raise BadInput(N_("A price is a number from 0 to {most} per kWh, like 0.34."), field=field, most=MOST)
    return value


def band(text: str) -> Band:
    """A band as typed: '1-5 22:00-06:00 0.21' (days Monday = 1, hours, price). Raises BadInput."""
    parts = text.split()
    hours = parts[1].split("-") if len(parts) == 3 else []
    if len(hours) != 2 or not all(re.fullmatch(EDGE, edge) for edge in hours) or hours[0] == hours[1]:
        raise BadInput(
            N_("A band is days, hours and price, like '1-5 22:00-06:00 0.21' (Monday is 1)."), field="bands"
        )  # fmt: skip
    begin, end = (time.fromisoformat(edge) for edge in hours)
    return Band(_days(parts[0]), begin, end, amount(parts[2], "bands"))


def _days(text: str) -> frozenset[int]:
    """'1-5', '6,7' or '1-3,6' as a set."""
    spans = [part.partition("-") for part in text.split(",")]
    if not re.fullmatch(DAYS, text) or any(last and last < first for first, _, last in spans):
        raise BadInput(N_("Days are numbers from 1 (Monday) to 7 (Sunday), like 1-5 or 6,7."), field="bands")
    return weekly.days(text)


def band_text(of: Band) -> str:
    """A band as it may be typed."""
    return f"{of.text} {of.per_kwh}"


def to_json(bands: Sequence[Band]) -> str:
    """Bands as the table `prices` keeps them."""
    return json.dumps([band_text(one) for one in bands])


def from_json(text: str) -> tuple[Band, ...]:
    """Inverse of `to_json`."""
    return tuple(band(one) for one in json.loads(text))
