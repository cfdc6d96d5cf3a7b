"""The press: a job wishes, a process of its own delivers, and what hangs is ended."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from appliance import clock
from appliance.backup import wishes
from appliance.billing import deliveries, press
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, Bench
from tests.patience import until

HANGING = "import os, time, pathlib; pathlib.Path({mark!r}).write_text(str(os.getpid())); time.sleep(60)"


@pytest.fixture
def monthly(bench: Bench) -> Bench:
    """Something is due."""
    settings.put(bench.opened.store, bench.clock.now(), ACTOR, "report.monthly", "on")
    bench.session()
    bench.clock.advance(12 * 86400)
    return bench


def test_the_job_wishes_only_for_what_is_due(bench: Bench) -> None:
    assert press.wish_if_due(bench.opened) is False
    assert wishes.find(bench.opened.store, press.REPORT) is None


def test_what_is_due_becomes_one_wish(monthly: Bench) -> None:
    assert press.wish_if_due(monthly.opened) and press.wish_if_due(monthly.opened)
    assert wishes.due(monthly.opened.store, press.REPORT)


def test_the_job_is_in_the_plan_of_the_core(monthly: Bench) -> None:
    planner = BackgroundScheduler()
    press.plan(planner, monthly.opened)
    (job,) = planner.get_jobs()
    job.func(*job.args)
    assert wishes.due(monthly.opened.store, press.REPORT)


def test_a_process_of_its_own_delivers_and_writes_the_outcome(monthly: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    press.wish_if_due(monthly.opened)
    now = monthly.clock.now()
    real = clock.SystemClock()
    monkeypatch.setenv("WATTWARD_CLOCK", f"1;{now.timestamp()};{real.boottime_s()}")
    assert asyncio.run(press.start(monthly.opened))
    done = wishes.find(monthly.opened.store, press.REPORT)
    assert done is not None and done.done and done.outcome == wishes.OK
    assert [(one.month, one.outcome) for one in deliveries.all(monthly.opened.store)] == [("2026-11", "ok")]
    (file, *_) = (monthly.opened.home.root / "reports" / "2026-11").glob("*.pdf")
    assert file.read_bytes().startswith(b"%PDF")


def test_a_program_that_fails_or_hangs_is_said_and_gone(
    monthly: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "press"
    monkeypatch.setattr(press, "PROGRAM", (sys.executable, str(program)))
    program.write_text("raise SystemExit(3)")
    assert not asyncio.run(press.start(monthly.opened))
    mark = tmp_path / "pid"
    program.write_text(HANGING.format(mark=str(mark)))
    monkeypatch.setattr(press, "PATIENCE_S", 1.0)
    assert not asyncio.run(press.start(monthly.opened))
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_a_core_that_ends_takes_the_program_along(
    monthly: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark, program = tmp_path / "pid", tmp_path / "press"
    program.write_text(HANGING.format(mark=str(mark)))
    monkeypatch.setattr(press, "PROGRAM", (sys.executable, str(program)))
    press.wish_if_due(monthly.opened)

    async def core() -> None:
        working = asyncio.create_task(press.run(monthly.opened))
        while not (mark.exists() and mark.read_text()):
            await asyncio.sleep(0.02)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await until(lambda: not Path(f"/proc/{mark.read_text()}/exe").exists())

    asyncio.run(core())
