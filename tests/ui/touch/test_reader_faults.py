"""A reader that is pulled is said on the touchscreen, where PINs go on working: real terminals, a serial reader."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from appliance import audit, faults
from appliance.charging import identifications, points, readers
from appliance.charging.terminals import Equipment, Terminals
from drivers.feedback import GpioFeedback
from drivers.interfaces import Reader
from drivers.readers import kinds, watched
from drivers.readers.address import parse_url
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch

PIN = "#265848"  # without a 1, which also stands on the bell
supervise = partial(watched.supervise, limits=watched.Limits(pauses_s=(0.05,)))


def no_lines() -> object:
    raise AssertionError("a serial reader needs no lines")


def no_lamps(_spec: str) -> GpioFeedback:
    raise AssertionError("there are no lamps")


def attended(house: House, case: Callable[[], Awaitable[None]]) -> None:
    """Run a case while the readers are attended as the core does it."""

    async def whole() -> None:
        def build(url: str) -> Reader:
            return kinds.driver(parse_url(url), no_lines)

        equipment = Equipment(build, no_lamps, lambda _url: None, supervise)
        task = asyncio.create_task(Terminals(house.it, equipment).run())
        try:
            await case()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(whole())


def test_a_pulled_reader_is_said_until_it_is_back_and_a_pin_works_meanwhile(
    house: House, touch: Touch, tmp_path: Path
) -> None:
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")
    port, point = tmp_path / "ttyUSB0", points.all(house.it.store)[0]
    readers.add(house.it.store, house.clock, "Hall", f"serial:{port}", [point.id], actor=audit.CLI)
    identifications.add(
        house.it.store, house.it.key(), house.clock, 1, type="pin", code=PIN, active=True, actor=audit.CLI
    )
    master, slave = os.openpty()
    tty.setraw(slave)

    async def case() -> None:
        await until(lambda: bool(faults.active(house.it.live)))
        await asyncio.to_thread(touch.see, f"The reader {port} is not there")
        await asyncio.to_thread(touch.enter, PIN)
        await asyncio.to_thread(touch.see, "Released: waiting for the car")
        port.symlink_to(os.ttyname(slave))
        await until(lambda: not faults.active(house.it.live))

    attended(house, case)
    touch.not_see("is not there")
    os.close(master)
    os.close(slave)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)
