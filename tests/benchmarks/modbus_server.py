"""Measure what serving our meters to others costs, and that hostile clients leave the sampling alone.

    python -m tests.benchmarks.modbus_server [--seconds 20]

One core reads one meter of the simulated house at 1 Hz. Printed for each scene:
the CPU of the core, how regular its readings come (the newest reading in
`live.db` is looked at every 5 ms), and its memory. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from appliance import audit, clock, opened
from appliance.metering import meters, readings
from appliance.services import sunspec
from appliance.store import migrate, settings
from drivers.interfaces import ServedMeter
from drivers.modbus import server
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


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    answers_alone()
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
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
