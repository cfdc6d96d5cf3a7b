"""A stage for the touchscreen in this process: the real app and window, offscreen, showing hand-made values.

Kivy makes one window a process, so there is one stage. Tests that tap use the
program in a process of its own instead (`screen.py`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from appliance.opened import Opened
from ui.touch import display
from ui.touch.status import Status

os.environ["SDL_VIDEODRIVER"] = "offscreen"
display.prepare(None, Path(tempfile.mkdtemp(prefix="wattward-kivy-")))

from kivy.base import EventLoop, runTouchApp, stopTouchApp  # noqa: E402 - the display is prepared before Kivy is imported

from ui.touch.app import WattwardApp  # noqa: E402 - as above

SETTLED = 6  # frames until every layout has found its place


class Stage:
    """The app, on stage."""

    def __init__(self, it: Opened, status: Status) -> None:
        self.app = WattwardApp(it)
        self.app._watcher.run = lambda: None  # type: ignore[method-assign]  # nobody looks at the store here
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
        self.app.unlocked = True
        self.app.root.go(screen)
        self.app._show(status)

    def picture(self, path: Path) -> Path:
        """Write what is seen to a PNG file."""
        for _ in range(SETTLED):
            EventLoop.idle()
        found: Path = self.app.root.export_picture(path)
        return found
