"""What a meter counted in the course of a session, for its energy to be told apart where the price changes.

The counter is known at the session's begin, where each quarter hour inside it ended, and at its end or
now. What contradicts begin and end, or a quarter hour before, is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from appliance.billing import prices
from appliance.billing.prices import Counter
from appliance.metering import slots
from appliance.store.database import Db


def over(
    db: Db, meter_id: int | None, began_at: datetime, begin_wh: int, until: datetime, until_wh: int
) -> Counter:  # fmt: skip
    """The counter in Wh from `began_at` to `until`, in order of time."""
    if until - began_at > timedelta(days=prices.LONGEST_DAYS):
        return [(began_at, begin_wh), (until, until_wh)]  # it has one price
    rows = db.execute(
        "SELECT start_s, import_counter_wh FROM slots WHERE id >= ? AND id < ? AND meter_id = ? ORDER BY id",
        (slots.slot_id(slots.start_of(began_at), 0), slots.slot_id(slots.start_of(until), 0), meter_id),
    )
    known = [(began_at, begin_wh)]
    for start_s, counter_wh in rows:
        at = datetime.fromtimestamp(start_s + slots.SLOT_S, UTC)
        if counter_wh is not None and known[-1][0] < at < until and known[-1][1] <= counter_wh <= until_wh:
            known.append((at, counter_wh))
    return [*known, (max(until, known[-1][0]), until_wh)]
