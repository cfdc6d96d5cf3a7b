"""History as rows for other programs, one after the other, so that ten years need no more memory than a day.

A row begins at a local time and holds what was measured until the next one
begins. Days are local days of 23 to 25 hours, months and years are made of
them. A stretch of which nothing is known has no row; a value that is not known
is None. Energies are of the stretch, `…_counter_wh` is where the meter's own
counter stood at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isnan
from zoneinfo import ZoneInfo

from appliance.metering import fine, history, household, minutes, quarters, retention, steps
from appliance.metering.balance import Energies
from appliance.metering.days import bounds
from appliance.metering.lines import Line
from appliance.metering.periods import containing
from appliance.metering.slots import SLOT_S
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import QUANTITIES

Value = int | float | bool | None

DAY_S, HOUR_S, MINUTE_S = 86400, 3600, 60
DAYS_AT_ONCE = 31  # quarter hours that are looked up together
HOURS_AT_ONCE = 4  # seconds that are: 2.3 MB
PRUNED_LATE_DAYS = 2  # what is too old goes a little at a time
ENERGY = ("import_wh", "export_wh", "gap")
POWER = ("min_w", "mean_w", "max_w")
SHARES = ("self_consumption", "self_sufficiency")
BALANCE = (
    "grid_import_wh", "grid_export_wh", "pv_wh", "battery_charged_wh", "battery_given_wh", "car_wh", "house_wh",
    *SHARES, "gap",
)  # fmt: skip
EXTREMES = {"power_w": (("power_min_w", minutes.LEAST), ("power_max_w", minutes.MOST))}


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured from `start` (local time) on, in the order of the columns."""

    start: datetime
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date
    zone: ZoneInfo

    def bounds_s(self) -> tuple[int, int]:
        """Begin and end as Unix time."""
        return int(bounds(self.first, self.zone)[0].timestamp()), int(bounds(self.last, self.zone)[1].timestamp())

    def local(self, at_s: int) -> datetime:
        """A Unix time in the local zone."""
        return datetime.fromtimestamp(at_s, UTC).astimezone(self.zone)

    def periods(self, kind: str) -> Iterator[tuple[date, date]]:
        """Its days, months or years, the first and the last as far as they lie in it."""
        day = self.first
        while day <= self.last:
            end = min(containing(kind, day).last, self.last)
            yield day, end
            day = end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `decimals` are what is kept of the value (None: as it is)."""

    name: str
    decimals: int | None = None


def columns(step: str) -> tuple[Column, ...]:
    """The columns of a meter's rows after `start`; always the same for a step, whatever a meter has."""
    if step in ("minute", "second"):
        return tuple(Column(name, steps.decimals(series.partition(":")[0])) for name, series in _series(step))
    return tuple(Column(name) for name in (*ENERGY, *(POWER if step == "quarter" else ())))


def balance_columns() -> tuple[Column, ...]:
    """The columns of the household's rows after `start`."""
    return tuple(Column(name, 3 if name in SHARES else None) for name in BALANCE)


def rows(opened: Opened, meter_id: int, stretch: Stretch, step: str) -> Iterator[Row]:
    """The rows of one meter, oldest first. Raises StoreError."""
    return STEPS[step](opened, meter_id, stretch)


def balance_rows(opened: Opened, stretch: Stretch, step: str) -> Iterator[Row]:
    """The household's days, months or years, oldest first. Raises StoreError."""
    for first, last in stretch.periods(step):
        found = household.between(opened, first, last, stretch.zone)
        if any(getattr(found, name) is not None for name in BALANCE[:-1]):
            yield Row(_midnight(first, stretch.zone), _balance_values(found))


def _balance_values(found: Energies) -> tuple[Value, ...]:
    return tuple(getattr(found, name) for name in BALANCE)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return bounds(day, zone)[0].astimezone(zone)


# Energies ----------------------------------------------------------------------------------------


def _quarters(opened: Opened, meter_id: int, stretch: Stretch) -> Iterator[Row]:
    begin_s, end_s = stretch.bounds_s()
    for at_s in range(begin_s, end_s, DAYS_AT_ONCE * DAY_S):
        until_s = min(end_s, at_s + DAYS_AT_ONCE * DAY_S)
        begin, end = stretch.local(at_s), stretch.local(until_s)
        found = quarters.read(opened.store, opened.live, [meter_id], begin, end)[meter_id]
        for i, gap in enumerate(found.gap):
            energy, power = (found.import_wh[i], found.export_wh[i]), (found.min_w[i], found.mean_w[i], found.max_w[i])
            if any(value is not None for value in energy + power):
                yield Row(stretch.local(found.begin_s + i * SLOT_S), (*energy, gap, *power))


def _days(kind: str) -> Callable[[Opened, int, Stretch], Iterator[Row]]:
    """Rows of days, months or years."""

    def found(opened: Opened, meter_id: int, stretch: Stretch) -> Iterator[Row]:
        for first, last in stretch.periods(kind):
            total = history.NOTHING
            days = history.by_day(opened.store, opened.live, meter_id, first, last, stretch.zone)
            for energy in days.values():
                total = history.plus(total, energy)
            if total.import_wh is not None or total.export_wh is not None:
                yield Row(_midnight(first, stretch.zone), (total.import_wh, total.export_wh, total.gap))

    return found


# Every quantity ----------------------------------------------------------------------------------


def _series(step: str) -> list[tuple[str, str]]:
    """Name of each column, and of the series it comes from."""
    found = []
    for quantity in QUANTITIES:
        name = f"{quantity.removesuffix('_wh')}_counter_wh" if steps.is_counter(quantity) else quantity
        found.append((name, quantity))
        if step == "minute":
            found += [(extreme, quantity + tail) for extreme, tail in EXTREMES.get(quantity, ())]
    return found


def _kept(opened: Opened, stretch: Stretch, setting: str) -> tuple[int, int]:
    """The part of a stretch of which something can be there, as Unix time; it begins with a local day."""
    begin_s, end_s = stretch.bounds_s()
    now = opened.clock.now()
    oldest = (now - timedelta(days=settings.number(opened.store, setting) + PRUNED_LATE_DAYS)).astimezone(stretch.zone)
    return max(begin_s, int(bounds(oldest.date(), stretch.zone)[0].timestamp())), min(end_s, int(now.timestamp()) + 1)


def _minutes(opened: Opened, meter_id: int, stretch: Stretch) -> Iterator[Row]:
    begin_s, end_s = _kept(opened, stretch, retention.MINUTES_DAYS)
    for at_s in range(begin_s, end_s, DAY_S):
        until_s = min(end_s, at_s + DAY_S)
        found = {series: Line.empty(at_s, until_s, MINUTE_S) for _, series in _series("minute")}
        fine.lay_minutes(opened.store, opened.live, meter_id, found)
        yield from _of_lines(list(found.values()), stretch)


def _seconds(opened: Opened, meter_id: int, stretch: Stretch) -> Iterator[Row]:
    begin_s, end_s = _kept(opened, stretch, retention.SECONDS_DAYS)
    for at_s in range(begin_s, end_s, HOURS_AT_ONCE * HOUR_S):
        found = [Line.empty(at_s, min(end_s, at_s + HOURS_AT_ONCE * HOUR_S), 1) for _ in _series("second")]
        for (_, quantity), line in zip(_series("second"), found, strict=True):
            fine.lay_seconds(opened.store, opened.live, meter_id, quantity, line)
        yield from _of_lines(found, stretch)


def _of_lines(found: list[Line], stretch: Stretch) -> Iterator[Row]:
    """A row for each step at which anything is known."""
    for i, values in enumerate(zip(*(line.values for line in found), strict=True)):
        known = tuple(None if isnan(value) else value for value in values)
        if any(value is not None for value in known):
            yield Row(stretch.local(found[0].begin_s + i * found[0].step_s), known)


STEPS: dict[str, Callable[[Opened, int, Stretch], Iterator[Row]]] = {
    "quarter": _quarters,
    "minute": _minutes,
    "second": _seconds,
    "day": _days("day"),
    "month": _days("month"),
    "year": _days("year"),
}
BALANCE_STEPS = ("day", "month", "year")
