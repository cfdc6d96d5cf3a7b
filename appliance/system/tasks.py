"""Work on this machine that a person wants and the core does: join a Wi-Fi, set the time, restart, restore …

1. A surface writes a row with what is wanted; a password in it is sealed with
the device key. 2. The core claims it by one UPDATE that changes one row, and
takes the sealed part out in the same step. 3. It writes how far it is and how
it ended; the row can be looked at until the next start of the machine.

The rows live in memory (`live.db`), so no order outlives the boot it was given
in, and none is taken up `WANTED_S` after it was given: nobody stands there any
more. What a core that is gone was doing counts as failed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance import audit
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store.database import Store

WANTED_S = 60.0  # nobody takes a task up later than this
KEPT = 50  # tasks that can be looked at
PURPOSE = "machine_task"
LEFT = N_("It was interrupted by a restart: begin it again.")
BUSY = N_("This is being done already.")


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work and what became of it."""

    id: int
    kind: str
    wanted: Mapping[str, Any]
    by: audit.Actor
    state: str  # 'wanted', 'running', 'done', 'failed'
    stage: str  # how far it is: English, the key of its translation
    result: Mapping[str, Any]
    message: str  # why it failed, with {placeholders}
    values: Mapping[str, object]
    until_s: float = 0.0  # CLOCK_BOOTTIME; not taken up after that
    percent: int | None = None  # how much of it is done, where that is known

    @property
    def over(self) -> bool:
        """Tell whether nothing more will come."""
        return self.state in ("done", "failed")


SELECT = (
    "SELECT id, kind, wanted, wanted_by, state, stage, result, message, fields, until_s, percent FROM machine_tasks"
)


def _of(row: tuple[Any, ...]) -> Task:
    number, kind, wanted, by, state, stage, result, message, fields, until_s, percent = row
    surface, _, name = by.partition(":")
    return Task(
        number, kind, json.loads(wanted), audit.Actor(surface, name), state, stage,
        json.loads(result), message, json.loads(fields), until_s, percent,
    )  # fmt: skip


def ask(it: Opened, actor: audit.Actor, kind: str, secret: str = "", *, join: bool = False, **wanted: object) -> int:
    """Want something done; return its number. Raises Refused while the same is being done, unless one may `join`."""
    now_s = it.clock.boottime_s()
    sealed = it.key().seal(PURPOSE, secret, bound_to=kind) if secret else None
    with it.live.write() as db:
        open_one = db.execute(
            "SELECT id FROM machine_tasks WHERE kind=? AND (state='running' OR (state='wanted' AND until_s > ?))",
            (kind, now_s),
        ).fetchone()
        if open_one is not None and join:
            return int(open_one[0])
        if open_one is not None:
            raise Refused(BUSY)
        db.execute("DELETE FROM machine_tasks WHERE id <= (SELECT max(id) FROM machine_tasks) - ?", (KEPT,))
        db.execute(
            "INSERT INTO machine_tasks (kind, wanted, sealed, wanted_by, until_s, state) VALUES (?,?,?,?,?,'wanted')",
            (kind, json.dumps(wanted), sealed, f"{actor.surface}:{actor.name}", now_s + WANTED_S * it.clock.speed),
        )
        return db.last_insert_rowid()


def look(live: Store, number: int) -> Task | None:
    """What became of one; None when it is no longer known."""
    with live.read() as db:
        row = db.execute(f"{SELECT} WHERE id=?", (number,)).fetchone()
    return None if row is None else _of(row)


def newest(live: Store, *kinds: str) -> Task | None:
    """The newest of these kinds; None when there was none since the machine started."""
    marks = ",".join("?" * len(kinds))
    with live.read() as db:
        row = db.execute(f"{SELECT} WHERE kind IN ({marks}) ORDER BY id DESC LIMIT 1", kinds).fetchone()
    return None if row is None else _of(row)


def under_way(it: Opened) -> list[Task]:
    """What is being done or waits for it, oldest first."""
    with it.live.read() as db:
        rows = db.execute(
            f"{SELECT} WHERE state='running' OR (state='wanted' AND until_s > ?) ORDER BY id", (it.clock.boottime_s(),)
        ).fetchall()
    return [_of(row) for row in rows]


def age_s(it: Opened, task: Task) -> float:
    """How long ago it was asked for."""
    return max(0.0, it.clock.boottime_s() - (task.until_s - WANTED_S * it.clock.speed))


# The core's side ---------------------------------------------------------------------------------


def claim(it: Opened, *kinds: str) -> tuple[Task, str] | None:
    """Take the oldest that is wanted (of these kinds, if any are named), with its secret. Raises StoreError."""
    now_s = it.clock.boottime_s()
    with it.live.read() as db:
        rows = db.execute(
            "SELECT id, kind, sealed FROM machine_tasks WHERE state='wanted' AND until_s > ? ORDER BY id", (now_s,)
        ).fetchall()
    row = next((one for one in rows if not kinds or one[1] in kinds), None)
    if row is None:
        return None
    number, kind, sealed = row
    with it.live.write() as db:
        db.execute("UPDATE machine_tasks SET state='running', sealed=NULL WHERE id=? AND state='wanted'", (number,))
        if db.changes() != 1:
            return None
    task = look(it.live, number)
    assert task is not None  # noqa: S101 - claimed just now, and only the core forgets
    return task, it.key().unseal(PURPOSE, sealed, bound_to=kind) if sealed is not None else ""


def tell(live: Store, number: int, stage: str, percent: int | None = None) -> None:
    """Say how far it is."""
    with live.write() as db:
        db.execute(
            "UPDATE machine_tasks SET stage=?, percent=? WHERE id=? AND state='running'", (stage, percent, number)
        )


def end(live: Store, number: int, result: Mapping[str, Any]) -> None:
    """Say that it is done, and what came of it."""
    with live.write() as db:
        db.execute(
            "UPDATE machine_tasks SET state='done', stage='', result=? WHERE id=? AND state='running'",
            (json.dumps(result, default=str), number),
        )


def fail(live: Store, number: int, message: str, values: Mapping[str, object]) -> None:
    """Say why it was not done."""
    with live.write() as db:
        db.execute(
            "UPDATE machine_tasks SET state='failed', stage='', message=?, fields=? WHERE id=? AND state='running'",
            (message, json.dumps(values, default=str), number),
        )


def leave_old(live: Store) -> None:
    """What a core that is gone was doing has failed."""
    with live.write(ring=False) as db:
        db.execute(
            "UPDATE machine_tasks SET state='failed', stage='', message=?, sealed=NULL WHERE state='running'", (LEFT,)
        )
