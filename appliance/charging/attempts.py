"""Every attempt to start charging, with the first reason that refused it.

The log is an installer's and an admin's; the person at the keypad reads one
neutral sentence. Attempts hold no code. They also are the memory of wrong
guesses over the last 30 days, which a success does not shorten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance import clock
from appliance.charging import codes, rules
from appliance.store.database import Db, Store

AGAIN_S = 60.0  # what was refused unseen is written once in this time: nobody fills the card at a keypad outdoors


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt."""

    id: int
    at: datetime
    terminal: str
    point: str
    result: rules.Result
    user: str | None  # whose identification it was
    named: str | None  # who the person said to be
    remark: str
    identification: str = ""  # masked


def record(
    db: Db, when: clock.Clock, *, terminal: str, point_id: int, result: rules.Result, identification_id: int | None,
    named_user_id: int | None, counted: bool, remark: str = "",
) -> int:  # fmt: skip
    """Write one attempt inside the caller's transaction; return its number.

    `counted`: it was a wrong guess at a keypad, and not a typo made twice.
    """
    db.execute(
        "INSERT INTO attempts (at, boot_id, at_boottime_s, terminal, point_id, result, identification_id,"
        " named_user_id, counted, remark) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (clock.utc_text(when.now()), when.boot_id, when.boottime_s(), terminal, point_id, result, identification_id,
         named_user_id, counted, remark),
    )  # fmt: skip
    return db.last_insert_rowid()


def newest_id(store: Store) -> int:
    """The number of the newest attempt; 0 before the first."""
    with store.read() as db:
        return int(db.execute("SELECT coalesce(max(id), 0) FROM attempts").get)


def stands_already(db: Db, when: clock.Clock, terminal: str, point_id: int, result: rules.Result) -> bool:
    """Tell whether the newest attempt at a terminal is the same and a moment old: somebody who goes on trying."""
    newest = db.execute(
        "SELECT point_id, result, boot_id, at_boottime_s FROM attempts WHERE terminal=?"
        " ORDER BY at DESC, id DESC LIMIT 1",
        (terminal,),
    ).fetchone()
    if newest is None or tuple(newest[:3]) != (point_id, result, when.boot_id):
        return False
    return bool(when.boottime_s() - newest[3] < AGAIN_S)


def wrong_at_terminal(db: Db, now: datetime, terminal: str) -> int:
    """Wrong guesses typed at one terminal in the last 30 days."""
    return int(db.execute(
        "SELECT count(*) FROM attempts WHERE terminal=? AND at>=? AND counted=1", (terminal, _lately(now))
    ).get)  # fmt: skip


def wrong_at_people(db: Db, now: datetime, terminal: str) -> int:
    """Those of them that named somebody there is."""
    return int(db.execute(
        "SELECT count(*) FROM attempts WHERE terminal=? AND at>=? AND counted=1 AND named_user_id IS NOT NULL",
        (terminal, _lately(now)),
    ).get)  # fmt: skip


def unknown_cards(db: Db, now: datetime, terminal: str) -> int:
    """Cards nobody has that were shown at one terminal in the last hour."""
    return int(db.execute(
        "SELECT count(*) FROM attempts JOIN unknown_cards ON attempt_id = attempts.id WHERE terminal=? AND at>=?",
        (terminal, clock.utc_text(now - timedelta(hours=1))),
    ).get)  # fmt: skip


def _lately(now: datetime) -> str:
    return clock.utc_text(now - timedelta(days=rules.LATELY_DAYS))


SELECT = (
    "SELECT attempts.id, attempts.at, attempts.terminal, points.name, attempts.result,"
    " owner.first_name || ' ' || owner.last_name, named.first_name || ' ' || named.last_name, attempts.remark,"
    " identifications.type, identifications.code_tail"
    " FROM attempts JOIN points ON points.id = attempts.point_id"
    " LEFT JOIN identifications ON identifications.id = attempts.identification_id"
    " LEFT JOIN users AS owner ON owner.id = identifications.user_id"
    " LEFT JOIN users AS named ON named.id = attempts.named_user_id"
)


def rows(
    db: Db, *, since: datetime | None = None, until: datetime | None = None, user_id: int | None = None,
    point_id: int | None = None, result: str | None = None, limit: int = 100,
) -> list[Attempt]:  # fmt: skip
    """The newest attempts, newest first: from `since` to before `until`, of one user, at one point, of a result."""
    found = db.execute(
        f"{SELECT} WHERE (?1 IS NULL OR attempts.at>=?1) AND (?2 IS NULL OR attempts.at<?2)"
        " AND (?3 IS NULL OR identifications.user_id=?3 OR attempts.named_user_id=?3)"
        " AND (?4 IS NULL OR attempts.point_id=?4) AND (?5 IS NULL OR attempts.result=?5)"
        " ORDER BY attempts.id DESC LIMIT ?6",
        (None if since is None else clock.utc_text(since), None if until is None else clock.utc_text(until), user_id,
         point_id, result, limit),
    )  # fmt: skip
    return [_attempt(row) for row in found]


def _attempt(row: tuple[Any, ...]) -> Attempt:
    number, at, terminal, point, result, user, named, remark, type, tail = row
    shown = "" if type is None else codes.masked(type, tail)
    return Attempt(number, clock.from_utc_text(at), terminal, point, rules.Result(result), user, named, remark, shown)


def newest(store: Store, limit: int = 100) -> list[Attempt]:
    """The newest attempts, newest first."""
    with store.read() as db:
        return rows(db, limit=limit)
