"""The charging loop: each turn makes relays and sessions match the store.

1. `start` opens every relay and settles what an earlier core left. 2. A `step`
looks at everything, decides, switches, shows what it saw, and only then writes
down: grants that ended, sessions that began or ended. 3. It says when it must
run again at the latest; the bell may call it earlier. 4. `stop` opens everything.

It compares whole states, so steps may come late, twice or for no reason. When
the store cannot be read, or takes no entry (then no stop either could be
written), every relay opens and stays open until it can.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

from appliance import errors, faults
from appliance.charging import lasting, leases, ledger, lifecycle, sessions, settle, sharing, snapshot, windows
from appliance.charging.counters import Counters
from appliance.charging.endings import Endings
from appliance.charging.flows import Flows
from appliance.charging.ledger import Begin, Entries
from appliance.charging.lifecycle import Moment, Unwatched
from appliance.charging.points import Point
from appliance.charging.protection import Protection
from appliance.charging.relays import Relays
from appliance.charging.sessions import Session
from appliance.charging.snapshot import View
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Contact, Relay

RESYNC_S = 5.0  # how long a relay may stay wrong after a lost wake-up
RUNNING_S = 1.0  # while a session runs: its lease and its power are looked at
FOLLOWING_S = 0.25  # while a relay on a slow line was told to close: it rings when it has
AWAITING_S = 0.5  # while something waits for a meter, whose readings ring no bell
RETRY_S = 1.0  # after a store that could not be used


class Controller:
    """One core's charging. Synchronous; call every method from the same thread."""

    def __init__(
        self, opened: Opened, relay_for: Callable[[Point], Relay],
        contact_for: Callable[[Point], Contact] | None = None, plug_for: Callable[[Point], Contact] | None = None,
    ) -> None:  # fmt: skip
        """`contact_for` gives the auxiliary contact of a point's contactor, `plug_for` its plug input."""
        self._opened = opened
        self._when = opened.clock
        self._relays = Relays(opened, relay_for)
        self._protection = Protection(opened, self._relays, contact_for, plug_for)
        self._counters = Counters()
        self._flows = Flows()
        self._endings = Endings()
        self._min_pause_s = float(settings.describe("charging.min_pause_s").default)
        self._settled = False
        self._started_s = 0.0  # when this core first looked
        self._returning: set[int] = set()  # points where a power cut cannot be measured yet
        self._waiting: dict[int, int] = {}  # points whose meter another one uses
        self._left_off: dict[int, tuple[datetime, float]] = {}  # in free mode: when stopped, and off until (boot clock)
        self._leased = False
        self._marked_s = float("-inf")  # when the running sessions were marked last
        self._store_failed = True  # an earlier core may have left that fault
        self._refused = False  # the store took no entry: full card, read-only card

    def start(self) -> None:
        """Open every relay, end or renew what an earlier core left. Raises nothing: what fails is tried by `step`."""
        with contextlib.suppress(errors.StoreError):
            self._relays.forget()
            self._look()

    def step(self) -> float:
        """One turn; return the seconds until the next must come. Raises nothing."""
        try:
            if self._refused:
                ledger.try_out(self._opened)
                self._refused = False
            view = self._flows.told(self._look(), [spot for _, spot in self._relays], self._when.speed)
            moment = Moment.of(self._when)
            self._protection.plugs.look(view.points.values())
            entries = self._decide_grants(view, moment)
            ended = {grant.point_id for grant, _ in entries.ended_grants}
            wanted = view.grants.keys() - ended - view.endings.keys() - self._waiting.keys()
            self._relays.switch(self._protection.allow(wanted, self._min_pause_s), self._min_pause_s)
            self._relays.show()
            self._protection.look(view)
        except errors.StoreError as error:
            self._open_all()
            return self._say(error)
        try:
            self._decide_sessions(view, moment, entries)
            self._lease(view, entries)
            if entries:
                ledger.write(self._opened, entries)
        except errors.StoreError as error:
            if isinstance(error, errors.StoreFull):
                self._refused = True
                self._open_all()
            return self._say(error)
        self._say(None)
        return 0.0 if entries else min(self._delay_s(view, moment), self._protection.delay_s())

    def stop(self) -> None:
        """Open every relay and let go of the lines. Raises nothing. A session goes on if a core is back in time."""
        self._open_all()
        self._relays.let_all_go()
        self._protection.let_go()

    def _look(self) -> View:
        """See everything, have all relays; at first settle what an earlier core left. Raises StoreError."""
        view = snapshot.take(self._opened, self._counters)
        self._min_pause_s = view.limits.min_pause_s
        self._relays.fit(view.points, self._min_pause_s)
        if not self._settled:
            self._relays.show()
            self._started_s = self._when.boottime_s()
        if not self._settled or self._returning:
            waits = self._when.boottime_s() - self._started_s < settle.PATIENCE_S * self._when.speed
            asked = self._returning if self._settled else None
            self._returning = settle.settle(self._opened, view, asked, waits)
            self._settled = True
            view = snapshot.take(self._opened, self._counters)
            theirs = view.endings.keys() if asked is None else view.endings.keys() & asked
            self._endings.take_over(view.sessions[point_id] for point_id in theirs)
        closed = {point_id for point_id, spot in self._relays if spot.closed}
        self._waiting = sharing.waiting(view.points, view.sessions, view.grants, closed)
        return view.without(self._returning)

    def _open_all(self) -> None:
        self._relays.switch((), self._min_pause_s)
        with contextlib.suppress(errors.StoreError):
            self._relays.show()

    def _say(self, error: errors.StoreError | None) -> float:
        """Report or clear the store's fault; return when to try again."""
        with contextlib.suppress(errors.StoreError):
            if error is not None and not isinstance(error, errors.StoreBusy):
                faults.report(self._opened.live, self._when.now(), "store", "unreadable", error.message, **error.values)
                self._store_failed = True
            elif error is None and self._store_failed:
                if any(one.source == "store" and one.code == "unreadable" for one in faults.active(self._opened.live)):
                    faults.clear(self._opened.live, "store")
                self._store_failed = False
        return RETRY_S

    # Decisions of a turn -------------------------------------------------------------------

    def _decide_grants(self, view: View, moment: Moment) -> Entries:
        """Follow every open grant; collect those that end now."""
        entries = Entries()
        for point_id, grant in view.grants.items():
            point, spot, session = view.points.get(point_id), self._relays.get(point_id), view.running(point_id)
            if spot is not None:
                gauge = view.gauge(session.meter_id if session else spot.point.meter_id)
                spot.follow(grant.id, gauge, view.limits, moment.now_s, running=session is not None)
            reason = lifecycle.why_end(
                grant,
                mode=None if point is None else self._mode(view, point_id, running=session is not None),
                running=session is not None,
                lease_until_s=view.leases.get(grant.id),
                idle_s=0.0 if spot is None else moment.now_s - spot.drew_at_s,
                limits=view.limits,
                moment=moment,
                standing=view.standings.get(point_id, lifecycle.GOOD),
                unplugged=self._plugged(view, point_id) is False,
                unwatched=lifecycle.WATCHED if session is None else self._unwatched(view, session, moment),
            )
            if point_id in self._waiting and (reason == "unused" or (reason is None and session is not None)):
                reason = "shared"
            if reason is not None:
                entries.ended_grants.append((grant, reason))
        return entries

    def _unwatched(self, view: View, session: Session, moment: Moment) -> Unwatched:
        """For how long nobody has seen what the car of a running session does."""
        here = session.boot_id == moment.boot_id and session.began_s is not None
        began_s = session.began_s if here and session.began_s is not None else 0.0
        if session.meter_id is None:
            if self._plugged(view, session.point_id):
                return lifecycle.WATCHED
            lasted_s = moment.now_s - began_s
            if not here and view.trusted:
                lasted_s = max(lasted_s, (self._when.now() - session.began_at).total_seconds())
            return Unwatched(unmetered_s=lasted_s)
        spot = self._relays.get(session.point_id)
        power_at_s = 0.0 if spot is None else spot.power_at_s
        return Unwatched(unseen_s=moment.now_s - max(began_s, power_at_s))

    def _plugged(self, view: View, point_id: int) -> bool | None:
        """Whether a car is plugged in; None: not known. A meter for several points says nothing about one car."""
        point, session = view.points.get(point_id), view.running(point_id)
        if point is None:
            return None
        meter_id = session.meter_id if session else point.meter_id
        alone = sum(one.meter_id == meter_id for one in view.points.values()) <= 1
        gauge = view.gauge(meter_id)
        draws = alone and lifecycle.draws(gauge, view.limits)
        since_s = None if gauge is None else gauge.mean_since_s
        return self._protection.plugs.is_plugged(point_id, draws=draws, mean_since_s=since_s)

    def _mode(self, view: View, point_id: int, *, running: bool) -> str:
        """The mode in force; while the time is not known a plan ends nobody's session, but free hours are over."""
        mode = view.modes[point_id]
        return "authorized" if mode == windows.OUTSIDE and running and not view.trusted else mode

    def _decide_sessions(self, view: View, moment: Moment, entries: Entries) -> None:
        """Collect the sessions that begin or end, and the grants free mode gives."""
        entries.remarks.extend(self._remarks(view))
        view = view.noting(entries.remarks)
        ended = {grant.point_id for grant, _ in entries.ended_grants}
        for point_id in view.grants.keys() - ended:
            session = view.running(point_id)
            if session is not None:
                self._note_late_counter(view, session, entries)
            elif point_id not in view.sessions and (begin := self._begin(view, point_id, moment)):
                entries.begins.append(begin)
        entries.ends.extend(self._endings.over(view, self._relays, moment, self._waiting.values()))
        entries.free.extend(self._free_again(view))

    def _remarks(self, view: View) -> list[tuple[Session, str]]:
        """What is to be noted at once of sessions that are not over, lest a restart forgets it."""
        lost = [(session, "meter_replaced") for session in view.sessions.values() if self._counters.is_lost(session)]
        turned = [(session, "reversed") for session in view.sessions.values() if self._is_reversed(view, session)]
        muddled = [(session, sharing.REMARK) for session in sharing.muddled(view.sessions.values())]
        found = (*lost, *turned, *muddled)
        return [(session, remark) for session, remark in found if remark not in session.remark_codes]

    def _is_reversed(self, view: View, session: Session) -> bool:
        """Tell whether power flows past the counter of a session: its meter is wired the wrong way round."""
        gauge, turned = view.gauge(session.meter_id), self._protection.is_reversed(session.point_id, session.meter_id)
        return turned and gauge is not None and gauge.counter_wh == session.begin_wh

    def _begin(self, view: View, point_id: int, moment: Moment) -> Begin | None:
        """The session that begins at a point now."""
        spot = self._relays.get(point_id)
        if spot is None or not spot.closed or not self._protection.lets_begin(point_id):
            return None
        meter_id = spot.point.meter_id
        spot.follow(view.grants[point_id].id, view.gauge(meter_id), view.limits, moment.now_s, running=False)
        if not lifecycle.begins(
            view.gauge(meter_id), has_meter=meter_id is not None, closed_since_s=spot.since_s, limits=view.limits,
            moment=moment, has_plug=bool(spot.point.plug), plugged=self._plugged(view, point_id),
        ):  # fmt: skip
            return None
        remarks = ("begin_late",) if spot.base_late and spot.base_wh is not None else ()
        return Begin(view.grants[point_id], meter_id, spot.base_wh, remarks)

    def _note_late_counter(self, view: View, session: Session, entries: Entries) -> None:
        gauge = view.gauge(session.meter_id)
        if session.begin_wh is None and gauge is not None and gauge.counts and gauge.counter_wh is not None:
            entries.late_counters.append((session, gauge.counter_wh))

    def _free_again(self, view: View) -> list[Point]:
        """The points in free mode that need a grant. After a stop there is time to unplug first."""
        found = []
        for point_id, spot in self._relays:
            point = view.points[point_id]
            idle = point_id not in view.grants and point_id not in view.sessions and point_id not in self._returning
            ready = idle and spot.relay is not None and spot.fault is None
            if view.modes[point_id] == "free" and ready and not self._is_left_off(view, point_id):
                found.append(point)
        return found

    def _is_left_off(self, view: View, point_id: int) -> bool:
        """Tell whether a point in free mode was stopped a moment ago. A calendar that is set changes nothing."""
        ended_at, reason = view.free_endings.get(point_id, (None, ""))
        if ended_at is None or reason != "stop":
            return False
        now_s, window_s = self._when.boottime_s(), view.limits.start_window_s
        known_at, until_s = self._left_off.get(point_id, (None, 0.0))
        if known_at != ended_at:
            until_s = now_s + window_s - max(0.0, (self._when.now() - ended_at).total_seconds())
            self._left_off[point_id] = ended_at, until_s
        return now_s < until_s

    def _lease(self, view: View, entries: Entries) -> None:
        """Let go on what runs, what begins and what is free, for a while. Raises StoreError."""
        ended = {grant.id for grant, _ in entries.ended_grants}
        going_on = {begin.grant.id for begin in entries.begins}
        going_on |= {
            grant.id
            for point_id, grant in view.grants.items()
            if grant.id not in ended and (grant.identification_id is None or view.running(point_id) is not None)
        }
        if going_on or self._leased:
            leases.renew(self._opened.live, self._when, sorted(going_on))
        self._leased = bool(going_on)
        now_s = self._when.boottime_s()
        if going_on and view.sessions and now_s - self._marked_s >= lasting.MARK_S * self._when.speed:
            moment = Moment.of(self._when)
            marks_wh = {
                one.id: self._counters.mark_of(one, view.gauge(one.meter_id), moment) for one in view.sessions.values()
            }
            sessions.mark(self._opened.store, self._when, marks_wh, trusted=view.trusted)
            self._marked_s = now_s

    def _delay_s(self, view: View, moment: Moment) -> float:
        """Real seconds until something is due by itself."""
        due_s = [moment.now_s + RESYNC_S * moment.speed]
        for point_id, spot in self._relays:
            grant = view.grants.get(point_id)
            unused = grant is not None and view.running(point_id) is None
            if grant is not None and unused and grant.identification_id is not None:
                due_s.append(grant.until_s)
            if spot.wanted and not spot.closed:
                following = spot.may_close_at_s <= moment.now_s
                due_s.append(moment.now_s + FOLLOWING_S * moment.speed if following else spot.may_close_at_s)
            if point_id in view.endings or (unused and spot.closed):
                due_s.append(moment.now_s + AWAITING_S * moment.speed)
            if point_id in view.grants:
                due_s.append(moment.now_s + RUNNING_S * moment.speed)
        return max(0.0, (min(due_s) - self._when.boottime_s()) / moment.speed)
