"""What a household's energy from the grid cost, and what it earned by feeding in, in any local days.

Energy is priced where it was measured: by whole days while the price stands
still, by quarter hours on days with bands. The tariffs are those of the
settings billing.tariff and billing.feed_in_tariff; without one there is None,
and so it is as soon as any of the energy has no price. It is an estimate for
the household, without base fees; the supplier's own meter decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from appliance.billing import prices, tariffs
from appliance.billing.tariffs import Tariff
from appliance.metering import history, meters, quarters
from appliance.metering.meters import Meter
from appliance.metering.slots import SLOT_S
from appliance.opened import Opened
from appliance.store import settings


@dataclass(frozen=True, slots=True)
class Money:
    """In the currency of the settings, to the cent; None: no tariff, a price is missing, or nothing was measured."""

    cost: Decimal | None
    earned: Decimal | None
    currency: str


def between(opened: Opened, first: date, last: date, zone: ZoneInfo) -> Money:
    """Cost and earnings of the local days from `first` to `last`, today as far as it is. Raises StoreError."""
    grid = [meter for meter in meters.all(opened.store, archived=True) if meter.role == "grid"]
    return Money(
        _sum(opened, grid, "billing.tariff", "import_wh", first, last, zone),
        _sum(opened, grid, "billing.feed_in_tariff", "export_wh", first, last, zone),
        settings.text(opened.store, "billing.currency"),
    )


def _sum(
    opened: Opened, grid: Sequence[Meter], setting: str, direction: str, first: date, last: date, zone: ZoneInfo
) -> Decimal | None:
    tariff = _named(opened, settings.text(opened.store, setting))
    if tariff is None:
        return None
    found: list[Decimal | None] = []
    for meter in grid:
        for day, energy in history.by_day(opened.store, opened.live, meter.id, first, last, zone).items():
            wh: int | None = getattr(energy, direction)
            if wh:
                found.append(_of_day(opened, meter, tariff, direction, day, wh, zone))
            elif wh is not None:
                found.append(Decimal(0))
    known = [money for money in found if money is not None]
    if not known or len(known) < len(found):
        return None
    return sum(known, Decimal(0)).quantize(prices.CENT, ROUND_HALF_UP)


def _named(opened: Opened, name: str) -> Tariff | None:
    known = tariffs.all(opened.store) if name else []
    return next((tariff for tariff in known if tariff.name.casefold() == name.casefold()), None)


def _of_day(
    opened: Opened, meter: Meter, tariff: Tariff, direction: str, day: date, wh: int, zone: ZoneInfo
) -> Decimal | None:
    begin, end = history.bounds(day, zone)
    price = next((one for one in reversed(tariff.prices) if one.valid_from <= day), None)
    if price is None or not price.bands:
        per_kwh = prices.per_kwh(tariff.prices, begin.astimezone(zone), one_year=tariff.one_year)
        return None if per_kwh is None else per_kwh * wh / 1000
    found = quarters.read(opened.store, opened.live, [meter.id], begin, end)[meter.id]
    values: list[int | None] = getattr(found, direction)
    total = Decimal(0)
    for number, quarter_wh in enumerate(values):
        if quarter_wh:
            local = datetime.fromtimestamp(found.begin_s + number * SLOT_S, UTC).astimezone(zone)
            total += price.at(local) * quarter_wh / 1000
    return total
