"""When does a permission end, and when does a session begin? Pure.

    granted ── the car draws power ──► session ── stop, idle, locked … ──► ended
       └── start window over, withdrawn, blocked, locked … ──► ended, unused

A grant is good in the boot it was given in, and either within its start window
or with a lease that the core keeps renewing. What is not good any more is
ended with the first reason that applies, whatever the store may still say.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant

METER_PATIENCE_S = 10.0  # real seconds a silent meter may keep a session from beginning


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that say when things begin and end."""

    start_window_s: float
    idle_power_w: float
    idle_end_s: float
    min_pause_s: float
    resume_within_s: float
    stop_blocked_at_once: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on the boot clock of this boot."""

    boot_id: str
    now_s: float
    speed: float = 1.0


def why_end(
    grant: Grant, *, mode: str | None, running: bool, lease_until_s: float | None, idle_s: float, limits: Limits,
    moment: Moment,
) -> str | None:  # fmt: skip
    """Why an open grant ends now; None: it goes on. `mode` None: its point is out of use."""
    if grant.boot_id != moment.boot_id:
        return "power_cut"
    if mode is None or mode == "locked":
        return "locked"
    if _is_free(grant) and mode != "free":
        return "mode"
    if running:
        return _why_stop(grant, lease_until_s, idle_s, limits, moment)
    if _is_free(grant):
        return None
    if grant.owner_blocked:
        return "blocked"
    if grant.withdrawn:
        return "revoked"
    return "unused" if moment.now_s >= grant.until_s else None


def _why_stop(grant: Grant, lease_until_s: float | None, idle_s: float, limits: Limits, moment: Moment) -> str | None:
    if grant.owner_blocked and limits.stop_blocked_at_once:
        return "blocked"
    if lease_until_s is None or moment.now_s >= lease_until_s:
        return "core_restart"  # nobody decided for longer than a lease
    return "idle" if idle_s >= limits.idle_end_s else None


def _is_free(grant: Grant) -> bool:
    return grant.identification_id is None


def draws(gauge: Gauge | None, limits: Limits) -> bool:
    """Tell whether the car is seen to draw power."""
    return gauge is not None and gauge.power_w is not None and gauge.power_w >= limits.idle_power_w


def is_idle(gauge: Gauge | None, limits: Limits) -> bool:
    """Tell whether the car is seen to draw none. A silent meter says neither."""
    return gauge is not None and gauge.power_w is not None and gauge.power_w < limits.idle_power_w


def begins(gauge: Gauge | None, *, has_meter: bool, closed_since_s: float, limits: Limits, moment: Moment) -> bool:
    """Tell whether the session of a grant begins, its relay being closed since `closed_since_s`.

    With a meter: when power flows after the closing, or when the meter stays
    silent, because a car may charge unseen. Without one: at the closing.
    """
    if not has_meter:
        return True
    if gauge is not None and gauge.fresh:
        return gauge.at_s > closed_since_s and draws(gauge, limits)
    return moment.now_s - closed_since_s >= METER_PATIENCE_S * moment.speed
