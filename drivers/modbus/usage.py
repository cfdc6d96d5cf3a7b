"""What a line is used for: how much of its time is taken, and how each unit answers.

Figures for people: who adds a tenth meter to a line wants to know whether it
has time for it. Pure: times are handed in (time.monotonic()).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 60.0
PIECE_S = 5.0  # the window moves on in pieces of this length


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How one unit has answered since the line was first used."""

    unit: int
    questions: int
    answers: int
    faults: dict[str, int]  # code of DriverError -> how often; time in which it was left alone is not counted
    latency_s: float | None  # how long it usually thinks; None: it has never answered
    bytes: int  # asked and answered, as they travel on the line


@dataclass(frozen=True, slots=True)
class LineReport:
    """How one line is doing."""

    line: str
    used: float  # share of the last minute, 0 to 1
    waiting: int  # questions in the queue at this moment
    units: tuple[UnitReport, ...]


@dataclass(slots=True)
class Use:
    """How much of the last minute a line was taken."""

    _pieces: deque[tuple[float, float]] = field(default_factory=deque)  # when it began, seconds taken
    _since_s: float | None = None

    def note(self, began_s: float, ended_s: float) -> None:
        """Say that the line was taken."""
        if self._since_s is None:
            self._since_s = began_s
        if not self._pieces or began_s - self._pieces[-1][0] >= PIECE_S:
            self._pieces.append((began_s, 0.0))
            while began_s - self._pieces[0][0] > WINDOW_S:
                self._pieces.popleft()
        at, taken = self._pieces[-1]
        self._pieces[-1] = at, taken + ended_s - began_s

    def share(self, now_s: float) -> float:
        """Share of the time that was taken, 0 to 1."""
        if self._since_s is None:
            return 0.0
        from_s = max(self._since_s, now_s - WINDOW_S)
        taken = sum(taken for at, taken in self._pieces if at >= from_s)
        return min(taken / max(now_s - from_s, 1e-3), 1.0)


@dataclass(slots=True)
class Tally:
    """Counts of one unit."""

    questions: int = 0
    answers: int = 0
    bytes: int = 0
    faults: dict[str, int] = field(default_factory=dict)

    def failed(self, code: str) -> None:
        """Count a fault."""
        self.faults[code] = self.faults.get(code, 0) + 1

    def report(self, unit: int, latency_s: float | None) -> UnitReport:
        """The figures so far."""
        return UnitReport(unit, self.questions, self.answers, dict(self.faults), latency_s, self.bytes)
