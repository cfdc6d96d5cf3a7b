"""When does a permission end, and when does a session begin? Pure.

    granted ── the car draws power ──► session ── stop, idle, limit … ──► ended
       └── start window over, withdrawn, blocked, locked … ──► ended, unused

What befalls the owner, the code or the hours while a session runs ends it at
once or lets it finish, as the settings say; a cap of the code always ends it.
So does time, where nobody sees whether the car still charges: no session goes
on for ever because its meter is silent or there is none.

A grant is good in the boot it was given in, and either within its start window
or with a lease that the core keeps renewing. What is not good any more is
ended with the first reason that applies, whatever the store may still say.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance import clock
from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant
from appliance.charging.windows import OUTSIDE

PATIENCE_S = 10.0  # real seconds a silent meter or plug input may keep a session from beginning


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that say when things begin and end."""

    start_window_s: float
    idle_power_w: float
    idle_end_s: float
    min_pause_s: float
    resume_within_s: float
    stop_blocked_at_once: bool
    stop_expired_at_once: bool = False
    stop_outside_hours: bool = False
    stop_at_allowance: bool = True
    return_within_s: float = 0.0
    pause_after_s: float = 0.0
    unseen_end_s: float = 3600.0
    unmetered_end_s: float = 43200.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on the boot clock of this boot."""

    boot_id: str
    now_s: float
    speed: float = 1.0

    @classmethod
    def of(cls, when: clock.Clock) -> Moment:
        """Now, as this clock has it."""
        return cls(when.boot_id, when.boottime_s(), when.speed)


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks by now against a permission that was given."""

    expired: bool = False
    outside_hours: bool = False  # of its user or its own; the point's own plan is the mode
    over_allowance: bool = False
    used_up: bool = False  # a cap of the code
    uncounted: bool = False  # only so much may be charged, and nobody counts it any more


GOOD = Standing()


@dataclass(frozen=True, slots=True)
class Unwatched:
    """For how long nobody has seen what a running session's car does, in clock seconds."""

    unseen_s: float = 0.0  # its meter has been silent
    unmetered_s: float = 0.0  # it has run without a meter, and no plug input sees the car


WATCHED = Unwatched()


def why_end(
    grant: Grant, *, mode: str | None, running: bool, lease_until_s: float | None, idle_s: float, limits: Limits,
    moment: Moment, standing: Standing = GOOD, unplugged: bool = False, unwatched: Unwatched = WATCHED,
) -> str | None:  # fmt: skip
    """Why an open grant ends now; None: it goes on. `mode`: the one in force; None: its point is out of use."""
    if grant.boot_id != moment.boot_id:
        return "power_cut"
    if mode is None or mode == "locked":
        return "locked"
    if _is_free(grant) and mode != "free":
        return "mode"
    if running:
        if lease_until_s is None or moment.now_s >= lease_until_s:
            return "core_restart"  # nobody decided for longer than a lease
        if unplugged:
            return "unplug"
        if reason := _why_stop(grant, mode, standing, limits):
            return reason
        return "idle" if idle_s >= limits.idle_end_s else _why_unwatched(grant, unwatched, limits)
    if _is_free(grant):
        return None
    return _why_withdrawn(grant, mode, standing) or ("unused" if moment.now_s >= grant.until_s else None)


def _why_stop(grant: Grant, mode: str, standing: Standing, limits: Limits) -> str | None:
    """What ends a running session, where the settings say so."""
    reasons = (
        ("blocked", grant.owner_blocked and limits.stop_blocked_at_once),
        ("expired", standing.expired and limits.stop_expired_at_once),
        ("hours", (standing.outside_hours or mode == OUTSIDE) and limits.stop_outside_hours),
        ("allowance", standing.over_allowance and limits.stop_at_allowance),
        ("limit", standing.used_up),
        ("uncounted", standing.uncounted),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _why_unwatched(grant: Grant, unwatched: Unwatched, limits: Limits) -> str | None:
    """What ends a session that nobody watches, lest it serves another car. Where all may charge, it may."""
    if _is_free(grant):
        return None
    if unwatched.unseen_s >= limits.unseen_end_s:
        return "unseen"
    return "unmetered" if unwatched.unmetered_s >= limits.unmetered_end_s else None


def _why_withdrawn(grant: Grant, mode: str, standing: Standing) -> str | None:
    """What ends a permission that no car used yet."""
    reasons = (
        ("blocked", grant.owner_blocked),
        ("revoked", grant.withdrawn),
        ("expired", standing.expired),
        ("hours", standing.outside_hours or mode == OUTSIDE),
        ("allowance", standing.over_allowance),
        ("limit", standing.used_up),
        ("uncounted", standing.uncounted),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _is_free(grant: Grant) -> bool:
    return grant.identification_id is None


def draws(gauge: Gauge | None, limits: Limits) -> bool:
    """Tell whether power is seen to flow, whichever way a meter that is wired wrong has it."""
    return gauge is not None and gauge.power_w is not None and abs(gauge.power_w) >= limits.idle_power_w


def is_idle(gauge: Gauge | None, limits: Limits) -> bool:
    """Tell whether the car is seen to draw none. A silent meter says neither."""
    return gauge is not None and gauge.power_w is not None and abs(gauge.power_w) < limits.idle_power_w


def begins(
    gauge: Gauge | None, *, has_meter: bool, closed_since_s: float, limits: Limits, moment: Moment,
    has_plug: bool = False, plugged: bool | None = None,
) -> bool:  # fmt: skip
    """Tell whether the session of a grant begins, its relay being closed since `closed_since_s`.

    With a meter: when power flows after the closing, or when the meter stays
    silent or tells neither power nor energy, because a car may charge unseen.
    Without one: at the closing. What is not measured begins only with a car
    there, where a plug input tells that; one that does not tell is waited for.
    """
    is_late = moment.now_s - closed_since_s >= PATIENCE_S * moment.speed
    if not has_meter:
        return is_late or not has_plug if plugged is None else plugged
    if gauge is not None and gauge.fresh and not (gauge.power_w is None and gauge.counter_wh is None):
        return gauge.at_s > closed_since_s and draws(gauge, limits)
    return is_late and plugged is not False
