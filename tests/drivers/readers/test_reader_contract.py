"""What a reader promises, on every bench: one set of cases for all drivers and for the simulated twin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError, Presented
from drivers.readers.arrivals import boottime_s
from tests.drivers.readers import benches
from tests.drivers.readers.benches import Bench
from tests.patience import PATIENCE_S

Case = Callable[[Bench], Awaitable[None]]
NUMBER = bytes.fromhex("04A1B2C3D4")
OTHER = bytes.fromhex("7B6E5D4C3B")


@pytest.fixture(params=benches.NAMES)
def on_bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a case on each bench in turn."""

    def run(case: Case, order: str = "normal") -> None:
        async def whole() -> None:
            async with (
                asyncio.timeout(3 * PATIENCE_S),
                benches.bench(request.param, tmp_path, monkeypatch, order) as made,
            ):
                await case(made)

        asyncio.run(whole())

    return run


async def shown(bench: Bench, number: bytes) -> Presented:
    """Hold a card to the open reader and see what it says."""
    coming = asyncio.create_task(next_of(bench))
    await asyncio.sleep(0)
    await bench.hold(number[: bench.size])
    return await coming


async def next_of(bench: Bench) -> Presented:
    """The next one, within reason."""
    async with asyncio.timeout(PATIENCE_S):
        return await bench.reader.next()


async def failure(bench: Bench, awaited: Awaitable[object]) -> DriverError:
    """The DriverError that comes: a sentence, with the values of its translation."""
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(DriverError) as caught:
            await awaited
    error = caught.value
    assert str(error).endswith(".") and error.message.format(**error.values) == str(error)
    return error


async def until_gone(bench: Bench) -> DriverError:
    """What is said when the plug is pulled; broken halves may come before."""
    while (error := await failure(bench, bench.reader.next())).code == "garbled":
        pass
    return error


def test_a_card_is_its_number_and_the_time_it_came(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.open()
        before_s = boottime_s()
        found = await shown(bench, NUMBER)
        assert (found.code, found.kind) == (NUMBER[: bench.size].hex().upper(), "rfid")
        assert before_s <= found.at_boottime_s <= boottime_s()

    on_bench(case)


def test_the_order_of_bytes_is_turned_where_the_address_says_so(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.open()
        assert (await shown(bench, NUMBER)).code == NUMBER[: bench.size][::-1].hex().upper()

    on_bench(case, "reversed")


def test_cards_come_one_after_another_in_order(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.open()
        seen = [(await shown(bench, number)).code for number in (NUMBER, OTHER, NUMBER)]
        assert seen == [number[: bench.size].hex().upper() for number in (NUMBER, OTHER, NUMBER)]

    on_bench(case)


def test_garbage_is_an_error_once_and_the_next_card_is_read_without_opening_again(
    on_bench: Callable[..., None],
) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.open()
        coming = asyncio.create_task(failure(bench, bench.reader.next()))
        await asyncio.sleep(0)
        await bench.garble()
        assert (await coming).code == "garbled"
        assert (await shown(bench, NUMBER)).code == NUMBER[: bench.size].hex().upper()

    on_bench(case)


def test_a_reader_can_be_closed_and_opened_again_and_again(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.close()
        await bench.reader.open()
        await bench.reader.open()
        await bench.reader.close()
        await bench.reader.close()
        await bench.reader.open()
        assert (await shown(bench, OTHER)).code == OTHER[: bench.size].hex().upper()

    on_bench(case)


def test_who_stops_waiting_loses_nothing_of_the_next_card(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        await bench.reader.open()
        for _ in range(3):
            waiting = asyncio.create_task(bench.reader.next())
            await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert (await shown(bench, NUMBER)).code == NUMBER[: bench.size].hex().upper()

    on_bench(case)


def test_a_pulled_plug_is_noticed_while_waiting_and_the_reader_works_once_it_is_back(
    on_bench: Callable[..., None],
) -> None:
    async def case(bench: Bench) -> None:
        if not bench.can_be_pulled:
            pytest.skip("Wiegand has no heartbeat: nobody can notice")
        await bench.reader.open()
        assert (await shown(bench, NUMBER)).kind == "rfid"
        going = asyncio.create_task(until_gone(bench))
        await asyncio.sleep(0.01)
        await bench.pull()
        assert (await going).code in bench.told
        await bench.reader.close()
        assert (await failure(bench, bench.reader.open())).code in bench.told
        await bench.reader.close()
        await bench.plug()
        await bench.reader.open()
        assert (await shown(bench, OTHER)).code == OTHER[: bench.size].hex().upper()

    on_bench(case)


def test_after_the_plug_was_pulled_nobody_waits_for_ever(on_bench: Callable[..., None]) -> None:
    async def case(bench: Bench) -> None:
        if not bench.can_be_pulled:
            pytest.skip("Wiegand has no heartbeat: nobody can notice")
        await bench.reader.open()
        await bench.pull()
        for _ in range(2):
            assert (await until_gone(bench)).code in {*bench.told, "unplugged"}
        await bench.plug()

    on_bench(case)
