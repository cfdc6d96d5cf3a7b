"""Local days summed from their quarter hours, so that a year opens at once.

They are a copy that can be thrown away: a day that is not summed yet, or whose
time zone was changed, is summed from its slots when it is asked for. Days are
summed on the commit of a quarter hour, a few at a time, once they are over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from appliance.metering.slots import IDS, slot_id
from appliance.store.database import Db

EPOCH = date(1970, 1, 1)
DAYS_A_COMMIT = 32  # ten years of another time zone are summed anew in a day
SUMS = "sum(import_wh), sum(export_wh), min(min_w), sum(mean_w * samples), max(max_w), sum(samples), sum(gap)"


@dataclass(frozen=True, slots=True)
class Sums:
    """What a stretch of time came to; None: the meter has no such counter, or nothing was measured."""

    import_wh: int | None
    export_wh: int | None
    min_w: int | None
    mean_w: int | None
    max_w: int | None
    samples: int
    gaps: int


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Begin of a local day and of the next one, in UTC."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return begin, end


def all_from_slots(db: Db, begin: datetime, end: datetime) -> dict[int, Sums]:
    """What the quarter hours that begin in [begin, end) come to, by meter."""
    rows = db.execute(
        f"SELECT id % {IDS} AS meter, {SUMS} FROM slots WHERE id >= ? AND id < ? GROUP BY meter",  # noqa: S608 - fixed text
        _among(begin, end),
    )
    return {meter_id: _sums(*rest) for meter_id, *rest in rows}


def from_slots(db: Db, begin: datetime, end: datetime, meter_id: int) -> Sums | None:
    """What the quarter hours of one meter that begin in [begin, end) come to; None when there are none."""
    row = db.execute(
        f"SELECT count(*), {SUMS} FROM slots WHERE id >= ? AND id < ? AND id % {IDS} = ?",  # noqa: S608 - fixed text
        (*_among(begin, end), meter_id),
    ).fetchone()
    return _sums(*row[1:]) if row[0] else None


def _among(begin: datetime, end: datetime) -> tuple[int, int]:
    return slot_id(int(begin.timestamp()), 0), slot_id(int(end.timestamp()), 0)


def _sums(
    import_wh: int | None, export_wh: int | None, min_w: int | None, weighted: int | None, max_w: int | None,
    samples: int, gaps: int,
) -> Sums:  # fmt: skip
    mean_w = round(weighted / samples) if samples and weighted is not None else None
    return Sums(import_wh, export_wh, min_w, mean_w, max_w, samples, gaps)


def summed(db: Db, zone: ZoneInfo) -> int:
    """The number of the first day that is not summed in this time zone; 0 when none is."""
    row = db.execute("SELECT zone, next_day FROM days_summed WHERE id = 1").fetchone()
    return row[1] if row is not None and row[0] == zone.key else 0


def read(db: Db, first: date, last: date, meter_id: int, zone: ZoneInfo) -> dict[date, Sums]:
    """Each day from `first` to `last` of a meter that has something."""
    end = min(number_of(last) + 1, summed(db, zone))
    rows = db.execute(
        "SELECT id, import_wh, export_wh, min_w, mean_w, max_w, samples, gaps FROM days"
        " WHERE id >= ? AND id < ? AND id % ? = ?",
        (number_of(first) * IDS, end * IDS, IDS, meter_id),
    ).fetchall()
    found = {EPOCH + timedelta(days=row // IDS): Sums(*rest) for row, *rest in rows}
    day = max(first, EPOCH + timedelta(days=max(0, end)))
    while day <= last:
        sums = from_slots(db, *bounds(day, zone), meter_id)
        if sums is not None:
            found[day] = sums
        day += timedelta(days=1)
    return found


def first_of(db: Db, meter_id: int, zone: ZoneInfo) -> date | None:
    """The first local day of which a meter has something; None before it."""
    number = db.execute("SELECT min(id) / ? FROM days WHERE id % ? = ?", (IDS, IDS, meter_id)).get
    if number is not None:
        return EPOCH + timedelta(days=number)
    known = summed(db, zone)
    begin = slot_id(int(bounds(EPOCH + timedelta(days=known), zone)[0].timestamp()), 0) if known else 0
    start_s = db.execute(
        "SELECT start_s FROM slots WHERE id >= ? AND id % ? = ? ORDER BY id LIMIT 1", (begin, IDS, meter_id)
    ).get
    return None if start_s is None else datetime.fromtimestamp(start_s, UTC).astimezone(zone).date()


def sum_up(db: Db, zone: ZoneInfo, now: datetime) -> None:
    """Sum days that are over and are not summed yet; begin anew when the time zone was changed."""
    day = summed(db, zone)
    if not day:
        oldest = db.execute("SELECT start_s FROM slots ORDER BY id LIMIT 1").get
        if oldest is None:
            return
        db.execute("DELETE FROM days")
        day = number_of(datetime.fromtimestamp(oldest, UTC).astimezone(zone).date())
    end = min(number_of(now.astimezone(zone).date()), day + DAYS_A_COMMIT)
    if day >= end and summed(db, zone):
        return
    for number in range(day, end):
        for meter_id, sums in all_from_slots(db, *bounds(EPOCH + timedelta(days=number), zone)).items():
            _save(db, number * IDS + meter_id, sums)
    db.execute("INSERT OR REPLACE INTO days_summed VALUES (1,?,?)", (zone.key, max(day, end)))


def _save(db: Db, row: int, sums: Sums) -> None:
    db.execute(
        "INSERT OR REPLACE INTO days VALUES (?,?,?,?,?,?,?,?)",
        (row, sums.import_wh, sums.export_wh, sums.min_w, sums.mean_w, sums.max_w, sums.samples, sums.gaps),
    )


def changed(db: Db, start_s: int) -> None:
    """Say that a quarter hour was written late: its day, and those after it, are summed again."""
    row = db.execute("SELECT zone, next_day FROM days_summed WHERE id = 1").fetchone()
    if row is None:
        return
    number = number_of(datetime.fromtimestamp(start_s, UTC).astimezone(ZoneInfo(row[0])).date())
    if number < row[1]:
        db.execute("UPDATE days_summed SET next_day = ? WHERE id = 1", (number,))
