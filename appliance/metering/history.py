"""What was: curves and energies out of what is kept, what waits to be kept, and what is still growing.

Days are local days, 23 to 25 hours long. Where nothing was measured there is
None or not a number, never zero. Power from a quarter hour's width on comes out
of the quarter hours, which are kept for ever; whatever is finer, and every
other quantity, out of minutes and seconds for as long as those are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from math import isnan
from zoneinfo import ZoneInfo

from appliance.metering import days, fine, lines, minutes, quarters, slots
from appliance.metering.days import bounds as bounds
from appliance.metering.lines import Curve, Line
from appliance.metering.minutes import MINUTE_S
from appliance.metering.periods import Period
from appliance.metering.slots import SLOT_S
from appliance.store.database import Store

POINTS = 1500  # more than a screen shows
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 1800, 3600, 7200, 21600, 86400)  # widths of a curve's buckets


@dataclass(frozen=True, slots=True)
class Point:
    """Mean power from `start` for the step of the curve; None: not measured."""

    start: datetime
    mean_w: float | None


@dataclass(frozen=True, slots=True)
class Energy:
    """Energy of a stretch of time in Wh; None: the meter has no such counter, or nothing was measured."""

    import_wh: int | None
    export_wh: int | None
    gap: bool  # some of it was not observed; its sum is right, its shape is not


@dataclass(frozen=True, slots=True)
class Bars:
    """Energies of one meter, bar by bar, ready to draw; bar i lasts from `starts[i]` to `starts[i + 1]`."""

    starts: list[datetime]  # in the local zone, one more than there are bars
    import_wh: list[int | None]
    export_wh: list[int | None]
    gap: list[bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period so far, the one before it as far as that, and the whole of that."""

    now: Energy
    before_so_far: Energy
    before: Energy


NOTHING = Energy(None, None, gap=False)


# Energies ----------------------------------------------------------------------------------------


def energy(store: Store, live: Store, meter_id: int, begin: datetime, end: datetime) -> Energy:
    """Energy of the quarter hours that begin in [begin, end), with the growing one. Raises StoreError."""
    late = quarters.unsaved(live, [meter_id], slots.start_of(begin), slots.start_of(end))
    with store.read() as db:
        found = _energy(days.from_slots(db, begin, end, meter_id))
        parts = [slot for slot in late.values() if not quarters.stored(db, slot)]
    for slot in parts:
        found = plus(found, Energy(slot.import_wh, slot.export_wh, slot.gap))
    return found


def today(store: Store, live: Store, meter_id: int, now: datetime, zone: tzinfo) -> Energy:
    """Energy since local midnight. Raises StoreError."""
    begin, end = bounds(now.astimezone(zone).date(), zone)
    return energy(store, live, meter_id, begin, end)


def plus(one: Energy, other: Energy) -> Energy:
    """Both together."""
    import_wh, export_wh = slots.both(one.import_wh, other.import_wh), slots.both(one.export_wh, other.export_wh)
    return Energy(import_wh, export_wh, one.gap or other.gap)


def _energy(sums: days.Sums | None) -> Energy:
    return NOTHING if sums is None else Energy(sums.import_wh, sums.export_wh, bool(sums.gaps))


def by_day(store: Store, live: Store, meter_id: int, first: date, last: date, zone: ZoneInfo) -> dict[date, Energy]:
    """Energy of each local day from `first` to `last` of which something is known. Raises StoreError."""
    late = quarters.unsaved(live, [meter_id], *_seconds_of(first, last, zone))
    with store.read() as db:
        found = {day: _energy(sums) for day, sums in days.read(db, first, last, meter_id, zone).items()}
        parts = [slot for slot in late.values() if not quarters.stored(db, slot)]
    for slot in parts:
        day = datetime.fromtimestamp(slot.start_s, UTC).astimezone(zone).date()
        found[day] = plus(found.get(day, NOTHING), Energy(slot.import_wh, slot.export_wh, slot.gap))
    return found


def _seconds_of(first: date, last: date, zone: tzinfo) -> tuple[int, int]:
    return int(bounds(first, zone)[0].timestamp()), int(bounds(last, zone)[1].timestamp())


def bars(store: Store, live: Store, meter_id: int, period: Period, zone: ZoneInfo) -> Bars:
    """The energies of a period: of a day by hours, of a week or month by days, of a year by months, of all by years."""
    if period.kind == "day":
        return _hours(store, live, meter_id, period.first, zone)
    known = by_day(store, live, meter_id, period.first, period.last, zone)
    starts = period.bars()
    sums = {start: NOTHING for start in starts[:-1]}
    at = 0
    for day in sorted(known):
        while starts[at + 1] <= day:
            at += 1
        sums[starts[at]] = plus(sums[starts[at]], known[day])
    return _bars([bounds(start, zone)[0].astimezone(zone) for start in starts], list(sums.values()))


def _hours(store: Store, live: Store, meter_id: int, day: date, zone: ZoneInfo) -> Bars:
    begin, end = bounds(day, zone)
    found = quarters.read(store, live, [meter_id], begin, end)[meter_id]
    energies = []
    for at in range(0, len(found.gap), 4):
        hour = NOTHING
        for i in range(at, min(at + 4, len(found.gap))):
            hour = plus(hour, Energy(found.import_wh[i], found.export_wh[i], found.gap[i]))
        energies.append(hour)
    edges = [*range(found.begin_s, int(end.timestamp()), 3600), int(end.timestamp())]
    return _bars([datetime.fromtimestamp(edge, UTC).astimezone(zone) for edge in edges], energies)


def _bars(starts: list[datetime], energies: list[Energy]) -> Bars:
    return Bars(
        starts,
        [one.import_wh for one in energies],
        [one.export_wh for one in energies],
        [one.gap for one in energies],
    )


def stretch(store: Store, live: Store, meter_id: int, begin: datetime, end: datetime, zone: ZoneInfo) -> Energy:
    """Energy of [begin, end), however long: whole local days at once, what is left from its quarter hours."""
    first, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    if first == last or bounds(first, zone)[0] != begin:
        return energy(store, live, meter_id, begin, end)
    found = NOTHING
    for one in by_day(store, live, meter_id, first, date.fromordinal(last.toordinal() - 1), zone).values():
        found = plus(found, one)
    return plus(found, energy(store, live, meter_id, bounds(last, zone)[0], end))


def compared(
    store: Store, live: Store, meter_id: int, period: Period, now: datetime, zone: ZoneInfo
) -> Comparison | None:
    """A period beside the one before it; None where there is none before. Raises StoreError."""
    before = period.previous()
    if before is None:
        return None
    begin, end = period.bounds(zone)
    before_begin, before_end = before.bounds(zone)
    same_moment = min(before_end, before_begin + (now - begin)) if now < end else before_end
    return Comparison(
        stretch(store, live, meter_id, begin, min(now, end), zone),
        stretch(store, live, meter_id, before_begin, same_moment, zone),
        stretch(store, live, meter_id, before_begin, before_end, zone),
    )


# Curves ------------------------------------------------------------------------------------------


def day(store: Store, live: Store, meter_id: int, day: date, zone: tzinfo, step_s: int = SLOT_S) -> list[Point]:
    """The mean power of one local day, `step_s` (of STEPS_S, up to an hour) at a time. Raises StoreError."""
    begin, end = bounds(day, zone)
    found = curve(store, live, meter_id, "power_w", begin, end, step_s=step_s)
    starts = range(found.begin_s, int(end.timestamp()), found.step_s)
    return [
        Point(datetime.fromtimestamp(start_s, UTC).astimezone(zone), None if isnan(watts) else watts)
        for start_s, watts in zip(starts, found.mean, strict=True)
    ]


def curve(
    store: Store, live: Store, meter_id: int, quantity: str, begin: datetime, end: datetime, *,
    step_s: int | None = None, points: int = POINTS,
) -> Curve:  # fmt: skip
    """A quantity in [begin, end) in buckets of `step_s`, or of the width that gives at most `points`.

    Peaks stay: each bucket has its least and greatest value beside its mean. Raises StoreError.
    """
    begin_s, end_s = int(begin.timestamp()), int(end.timestamp())
    step_s = step_s or step_for(end_s - begin_s, points)
    if step_s < MINUTE_S:
        line = Line.empty(begin_s, end_s, 1)
        fine.lay_seconds(store, live, meter_id, quantity, line)
        return lines.bucketed(quantity, line, step_s)
    if quantity == "power_w" and step_s >= SLOT_S:
        found = quarters.read(store, live, [meter_id], begin, end)[meter_id]
        of_slots = (Line(found.begin_s, SLOT_S, lines.numbers(one)) for one in (found.mean_w, found.min_w, found.max_w))
        mean, least, most = of_slots
        return lines.bucketed(quantity, mean, step_s, least=least, most=most)
    names = [quantity]
    if quantity in minutes.WITH_EXTREMES:
        names += [quantity + minutes.LEAST, quantity + minutes.MOST]
    of_minutes = {name: Line.empty(begin_s // MINUTE_S * MINUTE_S, end_s, MINUTE_S) for name in names}
    fine.lay_minutes(store, live, meter_id, of_minutes)
    mean, least, most = [*of_minutes.values(), *of_minutes.values(), *of_minutes.values()][:3]
    return lines.bucketed(quantity, mean, step_s, least=least, most=most)


def step_for(length_s: float, points: int = POINTS) -> int:
    """The finest width of buckets of which at most `points` cover so long a time."""
    return next((step for step in STEPS_S if length_s / step <= points), STEPS_S[-1])
