"""Sessions as the journal has them, with everything that was said of them later.

Reports are made from here and not from the sessions, so that what they show is
what the chain proves. A correction never changes a reading or a price.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appliance import clock
from appliance.store.database import Db


@dataclass(frozen=True, slots=True)
class Charged:
    """A session as it stands in the journal, with what later entries say of it."""

    number: int  # of its entry
    session_id: int
    point_id: int
    point: str  # as it was called then
    user_id: int | None
    identification_id: int | None
    identification: str | None  # type
    reason: str  # why the grant was given
    meter_id: int | None
    meter: str | None
    began_at: datetime
    ended_at: datetime
    begin_wh: int | None
    end_wh: int | None
    end_reason: str
    remarks: tuple[str, ...]  # codes of sessions.REMARKS
    tariff: str | None
    basis: str
    per_kwh: tuple[str, ...]  # the prices it met, in order
    cost: str | None
    currency: str | None
    vehicle_id: int | None = None
    billed: bool = True
    notes: tuple[str, ...] = ()  # of corrections

    @property
    def energy_wh(self) -> int | None:
        """Stop minus start; None when a reading is missing."""
        return None if self.begin_wh is None or self.end_wh is None else self.end_wh - self.begin_wh


def between(db: Db, begin: datetime, end: datetime) -> list[Charged]:
    """The sessions that began in [begin, end), in order of their begin, with all their corrections."""
    rows = db.execute(
        "SELECT number, body FROM journal WHERE kind='session'"
        " AND (at >= ?1 OR session_id IN (SELECT id FROM sessions WHERE began_at >= ?1 AND began_at < ?2))"
        " AND json_extract(body, '$.began_at') >= ?1 AND json_extract(body, '$.began_at') < ?2",
        (clock.utc_text(begin), clock.utc_text(end)),
    )
    found = {number: _charged(number, json.loads(body)) for number, body in rows}
    if found:
        for body in db.execute(
            "SELECT body FROM journal WHERE kind='correction' AND number > ? ORDER BY number", (min(found),)
        ):
            correction = json.loads(body[0])
            if correction["corrects"] in found:
                found[correction["corrects"]] = _corrected(found[correction["corrects"]], correction)
    return sorted(found.values(), key=lambda one: (one.began_at, one.number))


def _charged(number: int, body: dict[str, Any]) -> Charged:
    return Charged(
        number, body["session"], body["point_id"], body["point"], body["user_id"], body["identification_id"],
        body["identification"], body["reason"], body["meter_id"], body["meter"], clock.from_utc_text(body["began_at"]),
        clock.from_utc_text(body["ended_at"]), body["begin_wh"], body["end_wh"], body["end_reason"],
        tuple(body["remarks"]), body["tariff"], body.get("basis") or "",
        tuple(dict.fromkeys(part[2] for part in body["pieces"] if part[2] is not None)), body["cost"], body["currency"],
        body.get("vehicle_id"),
    )  # fmt: skip


def _corrected(of: Charged, by: dict[str, Any]) -> Charged:
    return replace(
        of,
        billed=of.billed if by["billed"] is None else by["billed"],
        user_id=of.user_id if by["user_id"] is None else by["user_id"],
        notes=(*of.notes, by["note"]),
    )
