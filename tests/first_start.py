"""An appliance whose core has started once.

The store is made once and copied, because its migrations take longer than most tests.
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from appliance import clock
from appliance.access import device_key
from appliance.config import Home
from appliance.opened import Opened, open_home
from appliance.store import live, migrate
from tests.fake_clock import FakeClock


def of(home: Home, when: clock.Clock) -> Opened:
    """Its home, open: folders, store, live file and device key."""
    home.make()
    home.store_db.write_bytes(_store())
    home.store_db.chmod(0o660)  # as `migrate` leaves it
    live.make(home.live_db, when.boot_id)
    device_key.make(home.keys)
    return open_home(home, when)


@functools.cache
def _store() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrate.migrate(path, FakeClock())
        assert [entry.name for entry in path.parent.iterdir()] == ["store.db"], "all of it is in the file"
        return path.read_bytes()
