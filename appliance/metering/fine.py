"""Curves finer than a quarter hour: laid together from what grows, what waits, and what `curves.db` keeps.

Data only moves one way, from the log to waiting to the file, and is looked for
in that order; what moves meanwhile is found twice and never missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from appliance import errors
from appliance.metering import curves, minutes, packing, seconds, steps
from appliance.metering.lines import Line
from appliance.metering.packing import Series
from appliance.metering.slots import SLOT_S
from appliance.store.database import Store


def lay_seconds(store: Store, live: Store, meter_id: int, quantity: str, line: Line) -> None:
    """Lay what is known of a quantity over a line of one-second steps. Raises StoreError."""
    for start_s in _growing(live, meter_id, line):
        found = seconds.of(live, meter_id, start_s)
        if quantity in found:
            line.put(start_s, Series(found[quantity], steps.decimals(quantity)))
    for start_s, data in _waiting(live, meter_id, line, quantity):
        line.put(start_s, packing.unpack(data))
    try:
        with curves.beside(store).read() as db:
            number = curves.meter_numbers(db).get((meter_id, _created(store, meter_id)))
            series = curves.series_numbers(db).get(quantity)
            if number is not None and series is not None:
                seconds.read(db, line, number, series)
    except errors.StoreMissing:
        return


def lay_minutes(store: Store, live: Store, meter_id: int, found: Mapping[str, Line]) -> None:
    """Lay what is known over lines of one-minute steps, all of one stretch, by name of series. Raises StoreError."""
    line = next(iter(found.values()))
    for start_s in _growing(live, meter_id, line):
        minutes.put_columns(found, start_s, minutes.of(seconds.of(live, meter_id, start_s)))
    for start_s, data in _waiting(live, meter_id, line, curves.ALL_MINUTES):
        minutes.put(found, start_s, data)
    try:
        with curves.beside(store).read() as db:
            number = curves.meter_numbers(db).get((meter_id, _created(store, meter_id)))
            if number is not None:
                minutes.read(db, found, number, curves.series_numbers(db))
    except errors.StoreMissing:
        return


def _growing(live: Store, meter_id: int, line: Line) -> list[int]:
    """Starts of the quarter hours in the log that a line touches."""
    with live.read() as db:
        rows = db.execute(
            "SELECT DISTINCT at_s / ? * ? FROM growing_seconds WHERE meter_id = ? AND at_s >= ? AND at_s < ?",
            (SLOT_S, SLOT_S, meter_id, line.begin_s, line.end_s),
        )
        return [row[0] for row in rows]


def _waiting(live: Store, meter_id: int, line: Line, series: str) -> Iterable[tuple[int, bytes]]:
    """Start and packed values of what waits of a series and touches a line."""
    with live.read() as db:
        rows = db.execute(
            "SELECT start_s, packed FROM waiting_curves WHERE meter_id = ? AND quantity = ? AND start_s > ?"
            " AND start_s < ?",
            (meter_id, series, line.begin_s - SLOT_S, line.end_s),
        )
        return [(row[0], row[1]) for row in rows]


def _created(store: Store, meter_id: int) -> str:
    with store.read() as db:
        return curves.created_at(db).get(meter_id, "")
