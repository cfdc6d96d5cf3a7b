"""How long fine curves are kept, and their end: a few rows at a time, on the commit that writes anyway.

A commit removes at most a few times as many rows as a quarter hour brings, so
a shorter retention takes effect over hours and nothing ever waits for it. The
pages that become free take the next rows; the file does not grow any more and
is never rewritten, which would cost the card more than it gains.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.metering import minutes, seconds
from appliance.metering.minutes import DAY_S
from appliance.store import settings
from appliance.store.database import Db

SECONDS_DAYS, MINUTES_DAYS = "history.seconds_days", "history.minutes_days"
TIMES_AS_MANY = 4  # rows removed for each one written
AT_LEAST = 64  # rows removed where little is written


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days are kept. Quarter hours are kept for ever."""

    seconds_days: float
    minutes_days: float


def in_force(store_db: Db) -> Kept:
    """What the settings say."""
    return Kept(
        float(settings.in_force(store_db, SECONDS_DAYS)),
        float(settings.in_force(store_db, MINUTES_DAYS)),
    )


def prune(curves_db: Db, kept: Kept, now_s: float, written: int) -> int:
    """Remove what is too old, the oldest first, and not more than a small multiple of what was `written`."""
    most = max(AT_LEAST, TIMES_AS_MANY * written)
    before_s = int(now_s - kept.seconds_days * DAY_S)
    folded_s = minutes.folded_until(curves_db)  # minutes that still have to be folded lie beside the seconds
    gone = seconds.prune(curves_db, before_s if folded_s is None else min(before_s, folded_s), most)
    return gone + minutes.prune(curves_db, int(now_s - kept.minutes_days * DAY_S), most)
