"""Faults that are told by e-mail: each once, when it has lasted a while.

Opt-in by the setting `faults.mail_to`. What was told is remembered in the
present moment only: after a restart of the machine a fault that is still there
is told again, which is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from appliance import faults
from appliance.faults import Fault
from appliance.opened import Opened
from appliance.store import settings

LASTED = timedelta(minutes=5)  # what mends itself before is not told
AT_ONCE = 20  # in one message


def due(opened: Opened) -> list[Fault]:
    """The faults to tell now. Raises StoreError."""
    if not settings.text(opened.store, "faults.mail_to"):
        return []
    now, active = opened.clock.now(), faults.active(opened.live)
    with opened.live.read() as db:
        told = {
            (source, code): since for source, code, since in db.execute("SELECT source, code, since FROM told_faults")
        }
    return [
        one for one in active
        if now - one.since >= LASTED and told.get((one.source, one.code)) != one.since.isoformat()
    ][:AT_ONCE]  # fmt: skip


def told(opened: Opened, found: Sequence[Fault]) -> None:
    """Remember that these were told."""
    with opened.live.write(ring=False) as db:
        db.executemany(
            "INSERT OR REPLACE INTO told_faults VALUES (?,?,?)",
            [(one.source, one.code, one.since.isoformat()) for one in found],
        )
