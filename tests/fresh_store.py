"""The store of a core that starts for the first time, made once: its migrations take longer than most tests."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from appliance.store import migrate
from tests.fake_clock import FakeClock


@functools.cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        migrate.migrate(path, FakeClock())
        assert [entry.name for entry in path.parent.iterdir()] == ["store.db"], "all of it is in the file"
        return path.read_bytes()


def put(path: Path) -> None:
    """Lay it there, as `migrate` leaves it."""
    path.write_bytes(_made())
    path.chmod(0o660)
