"""Measure what the running appliance costs: start times, memory, CPU at rest.

    python -m tests.benchmarks.footprint [--seconds 30]

Starts the real processes on a simulated house in a temporary home and prints
each figure with its goal from docs/performance.md. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from appliance import audit, clock, config, opened
from appliance.metering import meters, readings
from appliance.store import migrate


def wait_for(ready: Callable[[], bool], limit_s: float = 30.0) -> float:
    """Seconds until `ready()`; raises TimeoutError."""
    began = time.perf_counter()
    while not ready():
        if time.perf_counter() - began > limit_s:
            raise TimeoutError
        time.sleep(0.005)
    return time.perf_counter() - began


def memory(process: psutil.Popen) -> str:
    """RSS and PSS of a process and its children in MB."""
    family = [process, *process.children(recursive=True)]
    rss = sum(one.memory_info().rss for one in family) / 1e6
    pss = sum(one.memory_full_info().pss for one in family) / 1e6
    return f"RSS {rss:6.1f} MB   PSS {pss:6.1f} MB"


def cpu_percent(process: psutil.Popen, seconds: float) -> float:
    """Share of one CPU used over a while."""
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return float(100 * (sum(process.cpu_times()[:2]) - before) / seconds)


class Bench:
    """One temporary home and the processes on it."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wattward-"))
        self.run_dir = Path(tempfile.mkdtemp(prefix="wattward-run-", dir="/dev/shm"))  # noqa: S108 - tmpfs, as on the Pi
        self.environment = {**os.environ, "WATTWARD_RUN": str(self.run_dir), "SDL_VIDEODRIVER": "offscreen"}
        os.environ["WATTWARD_RUN"] = str(self.run_dir)
        self.home = config.find(str(self.root))
        self.running: list[psutil.Popen] = []

    def start(self, *words: str) -> psutil.Popen:
        """Start `python -m …` quietly."""
        process = psutil.Popen(
            [sys.executable, "-m", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.append(process)
        return process

    def core(self) -> psutil.Popen:
        """Start a core on this home."""
        return self.start("appliance.cli.main", "--home", str(self.root), "core")

    def end(self, process: psutil.Popen) -> None:
        """End one process cleanly."""
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        self.running.remove(process)

    def close(self) -> None:
        """End everything and remove the home."""
        for process in self.running:
            process.kill()
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.run_dir, ignore_errors=True)


def core_at_rest(bench: Bench, seconds: float) -> None:
    """The core without meters."""
    core = bench.core()
    wait_for((bench.run_dir / "bells" / "core").exists)
    time.sleep(3)
    print(f"core, no meters        CPU {cpu_percent(core, seconds):5.2f} % of one core (goal 0.3)   {memory(core)}")
    bench.end(core)


def core_with_meter(bench: Bench, seconds: float) -> None:
    """The core reading one meter at 1 Hz: time to the first sample, CPU, memory."""
    house = bench.start("drivers.simulated.house", "--modbus-port", "0", "--pins", str(bench.run_dir / "house.sock"))
    assert house.stdout is not None
    port = int(house.stdout.readline().split("modbus=")[1].split()[0])
    it = opened.open_home(bench.home, clock.SystemClock())
    migrate.migrate(bench.home.store_db, it.clock)
    meters.add(it.store, it.clock, name="Grid", model="kostal-ksem-g2", url=f"tcp://127.0.0.1:{port}", unit=1,
               role="grid", actor=audit.CLI)  # fmt: skip
    began = time.perf_counter()
    core = bench.core()
    wait_for(lambda: bench.home.live_db.exists() and _has_sample(it))
    print(f"core start → first sample in live.db   {time.perf_counter() - began:5.2f} s")
    time.sleep(3)
    print(
        f"core, one meter 1 Hz   CPU {cpu_percent(core, seconds):5.2f} % of one core (goal 0.5)   {memory(core)}"
        " (goal RSS 45)"
    )


def _has_sample(it: opened.Opened) -> bool:
    from appliance import errors

    try:
        return bool(readings.newest(it.live))
    except errors.StoreError:
        return False


def admin_waiting(bench: Bench) -> None:
    """The web admin while its port is closed."""
    admin = bench.start("ui.admin", "--home", str(bench.root))
    wait_for((bench.run_dir / "bells" / "admin").exists)
    time.sleep(2)
    print(
        f"admin, waiting         CPU {cpu_percent(admin, 5):5.2f} %                          {memory(admin)}"
        " (goal RSS 15)"
    )


def touch_start(bench: Bench) -> None:
    """Process start to the first frame kept as a screenshot, then memory and idle CPU."""
    picture = bench.root / "touch.png"
    began = time.perf_counter()
    touch = bench.start("ui.touch", "--home", str(bench.root), "--screenshot-every", "1", str(picture))
    wait_for(picture.exists)
    print(f"touch start → first picture kept       {time.perf_counter() - began:5.2f} s")
    time.sleep(3)
    print(f"touch, energy screen   CPU {cpu_percent(touch, 10):5.2f} %                          {memory(touch)}")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    bench = Bench()
    try:
        core_at_rest(bench, seconds)
        core_with_meter(bench, seconds)
        admin_waiting(bench)
        touch_start(bench)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
