"""The PN532's frames, and what the driver does when the chip or the wire misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.interfaces import DriverError
from drivers.readers import pn532, pn532_links, spi
from drivers.readers import pn532_frames as frames
from drivers.readers.address import parse_url
from drivers.readers.pn532 import Pn532Reader
from drivers.readers.pn532_frames import Parser, Sign
from drivers.readers.pn532_links import I2c, Polled, SpiBus, Uart
from tests.drivers.readers.benches import Pty
from tests.drivers.readers.pn532_chip import OnI2c, OnSpi, Pn532Chip, frame, turned

CARD = bytes.fromhex("04A1B2C3D4E5F6")
FIRMWARE = bytes.fromhex("0000ff06fad50332010607e800")  # UM0701-02, 7.2.2, by hand: D5+03+32+01+06+07 = 118


def test_frames_are_those_of_the_manual() -> None:
    assert frames.build(b"\x02") == bytes.fromhex("0000ff02fed4022a00")
    assert frames.build(b"\x14\x01\x00\x00") == bytes.fromhex("0000ff05fbd4140100001700")
    assert Parser().feed(FIRMWARE) == [bytes.fromhex("0332010607")]


@given(st.binary(min_size=1, max_size=60), st.integers(0, 80), st.binary(max_size=5))
def test_an_answer_is_found_however_it_is_cut_and_whatever_stands_before(data: bytes, at: int, noise: bytes) -> None:
    if b"\xff" in noise or noise.endswith(b"\0"):
        noise = b"\x55\xaa"
    whole = noise + frames.ACK_FRAME + frame(data)
    parser = Parser()
    assert parser.feed(whole[:at]) + parser.feed(whole[at:]) == [Sign.ACK, data]


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_parser(data: bytes) -> None:
    parser = Parser()
    for answer in parser.feed(data):
        assert isinstance(answer, Sign) or len(answer) < 255


@pytest.mark.parametrize(
    ("received", "answers"),
    [
        ("0000ff00ff00", [Sign.ACK]),
        ("0000ffff0000", [Sign.NACK]),
        ("0000ff01ff7f8100", [Sign.BROKEN]),  # the chip did not understand
        ("0000ff06fad50332010607e900", [Sign.BROKEN]),  # DCS
        ("0000ff06fbd50332010607e800", [Sign.BROKEN]),  # LCS
        ("0000ff06fad40332010607e900", [Sign.BROKEN]),  # a host's frame, echoed
        ("0000ff06fad503320106", []),
        ("00000000ff00ff000000ff00ff00", [Sign.ACK, Sign.ACK]),
        ("555500aa", []),
    ],
)
def test_signs_and_broken_frames_are_told_apart(received: str, answers: list[bytes | Sign]) -> None:
    assert Parser().feed(bytes.fromhex(received)) == answers


@contextlib.asynccontextmanager
async def on_a_port(folder: Path, chip: Pn532Chip) -> AsyncIterator[Pn532Reader]:
    """A chip on a pseudo-terminal and its reader."""

    def receive(data: bytes) -> None:
        for answer in chip.take(data):
            port.send(answer)

    port = Pty(folder / "ttyAMA0", receive)
    await port.plug()
    reader = Pn532Reader(at := parse_url(f"pn532+uart:{port.path}"), Uart(at))
    async with asyncio.timeout(10):
        yield reader
    await reader.close()
    await port.pull()


def with_chip(case: Callable[[Pn532Reader, Pn532Chip], Awaitable[None]], folder: Path, *, is_open: bool = True) -> None:
    """Run a case."""

    async def whole() -> None:
        chip = Pn532Chip()
        async with on_a_port(folder, chip) as reader:
            if is_open:
                await reader.open()
            await case(reader, chip)

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed soon."""
    monkeypatch.setattr(pn532, "ACK_S", 0.05)
    monkeypatch.setattr(pn532, "ANSWER_S", 0.05)
    monkeypatch.setattr(pn532, "LOOK_S", 0.01)


def test_a_number_of_seven_bytes_is_read(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.card = CARD
        assert (await reader.next()).code == "04A1B2C3D4E5F6"

    with_chip(case, tmp_path)


def test_the_chip_is_looked_after_while_no_card_is_there(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        coming = asyncio.create_task(reader.next())
        while chip.looks < 5:
            await asyncio.sleep(0.005)
        assert not coming.done()
        chip.deaf = True
        with pytest.raises(DriverError) as caught:
            await coming
        assert caught.value.code == "silent"

    with_chip(case, tmp_path)


@pytest.mark.parametrize("spoil", ["broken", "refused", "noise"])
def test_what_gets_broken_once_on_the_way_costs_nothing(tmp_path: Path, spoil: str) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.card = CARD
        setattr(chip, spoil, b"\x55\x00\xaa" if spoil == "noise" else 1)
        assert (await reader.next()).code == "04A1B2C3D4E5F6"

    with_chip(case, tmp_path)


@pytest.mark.parametrize("spoil", ["broken", "refused"])
def test_what_gets_broken_twice_is_garbled(tmp_path: Path, spoil: str) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        setattr(chip, spoil, 2)
        with pytest.raises(DriverError) as caught:
            await reader.next()
        assert caught.value.code == "garbled"

    with_chip(case, tmp_path)


@pytest.mark.parametrize("card", [b"", b"\x04", b"\0\0\0\0"])
def test_a_card_without_a_proper_number_is_nobody(tmp_path: Path, card: bytes) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.card = card
        try:
            async with asyncio.timeout(0.2):
                await reader.next()
        except (DriverError, TimeoutError) as error:
            assert isinstance(error, TimeoutError) if not card else getattr(error, "code", "") == "garbled"
        else:
            raise AssertionError("somebody came")

    with_chip(case, tmp_path)


def test_an_answer_that_came_while_the_program_was_busy_is_not_missed(tmp_path: Path) -> None:
    async def whole() -> None:
        port = Pty(tmp_path / "ttyAMA0", lambda _data: None)
        await port.plug()
        link = Uart(parse_url(f"pn532+uart:{port.path}"))
        link.open()
        reading = asyncio.create_task(link.read(6, 0.05))
        await asyncio.sleep(0.01)
        port.send(frames.ACK_FRAME)
        time.sleep(0.1)  # the program waits for a slow card, say
        assert await reading == frames.ACK_FRAME
        with pytest.raises(TimeoutError):
            await link.read(6, 0.01)
        link.close()
        await port.pull()

    asyncio.run(whole())


class Noise(Polled):
    """A wire on which something chatters that is no PN532."""

    def __init__(self) -> None:
        super().__init__(parse_url("pn532+i2c:1"), OnI2c(Pn532Chip()))  # type: ignore[arg-type]  # never asked

    def open(self) -> None:
        """Nothing to open."""

    async def write(self, data: bytes) -> None:
        """Nobody hears it."""

    async def read(self, most: int, within_s: float) -> bytes:
        await asyncio.sleep(0.005)
        return bytes([0x55]) * most

    def close(self) -> None:
        """Nothing to close."""


def test_noise_without_end_is_silence() -> None:
    with pytest.raises(DriverError) as caught:
        asyncio.run(Pn532Reader(parse_url("pn532+i2c:1"), Noise()).open())
    assert caught.value.code == "silent"


def test_a_chip_that_needs_a_moment_to_wake_is_asked_again(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.deaf = True
        opening = asyncio.create_task(reader.open())
        await asyncio.sleep(0.07)
        chip.deaf = False
        chip.take(b"\x55\x55")
        await opening

    with_chip(case, tmp_path, is_open=False)


def test_a_port_without_a_chip_is_silent(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.deaf = True
        with pytest.raises(DriverError, match="does not answer: check its supply, wiring and mode switches") as caught:
            await reader.open()
        assert caught.value.code == "silent"

    with_chip(case, tmp_path, is_open=False)


def test_another_chip_is_refused(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        chip.firmware = b"\x33\x01\x06\x07"
        with pytest.raises(DriverError, match="no PN532"):
            await reader.open()

    with_chip(case, tmp_path, is_open=False)


def test_a_port_that_is_not_there_is_unplugged(tmp_path: Path) -> None:
    at = parse_url(f"pn532+uart:{tmp_path / 'ttyAMA0'}")
    with pytest.raises(DriverError) as caught:
        asyncio.run(Pn532Reader(at, Uart(at)).open())
    assert caught.value.code == "unplugged"


def test_a_port_that_another_reader_has_is_unavailable(tmp_path: Path) -> None:
    async def case(reader: Pn532Reader, chip: Pn532Chip) -> None:
        at = parse_url(f"pn532+uart:{tmp_path / 'ttyAMA0'}")
        with pytest.raises(DriverError) as caught:
            await Pn532Reader(at, Uart(at)).open()
        assert caught.value.code == "unavailable"
        chip.card = CARD
        assert (await reader.next()).code == "04A1B2C3D4E5F6"

    with_chip(case, tmp_path)


def test_bits_are_turned_on_spi() -> None:
    assert bytes(range(256)).translate(pn532_links.REVERSED) == turned(bytes(range(256)))
    assert turned(b"\x01\x80\x0f") == b"\x80\x01\xf0"


def test_the_chip_is_spoken_to_at_its_address_and_the_bus_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = OnI2c(Pn532Chip(asleep=False))
    monkeypatch.setattr(pn532_links, "os", wire)
    monkeypatch.setattr(pn532_links, "fcntl", wire)
    at = parse_url("pn532+i2c:1")

    async def whole() -> None:
        reader = Pn532Reader(at, Polled(at, I2c(at.device)))
        await reader.open()
        await reader.close()
        await reader.close()

    asyncio.run(whole())
    assert wire.addresses == [(77, 0x0703, 0x24)] and wire.closed == 1


@pytest.mark.parametrize("kind", ["spi", "i2c"])
def test_a_bus_that_is_not_there_is_unplugged(kind: str) -> None:
    at = parse_url({"spi": "pn532+spi:9.9", "i2c": "pn532+i2c:99"}[kind])
    link = Polled(at, SpiBus(at.device) if kind == "spi" else I2c(at.device))
    with pytest.raises(DriverError) as caught:
        asyncio.run(Pn532Reader(at, link).open())
    assert caught.value.code == "unplugged"


def test_a_silent_chip_on_spi_is_silent() -> None:
    wire = OnSpi(Pn532Chip(asleep=False))
    wire.chip.deaf = True
    at = parse_url("pn532+spi:0.0")
    link = Polled(at, SpiBus(at.device, wire))  # type: ignore[arg-type]  # stands in for Spi
    with pytest.raises(DriverError) as caught:
        asyncio.run(Pn532Reader(at, link).open())
    assert caught.value.code == "silent"


def test_a_transfer_on_spidev_is_one_ioctl_as_the_kernel_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, asked = tmp_path / "spidev0.0", []
    device.touch()

    def ioctl(_fd: int, request: int, argument: bytes) -> int:
        asked.append((request, len(argument)))
        if request == 0x40206B00:  # _IOW('k', 0, char[32])
            out, back, length, speed = spi.TRANSFER.unpack(argument)[:4]
            assert (length, speed) == (3, 1_000_000)
            ctypes.memmove(back, bytes(255 - byte for byte in ctypes.string_at(out, length)), length)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    bus = spi.Spi(str(device), 1_000_000)
    assert bus.transfer(b"\x01\x02\x00") == b"\xfe\xfd\xff"
    bus.close()
    assert asked == [(0x40016B01, 1), (0x40206B00, 32)]


def test_what_is_no_spi_device_is_refused_and_closed(tmp_path: Path) -> None:
    device = tmp_path / "spidev0.0"
    device.touch()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match=os.strerror(errno.ENOTTY)):
        spi.Spi(str(device), 1_000_000)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
