"""A code that somebody has already: refused, noted, and slower the more often it happens.

Who gives people codes but may not see them (an operator in the web admin) must
not find one by trying codes until one is refused. Each PIN that is refused so
is written into the audit, with whose identification it was: that person should
get a new one. The second within 30 days costs five minutes, the next ones more;
and nobody sets PINs by the hundred in an hour. Who may see codes anyway
(`told`) is only noted. Numbers of cards are no secret and not slowed down.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from appliance import audit, clock
from appliance.access import throttle
from appliance.errors import N_, BadInput
from appliance.store.database import Db, Store

LATELY = timedelta(days=30)
STEPS = 2  # of the throttle's waits for each: five minutes, half an hour, 4 hours, 36 hours, 12 days
LONGEST_S = 12 * throttle.DAY_S
PINS_AN_HOUR = 100
EVENT = "identification.taken"
SET = ("identification.add", "identification.edit")


class Taken(BadInput):
    """Somebody has this code. `holder_id` is the number of the identification."""

    def __init__(self, message: str, holder_id: int, type: str, **values: object) -> None:
        super().__init__(message, field="code", **values)
        self.holder_id = holder_id
        self.type = type


@contextmanager
def noted(store: Store, when: clock.Clock, actor: audit.Actor, *, told: bool) -> Iterator[None]:
    """Around a transaction that gives somebody a code: what it refused as taken is noted after it."""
    try:
        yield
    except Taken as error:
        if error.type == "pin":
            with store.write(ring=False) as db:
                note(db, when, actor, [error.holder_id], told=told)
        raise


def note(db: Db, when: clock.Clock, actor: audit.Actor, holder_ids: list[int], *, told: bool) -> None:
    """Write down whose PINs somebody typed as new ones, and let the next wait."""
    if not told:
        before = _lately(db, when.now(), actor)
        so_far = STEPS * before + throttle.FREE_FAILURES - 1  # the first one may happen to everybody
        throttle.count(db, when, _place(actor), str(before).encode(), LONGEST_S, so_far=so_far)
    for holder_id in holder_ids:
        audit.record(db, when.now(), actor, EVENT, f"identification {holder_id}", identification=holder_id)


def require_calm(db: Db, when: clock.Clock, actor: audit.Actor) -> None:
    """Refuse a PIN from somebody who met too many of others', or sets too many. Raises BadInput."""
    wait_s = throttle.remaining_s(db, when, _place(actor))
    if wait_s > 0:
        raise BadInput(
            N_("Too many PIN codes were typed that others have: the next one is looked at in {minutes} minutes."),
            field="code", minutes=int(wait_s // 60) + 1,
        )  # fmt: skip
    if _set_lately(db, when.now(), actor) >= PINS_AN_HOUR:
        raise BadInput(
            N_("At most {most} PIN codes are set in an hour: go on later, or use 'wattward users import'."),
            field="code", most=PINS_AN_HOUR,
        )  # fmt: skip


def _place(actor: audit.Actor) -> str:
    return f"taken:{actor.surface}:{actor.name}"


def _lately(db: Db, now: datetime, actor: audit.Actor) -> int:
    """How many of others' PINs somebody typed in the last 30 days."""
    return int(db.execute(
        "SELECT count(*) FROM audit WHERE at>=? AND event=? AND surface=? AND actor=?",
        (clock.utc_text(now - LATELY), EVENT, actor.surface, actor.name),
    ).get)  # fmt: skip


def _set_lately(db: Db, now: datetime, actor: audit.Actor) -> int:
    """How many codes somebody set in the last hour."""
    return int(db.execute(
        "SELECT count(*) FROM audit WHERE at>=? AND event IN (?,?) AND surface=? AND actor=?"
        " AND coalesce(detail->>'type', iif(detail->>'new_code', 'pin', '')) = 'pin'",
        (clock.utc_text(now - timedelta(hours=1)), *SET, actor.surface, actor.name),
    ).get)  # fmt: skip
