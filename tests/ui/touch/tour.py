"""A tour of every screen and state by tapping from home, as a household would. Its legs stand in `tour_legs`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ui.touch.house import House
from tests.ui.touch.screen import Seen, Touch, targets
from ui.text.catalog import Texts

PIN = "2580"
SWIPES = 8  # until the end of any list


@dataclass
class Tour:
    """What was seen on the way: name of the stop -> everything seen there."""

    touch: Touch
    house: House
    texts: Texts
    folder: Path | None = None  # where a picture of each stop is kept
    stops: dict[str, Seen] = field(default_factory=dict)
    downs: list[int] = field(default_factory=list)

    def word(self, english: str) -> str:
        """A word in the language of the tour; a symbol of a chip stays as it is."""
        return english if english.startswith("icon:") else self.texts.gettext(english)

    # Touching ----------------------------------------------------------------------------------

    def tap(self, label: str) -> None:
        """Tap and remember how many touches that was."""
        self.downs.append(self.touch.tap(self.word(label)))

    def tap_name(self, name: str) -> None:
        """Tap what bears a name that somebody gave: it is the same in every language."""
        self.downs.append(self.touch.tap(name))

    def tap_one(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Tap the first target that is wanted."""
        self.touch.settle()
        seen = self.touch.wait(lambda seen: any(wanted(one) and one["enabled"] for one in targets(seen)))
        left, top, right, bottom = next(one["cut"] for one in targets(seen) if wanted(one) and one["enabled"])
        self.downs.append(self.touch.tap_at((left + right) / 2, (top + bottom) / 2))

    def reach(self, label: str) -> None:
        """Tap a row of a list that may have to be pushed up first."""
        word = self.word(label)
        self.touch.settle()
        self.touch.wait(lambda seen: all(one["kind"] != "Toast" for one in seen))  # which lies over the last rows
        for _number in range(SWIPES):
            seen = self.at_rest()
            whole = [one for one in targets(seen) if word in one["labels"] and one["enabled"] and _is_whole(one)]
            if whole:
                left, top, right, bottom = whole[0]["cut"]
                self.downs.append(self.touch.tap_at((left + right) / 2, (top + bottom) / 2))
                return
            unit = seen[0]["unit"]
            self.touch.drag(300 * unit, 330 * unit, 300 * unit, to_y=210 * unit, move_s=0.3)
        raise AssertionError(f"{label} is on no part of {self.touch.screen}: {self.touch.texts()}")

    def at_rest(self) -> Seen:
        """What is seen once a list that was pushed stands still."""
        before = self.touch.look()
        while True:
            time.sleep(0.1)
            now = self.touch.look()
            if [one["box"] for one in now] == [one["box"] for one in before]:
                return now
            before = now

    def enter(self, code: str) -> None:
        """Type and confirm."""
        for key in (*code, "OK"):
            self.downs.append(self.touch.tap(key))

    def back(self, times: int = 1) -> None:
        """The way back, where one came from."""
        for _number in range(times):
            before = self.touch.screen
            self.tap("icon:back")
            self.touch.wait(lambda seen, before=before: seen[0]["screen"] != before)  # type: ignore[misc]  # bound now

    # Seeing ------------------------------------------------------------------------------------

    def see(self, english: str) -> None:
        """Wait for the beginning of a sentence."""
        self.touch.see(self.word(english).partition("{")[0])

    def on(self, screen: str) -> None:
        """Wait for a page."""
        self.touch.wait(lambda seen: seen[0]["screen"] == screen)

    def stop(self, name: str, screen: str = "") -> None:
        """Look around; with `screen`, once it is seen."""
        if screen:
            self.on(screen)
        time.sleep(0.15)  # a layout settles within a few frames
        self.stops[name] = self.touch.look()
        if self.folder is not None:
            self.touch.shot(self.folder / f"{len(self.stops):02}-{name}.png")

    def page(self, row: str, screen: str, *, name: str = "") -> None:
        """Go to the page of a row, look around, and come back to where the row is."""
        here = self.touch.screen
        self.reach(row)
        self.stop(name or screen.replace("_", "-"), screen)
        self.back()
        assert self.touch.screen == here, f"{screen} leads back to {self.touch.screen}, not to {here}"

    def unlock(self) -> None:
        """Give the settings PIN."""
        self.see("Settings PIN")
        self.enter(PIN)

    def wait(self, seconds: float) -> None:
        """Let time pass with somebody near: a touch wakes the display, and it is awake."""
        self.house.live(seconds)
        time.sleep(1.2)
        self.touch.tap_at(3, 200)
        self.house.live(2)

    @property
    def screens(self) -> set[str]:
        """Where it was."""
        return {str(stop[0]["screen"]) for stop in self.stops.values()}

    def go(self) -> Tour:
        """The whole way."""
        from tests.ui.touch import tour_legs, tour_legs_settings

        for leg in (*tour_legs.EVERY_DAY, *tour_legs_settings.SETTINGS, *tour_legs.NOT_EVERY_DAY):
            leg(self)
        return self


def _is_whole(one: dict[str, Any]) -> bool:
    return all(abs(a - b) <= 1 for a, b in zip(one["box"], one["cut"], strict=True))
