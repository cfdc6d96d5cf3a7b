"""A GPIO chip in memory below the real rpi-lgpio, so that the module itself runs where there is no chip.

It takes the place of the calls into lgpio's library, and raises what they raise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import pytest

LINES = 54
INPUT, OUTPUT, ALERT = 0x100, 0x200, 0x400  # lgpio's mode bits of a line that this process holds
EDGES_SHIFT = 17  # above them, the edges asked for: 1 rising, 2 falling, 3 both


@dataclass
class Callback:
    """What lgpio gives to who waits for edges."""

    chip: MemoryChip
    line: int
    func: Callable[[int, int, int, int], object]

    def cancel(self) -> None:
        self.chip.callbacks.remove(self)


@dataclass
class MemoryChip:
    """Lines as lgpio sees them."""

    lgpio: ModuleType
    there: bool = True
    modes: dict[int, int] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    stuck: dict[int, int] = field(default_factory=dict)
    busy: set[int] = field(default_factory=set)
    edges: dict[int, int] = field(default_factory=dict)
    callbacks: list[Callback] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Answer in lgpio's place."""
        for name in (
            "gpiochip_open", "gpiochip_close", "gpio_get_chip_info", "gpio_get_mode", "gpio_claim_input",
            "gpio_claim_output", "gpio_claim_alert", "callback", "gpio_free", "gpio_read", "gpio_write",
        ):  # fmt: skip
            monkeypatch.setattr(self.lgpio, name, getattr(self, name))

    def _refuse(self, code: int) -> None:
        raise self.lgpio.error(self.lgpio.error_text(code))

    def gpiochip_open(self, _number: int) -> int:
        if not self.there:
            self._refuse(self.lgpio.CANNOT_OPEN_CHIP)
        return 0

    def gpiochip_close(self, _chip: int) -> int:
        self.modes.clear()
        self.levels.clear()
        return 0

    def gpio_get_chip_info(self, _chip: int) -> tuple[int, int, str, str]:
        return 0, LINES, "gpiochip0", "memory"

    def gpio_get_mode(self, _chip: int, line: int) -> int:
        mode = self.modes.get(line, 0)
        return mode | self.edges.get(line, 0) << EDGES_SHIFT | (0x2 if mode == OUTPUT else 0)

    def _claim(self, line: int, mode: int) -> None:
        if line in self.busy and line not in self.modes:
            self._refuse(self.lgpio.GPIO_BUSY)
        self.modes[line] = mode
        self.edges.pop(line, None)

    def gpio_claim_input(self, _chip: int, line: int, _flags: int = 0) -> int:
        self._claim(line, INPUT)
        self.levels.pop(line, None)
        return 0

    def gpio_claim_output(self, _chip: int, line: int, level: int = 0, _flags: int = 0) -> int:
        self._claim(line, OUTPUT)
        self.levels[line] = int(level)
        return 0

    def gpio_claim_alert(self, _chip: int, line: int, edges: int, _flags: int = 0) -> int:
        self._claim(line, ALERT)
        self.edges[line] = edges
        return 0

    def callback(self, _chip: int, line: int, *, func: Callable[[int, int, int, int], object]) -> Callback:
        self.callbacks.append(Callback(self, line, func))
        return self.callbacks[-1]

    def feed(self, line: int, level: int) -> None:
        """An outside device drives a line."""
        if level == self.levels.get(line, 0):
            return
        self.levels[line] = level
        if self.edges.get(line, 0) & (1 if level else 2):
            for one in [one for one in self.callbacks if one.line == line]:
                one.func(0, line, level, 0)

    def gpio_free(self, _chip: int, line: int) -> int:
        self.edges.pop(line, None)
        if self.modes.pop(line, None) is None:
            self._refuse(self.lgpio.GPIO_NOT_ALLOCATED)
        self.levels.pop(line, None)
        return 0

    def gpio_read(self, _chip: int, line: int) -> int:
        return self.stuck.get(line, self.levels.get(line, 0))

    def gpio_write(self, _chip: int, line: int, level: int) -> int:
        if self.modes.get(line) != OUTPUT:
            self._refuse(self.lgpio.GPIO_NOT_ALLOCATED)
        self.levels[line] = int(level)
        return 0
