"""The web admin's window: ten minutes from Enable, then closed, whatever the traffic.

One row says until when, on the boot clock and with the boot it belongs to, so
the window ends without anybody's doing and a restart of the appliance leaves
it closed. Openings are numbered; sessions and presence codes belong to one.
Enabling again while it is open restarts the ten minutes of the same opening.

Imported by the process that waits for the window: keep it light.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance import audit, clock
from appliance.store.database import Db, Store

OPEN_S = 600.0  # exactly 10:00 from Enable
FIREWALL = "window"  # file in the run folder: port and seconds of the newest Enable, for root's limit in the firewall
SERVING = "web.open"  # file in the run folder while the web admin's process has its port bound


@dataclass(frozen=True, slots=True)
class Window:
    """The window now. `remaining_s` counts on the boot clock (divide by the clock's speed for real seconds)."""

    open: bool
    remaining_s: float
    opening: int
    until_s: float  # its end on the boot clock; another Enable has another one


def state(store: Store, when: clock.Clock) -> Window:
    """The window as it is. Raises StoreError."""
    with store.read() as db:
        return state_in(db, when)


def state_in(db: Db, when: clock.Clock) -> Window:
    """`state` inside somebody's transaction."""
    row = db.execute("SELECT opening, boot_id, open_until_s FROM web_window").fetchone()
    opening, boot_id, until_s = row or (0, "", 0.0)
    remaining_s = min(OPEN_S, until_s - when.boottime_s()) if boot_id == when.boot_id else 0.0
    return Window(open=remaining_s > 0, remaining_s=max(0.0, remaining_s), opening=opening, until_s=until_s)


def enable(store: Store, when: clock.Clock, actor: audit.Actor) -> Window:
    """Open for ten minutes from now."""
    with store.write() as db:
        before = state_in(db, when)
        opening = before.opening if before.open else before.opening + 1
        _put(db, when, actor, opening, when.boottime_s() + OPEN_S)
        audit.record(db, when.now(), actor, "web.open", "web admin", opening=opening, seconds=int(OPEN_S))
        return state_in(db, when)


def close(store: Store, when: clock.Clock, actor: audit.Actor) -> bool:
    """Close now; tell whether it was open. Its sessions end with it."""
    with store.write() as db:
        before = state_in(db, when)
        if before.open:
            _put(db, when, actor, before.opening, when.boottime_s())
            audit.record(db, when.now(), actor, "web.close", "web admin", opening=before.opening)
        return before.open


def _put(db: Db, when: clock.Clock, actor: audit.Actor, opening: int, until_s: float) -> None:
    db.execute(
        "INSERT OR REPLACE INTO web_window VALUES (1,?,?,?,?,?)",
        (opening, when.boot_id, until_s, clock.utc_text(when.now()), f"{actor.surface}:{actor.name}"),
    )
