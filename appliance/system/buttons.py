"""Buttons of the board, UP, DOWN and OK: the core reads their lines and writes what it sees into `live.db`.

They are optional (settings `ui.button_up`, `_down`, `_ok`; a closed contact is
pressed). What is seen carries its moment: a state that is not fresh is none, so
a core that died while a button was held holds nothing. Presses of the last
moment are listed, so that none is lost between two looks; older ones are
forgotten, because they may be those of a PIN.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors, faults
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import observed
from drivers.interfaces import Contact, DriverError

NAME = "buttons"
KEYS = {"up": "ui.button_up", "down": "ui.button_down", "ok": "ui.button_ok"}
LOOK_S, WITHOUT_S = 0.05, 5.0  # between two looks with buttons, and without
AGAIN_S = 0.5  # what is held is said so often
FRESH_S = 1.5
RECENT_S = FRESH_S  # how long a press is listed


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which buttons are held now, and which were pressed just now."""

    up: bool = False
    down: bool = False
    ok: bool = False
    recent: tuple[tuple[str, float], ...] = ()  # of KEYS, and when (CLOCK_BOOTTIME), the oldest first


def look(it: Opened) -> Pressed:
    """What the core saw just now. Raises StoreError."""
    seen = observed.get(it.live, it.clock, NAME)
    if seen is None or it.clock.boottime_s() - seen["at_s"] > FRESH_S * it.clock.speed:
        return Pressed()
    return Pressed(seen["up"], seen["down"], seen["ok"], tuple((name, at_s) for name, at_s in seen["recent"]))


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
            held = {name: bool(contact.is_closed()) for name, (_spec, contact) in self._lines.items()}
        except DriverError as error:
            self._close()
            faults.report(self._it.live, self._it.clock.now(), NAME, error.code, error.message, **error.values)
            return
        faults.clear(self._it.live, NAME)
        pressed = Pressed(**held, recent=self._recent(held, now_s))
        again = any(held.values()) and now_s - self._said_at_s >= AGAIN_S * self._it.clock.speed
        if pressed != self._said or again:
            self._said, self._said_at_s = pressed, now_s
            observed.put(self._it.live, self._it.clock, NAME, {**dataclasses.asdict(pressed), "at_s": now_s})

    def _recent(self, held: dict[str, bool], now_s: float) -> tuple[tuple[str, float], ...]:
        """The presses of the last moment: those listed before, and what is held now and was not."""
        before_s = now_s - RECENT_S * self._it.clock.speed
        new = [(name, now_s) for name, is_held in held.items() if is_held and not getattr(self._said, name)]
        return tuple(one for one in (*self._said.recent, *new) if one[1] > before_s)

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
