"""After a start of the core: what becomes of permissions an earlier core left open.

Granted but never used: ended. A running session goes on only after a crash
within the same boot, when the outage was short and the rule would still allow
it; it then gets a new grant, and its relay closes after the minimum pause.
Every other session ends with the reason, and with the meter's next reading.
"""

from __future__ import annotations

from appliance import clock
from appliance.charging import granted, grants, identifications, leases, rules, sessions
from appliance.charging.granted import Grant
from appliance.charging.points import Point
from appliance.charging.rules import Result
from appliance.charging.snapshot import View
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

REASONS = {Result.ACCEPTED: None, Result.MODE: "locked", Result.BLOCKED: "blocked"}


def settle(opened: Opened, view: View) -> None:
    """End or renew every open grant of an earlier core. Raises StoreError."""
    if not view.grants:
        return
    when = opened.clock
    trusted = grants.calendar_trusted(opened)
    going_on: list[int] = []
    with opened.store.write() as db:
        for point_id, grant in view.grants.items():
            session = view.running(point_id)
            reason = _why_not_on(db, when, view, grant, running=session is not None, trusted=trusted)
            if reason is not None or session is None:
                granted.end(db, when.now(), grant.id, reason or "core_restart")
            else:
                going_on.append(granted.renew(db, when, grant))
                sessions.go_on(db, session, going_on[-1])
    leases.renew(opened.live, when, going_on)


def _why_not_on(db: Db, when: clock.Clock, view: View, grant: Grant, *, running: bool, trusted: bool) -> str | None:
    """Why a session cannot go on under a new grant; None: it can."""
    lease_until_s = view.leases.get(grant.id)
    if grant.boot_id != when.boot_id:
        return "power_cut"
    if not running or lease_until_s is None:
        return "core_restart"
    within_s = view.limits.resume_within_s
    if within_s == 0 or leases.silent_s(lease_until_s, when) > within_s:
        return "core_restart"
    return _rule_against(db, when, view.points.get(grant.point_id), grant, trusted)


def _rule_against(db: Db, when: clock.Clock, point: Point | None, grant: Grant, trusted: bool) -> str | None:
    """The reason the rule has against a new start of the same person now."""
    mode = "locked" if point is None else point.mode
    if grant.identification_id is None:
        return {"free": None, "locked": "locked"}.get(mode, "mode")
    found = identifications.by_id(db, grant.identification_id)
    result = rules.decide(
        mode=mode,
        type_enabled=bool(settings.in_force(db, "identification.pin.enabled")),
        locked_out=False,
        candidate=None if found is None else grants.candidate_of(db, found),
        today=identifications.local_date(db, when.now()) if trusted else None,
    )
    return REASONS.get(result, "revoked")
