"""How long the energy pages' pictures take: `python -m tests.benchmarks.chart [--rounds 20]`.

Draws in the real window, offscreen, with software GL: a curve of a year
(35,040 quarter hours) handed over anew and drawn until the picture is there;
a day; a month of bars; and what the moving home costs of a core.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance import config, opened
from appliance.access import device_key
from appliance.store import live, migrate
from tests.fake_clock import FakeClock

if TYPE_CHECKING:  # it prepares the display and imports Kivy
    from tests.ui.touch.stage import Stage

YEAR = 35_040
WATCH_S = 10.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    from tests.ui.touch import looks
    from tests.ui.touch.stage import Stage

    root = Path(tempfile.mkdtemp(prefix="wattward-chart-"))
    home, clock = config.Home(root, root / "run"), FakeClock()
    home.make()
    migrate.migrate(home.store_db, clock)
    live.make(home.live_db, clock.boot_id)
    device_key.make(home.keys)
    stage = Stage(opened.open_home(home, clock), looks.DAY)
    sys.stderr.flush()
    sys.stdout.write(f"{'milliseconds':<40} {'median':>8} {'worst':>8} {'of the processor':>18}\n")
    for name, times in (*curves(stage, rounds), *bars(stage, rounds)):
        walls, used = [wall for wall, _used in times], [used for _wall, used in times]
        median, worst = statistics.median(walls), max(walls)
        sys.stdout.write(f"{name:<40} {median:8.1f} {worst:8.1f} {statistics.median(used):18.1f}\n")
    share, rate = moving(stage), frames(stage)
    sys.stdout.write(f"home while all flows: {100 * share:.1f} % of a core, {rate:.1f} frames/s\n")
    stage.close()
    return 0


def curves(stage: Stage, rounds: int) -> list[tuple[str, Times]]:
    """A year and a day on the history page's chart."""
    from ui.touch import theme

    page = _history(stage, "history-day")
    chart = page._chart
    found = []
    for name, count in (("curve of a year, 35,040 quarter hours", YEAR), ("curve of a day, 288 steps, 3 curves", 288)):
        rows = [
            array("d", [1500 + 1400 * math.sin(n * 0.013 + number) * math.sin(n * 0.7) for n in range(count)])
            for number in range(1 if count == YEAR else 3)
        ]
        flip = [0.0]

        def change(rows: list[array[float]] = rows, flip: list[float] = flip) -> None:
            flip[0] += 1.0
            rows[0][0] = flip[0]
            chart.series = [(theme.HOUSE, array("d", row)) for row in rows]

        found.append((name, _timed(change, chart._draw, rounds)))
    return found


def bars(stage: Stage, rounds: int) -> list[tuple[str, Times]]:
    """A month, four parts a bar."""
    page = _history(stage, "history-month")
    widget = page._bars
    wanted = [list(widget.bars), list(reversed(widget.bars))]

    def change() -> None:
        wanted.reverse()
        widget.bars = wanted[0]

    return [("bars of a month, 4 parts each", _timed(change, widget._draw, rounds))]


def _history(stage: Stage, name: str) -> Any:  # noqa: ANN401 - a page; Kivy is imported late
    from tests.ui.touch import looks_energy

    screen, status = looks_energy.LOOKS[name]
    stage.turn_to(screen, status)
    _idle(8)
    return stage.app.root.manager.current_screen


Times = list[tuple[float, float]]  # milliseconds until the picture is there, and of the processor


def _timed(change: Callable[[], None], draw: Callable[[], None], rounds: int) -> Times:
    """From the values to the picture: laid out, drawn with all of the page, and finished by the renderer."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    found = []
    for _ in range(rounds):
        _idle(3)
        change()
        begun, used = time.perf_counter(), time.process_time()
        draw()
        Window.dispatch("on_draw")
        glReadPixels(0, 0, 1, 1, GL_RGB, GL_UNSIGNED_BYTE)  # waits for the renderer
        found.append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - used)))
    return found


def moving(stage: Stage) -> float:
    """Share of a core that the home page takes while everything on it flows."""
    _home(stage)
    begun, used = time.monotonic(), time.process_time()
    while time.monotonic() - begun < WATCH_S:
        _idle(1)
    return (time.process_time() - used) / (time.monotonic() - begun)


def frames(stage: Stage) -> float:
    """Frames a second it draws."""
    from kivy.core.window import Window

    count = [0]

    def flipped(_window: object) -> None:
        count[0] += 1

    _home(stage)
    Window.bind(on_flip=flipped)
    begun = time.monotonic()
    while time.monotonic() - begun < WATCH_S / 2:
        _idle(1)
    Window.unbind(on_flip=flipped)
    return count[0] / (time.monotonic() - begun)


def _home(stage: Stage) -> None:
    from kivy.clock import Clock

    from tests.ui.touch import looks_energy

    stage.turn_to("energy", looks_energy.BATTERY)
    Clock._max_fps = 10  # as when nobody touches
    _idle(10)


def _idle(frames: int) -> None:
    from kivy.base import EventLoop

    for _ in range(frames):
        EventLoop.idle()


if __name__ == "__main__":
    sys.exit(main())
