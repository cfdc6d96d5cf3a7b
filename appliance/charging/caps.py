"""What a code with a cap has used so far: energy, money and time over all its sessions.

Energy is counted from the meters' counters, money with the prices of its user,
time from begin to end on the boot clock (`lasting`). A session whose end no
counter tells counts up to where its meter stood when the core last noted it.
What is capped in money and has no price counts as used up: such a code starts
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from appliance import clock
from appliance.billing import counted, prices, tariffs
from appliance.billing.tariffs import Tariff
from appliance.charging import lasting, local_days
from appliance.charging.allowances import NOTHING
from appliance.charging.identifications import Extras, Identification
from appliance.charging.lifecycle import Moment
from appliance.store.database import Db


@dataclass(frozen=True, slots=True)
class Spent:
    """What the sessions of one code came to; None: not known."""

    energy_wh: int | None = 0
    cost: Decimal | None = Decimal(0)
    lasted_s: float = 0.0


def reached(extras: Extras, spent: Spent) -> bool:
    """Tell whether a code is used up."""
    if extras.cap_wh is not None and (spent.energy_wh is None or spent.energy_wh >= extras.cap_wh):
        return True
    if extras.cap_cents is not None and (spent.cost is None or spent.cost * 100 >= extras.cap_cents):
        return True
    return extras.cap_s is not None and spent.lasted_s >= extras.cap_s


def used_up(
    db: Db, found: Identification, now: datetime, moment: Moment, counters_wh: Mapping[int, int] = NOTHING
) -> bool:
    """Tell whether a code is used up now. `counters_wh`: what meters count, for what runs."""
    return found.extras.capped and reached(found.extras, spent(db, found, now, moment, counters_wh))


def spent(
    db: Db, found: Identification, now: datetime, moment: Moment, counters_wh: Mapping[int, int] = NOTHING
) -> Spent:
    """What the sessions of a code came to until now."""
    tariff = tariffs.of_user(db, found.user_id) if found.extras.cap_cents is not None else None
    energy_wh, cost, lasted_s = 0, None if tariff is None else Decimal(0), 0.0
    noted_s = lasting.noted(db, moment, found.id)
    for id, began, ended, begin_wh, known_wh, meter_id in db.execute(
        "SELECT id, began_at, ended_at, begin_wh, coalesce(end_wh, seen_wh), meter_id FROM sessions"
        " WHERE identification_id=?",
        (found.id,),
    ).fetchall():
        began_at = clock.from_utc_text(began)
        ended_at = max(began_at, now if ended is None else clock.from_utc_text(ended))
        lasted_s += noted_s.get(id, (ended_at - began_at).total_seconds())
        until_wh = counters_wh.get(meter_id, known_wh) if ended is None else known_wh
        if begin_wh is None or until_wh is None:
            continue
        energy_wh += max(0, until_wh - begin_wh)
        part = None
        if tariff is not None:
            part = _cost(db, tariff, meter_id, (began_at, begin_wh), (ended_at, max(begin_wh, until_wh)))
        cost = None if cost is None or part is None else cost + part
    return Spent(energy_wh, cost, lasted_s)


def _cost(
    db: Db, tariff: Tariff, meter_id: int | None, begin: tuple[datetime, int], end: tuple[datetime, int]
) -> Decimal | None:  # fmt: skip
    """What one session cost, from its meter's counter at its begin and end."""
    local = local_days.local(db, begin[0])
    zone = UTC if local is None or local.tzinfo is None else local.tzinfo
    parts = prices.pieces([begin, end], tariff.prices, zone, one_year=tariff.one_year)
    if len(parts) > 1:  # how much went at which price, the quarter hours tell
        known = counted.over(db, meter_id, *begin, *end)
        parts = prices.pieces(known, tariff.prices, zone, one_year=tariff.one_year)
    return prices.cost(parts)


def has_price(db: Db, user_id: int, now: datetime) -> bool:
    """Tell whether a kWh of this user costs something known now."""
    tariff, local = tariffs.of_user(db, user_id), local_days.local(db, now)
    if tariff is None or local is None:
        return False
    return prices.per_kwh(tariff.prices, local, one_year=tariff.one_year) is not None
