"""What one page looks at beside the Status: found in the watcher's thread, shown on the screen's. No Kivy here.

A page names a Sight only while it is seen, so nobody pays for a history that is
not looked at. `look` gets the open appliance and the Status of this moment and
returns a frozen value of the page's own; a WattwardError becomes the value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from appliance import errors
from appliance.opened import Opened
from ui.touch.status import Status


@dataclass(frozen=True, slots=True)
class Sight:
    """`look`, looked at anew every `every_s` seconds, and at once when `key` is another (a page, a period, a meter)."""

    look: Callable[[Opened, Status], object]
    every_s: float = 1.0
    key: Hashable = None


class Looker:
    """Looks at one Sight, as often as it wants. Used by one thread."""

    def __init__(self, it: Opened, now_s: Callable[[], float]) -> None:
        self._it = it
        self._now_s = now_s
        self._key: Hashable = None
        self._found: object = None
        self._at_s = float("-inf")

    def look(self, sight: Sight | None, status: Status) -> object:
        """The newest value of the sight; None without one. An error of the appliance is a value, too."""
        if sight is None or status.problem:
            self._key, self._found, self._at_s = None, None, float("-inf")
            return None
        key, now_s = (sight.look, sight.key), self._now_s()
        if key != self._key or now_s - self._at_s >= sight.every_s:
            try:
                self._found = sight.look(self._it, status)
            except errors.WattwardError as error:
                self._found = error
            self._key, self._at_s = key, now_s
        return self._found

    def again(self) -> None:
        """Something changed: look anew next time."""
        self._at_s = float("-inf")
