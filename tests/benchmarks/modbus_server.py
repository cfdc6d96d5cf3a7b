"""Measure what serving our meters to others costs, and that hostile clients leave the sampling alone.

    python -m tests.benchmarks.modbus_server [--seconds 20]

One core reads one meter of the simulated house at 1 Hz. Printed for each scene:
the CPU of the core, how regular its readings come (the newest reading in
`live.db` is looked at every 5 ms), and its memory. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from appliance import audit, clock, opened
from appliance.metering import meters, readings
from appliance.services import sunspec
from appliance.store import migrate, settings
from drivers.interfaces import ServedMeter
from drivers.modbus import server
from drivers.modbus.sunspec import image
from tests.benchmarks.footprint import Bench, memory, wait_for
from tests.drivers.modbus.sunspec.devices import VALUES

HOSTILE = Path(__file__).parents[1] / "appliance" / "services" / "hostile.py"
REQUEST = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 40070, 107)
METER_ID = 1


def answers_alone(count: int = 20_000) -> None:
    """CPU of an answer itself: 107 registers from the cache, and after each change of the values."""
    meter = ServedMeter("Grid", "meter-1", "1.0", VALUES)
    one = server.Server.__new__(server.Server)  # the answers without the socket
    one._images = {}
    one._meter_at = lambda _unit: meter
    began = time.process_time()
    for _ in range(count):
        one.answer(REQUEST)
    same_us = 1e6 * (time.process_time() - began) / count
    one._meter_at = lambda _unit: ServedMeter("Grid", "meter-1", "1.0", VALUES)
    began = time.process_time()
    for _ in range(count // 10):
        one.answer(REQUEST)
    new_us = 1e7 * (time.process_time() - began) / count
    print(f"one answer of 107 registers   {same_us:6.1f} µs CPU; with new values {new_us:6.0f} µs")


def rhythm(it: opened.Opened, seconds: float) -> str:
    """How far the time between two readings is from a second."""
    times: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        at_s = readings.newest(it.live)[METER_ID].at_boottime_s
        if not times or times[-1] != at_s:
            times.append(at_s)
        time.sleep(0.005)
    off_ms = sorted(abs(after - before - 1) * 1000 for before, after in zip(times, times[1:], strict=False))
    median_ms = off_ms[len(off_ms) // 2]
    return f"{len(off_ms)} readings in {seconds:g} s, off by {median_ms:.1f} ms (median) {off_ms[-1]:.1f} ms (most)"


def scene(title: str, core: psutil.Popen, it: opened.Opened, seconds: float) -> None:
    """One line of figures."""
    before = sum(core.cpu_times()[:2])
    found = rhythm(it, seconds)
    percent = 100 * (sum(core.cpu_times()[:2]) - before) / seconds
    print(f"{title:28} CPU {percent:5.2f} %   {found}   {memory(core)}")


def polite(port: int, stop: threading.Event, took_ms: list[float]) -> None:
    """A client as they are: once a second one question, on one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        while not stop.wait(1.0):
            began = time.perf_counter()
            one.sendall(REQUEST)
            if one.recv(4096):
                took_ms.append(1000 * (time.perf_counter() - began))


Serve = Callable[[int], Awaitable[object]]


async def ours(port: int) -> object:
    """Our server."""
    meter = ServedMeter("Grid", "meter-1", "1.0", VALUES)
    return await server.serve(lambda _unit: meter, port, "127.0.0.1")


async def plain_pymodbus(port: int) -> object:
    """The server of pymodbus with the same registers."""
    words = image.registers(ServedMeter("Grid", "meter-1", "1.0", VALUES), 1)
    held = SimData(image.BASE, values=list(words), datatype=DataType.REGISTERS)
    one = ModbusTcpServer([SimDevice(id=1, simdata=[held])], address=("127.0.0.1", port))
    await one.serve_forever(background=True)
    return one


async def beside(serve: Serve, seconds: float) -> tuple[float, list[float], int]:
    """CPU share of this process, how late a 50 ms rhythm in the same loop is, and the hostile clients' answers."""
    port = free_port()
    kept = await serve(port)
    nuisance = subprocess.Popen([sys.executable, str(HOSTILE), str(port)], stdout=subprocess.PIPE, text=True)
    assert nuisance.stdout is not None
    await asyncio.to_thread(nuisance.stdout.readline)
    loop, late_ms = asyncio.get_running_loop(), list[float]()
    used_s, due_s = time.process_time(), loop.time()
    until_s = due_s + seconds
    while loop.time() < until_s:
        due_s += 0.05
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        late_ms.append(1000 * (loop.time() - due_s))
    percent = 100 * (time.process_time() - used_s) / seconds
    nuisance.kill()
    got = int((nuisance.stdout.read().split() or ["0"])[-1])
    del kept
    return percent, sorted(late_ms), got


def compared(seconds: float) -> None:
    """Both servers with the same hostile clients, each in a loop that also has something else to do."""
    for title, serve in (("our server", ours), ("plain pymodbus server", plain_pymodbus)):
        percent, late_ms, got = asyncio.run(beside(serve, seconds))
        median_ms, most_ms = late_ms[len(late_ms) // 2], late_ms[-1]
        print(
            f"{title:28} CPU {percent:5.1f} %   {len(late_ms)} of {seconds * 20:.0f} ticks, late by"
            f" {median_ms:.1f} ms (median) {most_ms:.1f} ms (most)   {got / seconds:.0f} hostile answers a second"
        )


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    answers_alone()
    compared(seconds)
    bench = Bench()
    try:
        scenes(bench, seconds)
    finally:
        bench.close()


def scenes(bench: Bench, seconds: float) -> None:
    """The same core with nobody, with one client, and with those that nobody wants."""
    house = bench.start("drivers.simulated.house", "--modbus-port", "0", "--pins", str(bench.run_dir / "house.sock"))
    assert house.stdout is not None
    modbus = int(house.stdout.readline().split("modbus=")[1].split()[0])
    bench.home.make()
    it = opened.open_home(bench.home, clock.SystemClock())
    migrate.migrate(bench.home.store_db, it.clock)
    url = f"tcp://127.0.0.1:{modbus}"
    meters.add(it.store, it.clock, name="Grid", model="kostal-ksem-g2", url=url, unit=1, actor=audit.CLI)
    core = bench.core()
    wait_for(lambda: bench.home.live_db.exists() and (bench.run_dir / "bells" / "core").exists())
    time.sleep(4)
    scene("switched off", core, it, seconds)
    port = free_port()
    settings.put(it.store, it.clock.now(), audit.CLI, sunspec.PORT, str(port))
    settings.put(it.store, it.clock.now(), audit.CLI, sunspec.SWITCH, "on")
    time.sleep(2)
    scene("on, nobody asks", core, it, seconds)
    stop, took_ms = threading.Event(), list[float]()
    client = threading.Thread(target=polite, args=(port, stop, took_ms))
    client.start()
    scene("one client, once a second", core, it, seconds)
    nuisance = subprocess.Popen([sys.executable, str(HOSTILE), str(port)], stdout=subprocess.PIPE, text=True)
    assert nuisance.stdout is not None and nuisance.stdout.readline() == "ready\n"
    alone, began = len(took_ms), time.monotonic()
    scene("and 24 hostile ones", core, it, seconds)
    passed_s = time.monotonic() - began
    nuisance.kill()
    stop.set()
    client.join()
    got = int(nuisance.stdout.read().split()[-1])
    print(f"hostile answers: {got / passed_s:.0f} a second")
    for title, part in (("alone", took_ms[:alone]), ("beside them", took_ms[alone:])):
        found = sorted(part)
        median_ms = found[len(found) // 2]
        print(f"the polite client {title}: {len(found)} answers, median {median_ms:.1f} ms, most {found[-1]:.1f} ms")


if __name__ == "__main__":
    main()
