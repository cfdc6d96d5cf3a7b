"""The real touchscreen with a finger, an eye and a test's clock: `python -m tests.ui.touch.driver`.

Orders are lines of JSON on standard input, each answered by one line. They are
carried out by Kivy's own loop, between frames, so the program under test is
the one that runs on the wall; only time is the test's.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance import config, opened
from tests.ui.touch.shared_clock import SharedClock
from ui.touch import display
from ui.touch.sight import Looker, Sight
from ui.touch.status import Status

FINGER_S = 0.05  # how long a tap lasts
APART_S = 0.06  # between the beginnings of two taps: what comes sooner is the same finger


class Driver:
    """Carries out orders on Kivy's thread."""

    def __init__(self) -> None:
        from kivy.core.window import Window

        self.window = Window
        self.downs = 0
        self.frames = 0
        self._tapped_s = 0.0
        self._looked: tuple[Sight | None, object] = (None, None)
        Window.bind(on_touch_down=self._count_down, on_flip=self._count_frame)

    def _count_down(self, _window: object, _touch: object) -> bool:
        self.downs += 1
        return False

    def _count_frame(self, _window: object) -> None:
        self.frames += 1

    def watch(self, looker: Looker) -> None:
        """Remember what the page that is seen wanted to look at last, and what it got."""
        real = looker.look

        def look(sight: Sight | None, status: Status) -> object:
            found = real(sight, status)
            self._looked = sight, found
            return found

        looker.look = look  # type: ignore[method-assign]  # the program's own, with an ear at it

    def listen(self) -> None:
        """Read orders until standard input ends; then end the program."""
        from kivy.clock import Clock

        for line in sys.stdin:
            order = json.loads(line)
            Clock.schedule_once(lambda _dt, order=order: self.carry_out(order), 0)
        Clock.schedule_once(lambda _dt: self._stop(), 0)

    @staticmethod
    def _stop() -> None:
        from kivy.app import App

        App.get_running_app().stop()

    def carry_out(self, order: dict[str, Any]) -> None:
        """Do one order; the answer may follow a moment later."""
        name = order.pop("do")
        orders: dict[str, Callable[..., None]] = {
            "tap": self.tap,
            "drag": self.drag,
            "look": self.look,
            "shot": self.shot,
            "count": self.count,
            "go": self.go,
            "fingers": self.fingers,
            "toast": self.toast,
        }
        orders[name](**order)

    @staticmethod
    def answer(**fields: object) -> None:
        """Say what came of an order."""
        sys.__stdout__.write(json.dumps(fields) + "\n")  # type: ignore[union-attr]  # it is there in a started program
        sys.__stdout__.flush()  # type: ignore[union-attr]

    def tap(self, x: float, y: float) -> None:
        """Put a finger down at x, y (pixels from the top left) and lift it."""
        from kivy.clock import Clock

        since_s = time.monotonic() - self._tapped_s
        if since_s < APART_S:  # Kivy's clock may be a frame early
            Clock.schedule_once(lambda _dt: self.tap(x, y), APART_S - since_s)
            return
        self._tapped_s = time.monotonic()
        before = self.downs
        self.window.dispatch("on_mouse_down", x, y, "left", [])

        def lift(_dt: float) -> None:
            self.window.dispatch("on_mouse_up", x, y, "left", [])
            Clock.schedule_once(lambda _dt: self.answer(downs=self.downs - before), 0.02)

        Clock.schedule_once(lift, FINGER_S)

    def drag(self, x: float, y: float, to_x: float, hold_s: float, move_s: float, to_y: float) -> None:
        """Put a finger down, wait, move it to `to_x` and `to_y`, lift it."""
        from kivy.clock import Clock

        self.window.dispatch("on_mouse_down", x, y, "left", [])
        steps = max(2, round(move_s / 0.02))

        def move(number: int) -> None:
            now_x, now_y = x + (to_x - x) * number / steps, y + (to_y - y) * number / steps
            self.window.dispatch("on_mouse_move", now_x, now_y, [])
            if number < steps:
                Clock.schedule_once(lambda _dt: move(number + 1), move_s / steps)
            else:
                self.window.dispatch("on_mouse_up", to_x, to_y, "left", [])
                Clock.schedule_once(lambda _dt: self.answer(), 0.02)

        Clock.schedule_once(lambda _dt: move(1), hold_s)

    def fingers(self, events: list[list[Any]]) -> None:
        """Let SDL report fingers: [kind, number, x, y], places as shares of the panel from its top left."""
        from kivy.clock import Clock

        from tests.ui.touch import sdl

        before = self.downs
        for kind, number, x, y in events:
            sdl.push(kind, number, x, y)
        Clock.schedule_once(lambda _dt: self.answer(downs=self.downs - before), 0.1)

    def toast(self, text: str) -> None:
        """Say something that can be taken back, as a page would; what is taken back is what was said."""
        from kivy.app import App

        root = App.get_running_app().root
        root.toast(text, undo=lambda: setattr(root, "undone", text))
        self.answer()

    def count(self) -> None:
        """How many frames were drawn and touches seen since the start."""
        self.answer(frames=self.frames, downs=self.downs)

    def go(self, screen: str) -> None:
        """Ask for a screen as a button would; say which one came."""
        from kivy.app import App

        app = App.get_running_app()
        app.go(screen)
        self.answer(screen=app.root.screen)

    def look(self) -> None:
        """Everything that is seen, as a list; what this frame built has its place in the next."""
        from kivy.clock import Clock

        Clock.schedule_once(lambda _dt: self._tell(), 0)

    def _tell(self) -> None:
        from kivy.app import App

        from tests.ui.touch import eye
        from ui.touch.screens import SCREENS

        app = App.get_running_app()
        seen = eye.look(app.root, self.window)
        seen[0]["screen"] = app.root.screen
        sight, found = self._looked
        seen[0]["settled"] = sight is app._watcher._sight and found == app.status.page
        self.answer(seen=seen, screen=app.root.screen, screens=list(SCREENS))

    def shot(self, path: str) -> None:
        """Write what is seen to a PNG file."""
        from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

        width, height = self.window.system_size
        self.window.dispatch("on_draw")
        pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        self.window._win.save_bytes_in_png(path, pixels, width, height)
        self.answer(path=path)


def main() -> int:
    """Start the touchscreen as `ui.touch` does, with a driver."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--size", default="800x480")
    parser.add_argument("--rotate", default="auto")
    args = parser.parse_args()
    it = opened.open_home(config.find(args.home), SharedClock(args.clock))
    display.prepare(display.as_size(args.size), it.home.run, args.rotate)
    from ui.touch.app import WattwardApp
    from ui.touch.screens.energy.living_picture import LivingPicture
    from ui.touch.screens.energy.motion import Load

    LivingPicture.load = Load(Path("/nowhere"))  # other tests may keep this machine busy
    driver = Driver()
    threading.Thread(target=driver.listen, daemon=True).start()
    app = WattwardApp(it)
    driver.watch(app._watcher._looker)
    app.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
