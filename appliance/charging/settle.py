"""After a start of the core: what becomes of permissions an earlier core left open.

Granted but never used: ended. A running session goes on only when the outage
was short and the rule would still allow it; it then gets a new grant, and its
relay closes after the minimum pause. After a crash within the same boot the
lease tells how long that was. After a power cut (reading 9) the calendar must
tell: it waits a while, relay open, until a time server or a battery-backed clock
confirms it. Every other session ends with the reason, and with the meter's next
reading.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection
from pathlib import Path

from appliance import clock
from appliance.charging import candidates, granted, identifications, lasting, leases, rules, sessions, windows
from appliance.charging.granted import Grant
from appliance.charging.points import Point
from appliance.charging.rules import Candidate, Result
from appliance.charging.sessions import Session
from appliance.charging.snapshot import View
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

PATIENCE_S = 300.0  # real seconds for the calendar to be confirmed
RTC = Path("/sys/class/rtc/rtc0/since_epoch")
RTC_OFF_S = 60.0  # a clock further off did not count through the power cut
REASONS = {
    Result.ACCEPTED: None, Result.MODE: "locked", Result.BLOCKED: "blocked", Result.HOURS: "hours",
    Result.EXPIRED: "expired", Result.ALLOWANCE: "allowance", Result.USED_UP: "limit", Result.UNCOUNTED: "uncounted",
}  # fmt: skip
LATER = "later"  # no reason: it cannot be decided yet


def settle(opened: Opened, view: View, only: Collection[int] | None = None, waits: bool = False) -> set[int]:
    """End or renew every open grant of an earlier core; return the points that cannot be decided yet.

    `only` these points, after the first time; `waits`: there is time left to wait. Raises StoreError.
    """
    chosen = {id: grant for id, grant in view.grants.items() if only is None or id in only}
    if not chosen:
        return set()
    when = opened.clock
    going_on: list[int] = []
    later: set[int] = set()
    with opened.store.write() as db:
        for point_id, grant in chosen.items():
            session = view.running(point_id)
            reason = _why_not_on(db, when, view, grant, session)
            if reason == LATER and waits:
                later.add(point_id)
            elif reason is not None or session is None:
                granted.end(db, when.now(), grant.id, "power_cut" if reason == LATER else reason or "core_restart")
            else:
                going_on.append(granted.renew(db, when, grant))
                sessions.go_on(db, session, going_on[-1], _remark(when, grant))
                lasting.go_on(db, when, session.id)
    if only is None or going_on:
        kept = {} if only is None else leases.all(opened.live, when)
        leases.renew(opened.live, when, [*going_on, *(id for id, end_s in kept.items() if end_s > when.boottime_s())])
    return later


def _remark(when: clock.Clock, grant: Grant) -> str:
    return "interrupted" if grant.boot_id == when.boot_id else "power_return"


def _why_not_on(db: Db, when: clock.Clock, view: View, grant: Grant, session: Session | None) -> str | None:
    """Why a session cannot go on under a new grant; None: it can."""
    outage = _why_not_after_power_cut if grant.boot_id != when.boot_id else _why_not_after_crash
    reason = outage(db, when, view, grant, session)
    return reason or _rule_against(db, when, view, view.points.get(grant.point_id), grant)


def _why_not_after_crash(_db: Db, when: clock.Clock, view: View, grant: Grant, session: Session | None) -> str | None:
    lease_until_s, within_s = view.leases.get(grant.id), view.limits.resume_within_s
    if session is None or lease_until_s is None or within_s == 0 or leases.silent_s(lease_until_s, when) > within_s:
        return "core_restart"
    return None


def _why_not_after_power_cut(
    db: Db, when: clock.Clock, view: View, grant: Grant, session: Session | None
) -> str | None:
    within_s = view.limits.return_within_s
    if session is None or within_s == 0 or grant.identification_id is None:  # free mode begins anew
        return "power_cut"
    if not (view.trusted and counted_through(when)):
        return LATER
    out_s = (when.now() - sessions.seen_at(db, session.id)).total_seconds()
    return None if 0 <= out_s <= within_s else "power_cut"


def counted_through(when: clock.Clock) -> bool:
    """Tell whether the calendar went on while the power was off: a time server or a clock with a battery says so."""
    if clock.ntp_synchronised():
        return True
    with contextlib.suppress(OSError, ValueError):
        return abs(int(RTC.read_text()) - when.now().timestamp()) < RTC_OFF_S
    return False


def _rule_against(db: Db, when: clock.Clock, view: View, point: Point | None, grant: Grant) -> str | None:
    """The reason the rule has against a new start of the same person now, as far as it ends sessions at all."""
    at = None
    if point is not None:  # its meter is given time to answer: `snapshot` says how much
        counts = point.meter_id is not None
        at = candidates.scene(db, when, point, trusted=view.trusted, counts=counts)
    mode = "locked" if at is None else at.mode
    if grant.identification_id is None:
        return {"free": None, "locked": "locked"}.get(mode, "mode")
    found = identifications.by_id(db, grant.identification_id)
    if mode == windows.OUTSIDE:
        if view.limits.stop_outside_hours:
            return "hours"
        mode = "authorized"
    candidate = None
    if found is not None and at is not None:
        candidate = candidates.candidate(db, found, dataclasses.replace(at, second_shown=True))
        candidate = _as_settings_say(candidate, view)
    result = rules.decide(
        mode=mode,
        type_enabled=found is None or bool(settings.in_force(db, f"identification.{found.type}.enabled")),
        locked_out=False,
        candidate=candidate,
        today=None if at is None else at.today,
    )
    return REASONS.get(result, "revoked")


def _as_settings_say(candidate: Candidate, view: View) -> Candidate:
    """Limits that let a session finish are no reason against going on."""
    return dataclasses.replace(
        candidate,
        in_hours=candidate.in_hours or not view.limits.stop_outside_hours,
        has_allowance=candidate.has_allowance or not view.limits.stop_at_allowance,
    )
