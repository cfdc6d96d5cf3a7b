"""The touchscreen that measures itself, for `touchscreen.py`: the real program, on Kivy's own loop.

CPU milliseconds are those of Kivy's thread: what another machine's load does not
make longer. A frame counts when it is drawn: offscreen nothing else makes the renderer finish what it was given, and
it keeps all of it in memory. Lines of JSON on standard output: {"what": …, "is": …}. The figures of the first frame
need WATTWARD_SPAWNED: the moment (CLOCK_MONOTONIC) at which this process was started.
"""

from __future__ import annotations

import argparse
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
from ui.touch import display, memory

YEAR_SLOTS = 35_040  # quarter hours
WARM_ROUNDS = 16  # over all pages
MILESTONES = (1_000, 3_000, 10_000, 30_000)
DRAWN_OF = 5  # one of so many page changes is drawn
STAY = ("energy", "charging")  # pages that are never made anew
Script = Iterator[float]  # it yields how many seconds to wait


class Measured:
    """The program, and what it did."""

    def __init__(self, changes: int, *, only_memory: bool) -> None:
        from kivy.app import App
        from kivy.clock import Clock
        from kivy.core.window import Window

        self.clock, self.window, self.changes, self.only_memory = Clock, Window, changes, only_memory
        from kivy.graphics.opengl import glFinish

        self.finish: Callable[[], None] = glFinish
        self.frames, self.flipped_s = 0, 0.0
        self.process = psutil.Process()
        self.running: Callable[[], Any] = App.get_running_app
        Window.bind(on_flip=self._count)

    def _count(self, _window: object) -> None:
        self.finish()
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
        if not self.only_memory:
            yield from self.taps()
            yield from self.still()
            yield from self.moving()
            yield from self.year()
            yield from self.each()
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
            self.running().touched()  # as after a swipe to another period
            yield 0.05
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

    def each(self) -> Script:
        """Every page, made anew: until it is drawn."""
        app, took, used = self.running(), [], []
        for page in [name for name in self.pages() if name not in STAY] * 2:
            before, began_s, used_s = self.frames, time.monotonic(), time.thread_time()
            self.change(app, page)
            while self.frames == before:
                yield 0
            took.append(((self.flipped_s - began_s) * 1000, page))
            used.append(((time.thread_time() - used_s) * 1000, page))
            yield 1.0  # the page before is swept up
        half = len(took) // 2  # the first time rules are read and fonts opened
        for name, found in (("first ", took[:half]), ("", took[half:])):
            say(f"{name}page made, ms (median, most)", [statistics.median(ms for ms, _ in found), max(found)[0]])
        for name, found in (("first ", used[:half]), ("", used[half:])):
            say(f"{name}page made, CPU ms (median, most)", [statistics.median(ms for ms, _ in found), max(found)[0]])
        say(f"slowest: {max(used[half:])[1]}, CPU ms", max(used[half:])[0])

    def many(self) -> Script:
        """Memory over many page changes, after as many as it takes until every cache is full."""
        app, pages = self.running(), self.pages()
        before = 0
        for turn in range(1, WARM_ROUNDS * len(pages) + self.changes + 1):
            self.change(app, pages[turn % len(pages)])
            if turn % DRAWN_OF == 0:
                yield 0
            done = turn - WARM_ROUNDS * len(pages)
            if done == 0 or done in MILESTONES or (done == self.changes and done > 0):
                self.change(app, pages[0])
                yield 1.0
                if done == 0:
                    before = self.uss()
                    say("USS, MB", before / 1e6)
                else:
                    say(f"growth over {done} page changes, MB", (self.uss() - before) / 1e6)

    def uss(self) -> int:
        """Bytes that are the process' own, at rest."""
        memory.sweep()
        return int(self.process.memory_full_info().uss)

    @staticmethod
    def pages() -> list[str]:
        """All that can be gone to."""
        from ui.touch.screens import SCREENS

        return [name for name in SCREENS if name != "pin"]

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
    parser.add_argument("--only-memory", action="store_true")
    parser.add_argument("--size", default="800x480")
    args = parser.parse_args()
    memory.prepare()
    it = opened.open_home(config.find(args.home), SharedClock(args.clock))
    display.prepare(display.as_size(args.size), it.home.run)
    from ui.touch.app import WattwardApp

    app = WattwardApp(it)
    from kivy.clock import Clock

    measured = Measured(args.changes, only_memory=args.only_memory)
    Clock.schedule_once(lambda _dt: measured.begin(), 0)
    app.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
