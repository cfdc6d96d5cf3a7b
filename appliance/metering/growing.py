"""The quarter hour of one meter that is not over yet, kept in `live.db` for a core that restarts.

What was not observed for longer than the meter's rhythm explains is a gap, in
the slot that misses the shape and in the one that takes the energy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from appliance import clock
from appliance.metering import traces
from appliance.metering.counters import Count
from appliance.metering.slots import SLOT_S, Slot
from appliance.store.database import Db, Store

LATE_INTERVALS = 3  # so many readings may fail before something is missing


@dataclass(slots=True)
class Growing:
    """One growing quarter hour. Calendar times are Unix seconds."""

    start_s: int
    imported: Count | None = None
    exported: Count | None = None
    sums: list[float] = field(default_factory=lambda: [0.0] * traces.BINS)
    counts: list[int] = field(default_factory=lambda: [0] * traces.BINS)
    min_w: float = 0.0
    max_w: float = 0.0
    gap: bool = False
    seen_s: float | None = None  # calendar at the last reading that was used
    offset_s: float | None = None  # calendar minus boot clock at that reading
    longest_s: float = traces.STEP_S  # between two readings without a gap

    def see(self, now_s: float, at_s: float, power_w: float | None, interval_s: float) -> bool:
        """Take a reading that is believed; tell whether it is the first of its ten seconds."""
        self.longest_s = min(max(traces.STEP_S, LATE_INTERVALS * interval_s), SLOT_S)
        before_s = self.start_s if self.seen_s is None else self.seen_s
        self.gap = self.gap or now_s - before_s > self.longest_s
        first = self.seen_s is None or self._bin(now_s) != self._bin(before_s) or before_s < self.start_s
        self.seen_s, self.offset_s = now_s, now_s - at_s
        if power_w is not None:
            self._see_power(self._bin(now_s), power_w)
        return first

    def _bin(self, now_s: float) -> int:
        return min(traces.BINS - 1, max(0, int(now_s - self.start_s) // traces.STEP_S))

    def _see_power(self, bin_number: int, watts: float) -> None:
        first = not any(self.counts)
        self.min_w = watts if first else min(self.min_w, watts)
        self.max_w = watts if first else max(self.max_w, watts)
        self.sums[bin_number] += watts
        self.counts[bin_number] += 1

    def bins(self) -> list[int | None]:
        """Mean power by ten seconds."""
        return [round(total / count) if count else None for total, count in zip(self.sums, self.counts, strict=True)]

    def calendar_was_set(self, now_s: float, at_s: float) -> bool:
        """Tell whether the calendar moved against the boot clock, or lies before this quarter hour."""
        moved_s = 0.0 if self.offset_s is None else now_s - at_s - self.offset_s
        return abs(moved_s) > clock.JUMP_S or self.start_s - now_s > clock.JUMP_S

    def finish(self, meter_id: int) -> Slot:
        """The finished slot."""
        samples = sum(self.counts)
        unseen_s = self.start_s + SLOT_S - (self.start_s if self.seen_s is None else self.seen_s)
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
            gap=self.gap or unseen_s > self.longest_s,
            trace=traces.pack(self.bins()),
        )

    def next(self, start_s: int) -> Growing:
        """The slot that follows, its counters going on; a gap when it does not follow at once."""
        return Growing(
            start_s,
            None if self.imported is None else self.imported.go_on(),
            None if self.exported is None else self.exported.go_on(),
            gap=start_s != self.start_s + SLOT_S,
            seen_s=self.seen_s,
            offset_s=self.offset_s,
            longest_s=self.longest_s,
        )

    def moved(self, start_s: int) -> Growing:
        """The same energy under another date, where the calendar was set; its shape belongs nowhere."""
        return Growing(start_s, self.imported, self.exported, gap=True)


def keep(db: Db, meter_id: int, growing: Growing | None) -> None:
    """Put a growing slot into `live.db`; None: there is none any more."""
    if growing is None:
        db.execute("DELETE FROM growing_slots WHERE meter_id=?", (meter_id,))
    else:
        state = json.dumps(asdict(growing)).encode()
        db.execute("INSERT OR REPLACE INTO growing_slots VALUES (?,?,?)", (meter_id, growing.start_s, state))


def load(live: Store, meter_id: int) -> Growing | None:
    """The growing slot as `live.db` has it (at most ten seconds old); None when there is none."""
    with live.read() as db:
        state = db.execute("SELECT state FROM growing_slots WHERE meter_id=?", (meter_id,)).get
    if state is None:
        return None
    fields = json.loads(state)
    for name in ("imported", "exported"):
        fields[name] = None if fields[name] is None else Count(**fields[name])
    return Growing(**fields)
