"""The touchscreen that measures itself, for `touchscreen.py`: the real program, on Kivy's own loop.

CPU milliseconds are those of Kivy's thread: what another machine's load does not
make longer. Lines of JSON on standard output: {"what": …, "is": …}. The figures of the first frame
need WATTWARD_SPAWNED: the moment (CLOCK_MONOTONIC) at which this process was started.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from appliance import config, opened
from tests.ui.touch.shared_clock import SharedClock
from ui.touch import display

YEAR_SLOTS = 35_040  # quarter hours
Script = Iterator[float]  # it yields how many seconds to wait


class Measured:
    """The program, and what it did."""

    def __init__(self, changes: int) -> None:
        from kivy.app import App
        from kivy.clock import Clock
        from kivy.core.window import Window

        self.clock, self.window, self.changes = Clock, Window, changes
        self.frames, self.flipped_s = 0, 0.0
        self.process = psutil.Process()
        self.running: Callable[[], Any] = App.get_running_app
        Window.bind(on_flip=self._count)

    def _count(self, _window: object) -> None:
        self.frames += 1
        self.flipped_s = time.monotonic()

    def begin(self) -> None:
        """Wait for the first picture with values, then go on."""
        app = self.running()
        if app is None or not app._ready or app.root.splash is not None or not self.frames:
            self.clock.schedule_once(lambda _dt: self.begin(), 0)
            return
        say("process start to first frame, s", time.monotonic() - float(os.environ["WATTWARD_SPAWNED"]))
        say("process start to first frame, CPU s", sum(self.process.cpu_times()[:2]))
        self.go_on(self.script())

    def go_on(self, script: Script) -> None:
        """One piece of the script after the other."""
        pause_s = next(script, None)
        if pause_s is None:
            self.running().stop()
        else:
            self.clock.schedule_once(lambda _dt: self.go_on(script), pause_s)

    def script(self) -> Script:
        """All of it."""
        yield 3.0
        yield from self.taps()
        yield from self.still()
        yield from self.moving()
        yield from self.year()
        yield from self.many()

    def taps(self) -> Script:
        """A tap on a tab: frames and time until it looks pressed, and until the other page is drawn."""
        app, pressed, changed, frames, used = self.running(), [], [], [], []
        for turn in range(40):
            tabs = app.root.frame.ids.tabs.children
            tab = next(one for one in tabs if one.screen == ("charging" if turn % 2 else "sessions"))
            x, y = tab.center_x, self.window.height - tab.center_y
            before, began_s = self.frames, time.monotonic()
            self.window.dispatch("on_mouse_down", x, y, "left", [])
            while self.frames == before:
                yield 0
            pressed.append((self.flipped_s - began_s) * 1000)
            frames.append(self.frames - before if tab.state == "down" else math.inf)
            before, began_s, used_s = self.frames, time.monotonic(), time.thread_time()
            self.window.dispatch("on_mouse_up", x, y, "left", [])
            while self.frames == before or app.root.screen != tab.screen:
                yield 0
            changed.append((self.flipped_s - began_s) * 1000)
            used.append((time.thread_time() - used_s) * 1000)
            yield 0.1
        say("tap to pressed, frames (most)", max(frames))
        say("tap to pressed, ms (median, most)", [statistics.median(pressed), max(pressed)])
        say("page change, CPU ms (median, most)", [statistics.median(used[4:]), max(used)])
        say("page change, ms (median, most)", [statistics.median(changed[4:]), max(changed)])

    def still(self) -> Script:
        """Nothing changes on a page without motion."""
        self.running().go("faults")
        yield 8.0
        before, used_s = self.frames, sum(self.process.cpu_times()[:2])
        yield 10.0
        say("idle 10 s, frames", self.frames - before)
        say("idle 10 s, % of a core", 10 * (sum(self.process.cpu_times()[:2]) - used_s))

    def moving(self) -> Script:
        """Home, its picture moving."""
        app = self.running()
        for page in ("energy", "flow"):
            app.go(page)
            yield 8.0
            before, used_s = self.frames, sum(self.process.cpu_times()[:2])
            yield 10.0
            say(f"{page} for 10 s, frames", self.frames - before)
            say(f"{page} for 10 s, % of a core", 10 * (sum(self.process.cpu_times()[:2]) - used_s))

    def year(self) -> Script:
        """A chart of a year of quarter hours, drawn."""
        from ui.touch import theme
        from ui.touch.widgets.chart import Chart

        values = tuple(1500 + 1400 * math.sin(number / 400) * math.sin(number / 15) for number in range(YEAR_SLOTS))
        chart = Chart(size=(self.window.width, 300), size_hint=(None, None))
        self.running().root.add_widget(chart)
        yield 0.5
        took, used = [], []
        for turn in range(7):
            before, began_s, used_s = self.frames, time.monotonic(), time.thread_time()
            chart.series = [(theme.HOUSE, (float(turn), *values[1:]))]
            while self.frames == before:
                yield 0
            took.append((self.flipped_s - began_s) * 1000)
            used.append((time.thread_time() - used_s) * 1000)
            yield 0.1
        self.running().root.remove_widget(chart)
        say("chart of a year, CPU ms (median, most)", [statistics.median(used), max(used)])
        say("chart of a year, ms (median, most)", [statistics.median(took), max(took)])

    def many(self) -> Script:
        """Memory over many page changes, each page drawn."""
        from ui.touch.screens import SCREENS

        app = self.running()
        pages = [name for name in SCREENS if name not in ("pin",)]
        for turn in range(4 * len(pages)):
            self.change(app, pages[turn % len(pages)])
            yield 0
        gc.collect()
        before = self.process.memory_full_info().uss
        say("USS, MB", before / 1e6)
        for turn in range(self.changes):
            self.change(app, pages[turn % len(pages)])
            if turn % 20 == 0:
                yield 0
        gc.collect()
        grown = self.process.memory_full_info().uss - before
        say(f"growth over {self.changes} page changes, MB", grown / 1e6)

    @staticmethod
    def change(app: Any, page: str) -> None:  # noqa: ANN401 - Kivy's App
        """Show a page as a tap does."""
        app._touched_at_s = app.real_s()
        app.unlocked = True
        app.go(page)


def say(what: str, figure: object) -> None:
    """One figure."""
    sys.__stdout__.write(json.dumps({"what": what, "is": figure}) + "\n")  # type: ignore[union-attr]  # it is there
    sys.__stdout__.flush()  # type: ignore[union-attr]


def main() -> int:
    """Start the program with its measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--changes", type=int, default=5000)
    parser.add_argument("--size", default="800x480")
    args = parser.parse_args()
    it = opened.open_home(config.find(args.home), SharedClock(args.clock))
    display.prepare(display.as_size(args.size), it.home.run)
    from ui.touch.app import WattwardApp

    app = WattwardApp(it)
    from kivy.clock import Clock

    measured = Measured(args.changes)
    Clock.schedule_once(lambda _dt: measured.begin(), 0)
    app.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
