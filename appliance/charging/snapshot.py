"""Everything one turn of the charging loop looks at, read at once.

What is granted and what runs is read in one transaction; what speaks against it
(hours, allowances, caps) right after, with the meters' counters. Nothing here
writes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from appliance.charging import (
    candidates,
    gauges,
    granted,
    identifications,
    leases,
    lifecycle,
    local_days,
    points,
    rules,
    sessions,
    windows,
)
from appliance.charging.candidates import Scene
from appliance.charging.counters import Counters
from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant
from appliance.charging.lifecycle import Limits, Moment, Standing
from appliance.charging.points import Point
from appliance.charging.sessions import Session
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

UNCOUNTED_S = 300.0  # real seconds a limited session may go on without its counter: at 22 kW less than 2 kWh


@dataclass(frozen=True, slots=True)
class View:
    """The state of charging as store, live file and meters tell it. Keys are point ids unless said."""

    points: dict[int, Point]  # those in use
    grants: dict[int, Grant]  # open ones
    sessions: dict[int, Session]  # not ended
    endings: dict[int, tuple[datetime, str]]  # sessions whose grant ended: when and why
    free_endings: dict[int, tuple[datetime, str]]  # points in free mode without a grant: how the last one ended
    limits: Limits
    leases: dict[int, float]  # by grant
    gauges: dict[int, Gauge]  # by meter
    intervals: dict[int, float]  # by meter
    modes: dict[int, str]  # in force now
    standings: dict[int, Standing]  # of open grants that somebody has
    trusted: bool = True  # date and time are known

    def running(self, point_id: int) -> Session | None:
        """The session that goes on at a point; not one whose grant ended."""
        return None if point_id in self.endings else self.sessions.get(point_id)

    def noting(self, remarks: Collection[tuple[Session, str]]) -> View:
        """The same with sessions that have these remarks, too."""
        sessions = dict(self.sessions)
        for session, remark in remarks:
            known = sessions[session.point_id]
            sessions[session.point_id] = dataclasses.replace(known, remark_codes=(*known.remark_codes, remark))
        return dataclasses.replace(self, sessions=sessions) if remarks else self

    def without(self, point_ids: Collection[int]) -> View:
        """The same without grants and sessions of some points."""
        grants = {id: grant for id, grant in self.grants.items() if id not in point_ids}
        sessions = {id: session for id, session in self.sessions.items() if id not in point_ids}
        return dataclasses.replace(self, grants=grants, sessions=sessions) if point_ids else self

    def gauge(self, meter_id: int | None) -> Gauge | None:
        """What a meter says, if it ever did."""
        return None if meter_id is None else self.gauges.get(meter_id)


def take(opened: Opened, counters: Counters) -> View:
    """Look at everything; `counters` tells what of the meters may be believed. Raises StoreError."""
    now = opened.clock.now()
    with opened.store.read() as db:
        known = {point.id: point for point in points.rows(db)}
        open_grants = {grant.point_id: grant for grant in granted.rows_open(db)}
        running = {session.point_id: session for session in sessions.rows_running(db)}
        endings = {id: granted.ending_of(db, session.grant_id) for id, session in running.items()}
        limits = limits_of(db)
    trusted = candidates.calendar_trusted(opened)
    intervals = gauges.intervals_s(opened.store) if any(point.meter_id for point in known.values()) or running else {}
    said = gauges.read(opened.live, opened.clock, intervals) if intervals else {}
    measured = counters.look(said, running.values(), opened.clock.boottime_s())
    with opened.store.read() as db:
        lost = {one.meter_id for one in running.values() if one.unmeasured or counters.is_lost(one)}
        known_wh = {id: one.counter_wh for id, one in measured.items() if id not in lost}
        counters_wh = {id: wh for id, wh in known_wh.items() if wh is not None}
        local = local_days.local(db, now) if trusted else None
        modes = {id: windows.mode_at(point.mode, point.plan, local) for id, point in known.items()}
        free = [id for id, mode in modes.items() if mode == "free" and id not in open_grants]
        free_endings = {id: granted.last_ending(db, id) for id in free}
        standings = {
            id: _standing(
                db,
                grant,
                Scene(now, Moment.of(opened.clock), local, known[id], counts=True, counters_wh=counters_wh),
                counted=_is_counted(opened, measured, known[id], running.get(id), lost),
                lenient=not limits.stop_at_allowance,
            )
            for id, grant in open_grants.items()
            if id in known and grant.identification_id is not None
        }
    return View(
        points=known,
        grants=open_grants,
        sessions=running,
        endings={id: ending for id, ending in endings.items() if ending is not None},
        free_endings={id: ending for id, ending in free_endings.items() if ending is not None},
        limits=limits,
        leases=leases.all(opened.live, opened.clock),
        gauges=measured,
        intervals=intervals,
        modes=modes,
        standings=standings,
        trusted=trusted,
    )


def _is_counted(
    opened: Opened, measured: dict[int, Gauge], point: Point, session: Session | None, lost: Collection[int | None]
) -> bool:
    """Tell whether it is known, or was a moment ago, what is charged at a point. `lost`: meters that became others."""
    meter_id = point.meter_id if session is None else session.meter_id
    if meter_id is None or (session is not None and meter_id in lost):
        return False
    gauge = measured.get(meter_id)
    counted_s = 0.0 if gauge is None or gauge.counted_s is None else gauge.counted_s
    return opened.clock.boottime_s() - counted_s <= UNCOUNTED_S * opened.clock.speed


def _standing(db: Db, grant: Grant, at: Scene, *, counted: bool, lenient: bool) -> Standing:
    """What speaks against a grant by now. What cannot be known, because date and time are not, does not.

    Energy that nobody counts does, where it is limited; `lenient`: an allowance that is used up would end nothing.
    """
    found = identifications.by_id(db, grant.identification_id or 0)
    if found is None:
        return lifecycle.GOOD
    candidate = candidates.candidate(db, found, at)
    strict = found.extras.counted or not lenient
    return Standing(
        expired=at.local is not None and rules.is_expired(candidate.expires_on, at.today),
        outside_hours=at.local is not None and not candidate.in_hours,
        over_allowance=at.local is not None and not candidate.has_allowance,
        used_up=candidate.used_up,
        uncounted=not counted and strict and candidates.is_limited(db, found),
    )


def limits_of(db: Db) -> Limits:
    """The settings of the charging rule."""

    def number(key: str) -> float:
        return float(settings.in_force(db, f"charging.{key}"))

    return Limits(
        start_window_s=number("start_window_s"),
        idle_power_w=number("idle_power_w"),
        idle_end_s=number("idle_end_s"),
        min_pause_s=number("min_pause_s"),
        resume_within_s=number("resume_within_s"),
        stop_blocked_at_once=bool(settings.in_force(db, "charging.stop_blocked_at_once")),
        stop_expired_at_once=bool(settings.in_force(db, "charging.stop_expired_at_once")),
        stop_outside_hours=bool(settings.in_force(db, "charging.stop_outside_hours")),
        stop_at_allowance=bool(settings.in_force(db, "charging.stop_at_allowance")),
        return_within_s=number("return_within_s"),
        pause_after_s=number("pause_after_s"),
        unseen_end_s=number("unseen_end_s"),
        unmetered_end_s=number("unmetered_end_s"),
    )
