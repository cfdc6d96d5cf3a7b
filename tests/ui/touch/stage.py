"""A stage for the touchscreen in this process: the real app and window, offscreen, driven frame by frame.

Kivy makes one window a process, so there is one stage; tests hand it a Status
or let it look at a real store, and tap with real touch events.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from appliance.opened import Opened
from ui.touch import display
from ui.touch.status import Status

os.environ["SDL_VIDEODRIVER"] = "offscreen"
SIZE = display.prepare(os.environ.get("WATTWARD_TEST_SIZE"), Path(tempfile.mkdtemp(prefix="wattward-kivy-")))

from kivy.base import EventLoop, runTouchApp, stopTouchApp  # noqa: E402 - the display is prepared before Kivy is imported
from kivy.core.window import Window  # noqa: E402 - as above
from kivy.input.motionevent import MotionEvent  # noqa: E402 - as above
from kivy.uix.widget import Widget  # noqa: E402 - as above

from ui.touch.app import WattwardApp  # noqa: E402 - as above

PATIENCE_S = 10.0


class Finger(MotionEvent):  # type: ignore[misc]  # Kivy ships no types
    """One real touch."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__("test", 1, {"x": x / Window.width, "y": y / Window.height}, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        self.sx, self.sy = args["x"], args["y"]
        self.profile = ["pos"]
        super().depack(args)


class Stage:
    """The app, on stage. With `status` given it shows that; without, it looks at the store itself."""

    def __init__(self, it: Opened, status: Status | None = None) -> None:
        self.app = WattwardApp(it)
        if status is not None:
            self.app._watcher.run = lambda: None  # type: ignore[method-assign]
        self.app._run_prepare()
        runTouchApp(embedded=True)
        if status is not None:
            self.show(status)
        else:
            self.until(lambda: self.app._ready, "the first Status")
        self.frames(3)

    def close(self) -> None:
        """Leave the stage empty for the next one."""
        self.app.on_stop()
        self.app._watcher.join(5)
        Window.remove_widget(self.app.root)
        stopTouchApp()
        EventLoop.status = "stopped"
        self.app._app_window = None

    def frames(self, count: int = 2) -> None:
        """Let some frames pass."""
        for _ in range(count):
            EventLoop.idle()

    def show(self, status: Status) -> None:
        """Show a hand-made Status."""
        self.app._show(status)
        self.frames(3)

    def until(self, ready: Callable[[], object], what: str) -> None:
        """Let frames pass until something is so; fail naming it."""
        deadline = time.monotonic() + PATIENCE_S
        while not ready():
            assert time.monotonic() < deadline, f"{what} did not come"
            EventLoop.idle()

    @property
    def screen(self) -> Any:
        """The screen that is seen."""
        return self.app.root.manager.current_screen

    def widgets(self, top: Widget | None = None) -> Iterator[Widget]:
        """All widgets that are on the display, not those pushed aside or faded out."""
        top = top or self.app.root
        for child in top.children:
            if child.opacity == 0 or child.width <= 1 or child.height <= 1:
                continue
            x, y = child.to_window(*child.pos)
            if x >= Window.width or y >= Window.height or x + child.width <= 0 or y + child.height <= 0:
                continue
            yield child
            yield from self.widgets(child)

    def find(self, text: str) -> Widget:
        """The tappable thing that carries a text."""
        for widget in self.widgets():
            if hasattr(widget, "last_touch") and text in (getattr(widget, "text", None), getattr(widget, "title", None)):
                return widget
        words = [getattr(w, "text", "") or getattr(w, "title", "") for w in self.widgets() if hasattr(w, "last_touch")]
        raise AssertionError(f"nothing to tap says {text!r}; there is {words}")

    def tap(self, target: str | Widget) -> None:
        """Tap something, by its text or itself."""
        widget = self.find(target) if isinstance(target, str) else target
        self.tap_at(*widget.to_window(*widget.center))

    def tap_at(self, x: float, y: float) -> None:
        """A finger goes down and up."""
        finger = Finger(x, y)
        EventLoop.post_dispatch_input("begin", finger)
        self.frames(1)
        EventLoop.post_dispatch_input("end", finger)
        self.frames(2)

    def type(self, code: str) -> None:
        """Tap the keys of a code, then OK."""
        for key in code:
            self.tap(key)
            time.sleep(0.06)
        self.tap("OK")

    def texts(self) -> list[str]:
        """All that can be read."""
        return [widget.text for widget in self.widgets() if type(widget).__name__ == "Text" and widget.text]

    def picture(self, path: Path) -> Path:
        """Write what is seen to a PNG file."""
        self.frames(4)
        found: Path = self.app.root.export_picture(path)
        return found
