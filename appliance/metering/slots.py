"""Quarter hours: energy from the meter's own counters, shape from its power.

A slot's energy is the counter at its end minus the counter at the end of the
slot before, so nothing is lost over a gap, a restart or a reboot: the first
slot after it takes the energy and is flagged `gap`, because its shape is not
known. A counter that runs backwards or faster than any house is not believed;
when it stays so for a minute, the meter was replaced and counting starts anew.

The growing slot is kept in `live.db`, so that a restarted core goes on with it.
Finished slots of all meters are written in one commit; when the store cannot be
written they wait here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from appliance.metering import traces
from appliance.store.database import Db, Store

SLOT_S = 900
IDS = 1024  # room for meter numbers in a slot's id
FASTEST_W = 100_000.0  # no household meter counts faster
SLACK_WH = 3.0  # a float counter in kWh steps by 2 Wh above 16.8 MWh
REPLACED_S = 60.0  # a counter that stays unbelievable for so long belongs to another meter
MOST_WAITING = 7 * 96 * 4  # a week of four meters


def start_of(moment: datetime) -> int:
    """Unix time of the quarter hour `moment` lies in."""
    return int(moment.timestamp()) // SLOT_S * SLOT_S


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
    trace: bytes | None


@dataclass(slots=True)
class Count:
    """One counter of a meter: where the slot began and what was believed last."""

    begin_wh: int | None = None
    last_wh: float | None = None
    last_s: float = 0.0  # boot clock
    doubted_since_s: float | None = None

    def see(self, wh: float, at_s: float) -> bool:
        """Take a counter's value; tell whether it is believed."""
        if self.last_wh is None:
            self.last_wh, self.last_s = wh, at_s
            self.begin_wh = round(wh) if self.begin_wh is None else self.begin_wh
            return True
        most_wh = FASTEST_W * max(0.0, at_s - self.last_s) / 3600 + SLACK_WH
        if -SLACK_WH <= wh - self.last_wh <= most_wh:
            self.last_wh, self.last_s, self.doubted_since_s = max(wh, self.last_wh), at_s, None
            return True
        if self.doubted_since_s is None or at_s < self.doubted_since_s:
            self.doubted_since_s = at_s
        if at_s - self.doubted_since_s >= REPLACED_S:
            self.begin_wh = round(wh) - self.energy_wh
            self.last_wh, self.last_s, self.doubted_since_s = wh, at_s, None
        return False

    @property
    def energy_wh(self) -> int:
        """Energy since the slot began."""
        return 0 if self.last_wh is None or self.begin_wh is None else max(0, round(self.last_wh) - self.begin_wh)

    @property
    def end_wh(self) -> int | None:
        """The counter at the end, as far as it was seen."""
        return None if self.last_wh is None else round(self.last_wh)


@dataclass(slots=True)
class Growing:
    """The quarter hour of one meter that is not over yet."""

    start_s: int
    imported: Count | None = None
    exported: Count | None = None
    sums: list[float] = field(default_factory=lambda: [0.0] * traces.BINS)
    counts: list[int] = field(default_factory=lambda: [0] * traces.BINS)
    min_w: float = 0.0
    max_w: float = 0.0
    gap: bool = False

    def see_power(self, second: int, watts: float) -> bool:
        """Take a power value; tell whether it began another bin."""
        bin_number = min(traces.BINS - 1, max(0, second // traces.STEP_S))
        first = not any(self.counts)
        self.min_w = watts if first else min(self.min_w, watts)
        self.max_w = watts if first else max(self.max_w, watts)
        self.sums[bin_number] += watts
        self.counts[bin_number] += 1
        return self.counts[bin_number] == 1

    def bins(self) -> list[int | None]:
        """Mean power by bin."""
        return [round(total / count) if count else None for total, count in zip(self.sums, self.counts, strict=True)]

    def finish(self, meter_id: int) -> Slot:
        """The finished slot."""
        samples, means = sum(self.counts), self.bins()
        return Slot(
            meter_id=meter_id,
            start_s=self.start_s,
            import_wh=None if self.imported is None else self.imported.energy_wh,
            export_wh=None if self.exported is None else self.exported.energy_wh,
            import_counter_wh=None if self.imported is None else self.imported.end_wh,
            export_counter_wh=None if self.exported is None else self.exported.end_wh,
            min_w=round(self.min_w) if samples else None,
            mean_w=round(sum(self.sums) / samples) if samples else None,
            max_w=round(self.max_w) if samples else None,
            samples=samples,
            gap=self.gap or None in means,
            trace=traces.pack(means),
        )

    def next(self, start_s: int) -> Growing:
        """The slot that follows, its counters going on; a gap when it does not follow at once."""
        gap = start_s != self.start_s + SLOT_S
        return Growing(start_s, _go_on(self.imported), _go_on(self.exported), gap=gap)


def _go_on(count: Count | None) -> Count | None:
    return None if count is None else Count(count.end_wh, count.last_wh, count.last_s, count.doubted_since_s)


class Book:
    """All growing slots, and the finished ones that wait to be written."""

    def __init__(self, store: Store, live: Store) -> None:
        self._store = store
        self._live = live
        self._growing: dict[int, Growing] = {}
        self._waiting: deque[Slot] = deque(maxlen=MOST_WAITING)

    def add(self, meter_id: int, now: datetime, at_s: float, values: Mapping[str, float]) -> bool:
        """Take one reading (`at_s`: boot clock); tell whether its counters are believed. Raises StoreError."""
        start_s = start_of(now)
        growing = self._growing.get(meter_id)
        if growing is None:
            growing = self._resume(meter_id, start_s)
        if growing.start_s != start_s:
            self._waiting.append(growing.finish(meter_id))
            growing = growing.next(start_s)
        self._growing[meter_id] = growing
        believed = True
        for name, attribute in (("import_wh", "imported"), ("export_wh", "exported")):
            if name in values:
                count = getattr(growing, attribute) or Count()
                setattr(growing, attribute, count)
                believed = count.see(values[name], at_s) and believed
        if "power_w" in values and growing.see_power(int(now.timestamp()) - start_s, values["power_w"]):
            self._keep(meter_id, growing)
        return believed

    def close(self, now: datetime) -> None:
        """Finish all slots that ended before `now`, also of meters that fell silent."""
        start_s = start_of(now)
        for meter_id, growing in list(self._growing.items()):
            if growing.start_s < start_s:
                self._waiting.append(growing.finish(meter_id))
                self._growing[meter_id] = growing.next(start_s)
                self._keep(meter_id, self._growing[meter_id])

    @property
    def waiting(self) -> int:
        """How many finished slots are not in the store yet."""
        return len(self._waiting)

    def write(self, db: Db) -> list[Slot]:
        """Put all finished slots into the caller's transaction; call `written` with them after its commit."""
        slots = list(self._waiting)
        save(db, slots)
        return slots

    def written(self, slots: Iterable[Slot]) -> None:
        """Forget what is committed."""
        for slot in slots:
            if slot in self._waiting:
                self._waiting.remove(slot)

    def growing(self, meter_id: int) -> Growing | None:
        """The growing slot of a meter in this process."""
        return self._growing.get(meter_id)

    def _keep(self, meter_id: int, growing: Growing) -> None:
        """Keep the growing slot in `live.db`, so that a restarted core goes on with it."""
        with self._live.write(ring=False) as db:
            state = json.dumps(asdict(growing)).encode()
            db.execute("INSERT OR REPLACE INTO growing_slots VALUES (?,?,?)", (meter_id, growing.start_s, state))

    def _resume(self, meter_id: int, start_s: int) -> Growing:
        """Go on where this or an earlier core left off; else after the last stored counters; else anew."""
        kept = load_growing(self._live, meter_id)
        if kept is not None and kept.start_s <= start_s:
            return kept
        with self._store.read() as db:
            last = db.execute(
                "SELECT start_s, import_counter_wh, export_counter_wh FROM slots"
                " WHERE meter_id=? AND id < ? ORDER BY id DESC LIMIT 1",
                (meter_id, slot_id(start_s, 0)),
            ).fetchone()
        if last is None:
            return Growing(start_s)
        counts = [None if wh is None else Count(begin_wh=wh) for wh in last[1:]]
        return Growing(start_s, counts[0], counts[1], gap=True)


def load_growing(live: Store, meter_id: int) -> Growing | None:
    """The growing slot as `live.db` has it (at most ten seconds old); None when there is none."""
    with live.read() as db:
        state = db.execute("SELECT state FROM growing_slots WHERE meter_id=?", (meter_id,)).get
    if state is None:
        return None
    fields = json.loads(state)
    for name in ("imported", "exported"):
        fields[name] = None if fields[name] is None else Count(**fields[name])
    return Growing(**fields)


def slot_id(start_s: int, meter_id: int) -> int:
    """Row id: by time, then meter, so that a commit appends to the last page."""
    return start_s // SLOT_S * IDS + meter_id


def save(db: Db, slots: Iterable[Slot]) -> None:
    """Write finished slots. A slot that is there already (the clock was set back) keeps the energy of both."""
    db.executemany(
        "INSERT INTO slots (id, meter_id, start_s, import_wh, export_wh, import_counter_wh, export_counter_wh,"
        " min_w, mean_w, max_w, samples, gap, trace) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET import_wh = import_wh + excluded.import_wh,"
        " export_wh = export_wh + excluded.export_wh, import_counter_wh = excluded.import_counter_wh,"
        " export_counter_wh = excluded.export_counter_wh, gap = 1",
        [
            (
                slot_id(slot.start_s, slot.meter_id), slot.meter_id, slot.start_s, slot.import_wh, slot.export_wh,
                slot.import_counter_wh, slot.export_counter_wh, slot.min_w, slot.mean_w, slot.max_w, slot.samples,
                int(slot.gap), slot.trace,
            )
            for slot in slots
        ],
    )  # fmt: skip
