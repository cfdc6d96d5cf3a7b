"""A reader is kept reading whatever happens, and everything is told once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError, Presented
from drivers.readers import faults
from drivers.readers.watched import Limits, Visitors, supervise
from tests.drivers.readers import benches
from tests.patience import PATIENCE_S

QUICK = Limits(open_s=0.2, pauses_s=(0.001, 0.01), held_s=2, garbled=3, garbled_s=0.15, crowd=6, crowd_s=10)
Happening = Presented | DriverError


class Scripted:
    """A reader that does what the test says."""

    def __init__(self) -> None:
        self.happens: asyncio.Queue[Happening] = asyncio.Queue()
        self.refusal: DriverError | None = None
        self.hangs = False
        self.opened = self.closed = 0

    async def open(self) -> None:
        self.opened += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.refusal is not None:
            raise self.refusal

    async def next(self) -> Presented:
        found = await self.happens.get()
        if isinstance(found, DriverError):
            raise found
        return found

    async def close(self) -> None:
        self.closed += 1

    def show(self, code: str, at_s: float, kind: str = "rfid") -> None:
        """Somebody comes at a time."""
        self.happens.put_nowait(Presented(code, kind, at_s))


class Heard:
    """What the core is told."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.faults: list[str | None] = []

    def presented(self, who: Presented) -> None:
        self.codes.append(who.code)

    def fault(self, error: DriverError | None) -> None:
        self.faults.append(None if error is None else error.code)


def watched(case: Callable[[Scripted, Heard], Awaitable[None]], limits: Limits = QUICK) -> None:
    """Run a case on a supervised reader."""

    async def whole() -> None:
        reader, heard = Scripted(), Heard()
        task = asyncio.create_task(supervise("Door", reader, heard.presented, heard.fault, limits))
        async with asyncio.timeout(PATIENCE_S):
            await case(reader, heard)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert reader.closed > 0, "the reader is closed in the end"

    asyncio.run(whole())


async def until(true: Callable[[], object]) -> None:
    """Wait for it."""
    while not true():
        await asyncio.sleep(0.002)


def test_who_comes_is_handed_on_and_a_well_reader_is_nothing_to_tell() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        reader.show("AA", 1)
        reader.show("BB", 2)
        await until(lambda: heard.codes == ["AA", "BB"])
        assert heard.faults == [] and reader.opened == 1

    watched(case)


def test_a_card_that_is_held_counts_once_and_again_after_it_was_away() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for tenth in range(50):
            reader.show("AA", tenth / 10)
        reader.show("AA", 4.9 + 1.99)
        reader.show("BB", 7)
        reader.show("AA", 4.9 + 1.99 + 2)
        await until(lambda: heard.codes == ["AA", "BB", "AA"])

    watched(case)


def test_two_cards_held_in_turn_count_once_each() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for tenth in range(20):
            reader.show("AA" if tenth % 2 else "BB", tenth / 10)
        reader.show("CC", 3)
        await until(lambda: heard.codes == ["BB", "AA", "CC"])

    watched(case)


def test_the_same_pin_typed_twice_is_two_pins() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        reader.show("1234", 1, "pin")
        reader.show("1234", 2, "pin")
        await until(lambda: heard.codes == ["1234", "1234"])

    watched(case)


@pytest.mark.parametrize("fault", [faults.unplugged("Door"), faults.silent("Door"), faults.unavailable("Door", "no")])
def test_a_failure_is_told_once_however_often_opening_fails_and_once_when_it_is_over(fault: DriverError) -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        reader.refusal = fault
        await until(lambda: reader.opened > 5)
        assert heard.faults == [fault.code]
        reader.refusal = None
        await until(lambda: len(heard.faults) == 2)
        reader.show("AA", 1)
        await until(lambda: heard.codes == ["AA"])
        assert heard.faults == [fault.code, None]

    watched(case)


def test_another_failure_meanwhile_is_news() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        reader.refusal = faults.unplugged("Door")
        await until(lambda: heard.faults == ["unplugged"])
        reader.refusal = faults.unavailable("Door", "busy")
        await until(lambda: heard.faults == ["unplugged", "unavailable"])

    watched(case)


def test_the_reader_is_closed_before_it_is_opened_again() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for number in range(3):
            reader.happens.put_nowait(faults.unplugged("Door"))
            while reader.opened < number + 2:
                await asyncio.sleep(0.002)
            assert reader.closed == number + 1

    watched(case)


def test_pauses_grow_and_are_short_again_after_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses_s = (0.011, 0.012, 0.013)
    paused: list[float] = []
    real_sleep = asyncio.sleep

    async def noted(for_s: float) -> None:
        if for_s in pauses_s:
            paused.append(for_s)
        await real_sleep(for_s)

    monkeypatch.setattr(asyncio, "sleep", noted)

    async def case(reader: Scripted, heard: Heard) -> None:
        for number in range(6):
            reader.happens.put_nowait(faults.unplugged("Door"))
            while reader.opened < number + 2:
                await asyncio.sleep(0.002)
            if number == 3:
                reader.show("AA", 1)
                await until(lambda: heard.codes == ["AA"])

    watched(case, Limits(pauses_s=pauses_s))
    assert paused == [0.011, 0.012, 0.013, 0.013, 0.011, 0.012]


def test_opening_that_never_ends_is_silence() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        reader.hangs = True
        await until(lambda: heard.faults == ["silent"])
        reader.hangs = False
        await until(lambda: heard.faults == ["silent", None])

    watched(case)


def test_a_broken_frame_now_and_then_is_nobodys_fault() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for _ in range(5):
            reader.happens.put_nowait(faults.garbled("Door", "parity"))
            await until(reader.happens.empty)
            await asyncio.sleep(0.09)
        reader.show("AA", 1)
        await until(lambda: heard.codes == ["AA"])
        assert heard.faults == [] and reader.opened == 1

    watched(case)


def test_garbage_is_a_fault_until_a_card_is_read() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for _ in range(3):
            reader.happens.put_nowait(faults.garbled("Door", "parity"))
        await until(lambda: reader.opened == 2)
        assert heard.faults == ["garbled"], "opening again does not make it well"
        reader.show("AA", 1)
        await until(lambda: heard.faults == ["garbled", None])
        assert heard.codes == ["AA"]

    watched(case, Limits(pauses_s=(0.0,), garbled_s=60))


def test_garbage_that_ends_by_itself_is_forgotten_after_a_quiet_while() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for _ in range(3):
            reader.happens.put_nowait(faults.garbled("Door", "parity"))
        await until(lambda: heard.faults == ["garbled"])
        await until(lambda: heard.faults == ["garbled", None])

    watched(case)


def test_more_people_than_fit_are_dropped_and_told() -> None:
    async def case(reader: Scripted, heard: Heard) -> None:
        for number in range(40):
            reader.show(f"{number:08X}", 1 + number / 20)
        await until(reader.happens.empty)
        await until(lambda: heard.faults == ["garbled"])
        assert len(heard.codes) == 5
        reader.show("AA", 60)
        await until(lambda: heard.codes[-1] == "AA")
        assert heard.faults == ["garbled", None]

    watched(case, Limits(pauses_s=(0.0,), garbled_s=60))


def test_a_busy_evening_is_no_crowd() -> None:
    visitors = Visitors(Limits())
    people = [Presented(f"{number:08X}", "rfid", number * 2.1) for number in range(50)]
    assert all(visitors.is_new(who) and not visitors.is_crowd(who) for who in people)


def test_what_the_core_cannot_do_with_a_card_is_not_swallowed() -> None:
    async def whole() -> None:
        reader = Scripted()
        reader.show("AA", 1)

        def break_down(_who: Presented) -> None:
            raise KeyError("AA")

        with pytest.raises(KeyError):
            await supervise("Door", reader, break_down, lambda _error: None, QUICK)
        assert reader.closed == 1

    asyncio.run(whole())


def test_a_real_port_that_is_pulled_and_plugged_in_again_needs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def whole() -> None:
        heard = Heard()
        async with benches.bench("serial-line", tmp_path, monkeypatch) as made:
            task = asyncio.create_task(supervise("Door", made.reader, heard.presented, heard.fault, QUICK))
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.sleep(0.05)
                await made.hold(b"\x04\xa1\xb2\xc3")
                await until(lambda: heard.codes == ["04A1B2C3"])
                await made.pull()
                await until(lambda: heard.faults == ["unplugged"])
                await made.plug()
                await until(lambda: heard.faults == ["unplugged", None])
                await made.hold(b"\x7b\x6e\x5d\x4c")
                await until(lambda: heard.codes == ["04A1B2C3", "7B6E5D4C"])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(whole())
