"""Signs of life: each process writes when it last did its work, others read how long ago.

A heartbeat is given from the loop that does the work, after it did it, never
from a thread of its own; so a stuck loop looks dead. The core tells systemd's
watchdog from the same place.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from appliance import clock, errors
from appliance.store.database import Store

CORE_SILENT_S = 5.0  # a core that gave no sign for this long is not running


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life of one process."""

    name: str
    pid: int
    version: str
    age_s: float


@functools.cache
def version() -> str:
    """The version of this program, as it is installed. (importlib.metadata would cost each process 3 MB.)"""
    for folder in map(Path, sys.path):
        for found in folder.glob("wattward-*.dist-info"):
            return found.stem.removeprefix("wattward-")
    return "0"


def begin(live: Store, name: str, when: clock.Clock) -> None:
    """Say that a process started."""
    with live.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO heartbeats VALUES (?,?,?,?,?)",
            (name, os.getpid(), version(), clock.utc_text(when.now()), when.boottime_s()),
        )


def beat(live: Store, name: str, when: clock.Clock) -> None:
    """Give a sign of life. Rings no bell."""
    with live.write(ring=False) as db:
        db.execute("UPDATE heartbeats SET at_boottime_s=? WHERE name=?", (when.boottime_s(), name))


def beats(live: Store, when: clock.Clock) -> dict[str, Beat]:
    """The processes by name; empty when there is no live file."""
    with contextlib.suppress(errors.StoreError), live.read() as db:
        rows = db.execute("SELECT name, pid, version, at_boottime_s FROM heartbeats").fetchall()
        return {name: Beat(name, pid, program, max(0.0, when.boottime_s() - at_s)) for name, pid, program, at_s in rows}
    return {}


def core_runs(live: Store, when: clock.Clock) -> bool:
    """Tell whether the core gave a sign of life lately (in real seconds, also under a fast clock)."""
    core = beats(live, when).get("core")
    return core is not None and core.age_s <= CORE_SILENT_S * when.speed


def notify(state: str) -> None:
    """Tell the service manager `READY=1`, `WATCHDOG=1` … (sd_notify(3)); without one nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
