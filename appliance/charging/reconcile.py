"""Keep every charging point's relay in line with what is wanted.

`reconcile` compares the whole wanted state with the whole real state and never
asks what changed, so a lost wake-up, a crash or a second call does no harm. It
opens first, and never waits to open; it closes only what may close now.

A relay that will not obey or cannot be read is told to open, returned as a
fault, and tried again by a later call; it does not keep the others waiting.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from drivers.interfaces import DriverError, Relay

log = logging.getLogger("wattward.charging")


@dataclass(slots=True)
class Outcome:
    """What was seen after switching, and what went wrong, by point."""

    closed: dict[int, bool | None] = field(default_factory=dict)  # None: it cannot be read
    faults: dict[int, DriverError] = field(default_factory=dict)


def reconcile(relays: Mapping[int, Relay], wanted: Collection[int], may_close: Collection[int]) -> Outcome:
    """Switch the relays that differ from `wanted`, openings first. Never raises DriverError."""
    outcome = Outcome()
    for point_id, relay in sorted(relays.items(), key=lambda one: one[0] in wanted):
        try:
            outcome.closed[point_id] = _fit(point_id, relay, point_id in wanted, point_id in may_close)
        except DriverError as error:
            outcome.faults[point_id] = error
            outcome.closed[point_id] = force_open(relay)
    return outcome


def _fit(point_id: int, relay: Relay, wanted: bool, may_close: bool) -> bool | None:
    """Bring one relay in line; return whether it is closed, None where it takes a while to say. Raises DriverError."""
    closed = relay.is_closed()
    if closed == wanted or (wanted and not may_close):
        return closed
    relay.switch(closed=wanted)
    seen = relay.is_closed()
    if seen == wanted:
        log.info("point %s: relay %s", point_id, "closed" if wanted else "open")
    return seen


def force_open(relay: Relay) -> bool | None:
    """Tell a relay to open, whatever it answered before; return whether it is closed, None if it does not say."""
    with contextlib.suppress(DriverError):
        relay.switch(closed=False)
    with contextlib.suppress(DriverError):
        return relay.is_closed()
    return None
