"""What the charging settings look at: points and their modes, users, readers, unknown cards. No Kivy here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from appliance.charging import identifications, learning, local_days, points, readers, users, windows
from appliance.charging.learning import Request, UnknownCard
from appliance.charging.points import Point
from appliance.charging.readers import Reader
from appliance.opened import Opened
from ui.touch.screens.charging import plan
from ui.touch.status import Status


@dataclass(frozen=True, slots=True)
class PointSet:
    """A point, what it allows now, and until when."""

    point: Point
    mode: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class UserSeen:
    """One user at a glance."""

    id: int
    name: str
    blocked: bool
    guest: bool
    pins: int
    cards: int
    good: bool  # at least one code that is active and has not expired


@dataclass(frozen=True, slots=True)
class ChargingSeen:
    """Everything these pages show."""

    points: tuple[PointSet, ...]
    users: tuple[UserSeen, ...]
    readers: tuple[Reader, ...]
    unknown: tuple[UnknownCard, ...]  # cards that were refused lately and can be given to somebody
    request: Request | None = None  # a card that is waited for
    holder: str = ""  # who has the card that was to be learned
    archived: tuple[Point, ...] = ()  # points out of use


def look(it: Opened, status: Status, request_id: int | None = None) -> ChargingSeen:
    """Look. Raises StoreError."""
    request = None if request_id is None else learning.get(it.store, it.clock, request_id)
    holder = ""
    if request is not None and request.outcome == "taken" and request.identification_id is not None:
        owner = identifications.get(it.store, request.identification_id).user_id
        holder = users.get(it.store, owner).name
    return ChargingSeen(
        tuple(_point(one, status) for one in points.all(it.store)),
        tuple(_users(it)),
        tuple(one for one in readers.all(it.store) if one.enabled and one.point_ids),
        tuple(learning.unknown(it.store, it.clock)),
        request,
        holder,
        tuple(one for one in points.all(it.store, archived=True) if one.archived),
    )


def _point(one: Point, status: Status) -> PointSet:
    until = plan.until(one.plan, status.now) if one.mode == "time" else None
    return PointSet(one, windows.mode_at(one.mode, one.plan, status.now), until)


def _users(it: Opened) -> list[UserSeen]:
    with it.store.read() as db:
        local = local_days.local(db, it.clock.now())
    pins: Counter[int] = Counter()
    cards: Counter[int] = Counter()
    good: set[int] = set()
    for one in identifications.all(it.store):
        (pins if one.type == "pin" else cards)[one.user_id] += 1
        if one.active and (one.expires_on is None or (local is not None and local.date() <= one.expires_on)):
            good.add(one.user_id)
    return [
        UserSeen(user.id, user.name, user.blocked, user.guest, pins[user.id], cards[user.id], user.id in good)
        for user in users.all(it.store)
    ]
