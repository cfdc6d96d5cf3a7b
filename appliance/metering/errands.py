"""What somebody wants the core to look at, because only the core may talk on a line it reads meters on.

1. A surface writes a row and keeps wanting it: it moves `until_s` on while it
waits. 2. The core is woken, claims the row by one UPDATE that changes one row,
and works. 3. It writes how far it is and what it finds; when nobody wants it
any more (`until_s` has passed, or the row was cancelled) that write changes no
row and the work ends. So nothing goes on for somebody who has left, and a
restarted core does not take up what its predecessor left half done.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from appliance import clock, errors
from appliance.store.database import Store
from appliance.waker import Waker
from drivers.interfaces import DriverError

log = logging.getLogger("wattward.errands")

WANTED_S = 15.0  # how long a wish holds without being renewed; a browser asks every second or two
OVER = ("done", "failed", "cancelled")  # states in which nothing more will come
KEPT_S = 600.0  # how long results can be looked at
LOOK_S = 1.0  # a lost ring does no harm


@dataclass(frozen=True, slots=True)
class Step:
    """How far the core is with an errand, and what it found just now."""

    progress: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """What became of a wish so far."""

    id: int
    kind: str
    wanted: Mapping[str, Any]
    state: str  # 'wanted', 'running' or one of OVER
    progress: Mapping[str, Any]
    results: tuple[Mapping[str, Any], ...]
    message: str  # why it failed: English with {placeholders}
    values: Mapping[str, object]

    @property
    def over(self) -> bool:
        """Tell whether nothing more will come."""
        return self.state in OVER


Work = Callable[[Mapping[str, Any]], AsyncGenerator[Step, None]]


def ask(live: Store, when: clock.Clock, kind: str, wanted: Mapping[str, Any]) -> int:
    """Want something looked at; return its number."""
    now_s = when.boottime_s()
    with live.write() as db:
        for table, column in (("errand_results", "errand_id"), ("errands", "id")):
            db.execute(
                f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM errands WHERE until_s < ?)",  # noqa: S608 - fixed names
                (now_s - KEPT_S * when.speed,),
            )
        db.execute(
            "INSERT INTO errands (kind, wanted, until_s, state) VALUES (?,?,?,'wanted')",
            (kind, json.dumps(wanted), now_s + WANTED_S * when.speed),
        )
        return db.last_insert_rowid()


def look(live: Store, number: int) -> Errand | None:
    """What became of it; None when it is no longer known."""
    with live.read() as db:
        row = db.execute(
            "SELECT kind, wanted, state, progress, message, fields FROM errands WHERE id=?", (number,)
        ).fetchone()
        if row is None:
            return None
        found = db.execute("SELECT result FROM errand_results WHERE errand_id=? ORDER BY number", (number,)).fetchall()
    kind, wanted, state, progress, message, fields = row
    results = tuple(json.loads(text) for (text,) in found)
    return Errand(number, kind, json.loads(wanted), state, json.loads(progress), results, message, json.loads(fields))


def want_on(live: Store, when: clock.Clock, number: int) -> None:
    """Still want it. Rings no bell."""
    with live.write(ring=False) as db:
        db.execute(
            "UPDATE errands SET until_s=? WHERE id=? AND state IN ('wanted', 'running')",
            (when.boottime_s() + WANTED_S * when.speed, number),
        )


def cancel(live: Store, number: int) -> None:
    """Want it no more; what was found stays."""
    with live.write() as db:
        db.execute("UPDATE errands SET state='cancelled' WHERE id=? AND state IN ('wanted', 'running')", (number,))


class Runner:
    """The core's side."""

    def __init__(self, live: Store, when: clock.Clock, works: Mapping[str, Work]) -> None:
        self._live = live
        self._clock = when
        self._works = works
        self._waker = Waker()

    def wake(self) -> None:
        """Say that something may be wanted."""
        self._waker.wake()

    async def run(self) -> None:
        """Do what is wanted, several at a time, until cancelled."""
        self._leave_old()
        async with asyncio.TaskGroup() as group:
            while True:
                for number, kind, wanted in self._claim():
                    group.create_task(self._do(number, kind, wanted))
                await self._waker.sleep(LOOK_S)

    def _leave_old(self) -> None:
        """What a core that is gone was doing is not done any more."""
        try:
            with self._live.write(ring=False) as db:
                db.execute("UPDATE errands SET state='cancelled' WHERE state='running'")
        except errors.StoreError as error:
            log.warning("%s", error)

    def _claim(self) -> list[tuple[int, str, Mapping[str, Any]]]:
        """Take what is wanted, each once."""
        claimed = []
        try:
            now_s = self._clock.boottime_s()
            with self._live.read() as db:
                rows = db.execute(
                    "SELECT id, kind, wanted FROM errands WHERE state='wanted' AND until_s > ?", (now_s,)
                ).fetchall()
            for number, kind, wanted in rows:
                with self._live.write(ring=False) as db:
                    db.execute(
                        "UPDATE errands SET state='running' WHERE id=? AND state='wanted' AND until_s > ?",
                        (number, now_s),
                    )
                    if db.changes() == 1:
                        claimed.append((number, kind, json.loads(wanted)))
        except errors.StoreError as error:
            log.warning("%s", error)
        return claimed

    async def _do(self, number: int, kind: str, wanted: Mapping[str, Any]) -> None:
        """Work until it is done, fails, or nobody wants it any more."""
        try:
            try:
                async with aclosing(self._works[kind](wanted)) as steps:
                    found = 0
                    async for step in steps:
                        if not self._tell(number, found, step):
                            return
                        found += step.result is not None
                self._end(number, "done")
            except DriverError as error:
                self._end(number, "failed", error.message, error.values)
        except errors.StoreError as error:
            log.warning("%s", error)

    def _tell(self, number: int, found: int, step: Step) -> bool:
        """Write how far it is; tell whether somebody still wants it."""
        with self._live.write(ring=step.result is not None) as db:
            db.execute(
                "UPDATE errands SET progress=? WHERE id=? AND state='running' AND until_s > ?",
                (json.dumps(step.progress), number, self._clock.boottime_s()),
            )
            if db.changes() != 1:
                db.execute("UPDATE errands SET state='cancelled' WHERE id=? AND state='running'", (number,))
                return False
            if step.result is not None:
                db.execute("INSERT INTO errand_results VALUES (?,?,?)", (number, found, json.dumps(step.result)))
        return True

    def _end(self, number: int, state: str, message: str = "", values: Mapping[str, object] | None = None) -> None:
        with self._live.write() as db:
            db.execute(
                "UPDATE errands SET state=?, message=?, fields=? WHERE id=? AND state='running'",
                (state, message, json.dumps(values or {}, default=str), number),
            )
