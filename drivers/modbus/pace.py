"""How long to wait for one unit of a line, and how long to leave it alone.

Patience follows the unit's own latency; until it has answered once nothing is
known about it. A unit that costs time-outs is asked ever less often, so that
it costs its neighbours one short time-out now and then, and comes back by
itself. Pure: times are handed in (time.monotonic()).
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.interfaces import DriverError

ANSWER_S = {"tcp": 0.5, "rtu": 0.6, "rtutcp": 0.6}  # most meters answer within 0.1, ORNO under load within 0.6
FIRST_ANSWER_S = 1.0
LONGEST_ANSWER_S = 2.0
LATENCIES = 4  # time-out = so many times the usual latency, where that is more
FOLLOW = 8  # the usual latency follows the last one by an eighth of the difference
# By consecutive time-outs. With 20 s, 0.6 to 1.0 s of time-out cost the others 3 to 5 % of the line.
PAUSES_S = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)
PAUSE_ALONE_S = 2.0  # a unit that has the line for itself disturbs nobody


@dataclass(slots=True)
class Pace:
    """How one unit has been doing."""

    latency_s: float | None = None  # None: it has never answered
    failures: int = 0  # time-outs without an answer between them
    ask_at: float = 0.0
    error: DriverError | None = None

    @property
    def is_well(self) -> bool:
        """It has answered before, and last time."""
        return self.latency_s is not None and not self.failures

    def patience_s(self, transport: str) -> float:
        """How long to wait for an answer, without the time it takes on the wire."""
        if self.latency_s is None:
            return FIRST_ANSWER_S
        return min(max(ANSWER_S[transport], LATENCIES * self.latency_s), LONGEST_ANSWER_S)

    def rest(self, now_s: float) -> DriverError | None:
        """The fault to report without asking, while the unit is left alone."""
        if self.error is None or now_s >= self.ask_at:
            return None
        return DriverError(self.error.code, self.error.message, **self.error.values)  # new: without old tracebacks

    def answered(self, took_s: float) -> None:
        """Note an answer."""
        took_s = max(0.0, took_s)
        self.latency_s = took_s if self.latency_s is None else self.latency_s + (took_s - self.latency_s) / FOLLOW
        self.failures, self.error = 0, None

    def answered_late(self, took_s: float) -> None:
        """Note an answer that came after the time-out: be half as patient again next time."""
        self.latency_s = max(0.0, took_s) * 1.5 / LATENCIES

    def failed(self, error: DriverError, now_s: float, alone: bool) -> None:
        """Note a time-out: leave the unit alone, longer each time."""
        pause_s = PAUSES_S[min(self.failures, len(PAUSES_S) - 1)]
        self.failures += 1
        self.ask_at = now_s + (min(pause_s, PAUSE_ALONE_S) if alone else pause_s)
        self.error = error
