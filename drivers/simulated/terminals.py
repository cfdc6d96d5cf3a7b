"""The house's end of the wires: which connection holds which relay line, and its level.

As on a chip: a line belongs to one holder, who alone may drive it; who holds
nothing may still look. What a holder leaves behind falls.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field


class Refused(Exception):
    """What the chip would not allow."""


@dataclass
class Terminals:
    """All lines of the house."""

    _holders: dict[int, Hashable] = field(default_factory=dict)
    _levels: dict[int, int] = field(default_factory=dict)

    def level(self, line: int) -> int:
        """The level of a line; 0 when nobody holds it."""
        return self._levels.get(line, 0)

    def claim(self, holder: Hashable, line: int) -> None:
        """Take a line. Raises Refused when somebody else has it."""
        if self._holders.setdefault(line, holder) != holder:
            raise Refused("GPIO busy")

    def drive(self, holder: Hashable, line: int, level: int) -> None:
        """Set the level of a line that is held. Raises Refused when it is not."""
        if self._holders.get(line) != holder:
            raise Refused("GPIO not allocated")
        self._levels[line] = level

    def free(self, holder: Hashable, line: int) -> None:
        """Give a line back; it falls."""
        if self._holders.get(line) == holder:
            del self._holders[line]
            self._levels.pop(line, None)

    def lose(self, holder: Hashable) -> None:
        """The holder is gone: all its lines fall."""
        for line in [line for line, one in self._holders.items() if one == holder]:
            self.free(holder, line)
