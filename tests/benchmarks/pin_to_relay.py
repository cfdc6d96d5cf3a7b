"""Measure a PIN typed in one process until the relay line is switched by the core.

    python -m tests.benchmarks.pin_to_relay [--tries 500] [--slow-card MS]

The core is the real process on simulated pins; the PIN is a real
`grants.authorize` in this process, another one. The line's moment is the one
the core notes after it read the line back, on the clock both share, so the
figures include everything. Each try takes the next of 19 points, because a
relay pauses between two closings. `--slow-card 30` makes each fsync of both
processes take 30 ms longer (strace injects the delay); without it both are
measured if strace is there. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from appliance import audit, clock, config, heartbeat, opened
from appliance.charging import grants, identifications, observed, points, users
from appliance.store import changes, settings

CODE = "#271828"
LINES = range(9, 28)
PAUSE_S = 1  # charging.min_pause_s for the measurement
PATIENCE_S = 20.0
CORE = (sys.executable, "-m", "appliance.cli.main")
STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync")


@dataclass
class Figures:
    """Milliseconds of all tries."""

    asked_ms: list[float] = field(default_factory=list)  # from the call of authorize
    committed_ms: list[float] = field(default_factory=list)  # from its return
    opened_ms: list[float] = field(default_factory=list)  # from the return of stop

    def say(self, title: str) -> None:
        """Print median, 99th percentile and worst."""
        print(title)
        for name, values in (
            ("PIN committed → relay closed", self.committed_ms),
            ("PIN typed → relay closed", self.asked_ms),
            ("stop committed → relay open", self.opened_ms),
        ):
            p99 = statistics.quantiles(values, n=100)[98]
            print(
                f"  {name:30} p50 {statistics.median(values):7.2f} ms   p99 {p99:7.2f} ms   max {max(values):7.2f} ms"
            )


class Bench:
    """One temporary home, its core, and somebody who types PINs."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wattward-"))
        self.run_dir = Path(tempfile.mkdtemp(prefix="wattward-run-", dir="/dev/shm"))  # noqa: S108 - tmpfs, as on the Pi
        self.home = config.Home(self.root, self.run_dir)
        house = ("-m", "drivers.simulated.house", "--modbus-port", "0", "--pins", str(self.run_dir / "house.sock"))
        self.running = [self.start((sys.executable, *house))]
        assert self.running[0].stdout is not None
        self.running[0].stdout.readline()
        self.it = opened.open_home(self.home, clock.SystemClock())
        self.running.append(self.start((*CORE, "--home", str(self.root), "core")))
        self.bell: changes.Bell | None = None

    def start(self, command: tuple[str, ...]) -> subprocess.Popen[str]:
        """Start one process on this home."""
        environment = {
            **os.environ,
            "WATTWARD_RUN": str(self.run_dir),
            "WATTWARD_HARDWARE": f"simulated:{self.run_dir / 'house.sock'}",
        }
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
        )  # fmt: skip

    def furnish(self) -> list[points.Point]:
        """Put in a user with a PIN and a point on every line, once the core is there."""
        wait_for(lambda: heartbeat.core_runs(self.it.live, self.it.clock))
        settings.put(self.it.store, self.it.clock.now(), audit.CLI, "charging.min_pause_s", str(PAUSE_S))
        user = users.add(self.it.store, self.it.clock, "Anna", "Berger", actor=audit.CLI)
        identifications.add(
            self.it.store, self.it.key(), self.it.clock, user.id, type="pin", code=CODE, active=True, actor=audit.CLI
        )
        for line in LINES:
            points.add(self.it.store, self.it.clock, f"Point {line}", f"gpio:{line}", actor=audit.CLI)
        found = points.all(self.it.store)
        wait_for(lambda: set(observed.all(self.it.live)) == {point.id for point in found})
        time.sleep(PAUSE_S + 0.5)
        self.bell = changes.Bell(self.home.bells, "bench")
        return found

    def seen(self, point: points.Point, closed: bool) -> float:
        """Wait until the core saw the line so; return when, on the boot clock."""
        assert self.bell is not None
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            now = observed.all(self.it.live).get(point.id)
            if now is not None and now.closed is closed:
                return now.since_boottime_s
            self.bell.wait(0.05)
        raise TimeoutError(point.name)

    def try_once(self, point: points.Point, figures: Figures) -> None:
        """Type the PIN, see the line, stop, see it again."""
        asked_s = self.it.clock.boottime_s()
        decision = grants.authorize(self.it, CODE, point, "cli", actor=audit.CLI)
        committed_s = self.it.clock.boottime_s()
        assert decision.result == "accepted", decision
        closed_s = self.seen(point, closed=True)
        time.sleep(0.03)  # the session is written meanwhile
        grants.stop(self.it, point.id, audit.CLI)
        stopped_s = self.it.clock.boottime_s()
        opened_s = self.seen(point, closed=False)
        figures.asked_ms.append(1000 * (closed_s - asked_s))
        figures.committed_ms.append(1000 * max(0.0, closed_s - committed_s))
        figures.opened_ms.append(1000 * max(0.0, opened_s - stopped_s))

    def close(self) -> None:
        """End the processes and remove the home."""
        for process in reversed(self.running):
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.run_dir, ignore_errors=True)


def slowed(slow_ms: float) -> tuple[str, ...]:
    """What to put before a command so that its card is slow."""
    if not slow_ms:
        return ()
    return (*STRACE, "-e", f"inject=fdatasync,fsync:delay_exit={round(slow_ms * 1000)}")


def wait_for(ready: object) -> None:
    """Wait until `ready()`; raises TimeoutError."""
    assert callable(ready)
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def measure(tries: int, slow_ms: float) -> None:
    """All tries on one core; print the figures."""
    bench, figures = Bench(), Figures()
    try:
        known = bench.furnish()
        last_s: dict[int, float] = {}
        for number in range(tries):
            point = known[number % len(known)]
            time.sleep(max(0.01, last_s.get(point.id, 0.0) + PAUSE_S + 0.1 - time.monotonic()))
            bench.try_once(point, figures)
            last_s[point.id] = time.monotonic()
    finally:
        bench.close()
    goal = "100 ms" if slow_ms else "10 ms"
    figures.say(f"{tries} tries, each fsync {slow_ms:g} ms slower (goal: committed → closed p99 ≤ {goal})")


def main() -> None:
    """Print the figures, on this card and on a slow one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=500)
    parser.add_argument("--slow-card", type=float, metavar="MS", help="only with so slow a card")
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)  # slowed already, with all it starts
    args = parser.parse_args()
    if args.inner or args.slow_card == 0:
        measure(args.tries, args.slow_card or 0.0)
        return
    for slow_ms in (0.0, 30.0) if args.slow_card is None else (args.slow_card,):
        if slow_ms and shutil.which("strace") is None:
            print("slow card: strace is not installed, not measured")
            continue
        words = (
            "-m",
            "tests.benchmarks.pin_to_relay",
            "--inner",
            "--tries",
            str(args.tries),
            "--slow-card",
            f"{slow_ms:g}",
        )
        subprocess.run([*slowed(slow_ms), sys.executable, *words], check=True)


if __name__ == "__main__":
    main()
