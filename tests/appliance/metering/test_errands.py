"""What the core looks at for others: claimed once, told step by step, ended when nobody wants it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from appliance import heartbeat
from appliance.errors import BadInput, NotFound, Refused
from appliance.metering import errands, inspections, scans
from appliance.metering.errands import Runner, Step
from appliance.metering.meters import Meter
from appliance.opened import Opened
from drivers.interfaces import Candidate, DriverError, Found, Inspection, RawPoint, ScanStep, ScanWanted
from tests.fake_clock import FakeClock

FOUND = Found(
    "tcp://192.0.2.7:502", 3, "Example 3", (Candidate("sunspec", "Example", "identified", True, {"power_w": 5.0}),)
)


def run(opened: Opened, works: Mapping[str, errands.Work], until: int, turns: int = 400) -> None:
    """Let a core's runner work until errand `until` is over."""

    async def work() -> None:
        runner = Runner(opened.live, opened.clock, works)
        task = asyncio.create_task(runner.run())
        for _ in range(turns):
            await asyncio.sleep(0.005)
            runner.wake()
            errand = errands.look(opened.live, until)
            if task.done() or errand is None or errand.over:
                break
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(work())


async def three(_wanted: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
    for number in range(3):
        yield Step({"done": number}, {"number": number})


def test_what_is_wanted_is_done_once_and_its_results_stay(opened: Opened) -> None:
    asked: list[object] = []

    async def note(wanted: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        asked.append(wanted)
        async for step in three(wanted):
            yield step

    number = errands.ask(opened.live, opened.clock, "scan", {"url": "x"})
    run(opened, {"scan": note}, number)
    run(opened, {"scan": note}, number)
    errand = errands.look(opened.live, number)
    assert errand is not None and errand.state == "done" and errand.progress == {"done": 2}
    assert [result["number"] for result in errand.results] == [0, 1, 2]
    assert asked == [{"url": "x"}]


def test_a_wish_that_has_expired_is_not_taken_up(opened: Opened, clock: FakeClock) -> None:
    number = errands.ask(opened.live, clock, "scan", {})
    clock.advance(errands.WANTED_S + 1)
    run(opened, {"scan": three}, number, turns=10)
    errand = errands.look(opened.live, number)
    assert errand is not None and errand.state == "wanted" and errand.results == ()


def endless(ended: list[bool], step_s: float = 0.002) -> errands.Work:
    async def work(_wanted: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        try:
            while True:
                await asyncio.sleep(step_s)
                yield Step({"done": 1})
        finally:
            ended.append(True)

    return work


def test_nobody_wants_it_any_more_so_it_ends(opened: Opened, clock: FakeClock) -> None:
    ended: list[bool] = []
    number = errands.ask(opened.live, clock, "scan", {})

    async def work() -> None:
        runner = Runner(opened.live, clock, {"scan": endless(ended)})
        task = asyncio.create_task(runner.run())
        await asyncio.sleep(0.05)
        clock.advance(errands.WANTED_S - 1)
        errands.want_on(opened.live, clock, number)
        clock.advance(errands.WANTED_S - 1)
        await asyncio.sleep(0.05)
        assert not ended  # it was wanted on
        clock.advance(2)
        await asyncio.sleep(0.05)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(work())
    errand = errands.look(opened.live, number)
    assert ended == [True] and errand is not None and errand.state == "cancelled"


def test_a_cancelled_errand_ends_and_keeps_what_was_found(opened: Opened) -> None:
    ended: list[bool] = []

    async def work(wanted: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        yield Step({}, {"number": 7})
        errands.cancel(opened.live, number)
        try:
            yield Step({}, {"number": 8})
        finally:
            ended.append(True)

    number = errands.ask(opened.live, opened.clock, "scan", {})
    run(opened, {"scan": work}, number, turns=30)
    errand = errands.look(opened.live, number)
    assert errand is not None and errand.state == "cancelled" and ended == [True]
    assert [result["number"] for result in errand.results] == [7]


def test_a_drivers_fault_is_told_with_its_sentence(opened: Opened) -> None:
    async def work(_wanted: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        raise DriverError("unreachable", "Nothing answers at {address}.", address="192.0.2.7")
        yield Step()

    number = errands.ask(opened.live, opened.clock, "scan", {})
    run(opened, {"scan": work}, number)
    errand = errands.look(opened.live, number)
    assert errand is not None and errand.state == "failed"
    assert errand.message.format(**errand.values) == "Nothing answers at 192.0.2.7."


def test_a_restarted_core_does_not_go_on_with_what_its_predecessor_left(opened: Opened) -> None:
    number = errands.ask(opened.live, opened.clock, "scan", {})
    with opened.live.write() as db:
        db.execute("UPDATE errands SET state='running'")
    run(opened, {"scan": three}, number)
    errand = errands.look(opened.live, number)
    assert errand is not None and errand.state == "cancelled" and errand.results == ()


def test_old_errands_are_forgotten(opened: Opened, clock: FakeClock) -> None:
    first = errands.ask(opened.live, clock, "scan", {})
    run(opened, {"scan": three}, first)
    clock.advance(errands.KEPT_S + errands.WANTED_S + 1)
    errands.ask(opened.live, clock, "scan", {})
    assert errands.look(opened.live, first) is None
    with opened.live.read() as db:
        assert db.execute("SELECT count(*) FROM errand_results").get == 0


def test_a_scan_goes_through_the_core_and_comes_back_whole(opened: Opened) -> None:
    heartbeat.begin(opened.live, "core", opened.clock)
    asked: list[ScanWanted] = []

    async def scan(wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
        asked.append(wanted)
        yield ScanStep(1, 5, wanted.url, 2, noise=True)
        yield ScanStep(2, 5, wanted.url, 3, FOUND)

    wanted = scans.wanted("tcp://192.0.2.7", "1-3,9", "9600, 19200", "n,E", 0.2)
    number = scans.begin(opened, wanted)
    assert scans.look(opened, number).state == "wanted"
    run(opened, {scans.KIND: scans.work(scan)}, number)
    found = scans.look(opened, number)
    assert asked == [wanted] == [ScanWanted("tcp://192.0.2.7", (1, 2, 3, 9), (9600, 19200), ("N", "E"), 0.2)]
    assert (found.state, found.found, found.noise, found.over) == ("done", (FOUND,), True, True)
    assert found.step is not None and (found.step.done, found.step.total, found.step.unit) == (2, 5, 3)
    with pytest.raises(NotFound):
        scans.look(opened, number + 1)


def test_without_a_core_a_surface_is_told(opened: Opened) -> None:
    with pytest.raises(Refused, match="core does not run"):
        scans.begin(opened, scans.wanted("tcp://192.0.2.7"))
    with pytest.raises(Refused, match="core does not run"):
        inspections.begin(opened, Meter(1, "Grid", "sunspec", "tcp://192.0.2.7", 1, "grid", 1.0, False))


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("",), "url"),
        (("tcp://h", "0x10"), "units"),
        (("tcp://h", "5-2"), "units"),
        (("tcp://h", "1-300"), "units"),
        (("tcp://h", "-3"), "units"),
        (("tcp://h", "1" * 5000), "units"),
        (("tcp://h", "", "9" * 5000), "bauds"),
        (("tcp://h", "", "fast"), "bauds"),
        (("tcp://h", "", "", "", -1.0), "timeout"),
    ],
)
def test_what_cannot_be_scanned_is_refused_at_its_field(words: tuple[Any, ...], field: str) -> None:
    with pytest.raises(BadInput) as raised:
        scans.wanted(*words)
    assert raised.value.field == field


def test_a_find_that_is_set_up_already_is_known() -> None:
    meter = Meter(4, "Roof", "sunspec", "rtu:///dev/ttyUSB0?baud=9600&parity=N", 3, "pv", 1.0, False)
    other = Found("rtu:///dev/ttyUSB0?baud=9600&parity=E", 3, "")
    assert scans.known(other, [meter]) is meter
    assert scans.known(FOUND, [meter]) is None


def test_the_line_that_sets_a_find_up_can_be_pasted() -> None:
    found = Found("rtu:///dev/ttyUSB0?baud=9600&parity=N", 3, "")
    line = scans.command(found, FOUND.candidates[0])
    assert "'rtu:///dev/ttyUSB0?baud=9600&parity=N'" in line and line.endswith("--unit 3 --role grid")


def test_an_inspection_goes_through_the_core_and_comes_back_whole(opened: Opened) -> None:
    heartbeat.begin(opened.live, "core", opened.clock)
    seen = Inspection(
        "Example 3", (RawPoint("power_w", 3, 40088, (0xFFFF,), -1.0), RawPoint("import_wh", 4, 7, (), None)), 1, 0.02
    )

    async def inspect(model: str, url: str, unit: int) -> Inspection:
        assert (model, url, unit) == ("sunspec", "tcp://192.0.2.7", 1)
        return seen

    meter = Meter(1, "Grid", "sunspec", "tcp://192.0.2.7", 1, "grid", 1.0, False)
    number = inspections.begin(opened, meter)
    assert inspections.look(opened, number)[1] is None
    run(opened, {inspections.KIND: inspections.work(inspect)}, number)
    errand, found = inspections.look(opened, number)
    assert errand is not None and errand.state == "done" and found == seen
