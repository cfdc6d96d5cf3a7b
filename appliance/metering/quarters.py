"""Quarter hours of several meters side by side: those kept, those that wait to be, and the growing ones.

This is what self-consumption, tariffs and curves are computed from. Quarter
hours of which nothing is known are None, never zero.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appliance.metering import growing, slots
from appliance.metering.slots import IDS, SLOT_S, Slot
from appliance.store.database import Db, Store


@dataclass(frozen=True, slots=True)
class Quarters:
    """A meter's quarter hours from Unix time `begin_s` on, one value each 900 s; None: not measured."""

    begin_s: int
    import_wh: list[int | None]
    export_wh: list[int | None]
    gap: list[bool]  # some of it was not observed; its energy is right, its shape is not
    min_w: list[int | None]
    mean_w: list[int | None]
    max_w: list[int | None]

    @classmethod
    def empty(cls, begin_s: int, count: int) -> Quarters:
        """So many quarter hours of which nothing is known."""
        none: list[int | None] = [None] * count
        return cls(begin_s, none, none[:], [False] * count, none[:], none[:], none[:])

    def fill(self, first: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put in rows of the store; at once where none is missing, as in most months."""
        if len(rows) == len(self.gap) > 0:
            _, self.import_wh[:], self.export_wh[:], gaps, self.min_w[:], self.mean_w[:], self.max_w[:] = zip(
                *rows, strict=True
            )
            self.gap[:] = map(bool, gaps)
            return
        for row, *values in rows:
            self.enter(row // IDS - first, *values)

    def enter(self, at: int, import_wh: int | None, export_wh: int | None, gap: int, *power_w: int | None) -> None:
        """Put in one quarter hour."""
        self.import_wh[at], self.export_wh[at], self.gap[at] = import_wh, export_wh, bool(gap)
        self.min_w[at], self.mean_w[at], self.max_w[at] = power_w


def read(store: Store, live: Store, meter_ids: Collection[int], begin: datetime, end: datetime) -> dict[int, Quarters]:
    """All quarter hours that begin in [begin, end), by meter. Raises StoreError."""
    begin_s, end_s = slots.start_of(begin), -(-int(end.timestamp()) // SLOT_S) * SLOT_S
    found = {meter_id: Quarters.empty(begin_s, max(0, (end_s - begin_s) // SLOT_S)) for meter_id in meter_ids}
    late = unsaved(live, meter_ids, begin_s, end_s)  # before the store: what moves over meanwhile is told by its row
    first = begin_s // SLOT_S
    with store.read() as db:
        for meter_id in meter_ids:
            rows = _rows(db, meter_id, begin_s, end_s)
            found[meter_id].fill(first, rows)
            kept = {row[0] for row in rows} if late else set()
            late = {key: slot for key, slot in late.items() if slots.slot_id(slot.start_s, slot.meter_id) not in kept}
    for (meter_id, start_s), slot in late.items():
        powers_w = (slot.min_w, slot.mean_w, slot.max_w)
        found[meter_id].enter(start_s // SLOT_S - first, slot.import_wh, slot.export_wh, slot.gap, *powers_w)
    return found


def _rows(db: Db, meter_id: int, begin_s: int, end_s: int) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT id, import_wh, export_wh, gap, min_w, mean_w, max_w FROM slots WHERE id >= ? AND id < ? AND id % ? = ?",
        (slots.slot_id(begin_s, 0), slots.slot_id(end_s, 0), IDS, meter_id),
    ).fetchall()


def unsaved(live: Store, meter_ids: Collection[int], begin_s: int, end_s: int) -> dict[tuple[int, int], Slot]:
    """What waits to be stored and what grows in [begin_s, end_s), by meter and start."""
    now = {meter_id: growing.load(live, meter_id) for meter_id in meter_ids}
    found = {(slot.meter_id, slot.start_s): slot for _, slot in slots.waiting(live)}
    for meter_id, one in now.items():
        if one is not None:  # that it is not over is no gap
            found[meter_id, one.start_s] = replace(one.finish(meter_id), gap=one.gap)
    return {key: slot for key, slot in found.items() if key[0] in now and begin_s <= key[1] < end_s}


def stored(db: Db, slot: Slot) -> bool:
    """Tell whether the store has a quarter hour already."""
    return db.execute("SELECT 1 FROM slots WHERE id=?", (slots.slot_id(slot.start_s, slot.meter_id),)).get is not None
