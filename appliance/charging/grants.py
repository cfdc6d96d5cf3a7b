"""The one gate: every permission to charge is a grant, made here and ended here.

1. `authorize` (a code typed for a point) and `present` (anything shown at a
reader) are one transaction each: it counts a wrong guess, writes the attempt,
the grant and the audit, and only then answers; a killed process gives no free
guess. 2. Its commit wakes the core, which closes the relay. 3. A grant ends by
itself with its start window, or with its lease once a session runs; `stop`, the
same card again and the core end it earlier, with a reason.

There is at most one open grant per point. A new one replaces one that no car
used yet; while a session runs at a point nothing starts there.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance import audit
from appliance.charging import asked, codes, granted, points, rules, users
from appliance.charging.asked import Asked, Decision, Shown
from appliance.charging.asked_at_reader import AskedAtReader
from appliance.charging.candidates import calendar_trusted
from appliance.charging.identifications import Identification
from appliance.charging.points import Point
from appliance.charging.rules import Result
from appliance.errors import N_, Refused
from appliance.opened import Opened

__all__ = ["Decision", "authorize", "calendar_trusted", "examine", "present", "stop"]


def authorize(
    opened: Opened, code: str, point: Point, terminal: str, named_user_id: int | None = None, *, kind: str = "pin",
    actor: audit.Actor,
) -> Decision:  # fmt: skip
    """Decide whether this code may charge at this point now, and let it. Raises BadInput, NotFound, Refused.

    A PIN as it is typed, or anything else of `kind` in any spelling.
    """
    code = codes.normalise(code) if kind == "pin" else codes.check(kind, code)
    question = Asked(opened, Shown(kind, code, terminal, named_user_id), actor)
    with opened.store.write() as db:
        current = points.row(db, point.id)
        if asked.is_used(db, current):
            raise Refused(N_("A car is charging at {point} already: stop that session first."), point=point.name)
        return question.answer(db, current)


def present(
    opened: Opened, kind: str, code: str, places: Sequence[Point], reader: str, named_user_id: int | None = None,
    *, actor: audit.Actor,
) -> Decision:  # fmt: skip
    """Answer what was shown at a reader of these points: start, stop one's own, or learn. Raises BadInput.

    `code` in any spelling of its `kind`. What a reader cannot have read is BadInput, and counts for nothing; so
    is the number of nobody, typed before a PIN.
    """
    code = codes.normalise(code) if kind == "pin" else codes.check(kind, code)
    question = AskedAtReader(opened, Shown(kind, code, f"{rules.READER}{reader}", named_user_id), actor)
    with opened.store.write() as db:
        if named_user_id is not None:
            users.row(db, named_user_id)
        known = [points.row(db, point.id) for point in places]
        usable = [point for point in known if not point.archived] or known
        if not usable:
            raise Refused(N_("This reader belongs to no charging point: say which with 'wattward readers edit'."))
        return question.present(db, usable)


def examine(
    opened: Opened, code: str, point: Point | None = None, kind: str = "pin"
) -> tuple[Result, Identification | None]:
    """What the gate would say to a code, without letting it in, counting it or writing it down. For who administers."""
    code = codes.normalise(code) if kind == "pin" else codes.check(kind, code)
    question = Asked(opened, Shown(kind, code, "cli"), audit.CLI)
    with opened.store.read() as db:
        return question.decide(db, asked.ANYWHERE if point is None else points.row(db, point.id), wait_s=0, wrong=0)


def stop(opened: Opened, point_id: int, actor: audit.Actor, user_id: int | None = None) -> bool:
    """End what is permitted at a point, at once; tell whether there was anything. Raises NotFound."""
    now = opened.clock.now()
    with opened.store.write() as db:
        point = points.row(db, point_id)
        grant = granted.row_open(db, point_id)
        if grant is None:
            return False
        asked.end_for(db, now, point, grant, actor.surface, user_id, actor)
    return True
