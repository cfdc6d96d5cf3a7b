"""Who stands at the simulated house's readers: told by word, heard by the readers that listen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError, Presented
from drivers.readers.address import parse_url
from drivers.simulated import visitor
from drivers.simulated.doorstep import Doorstep
from drivers.simulated.visitor import HouseReader, HouseTags
from tests.drivers.simulated.house_process import HouseProcess

TAG = "AABBCCDDEEFF"


def at_home(case: Callable[[HouseProcess], Awaitable[None]], tmp_path: Path) -> None:
    """Run a case on a real house."""

    async def whole(house: HouseProcess) -> None:
        async with asyncio.timeout(20):
            await case(house)

    with HouseProcess(tmp_path) as house:
        asyncio.run(whole(house))


async def nobody(reader: HouseReader) -> bool:
    """Tell whether nobody comes in a while."""
    try:
        async with asyncio.timeout(0.2):
            await reader.next()
    except TimeoutError:
        return True
    return False


async def opened(house: HouseProcess, url: str) -> HouseReader:
    """A reader that listens."""
    reader = visitor.reader(str(house.pins), parse_url(url))
    assert isinstance(reader, HouseReader)
    await reader.open()
    return reader


def test_whoever_comes_is_heard_as_what_they_hold(tmp_path: Path) -> None:
    async def case(house: HouseProcess) -> None:
        reader = await opened(house, "hid:/dev/input/event0")
        for words in ("present card 04A1B2C3", "present pin 271828"):
            assert house.say(words) == "ok"
        found = [await reader.next() for _ in range(2)]
        assert [(one.code, one.kind) for one in found] == [("04A1B2C3", "rfid"), ("271828", "pin")]
        await reader.close()

    at_home(case, tmp_path)


def test_somebody_at_one_reader_is_not_at_the_other(tmp_path: Path) -> None:
    async def case(house: HouseProcess) -> None:
        front, back = await opened(house, "hid:/dev/input/event0"), await opened(house, "pn532+i2c:1")
        assert house.say("reader") == "hid:/dev/input/event0 pn532+i2c:/dev/i2c-1"
        assert house.say("present card 04A1B2C3 pn532+i2c:/dev/i2c-1") == "ok"
        assert (await back.next()).code == "04A1B2C3"
        assert await nobody(front)
        assert house.say("present card 7B6E5D4C") == "ok"
        assert [(await one.next()).code for one in (front, back)] == ["7B6E5D4C"] * 2
        await front.close()
        await back.close()

    at_home(case, tmp_path)


def test_a_tag_is_heard_only_while_it_is_asked_for_and_only_the_wanted_one(tmp_path: Path) -> None:
    async def case(house: HouseProcess) -> None:
        reader = await opened(house, "ble-tag:AA:BB:CC:DD:EE:FF")
        assert isinstance(reader, HouseTags)
        house.say(f"present tag {TAG}")
        assert await nobody(reader)
        reader.ask(10)
        house.say("present tag 112233445566")
        house.say("present card 04A1B2C3")
        house.say(f"present tag {TAG}")
        found = await reader.next()
        assert (found.code, found.kind) == (TAG, "ble")
        house.say(f"present tag {TAG}")
        assert await nobody(reader)
        await reader.close()

    at_home(case, tmp_path)


def test_a_pulled_reader_is_unplugged_until_it_is_plugged_in(tmp_path: Path) -> None:
    async def case(house: HouseProcess) -> None:
        reader = await opened(house, "hid:/dev/input/event0")
        house.say("reader pull")
        for attempt in (reader.next, reader.open):
            with pytest.raises(DriverError) as caught:
                await attempt()
            assert caught.value.code == "unplugged"
        assert house.say("present card 04A1B2C3") == "error nobody listens"
        house.say("reader plug")
        await reader.open()
        house.say("present card 04A1B2C3")
        assert isinstance(await reader.next(), Presented)
        await reader.close()

    at_home(case, tmp_path)


def test_a_house_that_is_gone_is_unplugged_and_one_that_comes_back_is_heard(tmp_path: Path) -> None:
    async def case(house: HouseProcess) -> None:
        reader = await opened(house, "hid:/dev/input/event0")
        house.kill()
        for attempt in (reader.next, reader.open, reader.next):
            with pytest.raises(DriverError) as caught:
                await attempt()
            assert caught.value.code == "unplugged"
        house.start()
        await reader.open()
        house.say("present card 04A1B2C3")
        assert (await reader.next()).code == "04A1B2C3"
        await reader.close()

    at_home(case, tmp_path)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("present card 04a1b2c3", "error 04a1b2c3 is no card"),
        ("present card 04A1", "error 04A1 is no card"),
        ("present pin #271828", "error #271828 is no pin"),
        ("present tag AABB", "error AABB is no tag"),
        ("present car 20", "error 'present car 20' is not understood"),
        ("present card", "error 'present card' is not understood"),
        ("present card 04A1B2C3 here there", "error 'present card 04A1B2C3 here there' is not understood"),
        ("present card 04A1B2C3", "error nobody listens"),
        ("reader", "none"),
        ("reader listen hid:x", "error 'reader listen hid:x' is not understood"),
        ("reader dance", "error 'reader dance' is not understood"),
    ],
)
def test_words_that_cannot_be_are_refused(words: str, answer: str) -> None:
    assert Doorstep().obey("somebody without a connection", words.split()) == answer
