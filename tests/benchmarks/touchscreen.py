"""Measure the touchscreen: start, taps, rest, motion, a year's chart, memory over many page changes.

    python -m tests.benchmarks.touchscreen [--changes 100000] [--only-memory] [--size 1280x720]

The real program runs offscreen on a furnished house in a temporary home, whose meters
say the same each second. Each figure is printed with its
goal; nothing is asserted. A second start is measured, when files are in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.ui.touch.conftest import make_house
from tests.ui.touch.house import House

GOALS = {
    "process start to first frame, s": "<= 1",
    "tap to pressed, frames (most)": "<= 1",
    "page change, ms (median, most)": "<= 100",
    "page made, ms (median, most)": "<= 100",
    "idle 10 s, frames": "0",
    "idle 10 s, % of a core": "<= 0.5",
    "energy for 10 s, % of a core": "<= 15",
    "flow for 10 s, % of a core": "<= 15",
    "chart of a year, ms (median, most)": "<= 50",
    "USS, MB": "<= 130",
    "growth over": "<= 1 over 100000",
}


def start(folder: Path, clock_file: Path, changes: int, size: str, *more: str) -> subprocess.Popen[str]:
    """Start the program that measures itself."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.touch_inside", "--home", str(folder / "home"), "--clock",
         str(clock_file), "--changes", str(changes), "--size", size, *more],
        stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
        env={**os.environ, "WATTWARD_RUN": str(folder / "run"), "SDL_VIDEODRIVER": "offscreen",
             "WATTWARD_SPAWNED": str(time.monotonic())},
    )  # fmt: skip


def live(house: House) -> None:
    """Let time pass as it does, with meters that say the same each second."""
    while True:
        time.sleep(1.0)
        house.live(1.0)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=5000)
    parser.add_argument("--only-memory", action="store_true", help="nothing but the page changes")
    parser.add_argument("--size", default="800x480")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wattward-touch-"))
    house, clock_file = make_house(folder)
    house.furnish()
    house.day()
    house.live(12)
    first = start(folder, clock_file, 0, args.size)
    assert first.stdout is not None
    first.stdout.readline()
    first.kill()
    first.wait()
    program = start(folder, clock_file, args.changes, args.size, *["--only-memory"] * args.only_memory)
    assert program.stdout is not None
    threading.Thread(target=live, args=(house,), daemon=True).start()
    for line in program.stdout:
        said = json.loads(line)
        goal = next((goal for name, goal in GOALS.items() if said["what"].startswith(name)), "")
        print(f"{said['what']:44} {_figure(said['is']):>20}   {goal}", flush=True)  # noqa: T201 - its purpose
    return program.wait()


def _figure(found: object) -> str:
    return " ".join(f"{one:.2f}" for one in found) if isinstance(found, list) else f"{found:.2f}"


if __name__ == "__main__":
    sys.exit(main())
