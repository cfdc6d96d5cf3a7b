"""How long to wait for one unit of a line, how long to leave it alone, and what it still owes.

Patience follows the unit's own latency; until it has answered once nothing is
known about it. A unit that costs time-outs is asked ever less often, so that
it costs its neighbours one short time-out now and then, and comes back by
itself. Pure: times are handed in (time.monotonic()).

On a serial line frames bear no number: an answer is known by unit, function
and length. So it is noted which lengths a unit was asked for since it last
answered; such a length is not asked for again before the unit has answered
another one, because its answer could be the old one. Units answer in turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.interfaces import DriverError

ANSWER_S = {
    "tcp": 0.5,
    "udp": 0.5,
    "rtu": 0.6,
    "rtutcp": 0.6,
}  # most meters answer within 0.1, ORNO under load within 0.6
FIRST_ANSWER_S = 1.0
LONGEST_ANSWER_S = 2.0
LATENCIES = 4  # time-out = so many times the usual latency, where that is more
FOLLOW = 8  # the usual latency follows the last one by an eighth of the difference
# By consecutive time-outs. With 20 s, 0.6 to 1.0 s of time-out cost the others 3 to 5 % of the line.
PAUSES_S = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)
LONGEST_PAUSE_S = 60.0  # several silent units on a line share the 5 %: each pauses as often as there are
PAUSE_ALONE_S = 2.0  # a unit that has the line for itself disturbs nobody
SETTLE_S = 3.0  # how much later than its time-out no answer comes any more


@dataclass(slots=True)
class Pace:
    """How one unit has been doing."""

    latency_s: float | None = None  # None: it has never answered
    failures: int = 0  # time-outs without an answer between them
    ask_at: float = 0.0
    error: DriverError | None = None
    answered_at: float = 0.0
    _owed: dict[int, float] = field(default_factory=dict)  # registers asked for -> until when they may still come

    @property
    def is_known(self) -> bool:
        """It has been asked, and its answer or its silence was noted."""
        return self.latency_s is not None or self.failures > 0

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

    def owes(self, count: int, now_s: float) -> bool:
        """Tell whether an answer of `count` registers could be one to an older question."""
        return self._owed.get(count, now_s) > now_s

    def asked(self, count: int, now_s: float, patience_s: float) -> None:
        """Note a question for `count` registers, answered or not."""
        self._owed[count] = now_s + patience_s + SETTLE_S

    def heard(self, now_s: float, took_s: float) -> None:
        """Note a sign of life."""
        took_s = max(0.0, took_s)
        self.latency_s = took_s if self.latency_s is None else self.latency_s + (took_s - self.latency_s) / FOLLOW
        self.answered_at = now_s

    def answered(self) -> None:
        """Note the answer to a question that was not owed: everything older has passed."""
        self.failures, self.error = 0, None
        self._owed.clear()

    def refused(self, count: int) -> None:
        """Note an exception: the unit lives, but which question that answers is known only where one is open."""
        self.failures, self.error = 0, None
        if len(self._owed) == 1:
            self._owed.pop(count, None)

    def answered_late(self, took_s: float) -> None:
        """Note an answer that came after the time-out: be half as patient again next time."""
        self.latency_s = max(0.0, took_s) * 1.5 / LATENCIES

    def failed(self, error: DriverError, now_s: float, units: int = 1, silent: int = 1) -> None:
        """Note a time-out: leave the unit alone, longer each time.

        `units` are on the line, `silent` of them do not answer, this one included.
        """
        pause_s = PAUSES_S[min(self.failures, len(PAUSES_S) - 1)]
        self.failures += 1
        self.ask_at = now_s + (min(pause_s, PAUSE_ALONE_S) if units == 1 else min(pause_s * silent, LONGEST_PAUSE_S))
        self.error = error
