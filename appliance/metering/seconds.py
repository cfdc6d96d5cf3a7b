"""Every quantity second by second: in `live.db` while the quarter hour grows, packed once it is over.

A second has the last reading that came in it. The growing seconds outlive the
core, so a restart loses none; a power cut loses those of its quarter hour.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from appliance.metering import packing, steps
from appliance.metering.lines import Line
from appliance.metering.slots import SLOT_S, slot_id
from appliance.store.database import Db, Store

SERIES_BITS = 8  # of an id: room for 255 series
CALENDAR_END_S = 2**53  # later than any slot


def log(db: Db, meter_id: int, at_s: int, values: Mapping[str, float]) -> None:
    """Keep a reading, in steps, as that of its second."""
    found = {quantity: steps.steps(value, steps.decimals(quantity)) for quantity, value in values.items()}
    db.execute("INSERT OR REPLACE INTO growing_seconds VALUES (?,?,?)", (meter_id, at_s, json.dumps(found)))


def finished(live: Store) -> list[tuple[int, int]]:
    """Meter and start of the quarter hours that have seconds and do not grow any more."""
    with live.read() as db:
        return [
            (meter_id, start_s)
            for meter_id, start_s in db.execute(
                "SELECT DISTINCT meter_id, at_s / ? * ? FROM growing_seconds AS s WHERE at_s <"
                " coalesce((SELECT start_s FROM growing_slots AS g WHERE g.meter_id = s.meter_id), ?)",
                (SLOT_S, SLOT_S, CALENDAR_END_S),
            )
        ]


def of(live: Store, meter_id: int, start_s: int) -> dict[str, list[int | None]]:
    """The logged seconds of a quarter hour, by quantity, in steps."""
    with live.read() as db:
        rows = db.execute(
            "SELECT at_s, quantities FROM growing_seconds WHERE meter_id = ? AND at_s >= ? AND at_s < ?",
            (meter_id, start_s, start_s + SLOT_S),
        ).fetchall()
    found: dict[str, list[int | None]] = {}
    for at_s, text in rows:
        for quantity, value in json.loads(text).items():
            if quantity not in found:
                found[quantity] = [None] * SLOT_S
            found[quantity][at_s - start_s] = value
    return found


def forget(db: Db, meter_id: int, start_s: int) -> None:
    """Take a quarter hour out of the log: it was packed."""
    among = (meter_id, start_s, start_s + SLOT_S)
    db.execute("DELETE FROM growing_seconds WHERE meter_id = ? AND at_s >= ? AND at_s < ?", among)


def drop(db: Db, meter_id: int) -> None:
    """Take all of a meter out of the log: it is gone, or its calendar was wrong."""
    db.execute("DELETE FROM growing_seconds WHERE meter_id = ?", (meter_id,))


def packed(found: Mapping[str, list[int | None]]) -> Iterator[tuple[str, bytes]]:
    """Each quantity of a quarter hour with its packed seconds."""
    for quantity, series in found.items():
        data = packing.pack(series, steps.decimals(quantity))
        if data is not None:
            yield quantity, data


def row_id(start_s: int, meter_number: int, series_number: int) -> int:
    """Row id in `curves.db`: by time, then meter, then series."""
    return slot_id(start_s, meter_number) << SERIES_BITS | series_number


def save(db: Db, start_s: int, meter_number: int, series_number: int, data: bytes) -> None:
    """Keep a quarter hour; one that is there already keeps its shape (the clock was set back)."""
    db.execute("INSERT OR IGNORE INTO quarters VALUES (?,?)", (row_id(start_s, meter_number, series_number), data))


def read(db: Db, line: Line, meter_number: int, series_number: int) -> None:
    """Lay what is kept of a series over a line of one-second steps."""
    for start_s, data in kept(db, line.begin_s, line.end_s, meter_number, series_number):
        if (series := packing.sound(data)) is not None:
            line.put(start_s, series)


def kept(db: Db, begin_s: int, end_s: int, meter_number: int, series_number: int) -> Iterator[tuple[int, bytes]]:
    """Start and packed values of the quarter hours of a series that touch [begin_s, end_s)."""
    for start_s in range(begin_s // SLOT_S * SLOT_S, end_s, SLOT_S):
        number = row_id(start_s, meter_number, series_number)
        data = db.execute("SELECT packed FROM quarters WHERE id = ?", (number,)).get
        if data is not None:
            yield start_s, data


def prune(db: Db, before_s: int, most: int) -> int:
    """Remove quarter hours before a time, the oldest first, at most so many rows; return how many."""
    limit = row_id(before_s, 0, 0)
    db.execute(
        "DELETE FROM quarters WHERE id IN (SELECT id FROM quarters WHERE id < ? ORDER BY id LIMIT ?)", (limit, most)
    )
    return db.changes()
