"""Finished quarter hours, kept for ever: energy from the meter's own counters, least, mean and greatest power.

A finished slot waits in `live.db` until the store has taken it, so neither a
full card nor a core that is killed meanwhile loses it. Taking one twice changes
nothing: a part that ends at the same counters has been counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from appliance.store.database import Db, Store

SLOT_S = 900
IDS = 1024  # room for meter numbers in a slot's id
MOST_WAITING = 7 * 96 * 4  # a week of four meters, half a MB of memory

COLUMNS = (
    "meter_id, start_s, import_wh, export_wh, import_counter_wh, export_counter_wh, min_w, mean_w, max_w, samples, gap"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A finished quarter hour of one meter (a row of `slots`)."""

    meter_id: int
    start_s: int
    import_wh: int | None
    export_wh: int | None
    import_counter_wh: int | None
    export_counter_wh: int | None
    min_w: int | None
    mean_w: int | None
    max_w: int | None
    samples: int
    gap: bool


def start_of(moment: datetime) -> int:
    """Unix time of the quarter hour `moment` lies in."""
    return int(moment.timestamp()) // SLOT_S * SLOT_S


def slot_id(start_s: int, meter_id: int) -> int:
    """Row id: by time, then meter, so that a commit appends to the last page."""
    return start_s // SLOT_S * IDS + meter_id


def save(db: Db, slots: Iterable[Slot]) -> None:
    """Write finished slots of the meters there are.

    A slot that is there already (the clock was set back) keeps the energy of
    both parts and the shape of the first, and is a gap.
    """
    known = {row[0] for row in db.execute("SELECT id FROM meters")}
    db.executemany(
        f"INSERT INTO slots (id, {COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608 - fixed names
        " ON CONFLICT (id) DO UPDATE SET"
        " import_wh = coalesce(import_wh + excluded.import_wh, import_wh, excluded.import_wh),"
        " export_wh = coalesce(export_wh + excluded.export_wh, export_wh, excluded.export_wh),"
        " import_counter_wh = coalesce(excluded.import_counter_wh, import_counter_wh),"
        " export_counter_wh = coalesce(excluded.export_counter_wh, export_counter_wh), gap = 1"
        " WHERE (excluded.import_counter_wh, excluded.export_counter_wh)"
        " IS NOT (import_counter_wh, export_counter_wh)",
        [(slot_id(slot.start_s, slot.meter_id), *_row(slot)) for slot in _joined(slots) if slot.meter_id in known],
    )


def _joined(slots: Iterable[Slot]) -> list[Slot]:
    """Parts of one quarter hour as one, so that both are told by where they end when they are taken twice."""
    found: dict[tuple[int, int], Slot] = {}
    for slot in slots:
        key = (slot.start_s, slot.meter_id)
        first = found.get(key)
        found[key] = slot if first is None else _plus(first, slot)
    return list(found.values())


def _plus(first: Slot, then: Slot) -> Slot:
    ends = (then.import_counter_wh, then.export_counter_wh)
    if ends == (first.import_counter_wh, first.export_counter_wh):
        return first
    return replace(
        first,
        import_wh=both(first.import_wh, then.import_wh),
        export_wh=both(first.export_wh, then.export_wh),
        import_counter_wh=first.import_counter_wh if ends[0] is None else ends[0],
        export_counter_wh=first.export_counter_wh if ends[1] is None else ends[1],
        gap=True,
    )


def both(wh: int | None, more_wh: int | None) -> int | None:
    """Two energies together; None: not known."""
    return wh if more_wh is None else (wh or 0) + more_wh


def wait(db: Db, slot: Slot) -> None:
    """Let a finished slot wait in `live.db`; the oldest make room when nothing could be stored for very long."""
    db.execute(f"INSERT INTO waiting_slots ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", _row(slot))  # noqa: S608 - fixed names
    db.execute("DELETE FROM waiting_slots WHERE number <= ?", (db.last_insert_rowid() - MOST_WAITING,))


def waiting(live: Store) -> list[tuple[int, Slot]]:
    """What waits to be stored, oldest first, with the numbers to forget it by."""
    with live.read() as db:
        rows = db.execute(f"SELECT number, {COLUMNS} FROM waiting_slots ORDER BY number").fetchall()  # noqa: S608 - fixed names
    return [(row[0], replace(Slot(*row[1:]), gap=bool(row[11]))) for row in rows]


def forget(db: Db, numbers: Iterable[int]) -> None:
    """Take from `live.db` what the store has now."""
    db.executemany("DELETE FROM waiting_slots WHERE number=?", [(number,) for number in numbers])


def drop(db: Db, meter_id: int) -> None:
    """Take from `live.db` what waits of a meter that was removed."""
    db.execute("DELETE FROM waiting_slots WHERE meter_id=?", (meter_id,))


def _row(slot: Slot) -> tuple[object, ...]:
    *others, gap = astuple(slot)
    return (*others, int(gap))
