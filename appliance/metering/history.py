"""What was: curves and energies out of the kept quarter hours, those that wait, and the growing one.

Days are local days, 23 to 25 hours long. Where nothing was measured there is
None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from appliance.metering import growing, slots, traces
from appliance.metering.counters import Count
from appliance.metering.slots import Slot
from appliance.store.database import Db, Store


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


def bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Begin of a local day and of the next one, in UTC."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return begin, end


def day(store: Store, live: Store, meter_id: int, day: date, zone: tzinfo, step_s: int = slots.SLOT_S) -> list[Point]:
    """The curve of one local day. `step_s`: a multiple of 10 s that divides 900 s."""
    begin, end = bounds(day, zone)
    per_step = step_s // traces.STEP_S
    known = _means(store, live, meter_id, int(begin.timestamp()), int(end.timestamp()))
    curve = []
    for start_s in range(int(begin.timestamp()), int(end.timestamp()), step_s):
        first = start_s % slots.SLOT_S // traces.STEP_S
        bins = known.get(start_s // slots.SLOT_S * slots.SLOT_S, [])[first : first + per_step]
        measured = [watts for watts in bins if watts is not None]
        mean_w = sum(measured) / len(measured) if measured else None
        curve.append(Point(datetime.fromtimestamp(start_s, UTC).astimezone(zone), mean_w))
    return curve


def _means(store: Store, live: Store, meter_id: int, begin_s: int, end_s: int) -> dict[int, list[int | None]]:
    """10-second means by start of the quarter hour."""
    waiting = slots.waiting(live)
    with store.read() as db:
        rows = db.execute(
            "SELECT start_s, trace, mean_w FROM slots WHERE id >= ? AND id < ? AND meter_id = ?",
            (slots.slot_id(begin_s, 0), slots.slot_id(end_s, 0), meter_id),
        ).fetchall()
    rows += [(slot.start_s, slot.trace, slot.mean_w) for _, slot in waiting if slot.meter_id == meter_id]
    found = {start_s: traces.unpack(trace) if trace else [mean_w] * traces.BINS for start_s, trace, mean_w in rows}
    now = growing.load(live, meter_id)
    if now is not None:
        found[now.start_s] = now.bins()
    return found


def energy(store: Store, live: Store, meter_id: int, begin: datetime, end: datetime) -> Energy:
    """Energy of the quarter hours that begin in [begin, end), with the growing one."""
    waiting = slots.waiting(live)  # before the store: what moves over meanwhile is told by its row
    with store.read() as db:
        row = db.execute(
            "SELECT sum(import_wh), sum(export_wh), max(gap) FROM slots WHERE id >= ? AND id < ? AND meter_id = ?",
            (slots.slot_id(slots.start_of(begin), 0), slots.slot_id(slots.start_of(end), 0), meter_id),
        ).fetchone()
        unsaved = [slot for slot in _of(waiting, meter_id, begin, end) if not _is_stored(db, slot)]
    import_wh, export_wh, gap = row
    for slot in unsaved:
        import_wh, export_wh = _sum(import_wh, slot.import_wh), _sum(export_wh, slot.export_wh)
        gap = gap or slot.gap
    now = growing.load(live, meter_id)
    if now is not None and begin.timestamp() <= now.start_s < end.timestamp():
        import_wh, export_wh = _sum(import_wh, _energy(now.imported)), _sum(export_wh, _energy(now.exported))
        gap = gap or now.gap
    return Energy(import_wh, export_wh, bool(gap))


def _of(waiting: list[tuple[int, Slot]], meter_id: int, begin: datetime, end: datetime) -> list[Slot]:
    return [
        slot for _, slot in waiting if slot.meter_id == meter_id and begin.timestamp() <= slot.start_s < end.timestamp()
    ]


def _is_stored(db: Db, slot: Slot) -> bool:
    return db.execute("SELECT 1 FROM slots WHERE id=?", (slots.slot_id(slot.start_s, slot.meter_id),)).get is not None


def _sum(wh: int | None, more_wh: int | None) -> int | None:
    return wh if more_wh is None else (wh or 0) + more_wh


def _energy(count: Count | None) -> int | None:
    return None if count is None else count.energy_wh


def today(store: Store, live: Store, meter_id: int, now: datetime, zone: tzinfo) -> Energy:
    """Energy since local midnight."""
    begin, end = bounds(now.astimezone(zone).date(), zone)
    return energy(store, live, meter_id, begin, end)
