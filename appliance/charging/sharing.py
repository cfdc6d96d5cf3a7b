"""Charging points that have the same meter: only one of them at a time, lest both are billed what the meter counts.

Points are not made like that (`points`), but homes of earlier versions have
them. Who holds the meter: whose session is not over, else whose relay is
closed, else who was let in first. The others wait with open relays, and a
session that began beside another one is ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from appliance.charging.granted import Grant
from appliance.charging.points import Point
from appliance.charging.sessions import Session
from appliance.errors import N_
from appliance.faults import Fault

SOURCE = "shared:"  # of its notes, and the point's id
REMARK = "meter_shared"
WAITING = "waits"  # code of the note of a point that waits
WAITS = N_(
    "{point} waits: {other} charges now, and both have the same meter. Give one of them a meter of its own, or none:"
    " then both charge at once."
)
SHARES = N_(
    "{point} and {other} have the same meter, so only one of them charges at a time. Give one of them a meter of its"
    " own, or none."
)


def waiting(
    points: Mapping[int, Point], sessions: Mapping[int, Session], grants: Mapping[int, Grant], closed: Collection[int]
) -> dict[int, int]:
    """The points that wait for their meter, and for which point each does.

    `sessions` that are not over and open `grants` by point, `closed`: points whose relay is seen closed.
    """
    claims: dict[int, list[tuple[tuple[int, int], int]]] = {}
    for point_id in points.keys() | sessions.keys():
        session, grant, point = sessions.get(point_id), grants.get(point_id), points.get(point_id)
        meter_id = session.meter_id if session is not None else None if point is None else point.meter_id
        if meter_id is None:
            continue
        if session is not None:
            claims.setdefault(meter_id, []).append(((0, session.id), point_id))
        elif point_id in closed:
            claims.setdefault(meter_id, []).append(((1, point_id), point_id))
        elif grant is not None:
            claims.setdefault(meter_id, []).append(((2, grant.id), point_id))
    found: dict[int, int] = {}
    for one in claims.values():
        (_, first), *others = sorted(one)
        found |= {point_id: first for _, point_id in others}
    return found


def muddled(sessions: Collection[Session]) -> list[Session]:
    """The sessions that run beside another one on the same meter, which tells the energy of neither."""
    meters = [session.meter_id for session in sessions if session.meter_id is not None]
    return [session for session in sessions if meters.count(session.meter_id or 0) > 1]


def note(point: Point, points: Mapping[int, Point], waits_for: int | None, since: datetime) -> Fault | None:
    """What is to be said at a point about its meter; None where it has it alone."""
    if waits_for is not None and waits_for in points:
        return Fault(
            f"{SOURCE}{point.id}", WAITING, WAITS, {"point": point.name, "other": points[waits_for].name}, since
        )
    for other in points.values():
        if point.meter_id is not None and other.meter_id == point.meter_id and other.id != point.id:
            return Fault(f"{SOURCE}{point.id}", "shares", SHARES, {"point": point.name, "other": other.name}, since)
    return None
