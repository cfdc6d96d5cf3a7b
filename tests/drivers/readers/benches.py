"""Every reader on a bench, with somebody who holds cards to it and pulls its plug.

Serial readers and the PN532 sit on pseudo-terminals, the USB reader on a FIFO
(input devices need a kernel that has them; the grab is left out), chips on SPI
and I2C are stood in for register by register, Wiegand has the strict lines, and
Bluetooth the real library over a stand-in for BlueZ. The simulated house is a
process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import struct
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import Reader
from drivers.readers import pn532_links
from drivers.readers.address import parse_url
from drivers.readers.ble_reader import BleReader
from drivers.readers.hid import HidReader
from drivers.readers.pn532 import Pn532Reader
from drivers.readers.pn532_links import I2c, Polled, SpiBus, Uart
from drivers.readers.rc522 import Rc522Reader
from drivers.readers.serial_line import SerialReader
from drivers.readers.wiegand import WiegandReader
from drivers.simulated import visitor
from drivers.simulated.pins import StrictPins
from tests.drivers.readers import bluez
from tests.drivers.readers.pn532_chip import OnI2c, OnSpi, Pn532Chip
from tests.drivers.readers.rc522_chip import Card, Rc522Chip
from tests.drivers.simulated.house_process import HouseProcess

NAMES = (
    "hid", "serial-line", "serial-stx", "serial-raw", "pn532+uart", "pn532+i2c", "pn532+spi", "rc522", "wiegand",
    "ble-reader", "house",
)  # fmt: skip
KEYS = {sign: code for code, sign in {11: "0", **{code: str(code - 1) for code in range(2, 11)}}.items()}
LETTERS = {"A": 30, "B": 48, "C": 46, "D": 32, "E": 18, "F": 33}
ENTER = 28
EVENT = struct.Struct("llHHi")


async def nothing() -> None:
    """A plug that cannot be pulled."""


@dataclass
class Bench:
    """A reader and what can be done to it."""

    reader: Reader
    hold: Callable[[bytes], Awaitable[None]]  # hold a card to it, and take it away
    garble: Callable[[], Awaitable[None]]
    pull: Callable[[], Awaitable[None]] = nothing
    plug: Callable[[], Awaitable[None]] = nothing
    told: frozenset[str] = field(default_factory=lambda: frozenset({"unplugged"}))  # what a pulled plug is called
    size: int = 4  # bytes of the numbers it can read

    @property
    def can_be_pulled(self) -> bool:
        """Tell whether the reader can notice that it is gone."""
        return self.pull is not nothing


@contextlib.asynccontextmanager
async def bench(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, order: str = "normal"
) -> AsyncIterator[Bench]:
    """One of `NAMES`, in the running loop."""
    maker = MAKERS[name]
    async with maker(folder, monkeypatch, order) as made:
        try:
            yield made
        finally:
            await made.reader.close()


def keystrokes(text: str) -> bytes:
    """What a keyboard-like reader sends for a text and Enter: scan code, key, and the end of the report, each time."""
    data = b""
    for code in [{**KEYS, **LETTERS}[sign] for sign in text] + [ENTER]:
        for value in (1, 0):
            for event in ((4, 4, 0x70000 + code), (1, code, value), (0, 0, 0)):
                data += EVENT.pack(1_763_726_400, 250_000, *event)
    return data


class Fifo:
    """An input device that is a FIFO."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    async def plug(self) -> None:
        os.mkfifo(self.path)
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    async def pull(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._fd)

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)


@contextlib.asynccontextmanager
async def _hid(folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    device = Fifo(folder / "event0")
    await device.plug()

    async def hold(number: bytes) -> None:
        device.send(keystrokes(f"{int.from_bytes(number, 'big'):010d}"))

    async def garble() -> None:
        device.send(keystrokes("12AB"))

    reader = HidReader(parse_url(f"hid:{device.path}?order={order}"), grab=lambda _fd: None)
    yield Bench(reader, hold, garble, device.pull, device.plug)


class Pty:
    """A serial adapter under a name of its own."""

    def __init__(self, path: Path, on_bytes: Callable[[bytes], None] | None = None) -> None:
        self.path = path
        self._on_bytes = on_bytes
        self._master = self._slave = -1

    async def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path.symlink_to(os.ttyname(self._slave))
        if self._on_bytes is not None:
            asyncio.get_running_loop().add_reader(self._master, self._ready)

    async def pull(self) -> None:
        self.path.unlink(missing_ok=True)
        if self._on_bytes is not None:
            asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def _ready(self) -> None:
        assert self._on_bytes is not None
        self._on_bytes(os.read(self._master, 4096))


def line_frame(number: bytes) -> bytes:
    """A number as text."""
    return number.hex().encode() + b"\r\n"


def stx_frame(number: bytes) -> bytes:
    """A number as an RDM6300 sends it."""
    check = 0
    for byte in number:
        check ^= byte
    return b"\x02" + (number + bytes([check])).hex().upper().encode() + b"\x03"


@contextlib.asynccontextmanager
async def _serial(
    frame: str, send: Callable[[bytes], bytes], garbage: bytes, folder: Path, _patch: pytest.MonkeyPatch, order: str
) -> AsyncIterator[Bench]:
    port = Pty(folder / "ttyUSB0")
    await port.plug()

    async def hold(number: bytes) -> None:
        port.send(send(number))
        await asyncio.sleep(0.08 if frame == "raw" else 0)  # only a pause ends a burst

    async def garble() -> None:
        port.send(garbage)
        await asyncio.sleep(0.08 if frame == "raw" else 0)

    reader = SerialReader(parse_url(f"serial:{port.path}?frame={frame}&order={order}"))
    yield Bench(reader, hold, garble, port.pull, port.plug, size=5 if frame == "stx" else 4)


async def _hold_to_chip(chip: Pn532Chip, number: bytes) -> None:
    """Until the chip has looked once with the card there."""
    chip.card, looks = number, chip.looks
    while chip.looks == looks:
        await asyncio.sleep(0.002)
    chip.card = b""


@contextlib.asynccontextmanager
async def _pn532_uart(folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    chip = Pn532Chip()

    def receive(data: bytes) -> None:
        for answer in chip.take(data):
            port.send(answer)

    port = Pty(folder / "ttyAMA0", receive)
    await port.plug()
    reader = Pn532Reader(at := parse_url(f"pn532+uart:{port.path}?order={order}"), Uart(at))
    yield Bench(reader, partial(_hold_to_chip, chip), partial(_break, chip), port.pull, port.plug)


async def _break(chip: Pn532Chip) -> None:
    chip.broken = 2  # the answer, and its repetition


@contextlib.asynccontextmanager
async def _pn532_spi(_folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    wire = OnSpi(Pn532Chip(asleep=False))

    async def put(there: bool) -> None:
        wire.there = there

    at = parse_url(f"pn532+spi:0.0?order={order}")
    reader = Pn532Reader(at, Polled(at, SpiBus(at.device, wire)))  # type: ignore[arg-type]  # stands in for Spi
    yield Bench(reader, partial(_hold_to_chip, wire.chip), partial(_break, wire.chip), partial(put, False),
                partial(put, True))  # fmt: skip


@contextlib.asynccontextmanager
async def _pn532_i2c(_folder: Path, monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    wire = OnI2c(Pn532Chip(asleep=False))
    monkeypatch.setattr(pn532_links, "os", wire)
    monkeypatch.setattr(pn532_links, "fcntl", wire)

    async def put(there: bool) -> None:
        wire.there = there

    at = parse_url(f"pn532+i2c:1?order={order}")
    yield Bench(
        Pn532Reader(at, Polled(at, I2c(at.device))), partial(_hold_to_chip, wire.chip), partial(_break, wire.chip),
        partial(put, False), partial(put, True),
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _rc522(_folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    chip = Rc522Chip()

    async def hold(number: bytes, spoilt: bool = False) -> None:
        card = Card(number)
        card.spoilt = spoilt
        chip.cards = [card]
        while card.state != ("ready" if spoilt else "halt"):
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.005)
        chip.cards = []

    async def put(there: bool) -> None:
        chip.alive = there
        chip.reset()

    reader = Rc522Reader(parse_url(f"rc522+spi:0.0?order={order}"), bus=chip)
    yield Bench(reader, hold, partial(hold, b"\x01\x02\x03\x04", spoilt=True), partial(put, False), partial(put, True),
                told=frozenset({"silent"}))  # fmt: skip


def wiegand_bits(number: bytes) -> list[int]:
    """A number with its parity bits."""
    inner = [byte >> place & 1 for byte in number for place in range(7, -1, -1)]
    half = len(inner) // 2
    return [sum(inner[:half]) % 2, *inner, 1 - sum(inner[half:]) % 2]


def pulse(pins: StrictPins, bits: list[int], lines: tuple[int, int] = (5, 6)) -> None:
    """Send bits on D0 and D1."""
    for line in lines:
        pins.feed(line, 1)  # both rest high
    for bit in bits:
        pins.feed(lines[bit], 0)
        pins.feed(lines[bit], 1)


@contextlib.asynccontextmanager
async def _wiegand(_folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    pins = StrictPins()

    async def send(bits: list[int]) -> None:
        pulse(pins, bits)
        await asyncio.sleep(0.03)

    async def hold(number: bytes) -> None:
        await send(wiegand_bits(number))

    async def garble() -> None:
        await send([1] * 26)

    reader = WiegandReader(parse_url(f"wiegand:gpio:5,gpio:6?order={order}"), pins)
    yield Bench(reader, hold, garble)


@contextlib.asynccontextmanager
async def _ble_reader(folder: Path, monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    with bluez.private_bus(folder, monkeypatch):
        daemon = bluez.Bluez()
        await daemon.start()
        device = daemon.add(bluez.Device("C0:FF:EE:00:00:01", "Door one"))
        adverts = asyncio.create_task(daemon.keep_advertising(device))
        monkeypatch.setattr("drivers.readers.ble_radio.CONNECT_S", 2.0)

        async def hold(number: bytes) -> None:
            daemon.notify(device, line_frame(number))

        async def garble() -> None:
            daemon.notify(device, b"hello\n")

        async def pull() -> None:
            device.there = False
            daemon.drop(device)

        async def plug() -> None:
            device.there = True

        reader = BleReader(parse_url(f"ble-reader:Door%20one?order={order}"))
        yield Bench(reader, hold, garble, pull, plug)
        adverts.cancel()
        await reader.close()
        daemon.stop()


@contextlib.asynccontextmanager
async def _house(folder: Path, _monkeypatch: pytest.MonkeyPatch, order: str) -> AsyncIterator[Bench]:
    with HouseProcess(folder) as house:

        async def say(words: str) -> str:
            return await asyncio.to_thread(house.say, words)

        async def hold(number: bytes) -> None:
            number = number[::-1] if order == "reversed" else number  # a simulated one has no order of its own
            assert await say(f"present card {number.hex().upper()}") == "ok"

        async def garble() -> None:
            await say("reader garbage")

        async def pull() -> None:
            await say("reader pull")

        async def plug() -> None:
            await say("reader plug")

        at = parse_url("hid:/dev/input/event0")
        yield Bench(visitor.reader(str(house.pins), at), hold, garble, pull, plug)


Maker = Callable[[Path, pytest.MonkeyPatch, str], contextlib.AbstractAsyncContextManager[Bench]]
MAKERS: dict[str, Maker] = {
    "hid": _hid,
    "serial-line": partial(_serial, "line", line_frame, b"hello\r\n"),
    "serial-stx": partial(_serial, "stx", stx_frame, b"\x020102030405FF\x03"),
    "serial-raw": partial(_serial, "raw", bytes, b"\x01"),
    "pn532+uart": _pn532_uart,
    "pn532+i2c": _pn532_i2c,
    "pn532+spi": _pn532_spi,
    "rc522": _rc522,
    "wiegand": _wiegand,
    "ble-reader": _ble_reader,
    "house": _house,
}


def refuse(_fd: int) -> Any:  # noqa: ANN401 - never returns
    """A grab that somebody else has."""
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
