"""Every quantity minute by minute: means, of power the least and greatest too, of counters where they stood.

A quarter hour of all series is one row, beside its seconds, and ends with them.
When a UTC day is over, a meter's rows are folded into one a series, which takes
half the room, is read at once, and stays for years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from appliance.metering import packing, seconds, steps
from appliance.metering.lines import Line
from appliance.metering.packing import Series
from appliance.metering.seconds import SERIES_BITS
from appliance.metering.slots import IDS, SLOT_S
from appliance.store.database import Db

MINUTE_S, DAY_S = 60, 86400
ALL_SERIES = 0  # in place of a series' number: the minutes of all of them
LEAST, MOST = ":min", ":max"  # what is added to a quantity's name
WITH_EXTREMES = ("power_w",)

A_QUARTER = SLOT_S // MINUTE_S  # values

Columns = dict[str, list[int | None]]
Label = TypeVar("Label", str, int)


def of(seconds: Mapping[str, list[int | None]]) -> Columns:
    """The minutes of a quarter hour out of its seconds, in the same steps."""
    found: Columns = {}
    for quantity, series in seconds.items():
        minutes = [
            [step for step in series[at : at + MINUTE_S] if step is not None] for at in range(0, SLOT_S, MINUTE_S)
        ]
        if steps.is_counter(quantity):
            found[quantity] = [known[-1] if known else None for known in minutes]
        else:
            found[quantity] = [round(sum(known) / len(known)) if known else None for known in minutes]
        if quantity in WITH_EXTREMES:
            found[quantity + LEAST] = [min(known, default=None) for known in minutes]
            found[quantity + MOST] = [max(known, default=None) for known in minutes]
    return found


def packed(columns: Mapping[str, list[int | None]]) -> bytes | None:
    """All series of a quarter hour: their names and decimals, a line feed, and all values packed as one series."""
    joined = packing.pack([step for series in columns.values() for step in series], 0)
    if joined is None:
        return None
    return " ".join(f"{name}={steps.decimals(name.partition(':')[0])}" for name in columns).encode() + b"\n" + joined


def numbered(data: bytes, series_numbers: Mapping[str, int]) -> bytes:
    """The same with numbers of series instead of names, as the file has it: their count, then two bytes each."""
    names, _, joined = data.partition(b"\n")
    head = bytearray()
    for label in names.decode().split():
        name, _, decimals = label.partition("=")
        head += bytes([series_numbers.get(name, 0), int(decimals)])
    return bytes([len(head) // 2]) + bytes(head) + joined


def by_name(data: bytes) -> dict[str, Series]:
    """What `packed` put together."""
    names, _, joined = data.partition(b"\n")
    labels = [label.partition("=") for label in names.decode().split()]
    return dict(_apart([(name, int(decimals)) for name, _, decimals in labels], packing.unpack(joined)))


def by_number(data: bytes) -> dict[int, Series]:
    """What `numbered` made of it; 0 is a series that got no number. Empty where the card spoiled it."""
    end = 1 + 2 * data[0] if data else 0
    labels, joined = list(zip(data[1:end:2], data[2:end:2], strict=False)), packing.sound(data[end:])
    if joined is None or len(joined.steps) != len(labels) * A_QUARTER:
        return {}
    return dict(_apart(labels, joined))


def _apart(labels: list[tuple[Label, int]], joined: Series) -> Iterator[tuple[Label, Series]]:
    for at, (label, decimals) in enumerate(labels):
        yield label, Series(joined.steps[at * A_QUARTER : (at + 1) * A_QUARTER], decimals)


def save(db: Db, start_s: int, meter_number: int, data: bytes) -> None:
    """Keep a quarter hour as `numbered` made it; one that is there already keeps its shape (the clock was set back)."""
    seconds.save(db, start_s, meter_number, ALL_SERIES, data)
    day = start_s // DAY_S
    db.execute(
        "INSERT INTO folded VALUES (?,?) ON CONFLICT DO UPDATE SET next_day = excluded.next_day"
        " WHERE excluded.next_day < next_day",
        (meter_number, day),
    )


def fold(db: Db, now_s: int) -> bool:
    """Fold the oldest day of one meter that is over; tell whether there was one."""
    row = db.execute("SELECT meter_number, next_day FROM folded ORDER BY next_day LIMIT 1").fetchone()
    if row is None or row[1] >= now_s // DAY_S:
        return False
    number, day = row
    found: dict[int, Series] = {}
    for start_s, data in seconds.kept(db, day * DAY_S, (day + 1) * DAY_S, number, ALL_SERIES):
        at = start_s % DAY_S // MINUTE_S
        for series, part in by_number(data).items():
            whole = found.setdefault(series, Series([None] * (DAY_S // MINUTE_S), part.decimals))
            whole.steps[at : at + A_QUARTER] = part.steps
    for series, whole in found.items():
        if series:
            _save_day(db, day_id(day * DAY_S, number, series), whole)
    db.execute("UPDATE folded SET next_day = ? WHERE meter_number = ?", (_following(db, day), number))
    return True


def folded_until(db: Db) -> int | None:
    """Unix time up to which the minutes of all meters are folded; None while there are none."""
    day = db.execute("SELECT min(next_day) FROM folded").get
    return None if day is None else day * DAY_S


def _following(db: Db, day: int) -> int:
    """The day after `day`, or the first later one of which something is kept: nobody waits for a silent year."""
    after = day + 1
    first = db.execute(
        "SELECT id FROM quarters WHERE id >= ? ORDER BY id LIMIT 1", (seconds.row_id(after * DAY_S, 0, 0),)
    ).get
    return after if first is None else max(after, (first >> SERIES_BITS) // IDS * SLOT_S // DAY_S)


def _save_day(db: Db, row: int, day: Series) -> None:
    """Keep a day of a series; what is there of it already stays (the clock was set back)."""
    kept = db.execute("SELECT packed FROM minute_days WHERE id = ?", (row,)).get
    found = day.steps
    known = None if kept is None else packing.sound(kept)
    if known is not None and len(known.steps) == len(found):
        found = [new if old is None else old for old, new in zip(known.steps, found, strict=True)]
    data = packing.pack(found, day.decimals)
    if data is not None:
        db.execute("INSERT OR REPLACE INTO minute_days VALUES (?,?)", (row, data))


def day_id(begin_s: int, meter_number: int, series_number: int) -> int:
    """Row id of a UTC day in `curves.db`: by day, then meter, then series."""
    return (begin_s // DAY_S * IDS + meter_number) << SERIES_BITS | series_number


def read(db: Db, lines: Mapping[str, Line], meter_number: int, series_numbers: Mapping[str, int]) -> None:
    """Lay what is kept over lines of one-minute steps, all of the same stretch, by the name of their series."""
    if not lines:
        return
    begin_s, end_s = _stretch(lines)
    for name, line in lines.items():
        for day_s in range(begin_s // DAY_S * DAY_S, end_s, DAY_S):
            row = day_id(day_s, meter_number, series_numbers.get(name, 0))
            data = db.execute("SELECT packed FROM minute_days WHERE id = ?", (row,)).get
            if data is not None and (day := packing.sound(data)) is not None:
                line.put(day_s, day)
    folded = db.execute("SELECT next_day FROM folded WHERE meter_number = ?", (meter_number,)).get
    if folded is not None:
        for start_s, data in seconds.kept(db, max(begin_s, folded * DAY_S), end_s, meter_number, ALL_SERIES):
            found = by_number(data)
            for name, line in lines.items():
                if (part := found.get(series_numbers.get(name, ALL_SERIES))) is not None:
                    line.put(start_s, part)


def put(lines: Mapping[str, Line], start_s: int, data: bytes) -> None:
    """Lay what waits, as `packed` made it, over lines."""
    for name, part in by_name(data).items():
        if name in lines:
            lines[name].put(start_s, part)


def put_columns(lines: Mapping[str, Line], start_s: int, columns: Columns) -> None:
    """Lay minutes that are not packed yet over lines."""
    for name, line in lines.items():
        if name in columns:
            line.put(start_s, Series(columns[name], steps.decimals(name.partition(":")[0])))


def _stretch(lines: Mapping[str, Line]) -> tuple[int, int]:
    line = next(iter(lines.values()))
    return line.begin_s, line.end_s


def prune(db: Db, before_s: int, most: int) -> int:
    """Remove folded days before a time, the oldest first, at most so many rows; return how many."""
    limit = day_id(before_s, 0, 0)
    db.execute(
        "DELETE FROM minute_days WHERE id IN (SELECT id FROM minute_days WHERE id < ? ORDER BY id LIMIT ?)",
        (limit, most),
    )
    return db.changes()
