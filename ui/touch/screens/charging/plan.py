"""How long the mode of a charging point holds: what its weekly plan does next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from appliance.charging import windows
from appliance.charging.windows import Window

LOOK_AHEAD_DAYS = 8  # a plan repeats after seven


def until(plan: Sequence[Window], local: datetime) -> datetime | None:
    """When a plan next changes the mode after a local moment; None: it never does."""
    now_mode = windows.mode_at("time", plan, local)
    edges = sorted({edge for window in plan for edge in (window.begin, window.end)})
    for days in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=days)
        for edge in edges:
            moment = datetime.combine(day, edge, local.tzinfo)
            if moment > local and windows.mode_at("time", plan, moment) != now_mode:
                return moment
    return None
