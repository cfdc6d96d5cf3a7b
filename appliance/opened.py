"""An appliance's home as one process has it open: files, clock and, on demand, the device key.

The core makes what is missing (`make=True`); every surface only opens, and
refuses with a sentence when the store has another version than this program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance import clock, config
from appliance.store import live, migrate
from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.access.device_key import DeviceKey


@dataclass(frozen=True, slots=True)
class Opened:
    """What a process works with."""

    home: config.Home
    store: Store
    live: Store
    clock: clock.Clock

    def key(self) -> DeviceKey:
        """The device key. Raises Refused when it is missing. Imported only by who needs cryptography."""
        from appliance.access import device_key

        return device_key.load(self.home.keys)


def open_home(home: config.Home, when: clock.Clock, *, readonly: bool = False) -> Opened:
    """Open the files without touching them; the first use of a missing one raises StoreMissing."""
    return Opened(
        home=home,
        store=Store(home.store_db, bells=home.bells, readonly=readonly),
        live=live.open_live(home.live_db, bells=home.bells),
        clock=when,
    )


def open_current(home: config.Home, when: clock.Clock) -> Opened:
    """Open for a surface. Raises StoreMissing, StoreVersion."""
    opened = open_home(home, when)
    migrate.require_current(opened.store)
    return opened
