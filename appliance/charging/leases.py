"""How long a running session may go on: a promise the core renews, at most 60 s ahead.

Only the core writes here, and only while it decides; a core that stops
deciding lets the lease run out. The newest lease also tells when the core was
last there, so that after a crash the outage can be measured.
"""

from __future__ import annotations

from collections.abc import Collection

from appliance import clock
from appliance.store.database import Store

AHEAD_S = 60.0  # real seconds


def renew(live: Store, when: clock.Clock, grant_ids: Collection[int]) -> None:
    """Let these grants go on, and no other. Rings no bell."""
    marks = ",".join("?" * len(grant_ids))
    with live.write(ring=False) as db:
        db.execute(f"DELETE FROM leases WHERE grant_id NOT IN ({marks})", tuple(grant_ids))  # noqa: S608 - only marks
        db.executemany(
            "INSERT OR REPLACE INTO leases VALUES (?,?,?)",
            [(grant_id, when.boot_id, when.boottime_s() + AHEAD_S * when.speed) for grant_id in grant_ids],
        )


def all(live: Store, when: clock.Clock) -> dict[int, float]:
    """The leases of this boot: grant -> end on the boot clock."""
    with live.read() as db:
        found = db.execute("SELECT grant_id, until_s FROM leases WHERE boot_id=?", (when.boot_id,))
        return {int(grant_id): float(until_s) for grant_id, until_s in found}


def silent_s(until_s: float, when: clock.Clock) -> float:
    """How long ago the core renewed a lease that ends at `until_s`."""
    return max(0.0, when.boottime_s() - (until_s - AHEAD_S * when.speed))
