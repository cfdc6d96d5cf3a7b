"""The file `curves.db` beside the store: seconds and minutes, which end, apart from what is for ever.

So the store stays small enough to be checked at every start and backed up every
night, and pruning never touches it. A restore leaves this file as it is; rows
belong to a meter and the moment it was set up, so nothing is mixed up. A file
that is damaged or unknown is set aside and begun anew: the quarter hours in
the store are not touched by that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from weakref import WeakKeyDictionary

from appliance import errors
from appliance.errors import N_
from appliance.metering import minutes, seconds
from appliance.store import migrate
from appliance.store.database import Db, Store, connect

log = logging.getLogger("wattward.metering")

SCHEMA = 1
ALL_MINUTES = ""  # in place of a series: the minutes of all of them
MOST_WAITING = 16_000  # rows, 7 MB of memory: a day and a half of five meters with 21 series

# The sentence that the store has for a card that refuses.
UNMOVABLE = N_("The store {file} cannot be written; free space or check the card. ({detail})")

_beside: WeakKeyDictionary[Store, Store] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Piece:
    """A packed quarter hour of one series, or of the minutes of all."""

    meter_id: int
    start_s: int
    series: str
    packed: bytes


def beside(store: Store) -> Store:
    """The file of curves that belongs to a store. Reading it raises StoreMissing while nothing was kept."""
    if store not in _beside:
        _beside[store] = Store(store.path.with_name("curves.db"), readonly=store.readonly)
    return _beside[store]


def make(path: Path) -> None:
    """Make the file unless a known one is there; set an unknown one aside. Core only. Raises StoreError."""
    if path.exists() and _schema_of(path) == SCHEMA:
        return
    if path.exists() and path.stat().st_size:
        set_aside(path)
    connect(path, create=True).close()
    curves = Store(path)
    with curves.write(ring=False) as db:
        db.execute((resources.files("appliance.metering") / "curves.sql").read_text("utf-8"))
        db.execute(f"PRAGMA user_version={SCHEMA}")
    curves.close()


def _schema_of(path: Path) -> int | None:
    """The version of the file; None when it is damaged."""
    curves = Store(path)
    try:
        with curves.read() as db:
            return migrate.schema_of(db)
    except errors.StoreDamaged:
        return None
    finally:
        curves.close()


def set_aside(path: Path) -> None:
    """Put a file that cannot be used out of the way; an earlier one goes. Raises StoreFull when the card refuses."""
    try:
        for tail in ("", "-wal", "-shm"):
            file = path.with_name(path.name + tail)
            if file.exists():
                file.replace(path.with_name(f"{path.stem}-damaged.db{tail}"))
    except OSError as error:
        raise errors.StoreFull(UNMOVABLE, file=path.name, detail=error.strerror) from error
    log.error("%s cannot be used and was set aside; curves finer than a quarter hour begin anew", path.name)


# What waits -------------------------------------------------------------------------------------


def pack_finished(live: Store) -> None:
    """Pack the seconds of quarter hours that are over and let them wait. Raises StoreError."""
    for meter_id, start_s in seconds.finished(live):
        found = seconds.of(live, meter_id, start_s)
        pieces = list(seconds.packed(found))
        by_minute = minutes.packed(minutes.of(found))
        if by_minute is not None:
            pieces.insert(0, (ALL_MINUTES, by_minute))
        with live.write(ring=False) as db:
            db.executemany(
                "INSERT INTO waiting_curves (meter_id, start_s, quantity, packed) VALUES (?,?,?,?)",
                [(meter_id, start_s, series, data) for series, data in pieces],
            )
            db.execute("DELETE FROM waiting_curves WHERE number <= ?", (db.last_insert_rowid() - MOST_WAITING,))
            seconds.forget(db, meter_id, start_s)


def waiting(live: Store) -> list[tuple[int, Piece]]:
    """What waits to be kept, oldest first, with the numbers to forget it by."""
    with live.read() as db:
        rows = db.execute("SELECT number, meter_id, start_s, quantity, packed FROM waiting_curves ORDER BY number")
        return [(row[0], Piece(*row[1:])) for row in rows]


def forget(db: Db, numbers: Iterable[int]) -> None:
    """Take from `live.db` what the file has now."""
    db.executemany("DELETE FROM waiting_curves WHERE number=?", [(number,) for number in numbers])


def drop(db: Db, meter_id: int) -> None:
    """Take from `live.db` what waits of a meter that was removed."""
    db.execute("DELETE FROM waiting_curves WHERE meter_id=?", (meter_id,))


# What is kept -----------------------------------------------------------------------------------


def save(db: Db, pieces: Iterable[Piece], created: Mapping[int, str]) -> None:
    """Keep pieces of the meters there are (`created`: meter id -> created_at, as in the store)."""
    kept = [piece for piece in pieces if piece.meter_id in created]
    numbers = _numbered_meters(db, {(piece.meter_id, created[piece.meter_id]) for piece in kept})
    series = _numbered_series(db, {piece.series for piece in kept} - {ALL_MINUTES})
    rows = [
        (piece.start_s, numbers[piece.meter_id, created[piece.meter_id]], series.get(piece.series, 0), piece.packed)
        for piece in kept
    ]
    for start_s, meter_number, series_number, data in sorted(rows):  # rows that are only appended fill their pages
        if series_number:
            seconds.save(db, start_s, meter_number, series_number, data)
        else:
            minutes.save(db, start_s, meter_number, minutes.numbered(data, series))


def _numbered_meters(db: Db, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Numbers of all meters, also of those that had none yet."""
    for key in sorted(wanted - meter_numbers(db).keys()):
        db.execute("INSERT INTO meters (meter_id, created_at) VALUES (?,?)", key)
    return meter_numbers(db)


def _numbered_series(db: Db, quantities: set[str]) -> dict[str, int]:
    """Numbers of all series, also of those that had none yet."""
    for quantity in sorted(quantities - series_numbers(db).keys()):
        for name in (quantity, *_extremes(quantity)):
            db.execute("INSERT INTO series (name) VALUES (?)", (name,))
    return series_numbers(db)


def _extremes(quantity: str) -> tuple[str, ...]:
    if quantity not in minutes.WITH_EXTREMES:
        return ()
    return quantity + minutes.LEAST, quantity + minutes.MOST


def meter_numbers(db: Db) -> dict[tuple[int, str], int]:
    """Meter id and created_at -> number in this file."""
    return {(row[0], row[1]): row[2] for row in db.execute("SELECT meter_id, created_at, number FROM meters")}


def series_numbers(db: Db) -> dict[str, int]:
    """Name of a series -> number in this file."""
    return dict(db.execute("SELECT name, number FROM series").fetchall())


def created_at(db: Db) -> dict[int, str]:
    """Meter id -> created_at, from the store."""
    return dict(db.execute("SELECT id, created_at FROM meters").fetchall())
