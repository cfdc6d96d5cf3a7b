"""The real core, or the real touchscreen, for `card_to_relay`: lines that note when they change, a finger that taps.

`core` is `wattward core` itself with the strict twin in the place of RPi.GPIO.
The twin writes the moment of each change into a file that the benchmark maps
(two doubles a line: when it went low, when high; `time.monotonic`), and a thread
feeds Wiegand edges from a FIFO, as one of lgpio's does on a Pi. Two things of
a bench are left out: the grab of the USB reader, because a FIFO cannot be
grabbed, and the limit of five people in ten seconds, because here come more.

`touch` is the touchscreen itself. A thread puts a finger's events into SDL's
queue, where the display's driver puts them; Kivy fetches them when it does.
"""

from __future__ import annotations

import argparse
import json
import mmap
import struct
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from drivers.simulated.pins import StrictPins

LINES = 28
MOMENT = struct.Struct("d")
D0_D1 = (5, 6)


class Lines:
    """When each line went low and high, in a file that two processes map."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(LINES * 2 * MOMENT.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def note(self, line: int, level: int) -> None:
        """It changed now."""
        MOMENT.pack_into(self._map, (2 * line + level) * MOMENT.size, time.monotonic())

    def since_s(self, line: int, level: int) -> float:
        """When it was last changed to this level."""
        found: float = MOMENT.unpack_from(self._map, (2 * line + level) * MOMENT.size)[0]
        return found


class TimedPins(StrictPins):
    """Strict lines that note when they change."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._noted = lines

    def _drive(self, line: int, level: int) -> None:
        changed = self._level(line) != level
        super()._drive(line, level)
        if changed:
            self._noted.note(line, level)

    def take_edges(self, fifo: Path) -> None:
        """Each byte in the FIFO is a bit: its line falls, and rises again."""
        with fifo.open("rb", buffering=0) as bits:
            while byte := bits.read(1):
                line = D0_D1[byte[0]]
                self.feed(line, 0)
                self.feed(line, 1)


def run_core(args: argparse.Namespace) -> int:
    """`wattward core`, on these lines."""
    from appliance.cli import main
    from drivers.readers import hid, watched

    pins: Any = TimedPins(Lines(args.lines))
    for line in D0_D1:
        pins.levels[line] = 1  # both rest high
    package: Any = ModuleType("RPi")
    package.GPIO = pins
    sys.modules |= {"RPi": package, "RPi.GPIO": pins}
    hid.HidReader.__init__.__defaults__ = (lambda _fd: None,)
    watched.supervise.__defaults__ = (watched.Limits(crowd=10**9),)
    threading.Thread(target=pins.take_edges, args=(args.edges,), daemon=True).start()
    return main.main(["--home", args.home, "core"])


class Finger:
    """Puts events into SDL's queue from a thread of its own, and says where the keys are."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._known = threading.Event()
        self._seen: dict[str, Any] = {}

    def listen(self) -> None:
        """Read orders until standard input ends; then end the program."""
        for line in sys.stdin:
            order = json.loads(line)
            answer = self.push(**order["push"]) if "push" in order else self.ask(order.get("choose"))
            sys.__stdout__.write(json.dumps(answer) + "\n")  # type: ignore[union-attr]  # it is there in a started program
            sys.__stdout__.flush()  # type: ignore[union-attr]
        from kivy.app import App

        App.get_running_app().stop()

    def push(self, x: float, y: float, down: bool) -> float:
        """A finger comes or goes; the moment before it did."""
        from tests.ui.touch import sdl

        at_s = time.monotonic()
        sdl.push("down" if down else "up", 1, x / self._size[0], y / self._size[1])
        return at_s

    def ask(self, point_id: int | None) -> dict[str, Any]:
        """What the charging screen shows, once Kivy's thread has shown the point that is wanted."""
        from kivy.clock import Clock

        self._known.clear()
        Clock.schedule_once(lambda _dt: self._look(point_id), 0)
        self._known.wait()
        return self._seen

    def _look(self, point_id: int | None) -> None:
        from kivy.app import App
        from kivy.core.window import Window

        from tests.ui.touch import eye

        app = App.get_running_app()
        if not app.status.points:
            self._seen = {"ready": False}
        else:
            page = app.root.manager.get_screen("charge_point")
            if app.root.screen != "charge_point" or point_id not in (None, page.point_id):
                page.point_id = point_id or page.point_id
                app.go("charge_point")
            pane = page.ids.pane
            keys: dict[str, Any] = {}
            if point_id is None:
                keys = {
                    one["text"]: [(one["box"][0] + one["box"][2]) / 2, (one["box"][1] + one["box"][3]) / 2]
                    for one in eye.look(app.root, Window)
                    if one.get("text")
                }
            ready = pane.mode == "keypad" and pane.pad.length == 0 and not pane.pad.disabled
            self._seen = {"ready": ready, "typed": pane.pad.length, "point": page.point_id, "keys": keys}
        self._known.set()


def run_touch(args: argparse.Namespace) -> int:
    """The touchscreen as `ui.touch` starts it."""
    from appliance import clock, config, opened
    from ui.touch import display

    home = config.find(args.home)
    it = opened.open_home(home, clock.of_run(home.run))
    size = display.prepare(None, it.home.run)
    from ui.touch.app import WattwardApp

    threading.Thread(target=Finger(size).listen, daemon=True).start()
    WattwardApp(it).run()
    return 0


def main() -> int:
    """Be one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("core", "touch"))
    parser.add_argument("--home", required=True)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--edges", type=Path)
    args = parser.parse_args()
    return run_core(args) if args.what == "core" else run_touch(args)


if __name__ == "__main__":
    sys.exit(main())
