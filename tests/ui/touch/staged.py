"""The one stage of a test process, and what is read from it: pages painted with hand-made values, in milliseconds."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.ui.touch import looks
from tests.ui.touch.pictures import a_home, dressed
from tests.ui.touch.screen import plain, targets
from tests.ui.touch.stage import Stage
from ui.text import catalog
from ui.touch.app import WattwardApp
from ui.touch.status import Status


@cache
def stage() -> Stage:
    """Kivy makes one window a process."""
    return Stage(a_home(Path(tempfile.mkdtemp(prefix="wattward-staged-"))), looks.DAY)


class Painted:
    """A page with these values."""

    def __init__(self, screen: str, status: Status, *, language: str = "en") -> None:
        self._stage = stage()
        self._stage.turn_to(screen, dressed(status, language=language))
        self.seen = self._stage.seen()
        catalog.use("en")

    @property
    def app(self) -> WattwardApp:
        """The program itself."""
        return self._stage.app

    @property
    def page(self) -> Any:  # noqa: ANN401 - each page has its own properties
        """The page itself, for what a finger would do."""
        return self._stage.app.root.manager.current_screen

    def again(self, status: Status) -> Painted:
        """The same page a moment later."""
        self._stage.app._show(status)
        self.seen = self._stage.seen()
        return self

    def look(self) -> Painted:
        """What is seen after something was touched."""
        self.seen = self._stage.seen()
        return self

    @property
    def texts(self) -> list[str]:
        """All words that are seen, with plain spaces."""
        return [
            plain(one["text"])
            for one in self.seen
            if one.get("text") and one["cut"][2] > one["cut"][0] and not one.get("covered")
        ]

    @property
    def icons(self) -> set[str]:
        """All icons that are seen."""
        return {str(one["icon"]) for one in self.seen if one.get("icon")}

    def says(self, *parts: str) -> bool:
        """Tell whether each part stands in some text."""
        return all(any(part in text for text in self.texts) for part in parts)

    def target(self, label: str) -> dict[str, Any]:
        """What bears this text and can be tapped."""
        return next(one for one in targets(self.seen) if label in one["labels"])

    def beside(self, title: str) -> list[str]:
        """The other words of the row that bears this title."""
        return [label for label in self.target(title)["labels"] if label != title and not label.startswith("icon:")]
