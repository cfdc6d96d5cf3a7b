"""Everything one turn of the charging loop looks at, read at once.

The store is read in one transaction, so a turn decides on one consistent
state. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appliance.charging import gauges, granted, leases, points, sessions
from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant
from appliance.charging.lifecycle import Limits
from appliance.charging.points import Point
from appliance.charging.sessions import Session
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db


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

    def running(self, point_id: int) -> Session | None:
        """The session that goes on at a point; not one whose grant ended."""
        return None if point_id in self.endings else self.sessions.get(point_id)

    def gauge(self, meter_id: int | None) -> Gauge | None:
        """What a meter says, if it ever did."""
        return None if meter_id is None else self.gauges.get(meter_id)


def take(opened: Opened) -> View:
    """Look at everything. Raises StoreError."""
    with opened.store.read() as db:
        known = {point.id: point for point in points.rows(db)}
        open_grants = {grant.point_id: grant for grant in granted.rows_open(db)}
        running = {session.point_id: session for session in sessions.rows_running(db)}
        endings = {id: granted.ending_of(db, session.grant_id) for id, session in running.items()}
        free = [id for id, point in known.items() if point.mode == "free" and id not in open_grants]
        free_endings = {id: granted.last_ending(db, id) for id in free}
        limits = limits_of(db)
    intervals = gauges.intervals_s(opened.store) if any(point.meter_id for point in known.values()) or running else {}
    return View(
        points=known,
        grants=open_grants,
        sessions=running,
        endings={id: ending for id, ending in endings.items() if ending is not None},
        free_endings={id: ending for id, ending in free_endings.items() if ending is not None},
        limits=limits,
        leases=leases.all(opened.live, opened.clock),
        gauges=gauges.read(opened.live, opened.clock, intervals) if intervals else {},
        intervals=intervals,
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
    )
