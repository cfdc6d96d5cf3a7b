"""The life of a charging point in one word, from what is known of it. Pure.

    idle ── code ──► authorized ── relay closed ──► waiting ── power ──► charging ◄──► paused
      ▲                  │                             │                    │            │
      │                  └── withdrawn, window over ───┘                    └── end ──► ended
      └──────────────────────────────────────────────────── last reading of the meter ───┘

`locked` and `fault` may come from anywhere and go back to where things stand.
The words are EVerest's and OCPP's: see OCPP.
"""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("locked", "idle", "authorized", "waiting", "charging", "paused", "ended", "fault")
OCPP = {  # ChargePointStatus of OCPP 1.6
    "locked": "Unavailable", "idle": "Available", "authorized": "Preparing", "waiting": "Preparing",
    "charging": "Charging", "paused": "SuspendedEV", "ended": "Finishing", "fault": "Faulted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one point."""

    fault: bool  # of its relay
    startable: bool  # the mode in force lets somebody start
    granted: bool  # somebody may charge, or the mode is free and the relay closed
    session: bool  # one is not ended
    grant_ended: bool  # the session's permission has ended
    closed: bool | None  # the relay; None: not known
    idle_s: float | None  # since when the car draws no power; None: it does
    pause_after_s: float


def state_of(facts: Facts) -> str:
    """The state of a point, of STATES."""
    if facts.fault:
        return "fault"
    if facts.session:
        return _of_session(facts)
    if not facts.startable:
        return "locked"
    if facts.granted:
        return "waiting" if facts.closed else "authorized"
    return "idle"


def _of_session(facts: Facts) -> str:
    if facts.grant_ended:
        return "ended"
    idle = facts.idle_s is not None and facts.idle_s >= facts.pause_after_s
    return "paused" if not facts.closed or idle else "charging"
