"""A long history is made beside the core: whole or not at all, followed, kept for a while."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest

from appliance import audit
from appliance.metering import exporting, meters, slots
from appliance.metering.exporting import Exporter
from appliance.metering.slots import Slot
from appliance.opened import Opened
from appliance.store.database import Store
from appliance.system import factory, tasks
from appliance.system.tasks import Task
from tests.patience import until

BEGIN, DAYS = datetime(2026, 11, 1, 0, 0, tzinfo=UTC), 10
ASKED = ["--meter", "1", "--from", "2026-11-01", "--to", "2026-11-10", "--step", "quarter", "--title=Grid"]
ACTOR = audit.Actor("admin", "anna")


@pytest.fixture(autouse=True)
def measured(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days of quarter hours."""
    monkeypatch.setenv("WATTWARD_RUN", str(opened.home.run))
    meters.add(opened.store, opened.clock, name="Grid", model="m", url="tcp://x:1", unit=1, role="grid", actor=ACTOR)
    first_s = slots.start_of(BEGIN)
    with opened.store.write() as db:
        kept = [Slot(1, first_s + i * 900, 100, 0, 0, 0, 300, 400, 500, 900, gap=False) for i in range(DAYS * 96)]
        slots.save(db, kept)


def worked(it: Opened, over: Callable[[], object]) -> None:
    """Let an exporter work until something is so."""

    async def work() -> None:
        exporter = Exporter(it)
        running = asyncio.ensure_future(exporter.run())
        try:
            await until(lambda: over() or running.done())
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())


def made(it: Opened, *asked: str) -> Task:
    """Ask for a file and have it made."""
    number = exporting.ask(it, ACTOR, [*ASKED, *asked])
    worked(it, lambda: (task := tasks.look(it.live, number)) is not None and task.over)
    found = tasks.look(it.live, number)
    assert found is not None
    return found


@pytest.mark.parametrize(("kind", "separator"), [("csv", ","), ("excel", ";")])
def test_csv_comes_packed_and_whole(opened: Opened, kind: str, separator: str) -> None:
    task = made(opened, "--format", kind, "--name", "grid")
    path = exporting.file(opened.home, task)
    assert path is not None, task.message
    assert (path.name, task.result["size_bytes"]) == ("grid.zip", path.stat().st_size)
    with zipfile.ZipFile(path) as bundle:
        assert (bundle.namelist(), bundle.testzip()) == (["grid.csv"], None)
        text = bundle.read("grid.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    assert len(rows) == 1 + DAYS * 96 - 4  # local days begin an hour before those of UTC
    assert {row[rows[0].index("import_wh")] for row in rows[1:]} == {"100"}


def test_a_workbook_is_one(opened: Opened) -> None:
    path = exporting.file(opened.home, made(opened, "--format", "xlsx"))
    assert path is not None
    sheet = openpyxl.load_workbook(path).active
    assert (sheet.title, sheet.max_row) == ("Grid", 1 + DAYS * 96 - 4)
    assert [one.name for one in path.parent.iterdir()] == [path.name]  # nothing half made beside it


def test_how_far_it_is_is_told_and_it_is_noted(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    real = tasks.tell

    def tell(live: Store, number: int, stage: str, percent: int) -> None:
        told.append(percent)
        real(live, number, stage, percent)

    monkeypatch.setattr(tasks, "tell", tell)
    task = made(opened)
    assert told == sorted(told) and told[-1] == 99
    assert (task.state, task.percent) == ("done", 99)
    with opened.store.read() as db:
        assert db.execute("SELECT surface, actor FROM audit WHERE event='history.export'").fetchall() == [
            ("admin", "anna")
        ]


def test_the_program_s_sentence_is_the_reason_and_nothing_is_left(opened: Opened) -> None:
    task = made(opened, "--from", "yesterday")
    assert task.state == "failed"
    assert "2026-11-21" in str(task.values["detail"])
    assert list(exporting.folder(opened.home).iterdir()) == []
    assert made(opened).state == "done"  # the next one is made


def test_a_full_card_is_said(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    exporting.folder(opened.home).write_text("no folder")
    task = made(opened)
    assert (task.state, exporting.file(opened.home, task)) == ("failed", None)


def test_what_takes_for_ever_is_ended(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PROGRAM", (sys.executable, "-c", "import time; time.sleep(600)"))
    monkeypatch.setattr(exporting, "PATIENCE_S", 0.1)
    assert made(opened).values == {"detail": "it took too long"}


def test_only_the_newest_three_are_kept(opened: Opened) -> None:
    done = [made(opened) for _ in range(5)]
    assert [exporting.file(opened.home, task) is not None for task in done] == [False, False, True, True, True]


def test_files_nobody_knows_any_more_go_at_the_start(opened: Opened) -> None:
    kept = made(opened)
    stray = exporting.folder(opened.home) / "99"
    stray.mkdir()
    (stray / "old.zip").write_text("of before the power cut")
    worked(opened, lambda: not stray.exists())
    assert exporting.file(opened.home, kept) is not None


def test_a_stopped_core_leaves_no_program_behind(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = opened.home.run / "began"
    program = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    monkeypatch.setattr(exporting, "PROGRAM", (sys.executable, "-c", program))
    number = exporting.ask(opened, ACTOR, ASKED)
    worked(opened, mark.exists)
    tasks.leave_old(opened.live)  # the next core's first act
    found = tasks.look(opened.live, number)
    assert found is not None and found.state == "failed"
    worked(opened, lambda: not list(exporting.folder(opened.home).iterdir()))


def test_a_machine_s_task_is_none_of_ours(opened: Opened) -> None:
    factory_reset = tasks.ask(opened, ACTOR, factory.KIND)
    made(opened)
    found = tasks.look(opened.live, factory_reset)
    assert found is not None and found.state == "wanted"
    assert exporting.file(opened.home, found) is None
