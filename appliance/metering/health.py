"""How well each meter answers: readings, errors and the rhythm really kept, over the last hour at most.

Counted in five-minute parts, of which the oldest is let go; written to
`live.db` every few seconds, where check pages read it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from appliance.store.database import Db, Store

PART_S, PARTS = 300.0, 12
WRITE_EVERY_S = 5.0  # of the boot clock


@dataclass(frozen=True, slots=True)
class Health:
    """What became of the attempts to read a meter since a moment of the boot clock."""

    meter_id: int
    since_boottime_s: float
    readings: int
    errors: int
    interval_s: float | None  # mean time between two readings; None: fewer than two


@dataclass(slots=True)
class Part:
    """Five minutes of a meter."""

    begin_s: float
    readings: int = 0
    errors: int = 0
    first_s: float = 0.0  # boot clock at the first and last reading
    last_s: float = 0.0


class Pulse:
    """Counts one meter's readings and errors. Times are of the boot clock."""

    def __init__(self, meter_id: int, at_s: float) -> None:
        self._meter_id = meter_id
        self._parts = deque([Part(at_s)], maxlen=PARTS)
        self._written_s: float | None = None

    def read(self, at_s: float) -> None:
        """Count a reading."""
        part = self._part(at_s)
        if not part.readings:
            part.first_s = at_s
        part.last_s = at_s
        part.readings += 1

    def failed(self, at_s: float) -> None:
        """Count an attempt that brought no reading."""
        self._part(at_s).errors += 1

    def _part(self, at_s: float) -> Part:
        if at_s - self._parts[-1].begin_s >= PART_S:
            self._parts.append(Part(at_s))
        return self._parts[-1]

    def health(self) -> Health:
        """What was counted."""
        readings = sum(part.readings for part in self._parts)
        seen = [part for part in self._parts if part.readings]
        interval_s = (seen[-1].last_s - seen[0].first_s) / (readings - 1) if readings > 1 else None
        errors = sum(part.errors for part in self._parts)
        return Health(self._meter_id, self._parts[0].begin_s, readings, errors, interval_s)

    def due(self, at_s: float) -> bool:
        """Tell whether it is time to write it down; once asked, not again for some seconds."""
        if self._written_s is not None and at_s - self._written_s < WRITE_EVERY_S:
            return False
        self._written_s = at_s
        return True


def put(db: Db, found: Health) -> None:
    """Write down how a meter is."""
    db.execute(
        "INSERT OR REPLACE INTO meter_health VALUES (?,?,?,?,?)",
        (found.meter_id, found.since_boottime_s, found.readings, found.errors, found.interval_s),
    )


def forget(db: Db, meter_id: int) -> None:
    """A meter is not read any more."""
    db.execute("DELETE FROM meter_health WHERE meter_id = ?", (meter_id,))


def all(live: Store) -> dict[int, Health]:  # noqa: A001 - read as health.all()
    """How each meter is that is read now."""
    with live.read() as db:
        rows = db.execute(
            "SELECT meter_id, since_boottime_s, readings, errors, interval_s FROM meter_health"
        ).fetchall()
    return {row[0]: Health(*row) for row in rows}
