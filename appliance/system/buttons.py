"""Two buttons of the board, UP and DOWN: the core reads their lines and writes what it sees into `live.db`.

They are optional (settings `ui.button_up`, `ui.button_down`; a closed contact is
pressed). What is seen carries its moment: a state that is not fresh is none, so
a core that died while a button was held holds nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors, faults
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import observed
from drivers.interfaces import Contact, DriverError

NAME = "buttons"
KEYS = {"up": "ui.button_up", "down": "ui.button_down"}
LOOK_S, WITHOUT_S = 0.05, 5.0  # between two looks with buttons, and without
AGAIN_S = 0.5  # what is held is said so often
FRESH_S = 1.5


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which buttons are held now."""

    up: bool = False
    down: bool = False


def look(it: Opened) -> Pressed:
    """What the core saw just now. Raises StoreError."""
    seen = observed.get(it.live, it.clock, NAME)
    if seen is None or it.clock.boottime_s() - seen["at_s"] > FRESH_S * it.clock.speed:
        return Pressed()
    return Pressed(seen["up"], seen["down"])


class Buttons:
    """The core's side."""

    def __init__(self, it: Opened, input_for: Callable[[str], Contact]) -> None:
        self._it = it
        self._input_for = input_for
        self._lines: dict[str, tuple[str, Contact]] = {}
        self._said = Pressed()
        self._said_at_s = float("-inf")

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_S if self._turn() else WITHOUT_S)

    def _turn(self) -> bool:
        """Read the lines once; tell whether there are any."""
        try:
            self.step()
        except errors.StoreError:
            return False
        return bool(self._lines)

    def step(self) -> None:
        """Open what is set, read it, say what is news. Raises StoreError."""
        now_s = self._it.clock.boottime_s()
        try:
            self._open()
            pressed = Pressed(**{name: bool(contact.is_closed()) for name, (_spec, contact) in self._lines.items()})
        except DriverError as error:
            self._close()
            faults.report(self._it.live, self._it.clock.now(), NAME, error.code, error.message, **error.values)
            return
        faults.clear(self._it.live, NAME)
        held = pressed.up or pressed.down
        if pressed != self._said or (held and now_s - self._said_at_s >= AGAIN_S * self._it.clock.speed):
            self._said, self._said_at_s = pressed, now_s
            seen = {"up": pressed.up, "down": pressed.down, "at_s": now_s}
            observed.put(self._it.live, self._it.clock, NAME, seen)

    def _open(self) -> None:
        for name, key in KEYS.items():
            spec = settings.text(self._it.store, key)
            if name in self._lines and self._lines[name][0] != spec:
                self._lines.pop(name)[1].release()
            if spec and name not in self._lines:
                self._lines[name] = (spec, self._input_for(spec))

    def _close(self) -> None:
        for _spec, contact in self._lines.values():
            contact.release()
        self._lines.clear()
