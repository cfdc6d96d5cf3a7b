"""Measure how many meters one process reads once a second.

    python -m tests.benchmarks.modbus_many [--meters 50 100 200 400 800] [--seconds 10] [--core]

All are KOSTAL meters on Modbus TCP, each at an address and on a connection of
its own, shown by one cheap process. First the drivers alone, then with `--core`
the real core, which also keeps every reading in `live.db` and its quarter hour.
It carries them when the mean time between two readings of a meter stays below 1.05 s.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil

from appliance import audit, clock, errors, opened
from appliance.metering import meters, readings
from appliance.store import migrate
from drivers.modbus.meter import open_meter
from tests.benchmarks import footprint
from tests.drivers.modbus.device import image
from tests.drivers.modbus.values import VALUES

MODEL = "kostal-ksem-g2"
SETTLE_S = 4.0  # connections, first readings, slow counters


def address(number: int) -> str:
    """The loopback address of one of them."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


@contextlib.contextmanager
def meters_shown() -> Iterator[tuple[int, psutil.Process]]:
    """The process that shows them; gives its port and itself."""
    command = [sys.executable, "-m", "tests.benchmarks.many_meters"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(
            "".join(f"{register} {value}\n" for register, value in image(MODEL, VALUES).items()) + ".\n"
        )
        process.stdin.flush()
        yield int(process.stdout.readline().split()[1]), psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()


async def follow(url: str, until: float, offset_s: float) -> list[float]:
    """Read one meter every second; when each reading came."""
    await asyncio.sleep(offset_s)
    driver = open_meter(MODEL, url, 1)
    came: list[float] = []
    deadline = time.monotonic()
    while time.monotonic() < until:
        await driver.read()
        now = time.monotonic()
        came.append(now)
        deadline = max(deadline + 1.0, now)
        await asyncio.sleep(deadline - now)
    await driver.close()
    return came


async def drivers_alone(port: int, count: int, seconds: float) -> None:
    """This process's job as a child: read so many, print the mean and the worst time between two readings."""
    until = time.monotonic() + SETTLE_S + seconds
    everybody = (follow(f"tcp://{address(n)}:{port}", until, n / count) for n in range(count))
    came = await asyncio.gather(*everybody)
    settled = until - seconds
    gaps = [later - earlier for one in came for earlier, later in zip(one, one[1:], strict=False) if earlier > settled]
    print(statistics.mean(gaps), max(gaps))


def row(what: str, count: int, cpu: float, of_server: float, every_s: float, worst_s: float, rss: float) -> str:
    """One line of the table."""
    carried = "" if every_s < 1.05 else "  too many"
    return (
        f"{what:<10}{count:>7}{cpu:>10.1f}{cpu * 1e4 / count:>13.0f}{every_s:>10.3f}{worst_s:>9.2f}{rss:>9.1f}"
        f"{of_server:>10.1f}{carried}"
    )


def of_drivers(port: int, server: psutil.Process, count: int, seconds: float) -> str:
    """The drivers alone in a process."""
    command = [sys.executable, "-m", "tests.benchmarks.modbus_many", "--child", str(port), str(count), str(seconds)]
    child = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    time.sleep(SETTLE_S + 1)
    before = sum(server.cpu_times()[:2])
    cpu = footprint.cpu_percent(child, seconds - 2)
    of_server = 100 * (sum(server.cpu_times()[:2]) - before) / (seconds - 2)
    rss = child.memory_info().rss / 1e6
    every_s, worst_s = map(float, child.stdout.read().split())
    child.wait()
    return row("drivers", count, cpu, of_server, every_s, worst_s, rss)


def read_so_far(it: opened.Opened) -> int:
    """How many meters have a reading; none before the core has made its tables."""
    try:
        return len(readings.newest(it.live)) if it.home.live_db.exists() else 0
    except errors.StoreError:
        return 0


def of_core(port: int, server: psutil.Process, count: int, seconds: float) -> str:
    """The real core on a temporary store."""
    bench = footprint.Bench()
    try:
        it = opened.open_home(bench.home, clock.SystemClock())
        migrate.migrate(bench.home.store_db, it.clock)
        for n in range(count):
            url = f"tcp://{address(n)}:{port}"
            meters.add(it.store, it.clock, name=f"Meter {n}", model=MODEL, url=url, unit=1, role="submeter",
                       actor=audit.CLI)  # fmt: skip
        core = bench.core()
        footprint.wait_for(lambda: read_so_far(it) == count, 60)
        time.sleep(SETTLE_S)
        before, used = sum(server.cpu_times()[:2]), sum(core.cpu_times()[:2])
        began, newest, gaps = time.monotonic(), readings.newest(it.live), []
        last = {meter: one.at_boottime_s for meter, one in newest.items()}
        first = dict(last)
        counts = dict.fromkeys(last, 0)
        while time.monotonic() - began < seconds:
            time.sleep(0.25)
            for meter, one in readings.newest(it.live).items():
                if one.at_boottime_s > last[meter]:
                    gaps.append(one.at_boottime_s - last[meter])
                    counts[meter] += 1
                    last[meter] = one.at_boottime_s
        took_s = time.monotonic() - began
        cpu = 100 * (sum(core.cpu_times()[:2]) - used) / took_s
        of_server = 100 * (sum(server.cpu_times()[:2]) - before) / took_s
        every_s = statistics.mean((last[m] - first[m]) / counts[m] for m in counts if counts[m])
        found = row("core", count, cpu, of_server, every_s, max(gaps), core.memory_info().rss / 1e6)
        bench.end(core)
        return found
    finally:
        bench.close()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--meters", type=int, nargs="+", default=[50, 100, 200, 400, 800])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--core", action="store_true", help="the whole core, too")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        port, count, seconds = args.child
        asyncio.run(drivers_alone(int(port), int(count), float(seconds)))
        return 0
    print("process    meters     CPU %   us/reading   every s    worst   RSS MB  server %")
    with meters_shown() as (port, server):
        for count in args.meters:
            print(of_drivers(port, server, count, args.seconds), flush=True)
        for count in args.meters if args.core else []:
            print(of_core(port, server, count, args.seconds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
