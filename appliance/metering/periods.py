"""Days, weeks, months, years and all of it, in the local calendar, and what came before each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from appliance.metering import days

KINDS = ("day", "week", "month", "year", "total")


@dataclass(frozen=True, slots=True)
class Period:
    """A period of whole local days, `last` included."""

    kind: str  # of KINDS
    first: date
    last: date

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Its begin and the begin of the next, in UTC."""
        return days.bounds(self.first, zone)[0], days.bounds(self.last, zone)[1]

    def previous(self) -> Period | None:
        """The one before; None before `total`."""
        return None if self.kind == "total" else containing(self.kind, self.first - timedelta(days=1))

    def next(self) -> Period | None:
        """The one after; None after `total`."""
        return None if self.kind == "total" else containing(self.kind, self.last + timedelta(days=1))

    def bars(self) -> list[date]:
        """Where its bars begin, and where the last one ends: days of a week or month, months of a year, years."""
        if self.kind in ("day", "week", "month"):
            return [self.first + timedelta(days=i) for i in range((self.last - self.first).days + 2)]
        found = [self.first]
        while found[-1] <= self.last:
            bar = containing("month" if self.kind == "year" else "year", found[-1])
            found.append(bar.last + timedelta(days=1))
        return found


def containing(kind: str, day: date) -> Period:
    """The day, ISO week, month or year that `day` lies in."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    first = day.replace(day=1) if kind == "month" else day.replace(month=1, day=1)
    beyond = first + timedelta(days=31 if kind == "month" else 366)
    after = beyond.replace(day=1) if kind == "month" else beyond.replace(month=1, day=1)
    return Period(kind, first, after - timedelta(days=1))


def total(first: date, today: date) -> Period:
    """All years from the first measured day to today's."""
    return Period("total", containing("year", first).first, containing("year", today).last)
