"""What the rule wants to know of an identification, read from the store.

One place for the gate, for the core while something runs, and for who only
asks. `Scene` is what does not belong to the identification: the time, if it is
known, and the point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from appliance import clock, errors, known_time
from appliance.charging import allowances, caps, local_days, rules, users, windows
from appliance.charging.identifications import Identification
from appliance.charging.lifecycle import Moment
from appliance.charging.points import Point
from appliance.opened import Opened
from appliance.store.database import Db


@dataclass(frozen=True, slots=True)
class Scene:
    """When and where somebody wants to charge."""

    now: datetime
    moment: Moment
    local: datetime | None  # None: date and time are not known
    point: Point
    second_shown: bool = False  # a card and a PIN were shown
    counts: bool = False  # the point's meter gives its counter now
    counters_wh: Mapping[int, int] = field(default_factory=dict)  # by meter, for what runs; without, as marked last

    @property
    def today(self) -> date | None:
        """The local date, None if unknown."""
        return None if self.local is None else self.local.date()

    @property
    def mode(self) -> str:
        """The mode in force at the point."""
        return "locked" if self.point.archived else windows.mode_at(self.point.mode, self.point.plan, self.local)


def scene(db: Db, when: clock.Clock, point: Point, *, trusted: bool, counts: bool = False) -> Scene:
    """The scene at a point now."""
    now = when.now()
    return Scene(now, Moment.of(when), local_days.local(db, now) if trusted else None, point, counts=counts)


def candidate(db: Db, found: Identification, at: Scene) -> rules.Candidate:
    """What the rule wants to know of an identification."""
    owner, extras = users.row(db, found.user_id), found.extras
    return rules.Candidate(
        user_blocked=owner.blocked or owner.archived,
        active=found.active and not found.removed,
        expires_on=found.expires_on,
        stop_only=extras.stop_only,
        in_hours=windows.allowed(owner.hours, at.local) and windows.allowed(extras.hours, at.local),
        has_allowance=has_allowance(db, found, at),
        used_up=_used_up(db, found, at),
        uncounted=not at.counts and is_limited(db, found),
        lacks_factor=(owner.second_factor or at.point.second_factor) and not at.second_shown,
    )


def has_allowance(db: Db, found: Identification, at: Scene) -> bool:
    """Tell whether the owner has energy left in every period."""
    return all(one.left_wh > 0 for one in allowances.of_user(db, found.user_id, at.local, at.counters_wh))


def is_limited(db: Db, found: Identification) -> bool:
    """Tell whether only so much energy or money may be charged with it."""
    return found.extras.counted or allowances.has_any(db, found.user_id)


def _used_up(db: Db, found: Identification, at: Scene) -> bool:
    """Tell whether the code itself is used up, or nobody knows what a kWh costs."""
    extras = found.extras
    if not extras.capped:
        return False
    if extras.cap_cents is not None and not caps.has_price(db, found.user_id, at.now):
        return True
    return caps.used_up(db, found, at.now, at.moment, at.counters_wh)


def calendar_trusted(opened: Opened) -> bool:
    """Tell whether dates and hours may be decided; not when nothing is known of this boot."""
    try:
        return known_time.trusted(opened.store, opened.live, opened.clock)
    except errors.StoreMissing:
        return False
