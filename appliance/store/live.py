"""`live.db`: the present moment, shared by all processes through memory.

It lies on tmpfs, so a write costs no card. The core makes it at its start, or
keeps it when it was made in this boot by the same program: then a restarted
core finds the growing slots and leases again. Readers judge age themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
from importlib import resources
from pathlib import Path

from appliance import errors
from appliance.store.database import Store, connect


def open_live(path: Path, *, bells: Path | None = None) -> Store:
    """The live file of a running appliance. Using it raises StoreMissing when the core never ran in this boot."""
    return Store(path, bells=bells, synchronous="OFF")


def make(path: Path, boot_id: str) -> bool:
    """Make `live.db` unless this boot's and this program's is there; tell whether it was made. Core only."""
    sql = (resources.files("appliance.store") / "live.sql").read_text("utf-8")
    sha256 = hashlib.sha256(sql.encode()).hexdigest()
    if _made_by(path) == (boot_id, sha256):
        return False
    for leftover in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        leftover.unlink(missing_ok=True)
    connect(path, create=True, synchronous="OFF").close()
    live = open_live(path)
    with live.write() as db:
        db.execute(sql)
        db.execute("INSERT INTO made VALUES (?,?)", (boot_id, sha256))
    live.close()
    return True


def _made_by(path: Path) -> tuple[str, str] | None:
    """Boot and program that made the file; None when there is no sound one."""
    live = open_live(path)
    with contextlib.suppress(errors.StoreError), live.read() as db:
        found: tuple[str, str] | None = db.execute("SELECT boot_id, sha256 FROM made").fetchone()
        return found
    return None
