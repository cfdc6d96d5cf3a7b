"""What is wrong now, in sentences that say what to check.

A source ('meter:3', 'relay:1', 'backup', 'store') says anew at each look
whether something is wrong, so a fault ends when its cause does. A fault row is
only written when it changes. Messages are English with {placeholders} and are
translated by the surfaces.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from appliance import clock
from appliance.store.database import Store

METER = "meter"  # the value that says which meter a sentence is about; it stands before the sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, since when, and what to do about it."""

    source: str
    code: str
    message: str
    values: dict[str, object]
    since: datetime

    @property
    def about(self) -> str:
        """What stands before the sentence: whom it is about, where it does not say so itself."""
        name = self.values.get(METER)
        return f"{name} – " if name and f"{{{METER}}}" not in self.message else ""

    @property
    def sentence(self) -> str:
        """The English sentence."""
        return self.about + self.message.format(**self.values)


def report(live: Store, now: datetime, source: str, code: str, message: str, /, **values: object) -> bool:
    """Say that `source` has the fault `code`, instead of any other fault it had; tell whether that is news."""
    fields = json.dumps(values, default=str)
    with live.read() as db:
        known = db.execute("SELECT code, message, fields FROM faults WHERE source=?", (source,)).fetchall()
    if known == [(code, message, fields)]:
        return False
    with live.write() as db:
        db.execute("DELETE FROM faults WHERE source=? AND code<>?", (source, code))
        db.execute(
            "INSERT INTO faults VALUES (?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET message=excluded.message, fields=excluded.fields",
            (source, code, message, fields, clock.utc_text(now)),
        )
    return not any(row[0] == code for row in known)


def clear(live: Store, source: str) -> bool:
    """Say that `source` is well; tell whether that is news."""
    with live.read() as db:
        known = db.execute("SELECT 1 FROM faults WHERE source=?", (source,)).fetchone()
    if known is None:
        return False
    with live.write() as db:
        db.execute("DELETE FROM faults WHERE source=?", (source,))
    return True


def active(live: Store) -> list[Fault]:
    """All faults, oldest first."""
    with live.read() as db:
        rows = db.execute("SELECT source, code, message, fields, since FROM faults ORDER BY since, source").fetchall()
    return [
        Fault(source, code, message, json.loads(fields), clock.from_utc_text(since))
        for source, code, message, fields, since in rows
    ]
