"""The book of quarter hours: takes readings, finishes slots at the borders, hands them to the card.

1. Each reading grows a slot and joins the log of seconds, both in `live.db`.
2. At the border it is finished: in one transaction of `live.db` the finished
slot begins to wait and the next one to grow. 3. All slots that wait are written
to the store in one commit. 4. The seconds that are over are packed and written
to `curves.db` in one commit, on which the oldest curves go. 5. What was written
is taken from `live.db`. After a crash between any two the next core goes on;
nothing is lost or counted twice.

`add` and `close` belong to one thread and never touch the card; `write` may run
in another, so that nobody waits for the card.

After a reboot the first slot takes the energy since the counters stored last
and is a gap. When the calendar was set, what grows is put under the new date,
so nothing is kept under a wrong one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance import clock, errors
from appliance.metering import curves, days, minutes, retention, seconds, slots
from appliance.metering import growing as growing_slots
from appliance.metering.counters import Count
from appliance.metering.growing import Growing
from appliance.metering.slots import SLOT_S
from appliance.store import settings
from appliance.store.database import Store

LOOK_BACK_S = clock.PLAUSIBLE_OFF.total_seconds()  # a store of many years is not searched for a new meter

CHECKPOINT_EVERY = 32  # commits, 8 hours: a WAL that grows for days writes three times as much (docs/performance.md)


class Book:
    """All growing slots, and the finished ones that wait to be written."""

    def __init__(self, store: Store, live: Store) -> None:
        self._store = store
        self._live = live
        self._growing: dict[int, Growing] = {}
        self._commits = 0
        self._taken_over = False  # slots of an earlier core, also of meters that do not answer any more
        self.unwritten = True  # something may wait: for all we know an earlier core left it

    def add(
        self,
        meter_id: int,
        now: datetime,
        at_s: float,
        values: Mapping[str, float],
        interval_s: float = 1.0,
        speed: float = 1.0,
    ) -> bool:
        """Take one reading (`at_s`: boot clock); tell whether its counters are believed. Raises StoreError.

        A reading whose counters are not believed is not used at all. `speed`: of the clock, against real time.
        """
        growing = self._growing_at(meter_id, now, at_s)
        if not growing.count(at_s, values):
            return False
        growing.see(now.timestamp(), at_s, values.get("power_w"), interval_s, speed)
        with self._live.write(ring=False) as db:
            growing_slots.keep(db, meter_id, growing)
            seconds.log(db, meter_id, int(now.timestamp()), values)
        return True

    def close(self, now: datetime, at_s: float, in_use: Collection[int] | None = None) -> None:
        """Finish all slots that ended before `now`, also of silent meters. Raises StoreError.

        A meter that is not `in_use` any more (None: all are) gets no further slot.
        """
        if not self._taken_over:
            self._growing = growing_slots.load_all(self._live) | self._growing
            self._taken_over = True
        for meter_id in list(self._growing):
            self._move_on(meter_id, now, at_s, ends=in_use is not None and meter_id not in in_use)

    def drop(self, meter_id: int) -> None:
        """Forget a meter that was removed: another one may get its number. Raises StoreError."""
        self._growing.pop(meter_id, None)
        with self._live.write(ring=False) as db:
            growing_slots.keep(db, meter_id, None)
            slots.drop(db, meter_id)
            seconds.drop(db, meter_id)
            curves.drop(db, meter_id)

    def write(self) -> int:
        """Write all that waits, one commit a file; return how many slots. Raises StoreError, and all go on waiting."""
        self.unwritten = False  # what is finished meanwhile waits for the next time
        try:
            curves.pack_finished(self._live)
            written = self._write_slots()
            self._write_curves()
        except errors.StoreError:
            self.unwritten = True
            raise
        if written:
            self._commits += 1
            if self._commits % CHECKPOINT_EVERY == 0:
                self._store.checkpoint()
                curves.beside(self._store).checkpoint()
        return written

    def _write_slots(self) -> int:
        """One commit of the store: finished slots, and days that are over."""
        found = slots.waiting(self._live)
        if found:
            newest = datetime.fromtimestamp(max(slot.start_s for _, slot in found) + SLOT_S, UTC)
            with self._store.write(ring=False) as db:
                for start_s in {slot.start_s for _, slot in found}:
                    days.changed(db, start_s)
                slots.save(db, [slot for _, slot in found])
                days.sum_up(db, ZoneInfo(str(settings.in_force(db, "site.timezone"))), newest)
            with self._live.write(ring=False) as db:
                slots.forget(db, [number for number, _ in found])
        return len(found)

    def _write_curves(self) -> None:
        """One commit of the curves: what is new, one day folded, some rows too old. A damaged file is begun anew."""
        found = curves.waiting(self._live)
        if not found:
            return
        with self._store.read() as db:
            created, kept = curves.created_at(db), retention.in_force(db)
        file = curves.beside(self._store)
        now_s = max(piece.start_s for _, piece in found) + SLOT_S
        try:
            curves.make(file.path)
            with file.write(ring=False) as db:
                curves.save(db, [piece for _, piece in found], created)
                minutes.fold(db, now_s)
                retention.prune(db, kept, now_s, len(found))
        except errors.StoreDamaged:
            file.close()
            curves.set_aside(file.path)
            raise
        with self._live.write(ring=False) as db:
            curves.forget(db, [number for number, _ in found])

    def _growing_at(self, meter_id: int, now: datetime, at_s: float) -> Growing:
        """The slot that a reading of now belongs to."""
        if meter_id not in self._growing:
            self._growing[meter_id] = growing_slots.load(self._live, meter_id) or self._resume(meter_id, now, at_s)
        self._move_on(meter_id, now, at_s, ends=False)
        return self._growing[meter_id]

    def _move_on(self, meter_id: int, now: datetime, at_s: float, *, ends: bool) -> None:
        """Finish the slot if it is over; a calendar that was set back a little changes nothing."""
        growing, start_s = self._growing[meter_id], slots.start_of(now)
        if growing.calendar_was_set(now.timestamp(), at_s):
            self._growing[meter_id] = growing.moved(start_s)
            with self._live.write(ring=False) as db:
                seconds.drop(db, meter_id)
            return
        if growing.start_s >= start_s:
            return
        after = None if ends else growing.next(start_s)
        with self._live.write(ring=False) as db:
            slots.wait(db, growing.finish(meter_id))
            growing_slots.keep(db, meter_id, after)
        self.unwritten = True
        if after is None:
            del self._growing[meter_id]
        else:
            self._growing[meter_id] = after

    def _resume(self, meter_id: int, now: datetime, at_s: float) -> Growing:
        """Go on after the last stored counters, as far as a house can have used since; else begin anew."""
        start_s, since_s = slots.start_of(now), int(now.timestamp() - LOOK_BACK_S)
        with self._store.read() as db:
            query = "SELECT start_s, import_counter_wh, export_counter_wh FROM slots WHERE meter_id=? AND id>=?"
            among = (meter_id, slots.slot_id(since_s, 0))
            last = db.execute(f"{query} ORDER BY id DESC LIMIT 1", among).fetchone()
            seen = db.execute(f"{query} AND samples > 0 ORDER BY id DESC LIMIT 1", among).fetchone()
        if last is None:
            return Growing(start_s)
        passed_s = now.timestamp() - (seen or last)[0]
        if passed_s < 0:  # stored under a later date: nobody knows how long ago
            passed_s = LOOK_BACK_S
        counts = [None if wh is None else Count.resumed(wh, at_s - passed_s) for wh in last[1:]]
        return Growing(start_s, counts[0], counts[1], gap=True)
