"""Measure a reader's last byte until the core is told who is there.

    python -m tests.benchmarks.reader_latency [--tries 500]

The device is a thread of its own: it writes events into a FIFO, bytes into a
pseudo-terminal, edges onto the strict lines, or speaks for a PN532 or for
BlueZ. The moment counted from is the one before its last byte (event, edge,
notification) is written; the one counted to is the call of `on_presented`, so
the figures hold the kernel, the loop, the framing, bleak and D-Bus where they
are used, and the supervision. What a card needs on the air or on a slow line
before its last byte is not in them; how long a PN532 takes to look is, in a
line of its own. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import tempfile
import threading
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import perf_counter, sleep

import pytest

from drivers.interfaces import Presented, Reader
from drivers.readers.address import parse_url
from drivers.readers.ble_reader import BleReader
from drivers.readers.hid import EVENT, HidReader
from drivers.readers.pn532 import Pn532Reader
from drivers.readers.pn532_links import Uart
from drivers.readers.serial_line import SerialReader
from drivers.readers.watched import Limits, supervise
from drivers.readers.wiegand import WiegandReader
from drivers.simulated.pins import StrictPins
from tests.drivers.readers import bluez
from tests.drivers.readers.benches import keystrokes, stx_frame, wiegand_bits
from tests.drivers.readers.pn532_chip import Pn532Chip

BUSY = Limits(crowd=10**9)  # nobody is too many
PATIENCE_S = 5.0
Send = Callable[[bytes], float]  # a card's number -> when its last byte was about to go
Rig = contextlib.AbstractAsyncContextManager[tuple[Reader, Send, int]]


@contextlib.asynccontextmanager
async def hid(folder: Path) -> AsyncIterator[tuple[Reader, Send, int]]:
    """Recorded input events in a FIFO; an input device's way through the kernel is not in it."""
    path = folder / "event0"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def send(number: bytes) -> float:
        events = keystrokes(f"{int.from_bytes(number, 'big'):010d}")
        end = len(events) - 5 * EVENT.size  # Enter pressed is the fifth record from the end
        os.write(fd, events[:end])
        sleep(0.001)
        began_s = perf_counter()
        os.write(fd, events[end:])
        return began_s

    yield HidReader(parse_url(f"hid:{path}"), grab=lambda _fd: None), send, 4
    os.close(fd)


@contextlib.asynccontextmanager
async def serial(folder: Path) -> AsyncIterator[tuple[Reader, Send, int]]:
    """An RDM6300's frames on a pseudo-terminal."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def send(number: bytes) -> float:
        frame = stx_frame(number)
        os.write(master, frame[:-1])
        sleep(0.001)
        began_s = perf_counter()
        os.write(master, frame[-1:])
        return began_s

    yield SerialReader(parse_url(f"serial:{os.ttyname(slave)}?frame=stx")), send, 5
    os.close(master)
    os.close(slave)


def wiegand(size: int) -> Callable[[Path], Rig]:
    """Cards of 26 or 34 bits on the strict lines, a bit every millisecond."""

    @contextlib.asynccontextmanager
    async def rig(_folder: Path) -> AsyncIterator[tuple[Reader, Send, int]]:
        pins = StrictPins()

        def send(number: bytes) -> float:
            began_s = 0.0
            for bit in wiegand_bits(number):
                for line in (5, 6):
                    pins.feed(line, 1)
                sleep(0.001)
                began_s = perf_counter()
                pins.feed((5, 6)[bit], 0)
            return began_s

        yield WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), pins), send, size

    return rig


def pn532(*, from_hold: bool) -> Callable[[Path], Rig]:
    """A chip on a pseudo-terminal; counted from its answer's last byte, or from when the card is held to it."""

    @contextlib.asynccontextmanager
    async def rig(_folder: Path) -> AsyncIterator[tuple[Reader, Send, int]]:
        master, slave = os.openpty()
        tty.setraw(slave)
        chip, gone, told_s = Pn532Chip(), threading.Event(), [0.0]

        def speak() -> None:
            with contextlib.suppress(OSError):  # the port is closed: the end
                while True:
                    for answer in chip.take(os.read(master, 4096)):
                        told_s[0] = perf_counter()
                        os.write(master, answer)
                        if answer[6:8] == b"\x4b\x01":
                            chip.card = b""
                            gone.set()

        threading.Thread(target=speak, daemon=True).start()

        def send(number: bytes) -> float:
            sleep(random.uniform(0, 0.1))  # noqa: S311 - people come at any moment of a look
            gone.clear()
            began_s = perf_counter()
            chip.card = number
            gone.wait(PATIENCE_S)
            return began_s if from_hold else told_s[0]

        at = parse_url(f"pn532+uart:{os.ttyname(slave)}")
        yield Pn532Reader(at, Uart(at)), send, 7
        os.close(slave)
        os.close(master)

    return rig


@contextlib.asynccontextmanager
async def ble(folder: Path) -> AsyncIterator[tuple[Reader, Send, int]]:
    """A reader with Nordic UART, through real bleak and a real D-Bus; BlueZ is the tests' stand-in in a thread."""
    device = bluez.Device("C0:FF:EE:00:00:01", "Door")
    here = asyncio.new_event_loop()
    ready, daemons = threading.Event(), list[bluez.Bluez]()

    async def live() -> None:
        daemons.append(bluez.Bluez())
        await daemons[0].start()
        daemons[0].add(device)
        ready.set()
        while not device.notifying:
            await daemons[0].advertise(device, -50)
            await asyncio.sleep(0.02)
        await asyncio.Event().wait()

    def send(number: bytes) -> float:
        began, sent_s = threading.Event(), [0.0]

        def notify() -> None:
            sent_s[0] = perf_counter()
            daemons[0].notify(device, number.hex().encode() + b"\n")
            began.set()

        here.call_soon_threadsafe(notify)
        began.wait(PATIENCE_S)
        return sent_s[0]

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # stopped: the end
            here.run_until_complete(live())

    with pytest.MonkeyPatch.context() as patch, bluez.private_bus(folder, patch):
        threading.Thread(target=run, daemon=True).start()
        await asyncio.to_thread(ready.wait)
        yield BleReader(parse_url("ble-reader:Door")), send, 4
        here.call_soon_threadsafe(here.stop)


async def measure(rig: Callable[[Path], Rig], tries: int) -> list[float]:
    """The latencies in ms."""
    told: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    def on_presented(who: Presented) -> None:
        told.put_nowait((who.code, perf_counter()))

    found_ms: list[float] = []
    with tempfile.TemporaryDirectory(prefix="wattward-") as folder:
        async with rig(Path(folder)) as (reader, send, size):
            watching = asyncio.create_task(supervise("bench", reader, on_presented, lambda _fault: None, BUSY))
            await asyncio.sleep(1.0)
            for number in range(1, tries + 1):
                card = (0x040000 + number).to_bytes(size, "big")
                sent = asyncio.create_task(asyncio.to_thread(send, card))
                async with asyncio.timeout(PATIENCE_S):
                    code, told_s = await told.get()
                assert code == card.hex().upper(), (code, card)
                found_ms.append(1000 * (told_s - await sent))
                await asyncio.sleep(random.uniform(0.001, 0.01))  # noqa: S311 - not in step with anything
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    return found_ms


RIGS: dict[str, Callable[[Path], Rig]] = {
    "USB (HID events in a FIFO)": hid,
    "serial (RDM6300, 9600 baud)": serial,
    "Wiegand 26": wiegand(3),
    "Wiegand 34": wiegand(4),
    "PN532 on UART, its answer": pn532(from_hold=False),
    "PN532 on UART, card held": pn532(from_hold=True),
    "Bluetooth (Nordic UART)": ble,
}


def main() -> None:
    """Print median, 99th percentile and worst of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=500)
    args = parser.parse_args()
    print(f"{args.tries} tries each: last byte → on_presented")
    for name, rig in RIGS.items():
        found_ms = asyncio.run(measure(rig, args.tries))
        p99 = statistics.quantiles(found_ms, n=100, method="inclusive")[98]
        median = statistics.median(found_ms)
        print(f"  {name:30} p50 {median:7.2f} ms   p99 {p99:7.2f} ms   max {max(found_ms):7.2f} ms", flush=True)


if __name__ == "__main__":
    main()
