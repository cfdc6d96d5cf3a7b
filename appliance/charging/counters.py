"""Follow the counters of the charging meters, so that a jump is never billed as energy.

Each reading is compared with the one before, by the measure metering has for
what is shown (`metering/continuity.py`). A counter that runs backwards, or
faster than any house, is doubted: the one believed last goes on counting. When
it comes back it was noise. When it stays so for a minute it is another meter's,
and the energy of every session that runs on it is lost.

Nothing here is written down. After a restart the counter a running session was
marked with says where to go on; the outage counts as `OUTAGE_S`, because the
relay was open in it. A meter that answers only later has counted since then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from appliance.charging.gauges import Gauge
from appliance.charging.lifecycle import Moment
from appliance.charging.sessions import Session
from appliance.metering.continuity import Followed

STALE_S = 300.0  # real seconds: older than this a counter is not marked
OUTAGE_S = 600.0  # STALE_S, from one mark to the next, and what a contactor that stuck lets through for a while


@dataclass(slots=True)
class Trail:
    """One meter's counter. Moments are on the boot clock."""

    counter: Followed
    looked_s: float  # at the newest reading
    counted_s: float  # at the newest one that is believed
    wh: float  # what the counter said last
    replaced_s: float | None = None  # when another meter's counter was taken last

    @classmethod
    def begin(cls, wh: float, at_s: float, marked_wh: int | None, late_s: float = 0.0) -> Trail:
        """Follow a counter from its first reading, or from where it was marked before an outage.

        `late_s`: so long after the outage was over that reading came.
        """
        if marked_wh is None:
            return cls(Followed(wh, at_s, at_s), at_s, at_s, wh)
        marked_s = at_s - late_s - OUTAGE_S
        trail = cls(Followed(marked_wh, marked_s, marked_s), at_s, at_s, wh)
        trail.see(wh, at_s)
        return trail

    def see(self, wh: float, at_s: float) -> bool:
        """Take the counter's value; tell whether it is now known to be another meter's."""
        was_doubted = self.is_doubted
        shift_wh = self.counter.see(wh, at_s)
        self.looked_s, self.wh = at_s, wh
        if shift_wh is not None:
            self.counted_s = at_s
        if not (was_doubted and shift_wh):  # a counter that ran over its end goes on at once
            return False
        self.replaced_s = at_s
        return True

    @property
    def is_doubted(self) -> bool:
        """Tell whether the counter says what cannot be."""
        return self.counter.doubted_first_wh is not None

    def told(self, gauge: Gauge) -> Gauge:
        """The gauge with what may be believed of its counter."""
        last_wh = self.counter.last_wh
        return replace(
            gauge,
            counter_wh=None if last_wh is None else round(last_wh),
            counted_s=self.counted_s,
            doubted_wh=round(self.wh) if self.is_doubted else None,
            replaced_s=self.replaced_s,
        )


class Counters:
    """The counters of all charging meters, from one turn of the loop to the next."""

    def __init__(self) -> None:
        self._trails: dict[int, Trail] = {}
        self._lost: set[int] = set()  # running sessions whose meter became another one
        self._since_s: float | None = None  # when these were first looked at

    def look(self, gauges: Mapping[int, Gauge], running: Collection[Session], now_s: float) -> dict[int, Gauge]:
        """The gauges as they may be believed at `now_s` (CLOCK_BOOTTIME), given what runs on them."""
        self._since_s = now_s if self._since_s is None else self._since_s
        self._lost &= {session.id for session in running}
        found = {}
        for meter_id, gauge in gauges.items():
            mine = [session for session in running if session.meter_id == meter_id]
            trail = self._follow(meter_id, gauge, mine)
            found[meter_id] = gauge if trail is None else trail.told(gauge)
        return found

    def is_lost(self, session: Session) -> bool:
        """Tell whether the meter of a running session became another one while it ran."""
        return session.id in self._lost

    def mark_of(self, session: Session, gauge: Gauge | None, moment: Moment) -> int | None:
        """Where the meter of a running session stands, to be marked; None: it has been silent for long.

        While that is in doubt, or nothing is known since an outage, it is where it was marked before.
        """
        if session.unmeasured or self.is_lost(session) or gauge is None or gauge.doubted_wh is not None:
            return session.seen_wh
        if gauge.counter_wh is None or gauge.counted_s is None:
            return session.seen_wh
        return gauge.counter_wh if moment.now_s - gauge.counted_s <= STALE_S * moment.speed else None

    def _follow(self, meter_id: int, gauge: Gauge, mine: Collection[Session]) -> Trail | None:
        trail, wh = self._trails.get(meter_id), gauge.counter_wh
        if wh is None:
            return trail
        if trail is None:
            marks_wh = [one.seen_wh for one in mine if one.seen_wh is not None and not one.unmeasured]
            marked_wh = max(marks_wh, default=None)
            late_s = max(0.0, gauge.at_s - (self._since_s or 0.0))
            trail = self._trails[meter_id] = Trail.begin(wh, gauge.at_s, marked_wh, late_s)
        elif gauge.at_s > trail.looked_s and trail.see(wh, gauge.at_s):
            self._lost |= {session.id for session in mine}
        return trail
