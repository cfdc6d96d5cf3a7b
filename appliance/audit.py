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


def record(db: Db, now: datetime, actor: Actor, event: str, subject: str, **detail: object) -> None:
    """Write one event inside the caller's transaction. `event` is 'noun.verb', `subject` names the thing."""
    db.execute(
        "INSERT INTO audit (at, surface, actor, event, subject, detail) VALUES (?,?,?,?,?,?)",
        (clock.utc_text(now), actor.surface, actor.name, event, subject, json.dumps(detail, default=str)),
    )


def newest(store: Store, limit: int = 100) -> list[Event]:
    """The newest events, newest first."""
    with store.read() as db:
        rows = db.execute(
            "SELECT at, surface, actor, event, subject, detail FROM audit ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [
            Event(clock.from_utc_text(at), Actor(surface, name), event, subject, json.loads(detail))
            for at, surface, name, event, subject, detail in rows
        ]
