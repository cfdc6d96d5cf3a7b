"""Keep the shown counters going on when the meter's own ones do not.

Each reading is compared with the one before. A counter that ran over its end
goes on at once. One that runs backwards, or faster than any house, is watched:
when it comes back it was noise; when it stays so for a minute and goes on
plausibly from there, it is another meter's or was reset, and its baseline is
moved so that what is shown goes on from where it stood. What is shown therefore
never falls and never jumps; only a reset makes it smaller.

`see` belongs to one thread and never touches the card; `write` may run in
another. Where each counter stands is noted every hour, because a meter is
replaced while the power is off: then what was used since the last note counts
as not used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import clock
from appliance.metering import totals
from appliance.metering.counters import ENDS_WH, OVER_END_WH, REPLACED_S, follows, step_of
from appliance.store.database import Store

NOTE_S = 3600
LAGS_S = 150.0  # how old a counter in a reading may be: those of phases are read once a minute or two
LOOK_BACK_S = clock.PLAUSIBLE_OFF.total_seconds()


@dataclass(slots=True)
class Followed:
    """One counter of a meter as it is followed. Times are of the boot clock, below zero: before this boot."""

    last_wh: float | None = None  # as it was believed last; None: it was never noted
    last_s: float = 0.0
    changed_s: float = 0.0
    noted_s: float | None = None
    doubted_first_wh: float | None = None  # what it says instead, since
    doubted_since_s: float = 0.0
    doubted_wh: float = 0.0
    doubted_s: float = 0.0

    def see(self, wh: float, at_s: float) -> int | None:
        """Take the counter's value; return by how much it moved without energy, None while it is not believed."""
        if self.last_wh is not None:
            passed_s = at_s - max(self.changed_s, self.last_s - LAGS_S)
            if follows(self.last_wh, wh, passed_s, step_of(wh)):
                return self._believe(max(wh, self.last_wh), at_s, 0)
            end_wh = over_end(self.last_wh, wh, passed_s)
            if end_wh is not None:
                return self._believe(wh, at_s, -round(end_wh))
        passed_s = at_s - self.doubted_s + LAGS_S
        if self.doubted_first_wh is None or not follows(self.doubted_wh, wh, passed_s, step_of(wh)):
            self.doubted_first_wh, self.doubted_since_s, self.doubted_wh = wh, at_s, wh
        self.doubted_wh, self.doubted_s = max(wh, self.doubted_wh), at_s
        if at_s - self.doubted_since_s < REPLACED_S:
            return None
        before_wh = self.doubted_first_wh if self.last_wh is None else self.last_wh
        return self._believe(self.doubted_wh, at_s, round(self.doubted_first_wh) - round(before_wh))

    def _believe(self, wh: float, at_s: float, shift_wh: int) -> int:
        if self.last_wh is None or shift_wh:
            self.changed_s = at_s - LAGS_S
        elif wh != self.last_wh:
            self.changed_s = at_s
        self.last_wh, self.last_s, self.doubted_first_wh = wh, at_s, None
        return shift_wh


def over_end(before_wh: float, wh: float, passed_s: float) -> float | None:
    """How much the counter's range is when it has just run over its end; None when it has not."""
    if wh >= before_wh or wh > OVER_END_WH:
        return None
    for end_wh in ENDS_WH:
        if 0 <= end_wh - before_wh <= OVER_END_WH and follows(before_wh, wh + end_wh, passed_s):
            return end_wh
    return None


@dataclass(frozen=True, slots=True)
class Note:
    """What the store is to learn about a counter."""

    meter_id: int
    quantity: str
    shift_wh: int
    wh: float
    at: datetime


class Continuity:
    """All counters of all meters that are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._followed: dict[int, dict[str, Followed]] = {}
        self._notes: deque[Note] = deque()

    def see(self, meter_id: int, now: datetime, at_s: float, values: Mapping[str, float]) -> bool:
        """Take one reading (`at_s`: boot clock); tell whether its counters can be shown. Raises StoreError."""
        known = self._followed.get(meter_id)
        if known is None:
            known = self._followed[meter_id] = self._load(meter_id, now, at_s)
        believed = True
        for quantity in totals.QUANTITIES:
            wh = values.get(quantity)
            if wh is None:
                continue
            followed = known.setdefault(quantity, Followed())
            is_new = followed.last_wh is None
            shift_wh = followed.see(wh, at_s)
            if shift_wh is None:
                believed = believed and is_new
            elif shift_wh or followed.noted_s is None or at_s - followed.noted_s >= NOTE_S:
                followed.noted_s = at_s
                self._notes.append(Note(meter_id, quantity, shift_wh, wh, now))
        return believed and not any(note.meter_id == meter_id and note.shift_wh for note in list(self._notes))

    @property
    def unwritten(self) -> bool:
        """Tell whether something waits to be written."""
        return bool(self._notes)

    def write(self) -> int:
        """Write what is to be noted in one commit; return how much. Raises StoreError, and all is tried again."""
        notes = list(self._notes)
        if notes:
            with self._store.write(ring=False) as db:
                for note in notes:
                    totals.note(db, note.meter_id, note.quantity, note.shift_wh, note.wh, note.at)
            for _ in notes:
                self._notes.popleft()
        return len(notes)

    def drop(self, meter_id: int) -> None:
        """Forget a meter that was removed: another one may get its number."""
        self._followed.pop(meter_id, None)

    def _load(self, meter_id: int, now: datetime, at_s: float) -> dict[str, Followed]:
        """Where its counters stood, by the store."""
        with self._store.read() as db:
            noted = totals.baselines(db, meter_id)
        found = {}
        for quantity, begin in noted.items():
            passed_s = (now - begin.last_at).total_seconds()
            if passed_s < 0:  # noted under a later date: nobody knows how long ago
                passed_s = LOOK_BACK_S
            found[quantity] = Followed(begin.last_wh, at_s - passed_s, at_s - passed_s, at_s)
        return found
