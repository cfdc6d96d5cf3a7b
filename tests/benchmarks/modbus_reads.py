"""Measure what reading a meter costs, beside what it costs others.

    python -m tests.benchmarks.modbus_reads [--seconds 2] [--rounds 3]

Four readers take turns at the same libmodbus server, which shows the registers
of a KOSTAL meter, in the same blocks (28, 104 and 8 registers): a libmodbus
loop in C (what is possible), a plain pymodbus loop, our bus, and our whole
meter (bus, decoding to SI values, plausibility). Then what decoding alone takes
for each value, beside pymodbus's own converter. Medians of the rounds; use the
ratios, not the absolute figures. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pymodbus.client import AsyncModbusTcpClient

from drivers.modbus import plan, registers
from drivers.modbus.address import Address
from drivers.modbus.asking import Asking
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import open_meter
from tests.benchmarks import libmodbus
from tests.drivers.modbus.device import image
from tests.drivers.modbus.served import Missing
from tests.drivers.modbus.values import VALUES

MODEL = "kostal-ksem-g2"
UNIT = 1


@dataclass(frozen=True)
class Cost:
    """What one round of one reader came to."""

    reads: int
    took_s: float
    cpu_s: float

    @property
    def reads_per_s(self) -> float:
        return self.reads / self.took_s

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.reads * 1e6


def cpu_s() -> float:
    """CPU time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measured(read_all: Callable[[], Awaitable[object]], requests: int, seconds: float) -> Cost:
    """Call `read_all`, which makes `requests` requests, for so long."""
    await read_all()
    reads, cpu_at, began = 0, cpu_s(), perf_counter()
    while perf_counter() - began < seconds:
        await read_all()
        reads += requests
    return Cost(reads, perf_counter() - began, cpu_s() - cpu_at)


async def plain_pymodbus(port: int, blocks: list[plan.Block], seconds: float) -> Cost:
    """The client library as its manual shows it."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.5, retries=0)
    await client.connect()

    async def read_all() -> None:
        for block in blocks:
            answer = await client.read_holding_registers(block.start, count=block.count, device_id=UNIT)
            assert not answer.isError()

    cost = await measured(read_all, len(blocks), seconds)
    client.close()
    return cost


async def our_bus(port: int, blocks: list[plan.Block], seconds: float) -> Cost:
    """Our line, without a meter on it."""
    bus = Bus(Address("tcp", "127.0.0.1", port))

    async def read_all() -> None:
        for block in blocks:
            await bus.read(Question(UNIT, 3, block.start, block.count))

    cost = await measured(read_all, len(blocks), seconds)
    await bus.close()
    return cost


async def our_meter(port: int, blocks: list[plan.Block], seconds: float) -> Cost:
    """All that the core does to have a reading."""
    meter = open_meter(MODEL, f"tcp://127.0.0.1:{port}", UNIT)
    cost = await measured(meter.read, len(blocks), seconds)
    await meter.close()
    return cost


def c_loop(program: Path, port: int, blocks: list[plan.Block], seconds: float) -> Cost:
    """The same blocks, read by a program in C."""
    spans = [f"{block.start}:{block.count}" for block in blocks]
    command = [str(program), str(port), str(UNIT), str(seconds), *spans]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Cost(int(words[0]), float(words[1]), float(words[2]))


def rounds(seconds: float, count: int) -> dict[str, list[Cost]]:
    """All readers, taking turns. Raises Missing."""
    of = registers.load(MODEL)
    blocks = plan.blocks(of, [point for point in of.points if not point.slow])
    found: dict[str, list[Cost]] = {"libmodbus in C": [], "plain pymodbus": [], "our bus": [], "our meter": []}
    with tempfile.TemporaryDirectory() as folder:
        server = libmodbus.compiled("modbus_server", Path(folder))
        client = libmodbus.compiled("modbus_client", Path(folder))
        with libmodbus.server(server, 3, image(MODEL, VALUES)) as port:
            for _ in range(count):
                found["libmodbus in C"].append(c_loop(client, port, blocks, seconds))
                found["plain pymodbus"].append(asyncio.run(plain_pymodbus(port, blocks, seconds)))
                found["our bus"].append(asyncio.run(our_bus(port, blocks, seconds)))
                found["our meter"].append(asyncio.run(our_meter(port, blocks, seconds)))
    return found


def decoding(seconds: float) -> str:
    """CPU time to make one value of its registers: ours with scale, marks and sign, pymodbus's without."""
    of = registers.load(MODEL)
    asking = Asking(of, of.points, UNIT, plan.toll(of, Address("tcp", "meter")))
    held = image(MODEL, VALUES)
    answers = [[held.get(part.block.start + n, 0) for n in range(part.block.count)] for part in asking.parts]
    pairs = [(part, answer) for part, answer in zip(asking.parts, answers, strict=True)]
    kinds = {"u16": "UINT16", "s16": "INT16", "u32": "UINT32", "s32": "INT32", "u64": "UINT64", "f32": "FLOAT32"}
    raw = [
        (answer[start - part.block.start : start - part.block.start + point.size], kinds[point.type])
        for part, answer in pairs
        for point in part.points
        for start in point.starts
    ]

    def ours() -> None:
        for part, answer in pairs:
            part.values(answer)

    def theirs() -> None:
        for words, kind in raw:
            AsyncModbusTcpClient.convert_from_registers(words, AsyncModbusTcpClient.DATATYPE[kind])

    def us(once: Callable[[], None]) -> float:
        calls, cpu_at = 0, cpu_s()
        while cpu_s() - cpu_at < seconds:
            for _ in range(100):
                once()
            calls += 100
        return (cpu_s() - cpu_at) / calls * 1e6

    mine, other = us(ours), us(theirs)
    return (
        f"decoding: {mine / len(of.points):.2f} us per quantity, {mine / len(raw):.2f} per value in the registers;"
        f" pymodbus's converter {other / len(raw):.2f}"
    )


def table(found: dict[str, list[Cost]]) -> str:
    """The figures and their ratio to the plain loop."""
    speed = {name: statistics.median(cost.reads_per_s for cost in costs) for name, costs in found.items()}
    cpu = {name: statistics.median(cost.cpu_us for cost in costs) for name, costs in found.items()}
    lines = [f"{'reader':<16}{'reads/s':>10}{'CPU us/read':>13}{'CPU, plain = 1':>16}{'CPU, C = 1':>12}"]
    lines += [
        f"{name:<16}{speed[name]:>10.0f}{cpu[name]:>13.1f}"
        f"{cpu[name] / cpu['plain pymodbus']:>16.2f}{cpu[name] / cpu['libmodbus in C']:>12.2f}"
        for name in found
    ]
    lines.append(f"our meter at 1 Hz: {3 * cpu['our meter'] / 1e4:.3f} % of one core")
    return "\n".join(lines)


def main() -> int:
    """Measure and print, or say what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="of each reader in each round")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    try:
        print(table(rounds(args.seconds, args.rounds)))
        print(decoding(args.seconds))
    except Missing as error:
        print(f"cannot be measured here: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
