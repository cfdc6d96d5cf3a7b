"""What is remembered of starts: the boot whose start-up screen was seen, and where the first-run assistant stopped.

The start-up screen, and with it the way to clear a forgotten settings PIN, is
there once a boot, and only shortly after it: not after a restart of a program.
"""

from __future__ import annotations

from appliance.opened import Opened
from appliance.store.database import Store

COLD_S = 600.0  # later than this after switching on nobody stands there waiting for a picture
SPLASH, ASSISTANT = "splash_boot", "assistant"
DONE = "done"
FIRST = "welcome"


def take_cold_start(it: Opened) -> bool:
    """Tell whether the machine was just switched on; only the first who asks is told so. Raises StoreError."""
    if it.clock.boottime_s() > COLD_S * it.clock.speed or _recall(it.store, SPLASH) == it.clock.boot_id:
        return False
    _keep(it.store, SPLASH, it.clock.boot_id)
    return True


def assistant_step(store: Store) -> str:
    """Where the assistant stopped; `FIRST` on an appliance nobody set up yet, empty when there is nothing to set up."""
    kept = _recall(store, ASSISTANT)
    if kept is not None:
        return "" if kept == DONE else kept
    with store.read() as db:
        used = db.execute(
            "SELECT EXISTS (SELECT 1 FROM meters) OR EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM display_pin)"
        ).get
    return "" if used else FIRST


def keep_step(it: Opened, step: str) -> None:
    """The assistant is here now; `DONE`: it does not come again. Raises StoreError."""
    _keep(it.store, ASSISTANT, step)


def _recall(store: Store, name: str) -> str | None:
    with store.read() as db:
        found: str | None = db.execute("SELECT value FROM start_memory WHERE name=?", (name,)).get
        return found


def _keep(store: Store, name: str, value: str) -> None:
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO start_memory VALUES (?,?)", (name, value))
