"""How much energy a user may charge in a day, a week and a month, and how much of it is used.

What was used is counted from the meters' own counters. A session that runs over
the end of a period counts with what it charged in each, where the counter at
that moment is known from the quarter hours; else all of it counts in the later
one. A session whose end no counter tells counts up to where its meter stood when
the core last noted it; it cannot go on like that (`snapshot`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from appliance import audit, clock
from appliance.charging import local_days, users
from appliance.errors import N_, BadInput
from appliance.metering import slots
from appliance.store.database import Db, Store

WH_MAX = 100_000_000
NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one user may charge in one period, and how much of it is used."""

    period: str  # of local_days.PERIODS
    wh: int
    used_wh: int = 0

    @property
    def left_wh(self) -> int:
        """What may still be charged."""
        return max(0, self.wh - self.used_wh)


def of_user(db: Db, user_id: int, local: datetime | None, counters_wh: Mapping[int, int] = NOTHING) -> list[Allowance]:
    """The allowances of a user with what is used now. `counters_wh`: what meters count, for what runs.

    Without a known local time everything counts as used.
    """
    rows = db.execute("SELECT period, wh FROM allowances WHERE user_id=? ORDER BY wh", (user_id,)).fetchall()
    return [
        Allowance(
            period, wh, wh if local is None else used_wh(db, user_id, local_days.began(period, local), counters_wh)
        )
        for period, wh in rows
    ]


def has_any(db: Db, user_id: int) -> bool:
    """Tell whether a user may charge only so much in some period."""
    return bool(db.execute("SELECT 1 FROM allowances WHERE user_id=? LIMIT 1", (user_id,)).get)


def used_wh(db: Db, user_id: int, since: datetime, counters_wh: Mapping[int, int] = NOTHING) -> int:
    """What a user charged since a moment."""
    found = db.execute(
        "SELECT began_at, ended_at IS NULL, begin_wh, coalesce(end_wh, seen_wh), meter_id FROM sessions"
        " WHERE user_id=?1 AND id IN ("
        " SELECT id FROM sessions WHERE user_id=?1 AND began_at>=?2 UNION"
        " SELECT id FROM sessions WHERE user_id=?1 AND began_at<?2 AND (ended_at IS NULL OR ended_at>?2))",
        (user_id, clock.utc_text(since)),
    ).fetchall()
    total_wh = 0
    for began_at, running, begin_wh, known_wh, meter_id in found:
        until_wh = counters_wh.get(meter_id, known_wh) if running else known_wh
        if begin_wh is None or until_wh is None:
            continue
        if clock.from_utc_text(began_at) < since:
            begin_wh = max(begin_wh, _counter_wh(db, meter_id, since) or begin_wh)
        total_wh += max(0, until_wh - begin_wh)
    return total_wh


def _counter_wh(db: Db, meter_id: int | None, moment: datetime) -> int | None:
    """A meter's counter when the quarter hour ended that ended at a moment."""
    start_s = int(moment.timestamp()) - slots.SLOT_S
    number = slots.slot_id(start_s, meter_id or 0)
    found: int | None = db.execute("SELECT import_counter_wh FROM slots WHERE id=?", (number,)).get
    return found


def put(store: Store, when: clock.Clock, user_id: int, period: str, wh: int | None, *, actor: audit.Actor) -> None:
    """Say how much a user may charge in a period; None: as much as they like. Raises BadInput, NotFound."""
    if period not in local_days.PERIODS:
        raise BadInput(
            N_("A period is one of: {periods}."), field="period", periods=", ".join(local_days.PERIODS)
        )  # fmt: skip
    if wh is not None and not 0 <= wh <= WH_MAX:
        raise BadInput(N_("An allowance is from 0 to {most} kWh."), field="allowance", most=WH_MAX // 1000)
    with store.write() as db:
        user = users.row(db, user_id)
        if wh is None:
            db.execute("DELETE FROM allowances WHERE user_id=? AND period=?", (user_id, period))
        else:
            db.execute("INSERT OR REPLACE INTO allowances VALUES (?,?,?)", (user_id, period, wh))
        audit.record(db, when.now(), actor, "user.allowance", user.name, user=user_id, period=period, wh=wh)


def look(store: Store, when: clock.Clock, user_id: int) -> list[Allowance]:
    """The allowances of a user as they stand, without what runs now."""
    with store.read() as db:
        return of_user(db, user_id, local_days.local(db, when.now()))
