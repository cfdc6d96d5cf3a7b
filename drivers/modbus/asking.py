"""The questions that fetch some points of one meter, and what it taught about asking.

A meter may refuse a block that its map allows: an older edition lacks registers
between two points, another one answers only short reads. Then it is asked in
other pieces: without reading across holes, then in halves. What worked is kept
as long as the meter is; what did not help is forgotten, so that a meter that
refuses for another reason is read in few requests again when it is well.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.modbus import plan, registers
from drivers.modbus.bus import Question
from drivers.modbus.plan import Block, Toll
from drivers.modbus.registers import Point, RegisterMap

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Part:
    """One question, and the points that its answer holds."""

    question: Question
    block: Block
    points: tuple[Point, ...]
    answered: bool = False  # it has been, so the meter can

    def values(self, answer: Sequence[int]) -> dict[str, float]:
        """SI values; a quantity the meter marks as not available is absent."""
        raw = registers.as_mapping(self.block.start, answer)
        found = ((point.quantity, registers.decode(point, raw)) for point in self.points)
        return {quantity: value for quantity, value in found if value is not None}


class Asking:
    """How one meter is asked for `points`; `parts` are the questions, in order."""

    def __init__(self, of: RegisterMap, points: Sequence[Point], unit: int, at: Toll) -> None:
        self._of = of
        self._unit = unit
        self._at = at
        self._points = list(points)
        self._longest = of.max_read
        self._holes: tuple[plan.Range, ...] = ()
        self._proven: tuple[int, tuple[plan.Range, ...]] = self._longest, self._holes
        self.parts = self._cut()

    @property
    def quantities(self) -> list[str]:
        """What is asked for."""
        return [point.quantity for point in self._points]

    def learn(self, part: Part) -> bool:
        """Ask in other pieces after `part` was refused; tell whether there are any."""
        if holes := plan.bridged(part.block, part.points):
            self._holes += tuple(holes)
        else:
            step = 2 if self._of.even else 1
            widest = max(end - first for first, end in (point.spans for point in part.points))
            shorter = max(part.block.count // 2 // step * step, widest)
            if shorter >= part.block.count:
                return False
            self._longest = shorter
        self.parts = self._cut()
        return True

    def keep(self) -> None:
        """Say that every part was answered: what was learned holds."""
        if self._proven != (self._longest, self._holes):
            self._proven = self._longest, self._holes
            asked = ", ".join(f"{part.block.start}:{part.block.count}" for part in self.parts)
            log.info("unit %d (%s) is asked for registers %s from now on", self._unit, self._of.model.name, asked)

    def forget(self) -> None:
        """Say that asking in other pieces did not help."""
        if self._proven != (self._longest, self._holes):
            self._longest, self._holes = self._proven
            self.parts = self._cut()

    def drop(self, part: Part) -> None:
        """Do without what the meter does not have."""
        self._points = [point for point in self._points if point not in part.points]
        self.parts = self._cut()

    def _cut(self) -> list[Part]:
        found = plan.blocks(self._of, self._points, self._at, self._longest, self._holes)
        return [self._part(block) for block in found]

    def _part(self, block: Block) -> Part:
        points = tuple(point for point in self._points if block.holds(point))
        least = min((point.size for point in points if block.start in point.starts), default=0)
        question = Question(
            self._unit, block.function, block.start, block.count, self._of.gap_s, least if least < block.count else 0
        )
        return Part(question, block, points)


def split(of: RegisterMap, at: Toll) -> tuple[list[Point], list[Point]]:
    """The points that are read each time, and the slow ones that do not come with them anyway."""
    fast = [point for point in of.points if not point.slow]
    blocks = plan.blocks(of, fast, at)
    held = [point for point in of.points if not point.alone and any(block.holds(point) for block in blocks)]
    slow = [point for point in of.points if point.slow and point not in held]
    return [point for point in of.points if point not in slow], slow
