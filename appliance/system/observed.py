"""What the core sees of the machine: one named value each, with the moment it was seen. On tmpfs.

Only the core writes here; a surface shows nothing that is older than `OLD_S`.
"""

from __future__ import annotations

import json
from typing import Any

from appliance import clock
from appliance.store.database import Store

OLD_S = 60.0


def put(live: Store, when: clock.Clock, name: str, value: object) -> bool:
    """Keep what was seen; tell whether it is news. Only news rings the bells."""
    text = json.dumps(value, sort_keys=True, default=str)
    with live.read() as db:
        before = db.execute("SELECT value FROM machine WHERE name=?", (name,)).get
    news = bool(before != text)
    with live.write(ring=news) as db:
        db.execute("INSERT OR REPLACE INTO machine VALUES (?,?,?)", (name, when.boottime_s(), text))
    return news


def get(live: Store, when: clock.Clock, name: str) -> Any:  # noqa: ANN401 - JSON, as its writer wrote it
    """What was seen lately; None when nothing was."""
    with live.read() as db:
        row = db.execute("SELECT at_boottime_s, value FROM machine WHERE name=?", (name,)).fetchone()
    if row is None or when.boottime_s() - row[0] > OLD_S * when.speed:
        return None
    return json.loads(row[1])
