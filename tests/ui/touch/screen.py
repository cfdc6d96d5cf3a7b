"""The touchscreen as a test holds it: tap, type, read, look; kill and start again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from tests.ui.touch.house import House

Seen = list[dict[str, Any]]
SETTLING_S = 10.0


class Touch:
    """One running touchscreen process."""

    def __init__(self, house: House, clock_file: Path, size: str = "800x480", rotate: str = "auto") -> None:
        self.house = house
        self._clock_file = clock_file
        self._size = size
        self._rotate = rotate
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Touch:
        """Start the process; return when the first values are seen."""
        home = self.house.it.home
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.touch.driver", "--home", str(home.root), "--clock", str(self._clock_file),
             "--size", self._size, "--rotate", self._rotate],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=(home.root / "touch.log").open("a"),
            env={**os.environ, "WATTWARD_RUN": str(home.run), "SDL_VIDEODRIVER": "offscreen"},
        )  # fmt: skip
        self.wait(lambda seen: any(one.get("text") for one in seen))
        return self

    def stop(self) -> int:
        """End it as a closed window does; return the exit code."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.close()
        return process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End it without a word, if it still runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._running().pid

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def _order(self, **order: object) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, (self.house.it.home.root / "touch.log").read_text()[-3000:]
        answer: dict[str, Any] = json.loads(line)
        return answer

    # Eyes --------------------------------------------------------------------------------------

    def look(self) -> Seen:
        """Everything that is seen now."""
        seen: Seen = self._order(do="look")["seen"]
        return seen

    def screens(self) -> list[str]:
        """Names of all screens there are."""
        return list(self._order(do="look")["screens"])

    @property
    def screen(self) -> str:
        """Name of the screen that is seen."""
        return str(self._order(do="look")["screen"])

    def texts(self) -> list[str]:
        """All words that are seen, in drawing order, with plain spaces."""
        return [plain(one["text"]) for one in self.look() if one.get("text") and one["cut"][2] > one["cut"][0]]

    def wait(self, ready: Callable[[Seen], bool]) -> Seen:
        """Look until something is so; fail showing what is seen instead."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            seen = self.look()
            if ready(seen):
                return seen
            assert time.monotonic() < deadline, [one["text"] for one in seen if one.get("text")]
            time.sleep(0.03)

    def rest(self) -> None:
        """Wait until all pages are built anew, as after another text size."""
        before: Seen = []
        while (seen := self.look()) != before:
            before = seen
            time.sleep(0.5)

    def settle(self) -> None:
        """Wait until a page has what it wanted to look at, and its rows their places; a silent core gives nothing."""
        deadline = time.monotonic() + SETTLING_S
        while not self.look()[0]["settled"] and time.monotonic() < deadline:
            time.sleep(0.03)

    def see(self, *parts: str) -> None:
        """Wait until each part is seen in some text."""
        self.wait(lambda seen: all(any(part in plain(one.get("text", "")) for one in seen) for part in parts))

    def not_see(self, part: str) -> None:
        """Wait until nothing seen holds `part`."""
        self.wait(lambda seen: not any(part in plain(one.get("text", "")) for one in seen))

    def go(self, screen: str) -> str:
        """Ask for a screen behind every button's back; say which one came."""
        return str(self._order(do="go", screen=screen)["screen"])

    def shot(self, path: Path) -> Path:
        """Keep a picture."""
        self._order(do="shot", path=str(path))
        return path

    def frames(self) -> int:
        """Frames drawn since the start."""
        return int(self._order(do="count")["frames"])

    # Finger ------------------------------------------------------------------------------------

    def targets(self) -> Seen:
        """What can be tapped now, with the words and icons on it."""
        return targets(self.look())

    def tap(self, label: str) -> int:
        """Tap what bears this text (or `icon:name`); return how many touches the program saw."""
        self.settle()
        seen = self.wait(lambda seen: any(label in one["labels"] and one["enabled"] for one in targets(seen)))
        left, top, right, bottom = next(
            one["cut"] for one in targets(seen) if label in one["labels"] and one["enabled"]
        )
        return self.tap_at((left + right) / 2, (top + bottom) / 2)

    def tap_at(self, x: float, y: float) -> int:
        """Tap a place, in pixels from the top left; return how many touches the program saw."""
        return int(self._order(do="tap", x=x, y=y)["downs"])

    def drag(
        self, x: float, y: float, to_x: float, *, to_y: float | None = None, hold_s: float = 0.0, move_s: float = 0.06
    ) -> None:
        """Put a finger down, hold it so long, move it (level, if not to `to_y`) and lift it; at once it is a flick."""
        self._order(do="drag", x=x, y=y, to_x=to_x, hold_s=hold_s, move_s=move_s, to_y=y if to_y is None else to_y)

    def hold(self, label: str, seconds: float) -> None:
        """Put a finger on what bears this text and leave it there so long."""
        left, top, right, bottom = next(one["cut"] for one in self.targets() if label in one["labels"])
        x, y = (left + right) / 2, (top + bottom) / 2
        self.drag(x, y, x, hold_s=seconds)

    def fingers(self, *events: tuple[str, int, float, float]) -> int:
        """Let fingers come, move and go, as SDL tells of them; places are shares of the panel. Count the touches."""
        return int(self._order(do="fingers", events=[list(event) for event in events])["downs"])

    def toast(self, text: str) -> None:
        """Let something be said that can be taken back."""
        self._order(do="toast", text=text)

    def undo(self) -> None:
        """Take back what was said just now; the button counts its seconds."""
        seen = self.wait(lambda seen: any(_is_undo(one) for one in targets(seen)))
        left, top, right, bottom = next(one["cut"] for one in targets(seen) if _is_undo(one))
        self.tap_at((left + right) / 2, (top + bottom) / 2)

    def keys(self, typed: str) -> None:
        """Type on the pad that is seen."""
        for key in typed:
            self.tap(key)

    def enter(self, typed: str) -> None:
        """Type and confirm."""
        self.keys(typed)
        self.tap("OK")


def plain(text: str) -> str:
    """A text with plain spaces."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def targets(seen: Seen) -> Seen:
    """What can be tapped, each with the texts and icons that lie in its box."""
    found = []
    for one in seen:
        if one.get("target") and not one.get("covered"):
            inside = [other for other in seen if _is_inside(other["box"], one["box"])]
            words = [plain(other["text"]) for other in inside if other.get("text")]
            icons = [f"icon:{other['icon']}" for other in inside if other.get("icon")]
            found.append({**one, "labels": words + icons})
    return found


def _is_undo(one: dict[str, Any]) -> bool:
    return "icon:undo" in one["labels"]


def _is_inside(inner: list[float], outer: list[float]) -> bool:
    return all((inner[0] >= outer[0] - 1, inner[1] >= outer[1] - 1, inner[2] <= outer[2] + 1, inner[3] <= outer[3] + 1))
