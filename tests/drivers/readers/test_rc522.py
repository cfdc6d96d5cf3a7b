"""The RC522: cards told apart on the air, and a chip that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.readers import iso14443, rc522
from drivers.readers.address import parse_url
from drivers.readers.codes import Unreadable
from drivers.readers.rc522 import Rc522Reader
from drivers.simulated.pins import StrictPins
from tests.drivers.readers.rc522_chip import Card, Rc522Chip, crc


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other soon."""
    monkeypatch.setattr(rc522, "LOOK_S", 0.005)
    monkeypatch.setattr(rc522, "STARTED_S", 0.0)
    monkeypatch.setattr(rc522, "ANSWER_S", 0.02)


def with_chip(case: Callable[[Rc522Reader, Rc522Chip], Awaitable[None]]) -> None:
    """Run a case on an opened reader."""

    async def whole() -> None:
        chip = Rc522Chip()
        reader = Rc522Reader(parse_url("rc522+spi:0.0"), bus=chip)
        async with asyncio.timeout(10):
            await reader.open()
            await case(reader, chip)
        await reader.close()

    asyncio.run(whole())


async def nobody(reader: Rc522Reader) -> bool:
    """Tell whether nobody comes in a while."""
    try:
        async with asyncio.timeout(0.1):
            await reader.next()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(
    ("data", "check"),
    [("0000", "a01e"), ("1234", "26cf"), ("5000", "57cd"), ("08", "b6dd")],  # the first two: ISO/IEC 14443-3, annex B
)
def test_check_sums_are_those_of_the_standard(data: str, check: str) -> None:
    assert iso14443.crc_a(bytes.fromhex(data)).hex() == check == crc(bytes.fromhex(data)).hex()


def test_parts_and_answers_with_wrong_check_bytes_are_unreadable() -> None:
    assert iso14443.checked_part(bytes.fromhex("04a1b2c3d4")) == bytes.fromhex("04a1b2c3")
    for answer in ("04a1b2c3d5", "04a1b2c3", "04a1b2c3d400", ""):
        with pytest.raises(Unreadable):
            iso14443.checked_part(bytes.fromhex(answer))
    assert iso14443.checked_sak(bytes.fromhex("08b6dd")) == 8
    for answer in ("08b6dc", "08", ""):
        with pytest.raises(Unreadable):
            iso14443.checked_sak(bytes.fromhex(answer))


@pytest.mark.parametrize("number", ["04A1B2C3", "04A1B2C3D4E5F6", "04A1B2C3D4E5F60718A9"])
def test_single_double_and_triple_numbers_are_read(number: str) -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.cards = [Card(bytes.fromhex(number))]
        assert (await reader.next()).code == number

    with_chip(case)


def test_a_card_that_stays_is_told_at_each_look() -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.cards = [Card(bytes.fromhex("04A1B2C3"))]
        assert [(await reader.next()).code for _ in range(5)] == ["04A1B2C3"] * 5
        chip.cards = []
        assert await nobody(reader)

    with_chip(case)


def test_two_cards_at_once_are_nobody_and_one_of_them_is_somebody() -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.cards = [Card(bytes.fromhex("04A1B2C3")), Card(bytes.fromhex("7B6E5D4C"))]
        assert await nobody(reader)
        chip.cards.pop()
        chip.cards[0].state = "idle"  # it left the field for a moment
        assert (await reader.next()).code == "04A1B2C3"

    with_chip(case)


@pytest.mark.parametrize("version", [0x00, 0xFF])
def test_a_bus_that_nobody_drives_is_silent(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        monkeypatch.setattr(chip, "transfer", lambda data: bytes([0, version]))
        with pytest.raises(DriverError) as caught:
            await reader.next()
        assert caught.value.code == "silent"

    with_chip(case)


def test_a_chip_that_never_finishes_is_silent() -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.stuck = True
        with pytest.raises(DriverError) as caught:
            await reader.next()
        assert caught.value.code == "silent"

    with_chip(case)


def test_a_chip_that_lost_its_supply_for_a_moment_is_set_up_again() -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.reset()
        chip.cards = [Card(bytes.fromhex("04A1B2C3"))]
        assert (await reader.next()).code == "04A1B2C3"

    with_chip(case)


def test_a_device_that_goes_is_unplugged_and_one_that_is_not_there_too() -> None:
    async def case(reader: Rc522Reader, chip: Rc522Chip) -> None:
        chip.there = False
        for attempt in (reader.next, reader.open):
            with pytest.raises(DriverError) as caught:
                await attempt()
            assert caught.value.code == "unplugged"

    with_chip(case)


def test_without_a_bus_the_reader_says_so() -> None:
    with pytest.raises(DriverError) as caught:
        asyncio.run(Rc522Reader(parse_url("rc522+spi:9.9")).open())
    assert caught.value.code == "unplugged"


def test_the_reset_line_is_pulsed_first_and_given_back_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = StrictPins()
    levels: list[tuple[int, int]] = []
    drive = pins.output

    def noted(line: int, level: int) -> None:
        levels.append((line, level))
        drive(line, level)

    monkeypatch.setattr(pins, "output", noted)

    async def whole() -> None:
        reader = Rc522Reader(parse_url("rc522+spi:0.0?reset=gpio:25"), pins, bus=Rc522Chip())
        await reader.open()
        assert levels == [(25, 1)] and pins.input(25) == 1
        await reader.close()
        with pytest.raises(RuntimeError, match="You must setup"):
            pins.input(25)

    asyncio.run(whole())


def test_the_reset_line_is_given_back_when_the_bus_cannot_be_had() -> None:
    pins = StrictPins()

    async def whole() -> None:
        reader = Rc522Reader(parse_url("rc522+spi:9.9?reset=gpio:25"), pins)
        with pytest.raises(DriverError):
            await reader.open()
        await reader.close()
        with pytest.raises(RuntimeError, match="You must setup"):
            pins.input(25)

    asyncio.run(whole())


def test_a_reset_line_of_another_program_is_unavailable() -> None:
    pins = StrictPins()
    pins.busy.add(25)
    with pytest.raises(DriverError, match="GPIO busy") as caught:
        asyncio.run(Rc522Reader(parse_url("rc522+spi:0.0?reset=gpio:25"), pins, bus=Rc522Chip()).open())
    assert caught.value.code == "unavailable"


def test_the_field_is_off_once_the_reader_is_closed(tmp_path: Path) -> None:
    chip = Rc522Chip()

    async def whole() -> None:
        reader = Rc522Reader(parse_url("rc522+spi:0.0"), bus=chip)
        await reader.open()
        assert chip.transfer(b"\xa8\0")[1] & 3 == 3  # register 14, read
        await reader.close()

    asyncio.run(whole())
    assert chip.transfer(b"\xa8\0")[1] & 3 == 0
