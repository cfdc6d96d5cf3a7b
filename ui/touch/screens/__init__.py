"""The screens, by part: each package has its pages, one .py and one .kv each, and names them in its own SCREENS.

`show` paints a Status, `enter` begins anew, `forget` drops typed input, `sight` names what else a page looks at.
A part is imported when one of its pages is asked for, so the first picture waits for its own part only.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import ModuleType

from ui.touch.screens.base import Page

PARTS = ("energy", "living", "start", "charging", "settings")


class Screens(Mapping[str, type[Page]]):
    """All pages by name."""

    def __init__(self) -> None:
        self._parts: dict[str, ModuleType] = {}

    def load(self, part: str) -> ModuleType:
        """Import one part."""
        if part not in self._parts:
            self._parts[part] = importlib.import_module(f"ui.touch.screens.{part}")
        return self._parts[part]

    def load_next(self) -> bool:
        """Import one more; tell whether any is left."""
        missing = [part for part in PARTS if part not in self._parts]
        if missing:
            self.load(missing[0])
        return len(missing) > 1

    def part_of(self, name: str) -> ModuleType | None:
        """The part that has a page: one that is here already, one of that name, or any."""
        for part in (*self._parts, *(part for part in PARTS if part == name), *PARTS):
            if name in self.load(part).SCREENS:
                return self._parts[part]
        return None

    def __getitem__(self, name: str) -> type[Page]:
        part = self.part_of(name)
        if part is None:
            raise KeyError(name)
        page: type[Page] = part.SCREENS[name]
        return page

    def __iter__(self) -> Iterator[str]:
        for part in PARTS:
            yield from self.load(part).SCREENS

    def __len__(self) -> int:
        return sum(1 for _name in self)


class Tabs(Mapping[str, str]):
    """The tab under which a page stands. Everything under the settings tab is reached with the PIN only."""

    def __getitem__(self, name: str) -> str:
        part = SCREENS.part_of(name)
        if part is None:
            raise KeyError(name)
        tab: str = part.TABS.get(name, part.TAB)
        return tab

    def __iter__(self) -> Iterator[str]:
        return iter(SCREENS)

    def __len__(self) -> int:
        return len(SCREENS)


SCREENS = Screens()
TAB_OF = Tabs()
