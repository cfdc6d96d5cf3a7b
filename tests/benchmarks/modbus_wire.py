"""Measure how near reading comes to what a serial line permits, beside how others read.

    python -m tests.benchmarks.modbus_wire [--seconds 10] [--bauds 9600 19200] [--meters 5 8 4+1]

An Eastron SDM630 at the far end of a pseudo-terminal as slow as its baud rate,
which thinks 40 ms before each answer. The limit is arithmetic: characters of
requests and answers, the thinking, and the silence after each answer (60 ms,
which the vendor asks for; where a reader keeps none, 3.5 characters). Peers
read the same quantities one by one, and all that their library knows at once.
Home Assistant is not run: its integration makes one request per entity, as `one request per value`.
Last, several meters on one line, read by our meters as often as they can be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pymodbus.client import AsyncModbusSerialClient

from drivers.interfaces import DriverError
from drivers.modbus import plan, registers, sharing, wire
from drivers.modbus.address import Address
from drivers.modbus.asking import Asking, split
from drivers.modbus.bus import Bus
from drivers.modbus.meter import ModbusMeter
from tests.benchmarks import peers, slow_line
from tests.benchmarks.slow_line import Passed, Running
from tests.drivers.modbus.device import image
from tests.drivers.modbus.values import VALUES

MODEL = registers.load("eastron-sdm630")
DELAY_S = 0.040
POWERS = ("active", "apparent", "reactive", "factor")
PEER_NAMES = (
    *(f"l{phase}_{what}" for what in ("voltage", "current") for phase in (1, 2, 3)),
    *(f"l{phase}_power_{kind}" for kind in POWERS for phase in (1, 2, 3)),
    *(f"total_power_{kind}" for kind in POWERS), "frequency", "import_energy_active", "export_energy_active",
    *(f"l{phase}_{way}_energy_active" for way in ("import", "export") for phase in (1, 2, 3)),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What one reader came to."""

    reader: str
    readings: int
    took_s: float
    passed: Passed
    silence_s: float

    def row(self, baud: int) -> str:
        """Requests, bytes and time per reading, and how near that is to the limit of these requests."""
        requests = self.passed.requests / self.readings
        octets = (self.passed.sent + self.passed.received) / self.readings
        reading_s = self.took_s / self.readings
        limit_s = octets * 10 / baud + requests * (DELAY_S + self.silence_s)
        return (
            f"{self.reader:<34}{requests:>9.1f}{octets:>8.0f}{reading_s * 1e3:>10.1f}"
            f"{limit_s * 1e3:>10.1f}{limit_s / reading_s:>9.1%}"
        )


async def repeated(read: Callable[[], Awaitable[object]], seconds: float) -> tuple[int, float]:
    """Call `read` for so long; how often, and how long it took."""
    began, count = perf_counter(), 0
    while perf_counter() - began < seconds:
        await read()
        count += 1
    return count, perf_counter() - began


async def ours(at: Address, seconds: float, everything: bool) -> tuple[int, float]:
    """Our bus with the questions our meters ask: all quantities, or those of each second."""
    toll = plan.toll(MODEL, at)
    asking = Asking(MODEL, MODEL.points if everything else split(MODEL, toll)[0], 1, toll)
    bus = Bus(at)

    async def read() -> None:
        for part in asking.parts:
            part.values(await bus.read(part.question))

    await read()
    found = await repeated(read, seconds)
    await bus.close()
    return found


async def one_by_one(at: Address, seconds: float) -> tuple[int, float]:
    """A request for each value, with the client library as its manual shows it, without any silence."""
    client = AsyncModbusSerialClient(at.device, baudrate=at.baud, timeout=1, retries=0)
    await client.connect()

    async def read() -> None:
        for point in MODEL.points:
            answer = await client.read_input_registers(point.address, count=2, device_id=1)
            assert not answer.isError()

    found = await repeated(read, seconds)
    client.close()
    return found


def sdm_modbus(at: Address, seconds: float, how: str) -> tuple[int, float]:
    """sdm_modbus in its own environment. Raises peers.Missing."""
    script = Path(__file__).with_name("peer_sdm_modbus.py")
    command = [str(peers.python()), str(script), at.device, str(at.baud), str(seconds), how, *PEER_NAMES]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise peers.Missing(ran.stderr.strip().splitlines()[-1])
    readings, took_s = ran.stdout.split()
    return int(readings), float(took_s)


def results(line: Running, baud: int, seconds: float) -> list[Result]:
    """All readers, one after the other. The first reading of ours is not in the time, so it is taken off the counts."""
    at = Address("rtu", device=str(line.link), baud=baud)
    asked, least_s = wire.silence_s(baud, MODEL.gap_s), wire.silence_s(baud)
    every, often = len(MODEL.points), len(split(MODEL, plan.toll(MODEL, at))[0])
    readers: list[tuple[str, float, Callable[[], tuple[int, float]]]] = [
        (f"ours, all {every} quantities", asked, lambda: asyncio.run(ours(at, seconds, True))),
        (f"ours, the {often} of each second", asked, lambda: asyncio.run(ours(at, seconds, False))),
        ("one request per value, pymodbus", least_s, lambda: asyncio.run(one_by_one(at, seconds))),
        (f"sdm_modbus, the same {len(PEER_NAMES)} by name", least_s, lambda: sdm_modbus(at, seconds, "each")),
        ("sdm_modbus, all it knows at once", least_s, lambda: sdm_modbus(at, seconds, "all")),
    ]
    found = []
    for reader, silence_s, read in readers:
        line.passed()
        try:
            readings, took_s = read()
        except peers.Missing as error:
            print(f"{reader}: cannot be measured here: {error}")
            continue
        passed = line.passed()
        if reader.startswith("ours"):
            share = readings / (readings + 1)
            passed = Passed(*(round(n * share) for n in (passed.requests, passed.sent, passed.received)))
        found.append(Result(reader, readings, took_s, passed, silence_s))
    return found


async def together(at: Address, meters: int, silent: int, seconds: float) -> str:
    """So many meters on the line, each wanted every second, beside so many that do not answer."""
    counts = [0] * meters
    longest_s = [0.0] * meters
    drivers = [ModbusMeter(at, MODEL, unit + 1) for unit in range(meters)]
    dead = [ModbusMeter(at, MODEL, slow_line.SILENT + unit) for unit in range(silent)]
    for driver in drivers:
        await driver.read()  # the first one fetches everything
    ends_at = perf_counter() + seconds

    async def follow(driver: ModbusMeter, n: int | None) -> None:
        last = deadline = perf_counter()
        while perf_counter() < ends_at:
            with contextlib.suppress(DriverError):
                await driver.read()
            now = perf_counter()
            if n is not None:
                counts[n] += 1
                longest_s[n], last = max(longest_s[n], now - last), now
            deadline = max(deadline + 1.0, now)
            await asyncio.sleep(deadline - now)

    everybody = [*((driver, n) for n, driver in enumerate(drivers)), *((driver, None) for driver in dead)]
    await asyncio.gather(*(follow(driver, n) for driver, n in everybody))
    bus = sharing.held(at)
    assert bus is not None
    used = bus.report().used
    for driver in [*drivers, *dead]:
        await driver.close()
    every_s = [seconds / count for count in counts]
    beside = f" and {silent} silent" if silent else ""
    return (
        f"{meters} meters{beside} at {at.baud} baud: each read every"
        f" {min(every_s):.2f} to {max(every_s):.2f} s, longest pause {max(longest_s):.2f} s;"
        f" line used {used:.0%}"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each reader")
    parser.add_argument("--bauds", type=int, nargs="+", default=[9600, 19200])
    parser.add_argument("--meters", nargs="+", default=["5", "8", "4+1"], help="on one line, +N silent ones")
    args = parser.parse_args()
    held = image("eastron-sdm630", VALUES)
    with tempfile.TemporaryDirectory() as folder:
        for baud in args.bauds:
            with slow_line.running(Path(folder) / "ttyUSB0", baud, DELAY_S, held) as line:
                print(f"\n{baud} baud 8N1{'':<21}{'requests':>9}{'bytes':>8}{'ms':>10}{'limit ms':>10}{'of limit':>9}")
                for result in results(line, baud, args.seconds):
                    print(result.row(baud))
        for spec in args.meters:
            meters, _, silent = spec.partition("+")
            with slow_line.running(Path(folder) / "ttyUSB0", args.bauds[-1], DELAY_S, held) as line:
                at = Address("rtu", device=str(line.link), baud=args.bauds[-1])
                print(asyncio.run(together(at, int(meters), int(silent or 0), 2 * args.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
