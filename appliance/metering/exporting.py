"""A long history as a file, made beside the core by the program of paper, which says how far it is.

1. A surface asks for a task. 2. The core takes it up, one at a time, and starts
`python -m ui.paper history` in a folder that has the task's number. 3. The file
lies there until three newer ones are made, or nobody knows its task any more
after a start of the machine. A file that is not whole is never left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sys
from pathlib import Path

from appliance import audit, errors
from appliance.config import Home
from appliance.errors import N_, WattwardError
from appliance.opened import Opened
from appliance.system import tasks
from appliance.system.tasks import Task
from appliance.waker import Waker

log = logging.getLogger("wattward.exporting")

KIND = "export"
KEPT = 3
TURN_S = 5.0  # a lost ring does no harm
PATIENCE_S = 2 * 3600.0
PROGRAM = (sys.executable, "-m", "ui.paper")
WRITING = N_("Writing the file")


class ExportFailed(WattwardError):
    """The file could not be made. The message says why."""


def ask(it: Opened, actor: audit.Actor, asked: list[str]) -> int:
    """Want a file; `asked` are options of `python -m ui.paper history`. Raises Refused while another is made."""
    return tasks.ask(it, actor, KIND, asked=asked)


def folder(home: Home) -> Path:
    """Where the files lie, each in a folder with the number of its task."""
    return home.root / "exports"


def file(home: Home, task: Task) -> Path | None:
    """The file a task made; None while there is none, or no longer."""
    if task.kind != KIND or task.state != "done":
        return None
    found = folder(home) / str(task.id) / str(task.result["name"])
    return found if found.is_file() else None


class Exporter:
    """One per core."""

    def __init__(self, it: Opened) -> None:
        self._it = it
        self._waker = Waker()

    def wake(self) -> None:
        """Say that something may be wanted."""
        self._waker.wake()

    async def run(self) -> None:
        """Make what is wanted until cancelled; a program in flight is ended with us."""
        with contextlib.suppress(errors.StoreError):
            _sweep(self._it, most=KEPT)
        while True:
            try:
                while claimed := tasks.claim(self._it, KIND):
                    await self._do(claimed[0])
            except errors.StoreError as error:
                log.warning("%s", error)
            await self._waker.sleep(TURN_S)

    async def _do(self, task: Task) -> None:
        try:
            _sweep(self._it, most=KEPT - 1, besides=task.id)
            made = await self._make(task)
            with self._it.store.write() as db:
                audit.record(db, self._it.clock.now(), task.by, "history.export", made.name)
            tasks.end(self._it.live, task.id, {"name": made.name, "size_bytes": made.stat().st_size})
        except WattwardError as error:
            log.info("%s", error)
            _forget(self._it.home, task.id)
            tasks.fail(self._it.live, task.id, error.message, error.values)

    async def _make(self, task: Task) -> Path:
        """Have the file written. Raises ExportFailed."""
        home, place = self._it.home, folder(self._it.home) / str(task.id)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportFailed(N_("The file could not be made: {detail}"), detail=error.strerror or error) from error
        child = await asyncio.create_subprocess_exec(
            *PROGRAM, "--home", str(home.root), "history", *task.wanted["asked"], "--progress", "--output", str(place),
            env=os.environ | {"WATTWARD_RUN": str(home.run)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE_S):
                said, _ = await asyncio.gather(_last_line(child.stderr), self._follow(task, child.stdout))
                code = await child.wait()
        except TimeoutError:
            raise ExportFailed(N_("The file could not be made: {detail}"), detail="it took too long") from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        made = next(iter(place.glob("*")), None)
        if code or made is None:
            raise ExportFailed(N_("The file could not be made: {detail}"), detail=said or "?")
        return made

    async def _follow(self, task: Task, told: asyncio.StreamReader | None) -> None:
        """Pass on each percent."""
        assert told is not None  # noqa: S101 - it is a pipe
        async for line in told:
            with contextlib.suppress(ValueError):
                tasks.tell(self._it.live, task.id, WRITING, int(line))


async def _last_line(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None  # noqa: S101 - it is a pipe
    lines = (await stream.read()).decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _sweep(it: Opened, *, most: int, besides: int = 0) -> None:
    """Keep the newest files whose task is still known as done."""
    found = sorted(int(one.name) for one in folder(it.home).glob("*") if one.name.isdecimal())
    known = [one for one in found if (task := tasks.look(it.live, one)) is not None and file(it.home, task) is not None]
    for number in set(found) - set(known[-most:]) - {besides}:
        _forget(it.home, number)


def _forget(home: Home, number: int) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(folder(home) / str(number))
