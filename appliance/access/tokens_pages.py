"""The list of access tokens by pages: those that wait first, then the newest."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.access import tokens
from appliance.access.tokens import SELECT, Token
from appliance.store import settings
from appliance.store.database import Db, Store

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list."""

    tokens: list[Token]
    number: int  # from 1
    last: int


def page(store: Store, now: datetime, number: int = 1, marked: int | None = None) -> Page:
    """A page, or the one on which a marked token stands. What is over by now is called expired. Raises StoreError."""
    with store.read() as db:
        total = int(db.execute("SELECT count(*) FROM access_tokens").get)
        last = max(1, -(-total // PER_PAGE))
        if marked is not None:
            number = _before(db, marked) // PER_PAGE + 1
        number = min(max(1, number), last)
        rows = _rows(db, (number - 1) * PER_PAGE)
        idle_days = int(settings.in_force(db, "tokens.idle_days"))
    found = [tokens.of_row(row) for row in rows]
    called = [
        dataclasses.replace(one, state="expired") if tokens.is_over(one, now, idle_days) else one for one in found
    ]
    return Page(called, number, last)


def _rows(db: Db, offset: int) -> list[tuple[Any, ...]]:
    """So many rows from there on. Two walks along the row numbers, because sorting 10,000 takes a tenth of a second."""
    waiting = int(db.execute("SELECT count(*) FROM access_tokens WHERE state='pending'").get)
    rows = []
    if offset < waiting:
        rows = db.execute(
            f"{SELECT} WHERE state='pending' ORDER BY id DESC LIMIT ? OFFSET ?", (PER_PAGE, offset)
        ).fetchall()
    return rows + db.execute(
        f"{SELECT} WHERE state<>'pending' ORDER BY id DESC LIMIT ? OFFSET ?",
        (PER_PAGE - len(rows), max(0, offset - waiting)),
    ).fetchall()  # fmt: skip


def _before(db: Db, marked: int) -> int:
    """How many rows stand before a token; 0 for one that is not there."""
    state = db.execute("SELECT state FROM access_tokens WHERE id=?", (marked,)).get
    if state is None:
        return 0
    if state == "pending":
        return int(db.execute("SELECT count(*) FROM access_tokens WHERE state='pending' AND id>?", (marked,)).get)
    return int(db.execute("SELECT count(*) FROM access_tokens WHERE state='pending' OR id>?", (marked,)).get)
