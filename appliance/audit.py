"""Who did what: one append-only row for each thing a person or the appliance decides.

A record is written in the transaction of the act itself, so neither exists
without the other. Details never hold a secret: no PIN, password, token or card number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from appliance import clock
from appliance.store.database import Db, Store


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the surface, and the person as far as it is known ('admin', 'household')."""

    surface: str  # 'core', 'touch', 'admin', 'phone', 'cli'
    name: str


CORE = Actor("core", "appliance")
CLI = Actor("cli", "local")
TOUCH = Actor("touch", "household")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the audit."""

    at: datetime
    actor: Actor
    event: str
    subject: str
    detail: dict[str, object]
    id: int = 0


def record(db: Db, now: datetime, actor: Actor, event: str, subject: str, **detail: object) -> None:
    """Write one event inside the caller's transaction. `event` is 'noun.verb', `subject` names the thing."""
    db.execute(
        "INSERT INTO audit (at, surface, actor, event, subject, detail) VALUES (?,?,?,?,?,?)",
        (clock.utc_text(now), actor.surface, actor.name, event, subject, json.dumps(detail, default=str)),
    )


@dataclass(frozen=True, slots=True)
class Search:
    """Which events are looked for. Empty fields let everything through; `words` are looked for in all of a row."""

    surface: str = ""
    noun: str = ""  # the part of `event` before the dot
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included


EVERYTHING = Search()


def newest(store: Store, limit: int = 100, search: Search = EVERYTHING, before_id: int | None = None) -> list[Event]:
    """The newest events that fit, newest first; `before_id` goes on where an earlier answer ended."""
    wanted: list[tuple[str, object]] = [("id<?", before_id)] if before_id is not None else []
    if search.surface:
        wanted.append(("surface=?", search.surface))
    if search.noun:
        wanted.append(("substr(event, 1, instr(event, '.') - 1)=?", search.noun))
    wanted += [("at>=?", clock.utc_text(search.since))] if search.since else []
    wanted += [("at<?", clock.utc_text(search.until))] if search.until else []
    wanted += [
        ("instr(lower(actor || ' ' || event || ' ' || subject || ' ' || detail), ?)", word)
        for word in search.words.lower().split()
    ]
    where = " AND ".join(condition for condition, _value in wanted) or "1"
    with store.read() as db:
        rows = db.execute(
            f"SELECT id, at, surface, actor, event, subject, detail FROM audit WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - our own conditions
            (*(value for _condition, value in wanted), limit),
        )
        return [
            Event(clock.from_utc_text(at), Actor(surface, name), event, subject, json.loads(detail), number)
            for number, at, surface, name, event, subject, detail in rows
        ]


def nouns(store: Store) -> list[str]:
    """What events are about so far: 'user', 'web' ..., for choosing."""
    with store.read() as db:
        rows = db.execute("SELECT DISTINCT substr(event, 1, instr(event, '.') - 1) FROM audit ORDER BY 1")
        return [noun for (noun,) in rows]
