"""Local time where the appliance stands: the date, and when a day, a week or a month began.

Computed from the wall clock, so that a day with 23 or 25 hours is right. Where
the time zone is not known nothing is.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.store import settings
from appliance.store.database import Db

PERIODS = ("day", "week", "month")


def local(db: Db, now: datetime) -> datetime | None:
    """A moment in local time; None when the time zone is unknown."""
    try:
        return now.astimezone(ZoneInfo(str(settings.in_force(db, "site.timezone"))))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def began(period: str, moment: datetime) -> datetime:
    """When the day, the week (Monday) or the month of a local moment began, in UTC."""
    day = moment.date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), moment.tzinfo).astimezone(UTC)
