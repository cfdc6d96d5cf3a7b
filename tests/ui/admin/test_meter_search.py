"""A search for meters in a real browser: it begins, shows what is found by itself, and leads to the filled form."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator

import pytest
from playwright.sync_api import expect

from appliance import heartbeat
from appliance.metering import inspections, meters, models, scans
from appliance.metering.errands import Runner
from appliance.opened import Opened, open_home
from drivers.interfaces import Candidate, Found, Inspection, MeterModel, RawPoint, ScanStep, ScanWanted
from tests.ui.admin.conftest import Open, Served

SUNSPEC = MeterModel("sunspec", "SunSpec", "any meter", ("tcp", "rtu", "rtutcp"), 1)
FOUND = Found("tcp://192.0.2.7:502", 3, "Example 3", (Candidate("sunspec", "Example 3", "identified", True, {}),))


async def scan(wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
    for unit in range(1, 40):
        await asyncio.sleep(0.1)
        yield ScanStep(unit, 39, wanted.url, unit, FOUND if unit == 3 else None)


async def inspect(_model: str, _url: str, _unit: int) -> Inspection:
    await asyncio.sleep(0.5)
    return Inspection("Example 3", (RawPoint("power_w", 3, 40088, (0x0ABC,), 2748.0),), 1, 0.04)


async def work(opened: Opened, ended: threading.Event) -> None:
    """What of the core these pages need."""
    runner = Runner(
        opened.live, opened.clock, {scans.KIND: scans.work(scan), inspections.KIND: inspections.work(inspect)}
    )
    task = asyncio.create_task(runner.run())
    while not ended.is_set():
        heartbeat.beat(opened.live, "core", opened.clock)
        runner.wake()
        await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def with_core(served: Served) -> Iterator[Served]:
    """An appliance whose password is set, whose window is open and whose core looks at lines."""
    served.set_password()
    mine = open_home(served.opened.home, served.opened.clock)
    heartbeat.begin(mine.live, "core", mine.clock)
    models.publish(mine.live, [SUNSPEC])
    ended = threading.Event()
    core = threading.Thread(target=lambda: asyncio.run(work(mine, ended)))
    core.start()
    served.enable()
    yield served
    ended.set()
    core.join()


def test_what_a_search_finds_appears_by_itself_and_is_set_up_with_two_clicks(with_core: Served, visit: Open) -> None:
    it = visit()
    it.sign_in()
    it.go("/configuration/meters")
    it.page.get_by_role("link", name="Search").click()
    it.page.fill("#url", "tcp://192.0.2.7:502")
    it.page.click("main form button[type=submit]")
    expect(it.page.get_by_role("progressbar")).to_be_visible()
    expect(it.page.get_by_text("identified")).to_be_visible(timeout=10_000)
    it.page.get_by_role("button", name="Stop").click()
    expect(it.page.get_by_text("The search was stopped.")).to_be_visible()
    it.page.get_by_role("link", name="Set up: Example 3").click()
    expect(it.page.locator("#unit")).to_have_value("3")
    expect(it.page.locator("#model")).to_have_value("sunspec")
    it.page.fill("#name", "House")
    it.page.click("main form button[type=submit]")
    expect(it.page.get_by_role("heading", name="House")).to_be_visible()
    assert meters.find(with_core.opened.store, "House").url == "tcp://192.0.2.7:502"
    it.page.get_by_role("button", name="Read the registers").click()
    expect(it.page.get_by_text("0ABC")).to_be_visible(timeout=10_000)
    assert it.complaints == [] and it.foreign() == []
