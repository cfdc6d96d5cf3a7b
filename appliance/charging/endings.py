"""Sessions whose permission ended wait for their last reading, and are over with it or without.

The last reading is the first one after the relay opened. It is waited for a
while, longer after an outage: then a gateway may take minutes. What does not
come by then is a remark, and a counter that cannot be believed gives no energy.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.charging.gauges import Gauge
from appliance.charging.ledger import End
from appliance.charging.lifecycle import Moment
from appliance.charging.relays import Relays
from appliance.charging.sessions import Session
from appliance.charging.snapshot import View
from appliance.charging.spots import Spot

END_PATIENCE_S = 5.0  # for the reading after the relay opened (or three intervals of the meter)
START_PATIENCE_S = 30.0  # the same for what an earlier core left, when somebody wants to charge there
LATE_METER_S = 900.0  # and when nobody does: after a power cut a gateway may take minutes


class Endings:
    """The sessions of one core that end."""

    def __init__(self) -> None:
        self._since_s: dict[int, float] = {}  # session that ends -> since when its last reading is awaited
        self._leftovers: set[int] = set()  # sessions an earlier core began and this one ends

    def take_over(self, sessions: Iterable[Session]) -> None:
        """These an earlier core began; nobody knows when they stopped."""
        self._leftovers |= {session.id for session in sessions}

    def over(self, view: View, relays: Relays, moment: Moment, held_up: Iterable[int]) -> list[End]:
        """The sessions that are over now. `held_up`: points where others wait for that."""
        held_up, found = set(held_up), []
        for point_id, session in view.sessions.items():
            if point_id in view.endings:
                end = self._end(view, session, relays.get(point_id), moment, wanted=point_id in held_up)
                found += [] if end is None else [end]
        known = {session.id for session in view.sessions.values()}
        self._since_s = {id: since_s for id, since_s in self._since_s.items() if id in known}
        return found

    def _end(self, view: View, session: Session, spot: Spot | None, moment: Moment, *, wanted: bool) -> End | None:
        since_s = self._since_s.setdefault(session.id, moment.now_s)
        until_s = since_s + self._patience_s(view, session, wanted=wanted) * moment.speed
        gauge = view.gauge(session.meter_id)
        is_open = spot is None or spot.relay is None or spot.closed is False
        opened_s = since_s if spot is None else spot.since_s  # of a point out of use it opened before
        has_last = session.meter_id is None or session.unmeasured or _has_counted(gauge, opened_s)
        if not (is_open and has_last) and moment.now_s < until_s:
            return None
        remarks = [] if is_open else ["relay_stuck"]
        if spot is not None and spot.silent and spot.grant_id == session.grant_id and session.meter_id is not None:
            remarks.append("meter_silent")
        end_wh, remark = _last(session, gauge, has_last=has_last)
        remarks += [] if remark is None else [remark]
        over_s = None if session.id in self._leftovers else since_s
        ended_at, reason = view.endings[session.point_id]
        return End(session, ended_at, reason, end_wh, tuple(remarks), over_s)

    def _patience_s(self, view: View, session: Session, *, wanted: bool) -> float:
        """How long to wait for a session's last reading, in real seconds."""
        if session.id in self._leftovers:
            wanted = wanted or session.point_id in view.grants or view.modes.get(session.point_id) == "free"
            return START_PATIENCE_S if wanted else LATE_METER_S
        return max(END_PATIENCE_S, 3 * view.intervals.get(session.meter_id or 0, 0.0))


def _last(session: Session, gauge: Gauge | None, *, has_last: bool) -> tuple[int | None, str | None]:
    """The counter at the end, and what is to be said of it."""
    if session.unmeasured or session.meter_id is None:
        return None, None  # that was said before, or goes without saying
    end_wh = None if gauge is None else gauge.counter_wh
    if gauge is None or end_wh is None or session.begin_wh is None:
        return end_wh, "no_reading"
    if gauge.doubted_wh is not None:
        return None, "counter_back" if gauge.doubted_wh < end_wh else "meter_replaced"
    return end_wh, None if has_last else "end_stale"


def _has_counted(gauge: Gauge | None, since_s: float) -> bool:
    """Tell whether a meter was read since a moment, with a counter that may be believed if it has one."""
    if gauge is None or gauge.at_s <= since_s:
        return False
    return gauge.counter_wh is None or (gauge.doubted_wh is None and (gauge.counted_s or 0.0) > since_s)
