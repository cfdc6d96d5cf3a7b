"""The board's buttons at a PIN: which presses are new, so that each counts once. No Kivy here."""

from __future__ import annotations

from appliance.system.buttons import Pressed


class BoardKeys:
    """Presses since `begin`. The first one after `rest` only wakes the display and is not handed on."""

    def __init__(self) -> None:
        self._since_s = float("inf")
        self._rests = False

    def begin(self, now_s: float) -> None:
        """What was pressed before this moment (CLOCK_BOOTTIME) was meant for another page."""
        self._since_s, self._rests = now_s, False

    def rest(self) -> None:
        """The display went dark."""
        self._rests = True

    def new(self, pressed: Pressed) -> list[str]:
        """Buttons that were pressed since the last call, in order."""
        found = [(name, at_s) for name, at_s in pressed.recent if at_s > self._since_s]
        if not found:
            return []
        self._since_s = found[-1][1]
        names = [name for name, _at_s in found]
        if self._rests:
            self._rests = False
            return names[1:]
        return names
