"""One core to a home: a lock that ends with the process that holds it.

The core holds it while it runs; a restore holds it while it works, so that
neither starts while the other is at it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance import errors
from appliance.errors import N_


@contextmanager
def only_core(run: Path) -> Iterator[None]:
    """Hold the lock that makes this the only core of its home. Raises Refused when there is another."""
    with (run / "core.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise errors.Refused(
                N_("A core already runs on this home (process {pid}). Stop it: sudo systemctl stop wattward-core."),
                pid=file.read().strip() or "?",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
