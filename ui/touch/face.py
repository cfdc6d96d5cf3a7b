"""How a charging point looks: icon, colour and what happens next, by its state. No Kivy here."""

from __future__ import annotations

from appliance.errors import N_
from ui.touch import theme
from ui.touch.status import PointNow

ICONS = {
    "locked": "lock",
    "idle": "station",
    "authorized": "plug",
    "waiting": "plug",
    "charging": "bolt",
    "paused": "pause",
    "ended": "station",
    "fault": "warning",
}
TINTS = {
    "locked": "WARN",
    "idle": "ACCENT",
    "authorized": "ACCENT",
    "waiting": "ACCENT",
    "charging": "GOOD",
    "paused": "WARN",
    "ended": "ACCENT",
    "fault": "BAD",
}
NEXT = {
    "locked": N_("Charging is switched off at this point."),
    "idle": N_("Enter your PIN to charge."),
    "authorized": N_("Plug in and let the car start."),
    "waiting": N_("Plug in and let the car start."),
    "fault": N_("Charging is not possible now; see the fault above."),
}
FREE = N_("Plug in and charge.")


def icon(point: PointNow) -> str:
    """The icon of its state."""
    return ICONS[point.state]


def tint(point: PointNow) -> theme.Colour:
    """The colour of its state; never the only sign."""
    tint: theme.Colour = getattr(theme, TINTS[point.state])
    return tint


def next_step(point: PointNow) -> str:
    """The English sentence of what happens next; empty when nothing is to do."""
    if point.state == "idle" and point.mode == "free":
        return FREE
    return NEXT.get(point.state, "")
