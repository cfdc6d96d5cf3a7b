"""What goes on at each charging point, as every surface shows it.

One view for touchscreen, web admin and command line: what is granted, what the
core sees, who charges and how much. Only reads. What an ended core once saw
is no observation: then `closed` is None.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance import errors, faults, heartbeat
from appliance.charging import (
    candidates,
    gauges,
    granted,
    local_days,
    observed,
    points,
    readers,
    rules,
    sessions,
    sharing,
    snapshot,
    states,
    users,
    windows,
)
from appliance.charging.counters import OUTAGE_S
from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant
from appliance.charging.lifecycle import Limits
from appliance.charging.observed import Observed
from appliance.charging.points import Point
from appliance.charging.sessions import Session
from appliance.faults import Fault
from appliance.metering.counters import follows, step_of
from appliance.opened import Opened

STATES = states.STATES
GRID_LIMIT = "grid:limit"
STUCK = "stuck"  # the fault of a contactor that does not do what its relay tells it


@dataclass(frozen=True, slots=True)
class PointNow:
    """One charging point at this moment."""

    point: Point
    state: str  # of STATES
    user: str | None  # who was authorized
    grant_until_s_left: float | None  # rest of the start window; None outside it, and in free mode
    session: Session | None  # the running one
    session_energy_wh: int | None
    power_w: float | None  # into the car; None: no meter, or no data
    closed: bool | None  # as the core reads it; None: not known
    wanted: bool
    fault: Fault | None  # of its relay or contactor
    mode: str = "authorized"  # the one in force: of `windows.mode_at`
    idle_s: float | None = None  # the running session's car draws no power since so long
    notes: tuple[Fault, ...] = ()  # what else is wrong there: grid limit, meter, leak, plug input, contact, readers

    @property
    def held(self) -> Fault | None:
        """Why its relay is kept open although somebody may charge: the grid limit, or who else charges on its meter."""
        return next((one for one in self.notes if one.source == GRID_LIMIT or one.code == sharing.WAITING), None)


@dataclass(frozen=True, slots=True)
class _Live:
    """What the live file tells; nothing when no core ran in this boot."""

    gauges: Mapping[int, Gauge]
    observed: Mapping[int, Observed]
    faults: Mapping[str, Fault]  # by source

    def fault(self, point_id: int) -> Fault | None:
        """What keeps the point from charging."""
        contactor = self.faults.get(f"contactor:{point_id}")
        return self.faults.get(f"relay:{point_id}") or (contactor if contactor and contactor.code == STUCK else None)

    def notes(self, point_id: int, reader_ids: Sequence[int]) -> tuple[Fault, ...]:
        """What else is wrong there, what matters most first."""
        sources = [GRID_LIMIT, *(f"{kind}:{point_id}" for kind in ("leak", "reversed", "plug", "contactor"))]
        sources += [f"reader:{id}" for id in reader_ids]
        found = (self.faults[source] for source in sources if source in self.faults)
        return tuple(one for one in found if one != self.fault(point_id))


def points_now(opened: Opened) -> list[PointNow]:
    """All points in use, by name. Raises StoreError when the store cannot be read."""
    trusted = candidates.calendar_trusted(opened)
    with opened.store.read() as db:
        known = points.rows(db)
        local = local_days.local(db, opened.clock.now()) if trusted else None
        grants = {grant.point_id: grant for grant in granted.rows_open(db)}
        running = {session.point_id: session for session in sessions.rows_running(db)}
        names = {grant.user_id: users.row(db, grant.user_id).name for grant in grants.values() if grant.user_id}
        limits = snapshot.limits_of(db)
        readers_at = readers.at_points(db)
    live = _look(opened)
    by_id = {point.id: point for point in known}
    waiting = sharing.waiting(by_id, running, grants, [id for id, seen in live.observed.items() if seen.closed])
    return [
        _now(
            opened, live, limits, point, grants.get(point.id), running.get(point.id), names,
            windows.mode_at(point.mode, point.plan, local),
            (*_of_meter(opened, by_id, point, waiting), *live.notes(point.id, readers_at.get(point.id, []))),
        )
        for point in known
    ]  # fmt: skip


def _of_meter(
    opened: Opened, known: Mapping[int, Point], point: Point, waiting: Mapping[int, int]
) -> tuple[Fault, ...]:
    found = sharing.note(point, known, waiting.get(point.id), opened.clock.now())
    return () if found is None else (found,)


def _look(opened: Opened) -> _Live:
    with contextlib.suppress(errors.StoreMissing):
        return _Live(
            gauges=gauges.read(opened.live, opened.clock, gauges.intervals_s(opened.store)),
            observed=observed.all(opened.live) if heartbeat.core_runs(opened.live, opened.clock) else {},
            faults={fault.source: fault for fault in faults.active(opened.live)},
        )
    return _Live({}, {}, {})


def _now(
    opened: Opened, live: _Live, limits: Limits, point: Point, grant: Grant | None, session: Session | None,
    names: Mapping[int, str], mode: str, notes: tuple[Fault, ...],
) -> PointNow:  # fmt: skip
    gauge = live.gauges.get((session or point).meter_id or 0)
    seen = live.observed.get(point.id)
    left_s = _window_left_s(opened, grant, session)
    counter_wh = gauge.counter_wh if gauge is not None and gauge.fresh else None
    fault = live.fault(point.id)
    closed = None if seen is None else seen.closed
    idle_s = None
    if session is not None and seen is not None and seen.idle_since_s is not None:
        idle_s = max(0.0, opened.clock.boottime_s() - seen.idle_since_s)
    free = grant is not None and grant.identification_id is None
    facts = states.Facts(
        fault=fault is not None, startable=mode in rules.STARTS, granted=left_s is not None or (free and bool(closed)),
        session=session is not None, grant_ended=grant is None, closed=closed, idle_s=idle_s,
        pause_after_s=limits.pause_after_s,
    )  # fmt: skip
    return PointNow(
        point=point,
        state=states.state_of(facts),
        user=session.user if session is not None else names.get((grant and grant.user_id) or 0),
        grant_until_s_left=left_s,
        session=session,
        session_energy_wh=_energy_wh(session, counter_wh, opened.clock.speed),
        power_w=None if gauge is None else gauge.power_w,
        closed=closed,
        wanted=seen is not None and seen.wanted,
        fault=fault,
        mode=mode,
        idle_s=idle_s,
        notes=notes,
    )


def _window_left_s(opened: Opened, grant: Grant | None, session: Session | None) -> float | None:
    """Clock seconds the car still has to start."""
    when = opened.clock
    if grant is None or session is not None or grant.identification_id is None or grant.boot_id != when.boot_id:
        return None
    left_s = grant.until_s - when.boottime_s()
    return left_s if left_s > 0 else None


def _energy_wh(session: Session | None, counter_wh: int | None, speed: float) -> int | None:
    """What was charged so far; None while the counter says what cannot be since it was marked."""
    if session is None or session.unmeasured or session.begin_wh is None or counter_wh is None:
        return None
    marked_wh = counter_wh if session.seen_wh is None else session.seen_wh
    if not follows(marked_wh, counter_wh, OUTAGE_S * speed, step_of(counter_wh)):
        return None
    return max(0, counter_wh - session.begin_wh)
