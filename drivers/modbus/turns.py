"""Whose turn it is on a line: the earliest deadline first, and what can wait when it disturbs nobody.

What is urgent (a relay that is to open) goes before everything else.

A hurried question (due within `HURRY_S`) goes before all that are due later.
One that can wait is asked in a pause: only when it will be done before the next
hurried one is expected, and that is when the last one of its unit was due, for
meters are read in rhythm. When its own deadline has passed it goes first, so
nobody starves. Pure: times are handed in (time.monotonic()).
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

HURRY_S = 15.0  # the longest rhythm in which a meter is read is 10 s; what can wait is due in half a minute

T = TypeVar("T")


@dataclass(order=True, frozen=True, slots=True)
class Turn(Generic[T]):
    """Somebody who waits for the line."""

    due_s: float
    number: int  # as they came, among equals
    unit: int = field(compare=False)
    needs_s: float = field(compare=False)  # how long the line will be taken
    what: T = field(compare=False)


class Turns(Generic[T]):
    """Who waits for one line."""

    def __init__(self) -> None:
        self._urgent: deque[T] = deque()
        self._hurried: list[Turn[T]] = []
        self._patient: list[Turn[T]] = []
        self._expected_s: dict[int, float] = {}  # by unit: when its next hurried question should come
        self._count = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._hurried) + len(self._patient)

    def add_urgent(self, what: T) -> None:
        """Let somebody wait before all others."""
        self._urgent.append(what)

    def urgent(self) -> T | None:
        """Who cannot wait, if somebody is there."""
        return self._urgent.popleft() if self._urgent else None

    def add(self, unit: int, due_s: float, needs_s: float, what: T, now_s: float) -> None:
        """Let somebody wait."""
        self._count += 1
        turn = Turn(due_s, self._count, unit, needs_s, what)
        if due_s - now_s <= HURRY_S:
            heapq.heappush(self._hurried, turn)
            self._expected_s[unit] = due_s
        else:
            heapq.heappush(self._patient, turn)

    def next(self, now_s: float) -> T | float | None:
        """Whose turn it is now; or after how many seconds to look again; None when nobody waits."""
        if self._urgent:
            return self._urgent.popleft()
        if self._patient and self._patient[0].due_s <= now_s:
            return heapq.heappop(self._patient).what
        if self._hurried:
            return heapq.heappop(self._hurried).what
        if not self._patient:
            return None
        first = self._patient[0]
        free_until_s = min((at for at in self._expected_s.values() if at > now_s), default=first.due_s)
        if now_s + first.needs_s <= free_until_s:
            return heapq.heappop(self._patient).what
        return max(min(free_until_s, first.due_s) - now_s, 0.001)

    def all(self) -> list[T]:
        """Everybody who waits, and forget them."""
        waiting = [*self._urgent, *(turn.what for turn in [*self._hurried, *self._patient])]
        self._urgent.clear()
        self._hurried, self._patient = [], []
        return waiting
