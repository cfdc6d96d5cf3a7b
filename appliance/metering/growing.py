"""The quarter hour of one meter that is not over yet, kept in `live.db` for a core that restarts.

What was not observed for longer than the meter's rhythm explains is a gap, in
the slot that misses the shape and in the one that takes the energy. How long
that is, is a matter of real time: under a fast clock a meter is not read more
often for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from appliance import clock
from appliance.metering.counters import Count
from appliance.metering.slots import SLOT_S, Slot
from appliance.store.database import Db, Store

UNSEEN_S = 10.0  # real seconds without a reading that are no gap, whatever the meter's rhythm
LATE_INTERVALS = 3  # so many readings may fail before something is missing


@dataclass(slots=True)
class Growing:
    """One growing quarter hour. Calendar times are Unix seconds."""

    start_s: int
    imported: Count | None = None
    exported: Count | None = None
    sum_w: float = 0.0
    samples: int = 0
    min_w: float = 0.0
    max_w: float = 0.0
    gap: bool = False
    seen_s: float | None = None  # calendar at the last reading that was used
    offset_s: float | None = None  # calendar minus boot clock at that reading
    longest_s: float = UNSEEN_S  # between two readings without a gap
    flowed_in_wh: float | None = None  # by power, since the counters were read last; None: not known
    flowed_out_wh: float | None = None

    def count(self, at_s: float, values: Mapping[str, float]) -> bool:
        """Let the counters see a reading at `at_s` (boot clock); tell whether both are believed."""
        self._flow(at_s, values.get("power_w"))
        believed = True
        if "import_wh" in values:
            self.imported = self.imported or Count()
            believed = self.imported.see(values["import_wh"], at_s, self.flowed_in_wh)
            self.flowed_in_wh = 0.0
        if "export_wh" in values:
            self.exported = self.exported or Count()
            believed = self.exported.see(values["export_wh"], at_s, self.flowed_out_wh) and believed
            self.flowed_out_wh = 0.0
        return believed

    def _flow(self, at_s: float, power_w: float | None) -> None:
        """Add what a power made in both directions since the last reading; unknown after a gap."""
        passed_s = -1.0
        if self.seen_s is not None and self.offset_s is not None:
            passed_s = at_s - (self.seen_s - self.offset_s)
        if power_w is None or not 0 <= passed_s <= self.longest_s:
            self.flowed_in_wh = self.flowed_out_wh = None
            return
        if self.flowed_in_wh is not None:
            self.flowed_in_wh += max(0.0, power_w) * passed_s / 3600
        if self.flowed_out_wh is not None:
            self.flowed_out_wh += max(0.0, -power_w) * passed_s / 3600

    def see(self, now_s: float, at_s: float, power_w: float | None, interval_s: float, speed: float = 1.0) -> None:
        """Take a reading that is believed. `speed`: of the clock, against real time."""
        self.longest_s = min(max(UNSEEN_S, LATE_INTERVALS * interval_s) * max(1.0, speed), SLOT_S)
        before_s = self.start_s if self.seen_s is None else self.seen_s
        self.gap = self.gap or now_s - before_s > self.longest_s
        self.seen_s, self.offset_s = now_s, now_s - at_s
        if power_w is not None:
            self.min_w = min(self.min_w, power_w) if self.samples else power_w
            self.max_w = max(self.max_w, power_w) if self.samples else power_w
            self.sum_w += power_w
            self.samples += 1

    @property
    def mean_w(self) -> float | None:
        """Mean power so far; None while there was none."""
        return self.sum_w / self.samples if self.samples else None

    def calendar_was_set(self, now_s: float, at_s: float) -> bool:
        """Tell whether the calendar moved against the boot clock, or lies before this quarter hour."""
        moved_s = 0.0 if self.offset_s is None else now_s - at_s - self.offset_s
        return abs(moved_s) > clock.JUMP_S or self.start_s - now_s > clock.JUMP_S

    def finish(self, meter_id: int) -> Slot:
        """The finished slot."""
        unseen_s = self.start_s + SLOT_S - (self.start_s if self.seen_s is None else self.seen_s)
        return Slot(
            meter_id=meter_id,
            start_s=self.start_s,
            import_wh=None if self.imported is None else self.imported.energy_wh,
            export_wh=None if self.exported is None else self.exported.energy_wh,
            import_counter_wh=None if self.imported is None else self.imported.end_wh,
            export_counter_wh=None if self.exported is None else self.exported.end_wh,
            min_w=round(self.min_w) if self.samples else None,
            mean_w=round(self.sum_w / self.samples) if self.samples else None,
            max_w=round(self.max_w) if self.samples else None,
            samples=self.samples,
            gap=self.gap or unseen_s > self.longest_s,
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
            flowed_in_wh=self.flowed_in_wh,
            flowed_out_wh=self.flowed_out_wh,
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
    """The growing slot as `live.db` has it; None when there is none."""
    with live.read() as db:
        state = db.execute("SELECT state FROM growing_slots WHERE meter_id=?", (meter_id,)).get
    return None if state is None else _restored(state)


def load_all(live: Store) -> dict[int, Growing]:
    """All growing slots as `live.db` has them, by meter."""
    with live.read() as db:
        rows = db.execute("SELECT meter_id, state FROM growing_slots").fetchall()
    return {meter_id: _restored(state) for meter_id, state in rows}


def _restored(state: bytes) -> Growing:
    """What a core kept, maybe one of another version: what this one does not know is left out."""
    found = _known(Growing, json.loads(state))
    for name in ("imported", "exported"):
        count = found.get(name)
        found[name] = None if count is None else Count(**_known(Count, count))
    return Growing(**found)


def _known(kind: type[Growing] | type[Count], state: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in state.items() if name in names}
