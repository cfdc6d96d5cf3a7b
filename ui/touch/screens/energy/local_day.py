"""Where the hours of a local day stand below its curve: two days of the year have 23 or 25 of them. No Kivy here."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

from appliance.metering import days

HOURS = (0, 6, 12, 18)


def hours(day: date, zone: tzinfo | None) -> list[tuple[float, str]]:
    """Shares of the day's length, and the hour that the clock shows there."""
    named = [(share(datetime.combine(day, time(hour), zone or UTC)), f"{hour:02}") for hour in HOURS]
    return [*named, (1.0, "24")]


def share(moment: datetime) -> float:
    """How much of its local day has passed at a local moment, to a thousandth."""
    begin, end = days.bounds(moment.date(), moment.tzinfo or UTC)
    return round((moment.astimezone(UTC) - begin) / (end - begin), 3)
