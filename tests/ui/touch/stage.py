"""A stage for the touchscreen in this process: the real app and window, offscreen, showing hand-made values.

Kivy makes one window a process, so there is one stage. Tests that tap use the
program in a process of its own instead (`screen.py`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from appliance.opened import Opened
from ui.touch import display, rest
from ui.touch.status import Status

os.environ["SDL_VIDEODRIVER"] = "offscreen"
display.prepare(
    display.as_size(os.environ.get("WATTWARD_STAGE_SIZE", "800x480")), Path(tempfile.mkdtemp(prefix="wattward-kivy-"))
)

from kivy.base import EventLoop, runTouchApp, stopTouchApp  # noqa: E402 - the display is prepared before Kivy is imported
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels  # noqa: E402 - as above

from ui.touch.app import WattwardApp  # noqa: E402 - as above
from ui.touch.screens.energy.living_picture import LivingPicture  # noqa: E402 - as above
from ui.touch.screens.energy.motion import Load  # noqa: E402 - as above

LivingPicture.load = Load(Path("/nowhere"))  # a busy machine makes no other picture

SETTLED = 6  # frames until every layout has found its place
ABOVE = ("idle", "splash")  # no pages: they lie above all of them


class Stage:
    """The app, on stage."""

    def __init__(self, it: Opened, status: Status) -> None:
        self.app = WattwardApp(it)
        self.app._watcher.run = lambda: None  # type: ignore[method-assign]  # nobody looks at the store here
        self.app._watcher.is_alive = lambda: True  # type: ignore[method-assign]  # and nobody is missed
        self.app._run_prepare()
        runTouchApp(embedded=True)
        self.app._show(status)

    def close(self) -> None:
        """Leave the stage."""
        self.app.on_stop()
        stopTouchApp()

    def turn_to(self, screen: str, status: Status) -> None:
        """Show a screen with these values, as if the PIN had been given."""
        self.app.status = status
        self.app._set_dimness(0.0)
        self.app.root.begun()
        self.app.root.clear()
        self.app.root.go("energy")  # a page on which somebody types keeps its colours and language
        self.app._show(status)
        self.app.unlocked = True
        self.app.root.go("energy" if screen in ABOVE else screen)
        self.app._show(status)
        if screen == "idle":
            self.app._set_dimness(rest.DIM)
        elif screen == "splash":
            self.app.root.begin()

    def picture(self, path: Path) -> Path:
        """Write what is seen to a PNG file."""
        for _ in range(SETTLED):
            EventLoop.idle()
        found: Path = self.app.root.export_picture(path)
        return found

    def seen(self) -> list[dict[str, Any]]:
        """Everything that is seen, as a list."""
        from tests.ui.touch import eye

        for _ in range(SETTLED):
            EventLoop.idle()
        return eye.look(self.app.root, EventLoop.window)

    @staticmethod
    def pixels() -> tuple[int, int, bytes]:
        """What is seen: width, height and RGB, top row first."""
        width, height = EventLoop.window.size
        raw = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        return width, height, b"".join(raw[y * width * 3 : (y + 1) * width * 3] for y in reversed(range(height)))
