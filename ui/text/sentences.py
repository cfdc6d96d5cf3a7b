"""Sentences for what the appliance reports: faults, errors, refusals, states, ends of sessions."""

from __future__ import annotations

from appliance.errors import N_, WattwardError
from appliance.faults import Fault
from ui.text.catalog import Texts

STATES = {
    "locked": N_("Locked"),
    "idle": N_("Ready"),
    "authorized": N_("Released: waiting for the car"),
    "waiting": N_("Released: waiting for the car"),
    "charging": N_("Charging now"),
    "paused": N_("Paused: the car draws no power"),
    "ended": N_("Charging has ended"),
    "fault": N_("Fault"),
}
ENDS = {
    "stop": N_("stopped"),
    "idle": N_("car full or unplugged"),
    "blocked": N_("user blocked"),
    "revoked": N_("identification revoked"),
    "mode": N_("mode changed"),
    "locked": N_("point locked"),
    "power_cut": N_("power cut"),
    "core_restart": N_("appliance restarted"),
    "fault": N_("fault"),
    "limit": N_("limit reached"),
    "unplug": N_("unplugged"),
    "expired": N_("identification expired"),
    "hours": N_("outside the allowed hours"),
    "allowance": N_("allowance used up"),
    "unseen": N_("meter silent for too long"),
    "unmetered": N_("longest time without a meter"),
    "uncounted": N_("meter without counter"),
    "shared": N_("same meter as another point"),
}
ROLES = {
    "grid": N_("Grid"),
    "pv": N_("Solar"),
    "charger": N_("Car"),
    "battery": N_("Battery"),
    "submeter": N_("Submeter"),
}


def fault(texts: Texts, found: Fault) -> str:
    """What is wrong and what to check."""
    return found.about + texts.filled(found.message, **found.values)


def fault_parts(texts: Texts, found: Fault) -> tuple[str, str]:
    """What is wrong, and what to check (empty: the sentence does not say); a colon in a name parts nothing."""
    what, _colon, todo = texts.gettext(found.message).partition(": ")
    return found.about + what.format(**found.values), todo.format(**found.values)


def error(texts: Texts, found: WattwardError) -> str:
    """What was refused and what to do."""
    return texts.filled(found.message, **found.values)


def point_state(texts: Texts, state: str) -> str:
    """What a charging point does."""
    return texts.gettext(STATES.get(state, state))


def end_reason(texts: Texts, reason: str | None) -> str:
    """Why a session ended; empty while it runs."""
    return texts.gettext(ENDS.get(reason, reason)) if reason else ""


def role(texts: Texts, name: str) -> str:
    """What a meter measures."""
    return texts.gettext(ROLES.get(name, name))
