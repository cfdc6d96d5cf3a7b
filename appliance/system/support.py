"""A support bundle: what somebody far away needs to understand a fault, and nothing that opens a door.

Everything in it is named here: nothing gets in because it lies in the same
table. No code, hash, key, password or token; no names of people, no e-mail
addresses, no names of Wi-Fis; of events only when and what. It is a zip of readable files, written to the
stick labelled WATTWARD, without one to the folder `support` on the card.
"""

from __future__ import annotations

import contextlib
import json
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance import audit, clock, faults, heartbeat
from appliance.backup import targets
from appliance.config import Home
from appliance.errors import N_, WattwardError
from appliance.network import links
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Store
from appliance.system import board, tasks, timekeeping

KIND = "support"
KEPT = 3  # bundles in the folder on the card
PERSONAL = ("report.", "faults.mail_to", "site.name")  # settings that name people
QUERIES = {  # file -> what is asked of the store, column by column
    "migrations": "SELECT number, name, applied_at FROM migrations ORDER BY number",
    "meters": "SELECT id, name, model, url, unit, role, interval_s, created_at, archived_at FROM meters ORDER BY id",
    "points": "SELECT id, name, relay, meter_id, mode, created_at, archived_at FROM points ORDER BY id",
    "sessions": "SELECT id, point_id, began_at, begin_wh, ended_at, end_wh, end_reason, remark FROM sessions"
    " ORDER BY id DESC LIMIT 100",
    "attempts": "SELECT id, at, terminal, point_id, result, remark FROM attempts ORDER BY id DESC LIMIT 200",
    "events": "SELECT at, surface, event FROM audit ORDER BY id DESC LIMIT 500",
    "backups": "SELECT made_at, target, size_bytes, schema, outcome, pruned_at FROM backups ORDER BY id DESC LIMIT 50",
}
LIVE_QUERIES = {
    "readings": "SELECT meter_id, at, took_s, quantities FROM readings ORDER BY meter_id",
    "meter_health": "SELECT * FROM meter_health ORDER BY meter_id",
    "relays": "SELECT point_id, wanted, closed, since FROM relays ORDER BY point_id",
    "heartbeats": "SELECT name, version, started_at, at_boottime_s FROM heartbeats ORDER BY name",
}


class SupportFailed(WattwardError):
    """The bundle could not be written. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where a bundle lies."""

    path: Path
    where: str  # 'usb', 'folder'
    size_bytes: int


def ask(it: Opened, actor: audit.Actor) -> int:
    """Want a bundle; the task's result says where it lies. Raises Refused."""
    return tasks.ask(it, actor, KIND)


def folder(home: Home) -> Path:
    """Where bundles lie when there is no stick."""
    return home.root / "support"


def make(it: Opened) -> Made:
    """Write a bundle, whole or not at all. Raises SupportFailed, StoreError."""
    stick = targets.of(it.home)["usb"]
    where, place = ("usb", stick.folder) if stick.is_present() else ("folder", folder(it.home))
    path = place / f"wattward-support-{it.clock.now():%Y-%m-%dT%H-%M-%SZ}.zip"
    staged = path.with_suffix(".part")
    import zipfile  # 1 MB that the core needs seldom

    try:
        place.mkdir(exist_ok=True)
        with zipfile.ZipFile(staged, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in contents(it).items():
                bundle.writestr(f"{path.stem}/{name}", content)
        size_bytes = staged.stat().st_size
        staged.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise SupportFailed(
            N_("The support bundle cannot be written to {folder}: free space, or plug in another stick. ({detail})"),
            folder=place, detail=error.strerror or error,
        ) from error  # fmt: skip
    if where == "folder":
        for old in sorted(place.glob("wattward-support-*.zip"))[:-KEPT]:
            old.unlink()
    return Made(path, where, size_bytes)


def contents(it: Opened) -> dict[str, str]:
    """The files of a bundle, by name."""
    files: dict[str, object] = {
        "machine.json": _machine(it),
        "settings.json": _settings(it),
        "counts.json": _counts(it),
    }
    files |= {f"{name}.json": _rows(it.store, query) for name, query in QUERIES.items()}
    files |= {f"{name}.json": _rows(it.live, query) for name, query in LIVE_QUERIES.items()}
    files["faults.json"] = [
        {"source": one.source, "code": one.code, "sentence": one.sentence, "since": clock.utc_text(one.since)}
        for one in faults.active(it.live)
    ]
    texts = {name: json.dumps(value, indent=1, default=str) + "\n" for name, value in files.items()}
    return {"README.txt": README} | texts


README = """Support bundle of a Wattward appliance.
It holds no code, password, key or token, and no names of people. Each file is JSON and can be read with any editor.
"""


def _rows(store: Store, query: str) -> list[dict[str, object]]:
    with store.read() as db:
        found = db.execute(query).fetchall()
    columns = _columns(query, store)
    return [dict(zip(columns, row, strict=True)) for row in found]


def _columns(query: str, store: Store) -> list[str]:
    chosen = query.removeprefix("SELECT ").partition(" FROM ")[0]
    if chosen != "*":
        return [name.strip() for name in chosen.split(",")]
    table = query.partition(" FROM ")[2].split()[0]
    with store.read() as db:
        return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _counts(it: Opened) -> dict[str, int]:
    """How many rows each table has."""
    with it.store.read() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")]
        return {name: int(db.execute(f'SELECT count(*) FROM "{name}"').get) for name in names}  # noqa: S608 - the schema's own names


def _settings(it: Opened) -> dict[str, object]:
    return {one.key: settings.get(it.store, one.key) for one in settings.TABLE if not one.key.startswith(PERSONAL)}


def _machine(it: Opened) -> dict[str, object]:
    disk, seen = shutil.disk_usage(it.home.root), timekeeping.now(it)
    return {
        "made_at": clock.utc_text(it.clock.now()),
        "version": heartbeat.version(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "board": board.model(),
        "uptime_s": round(it.clock.boottime_s()),
        "temperature_c": board.temperature_c(),
        "disk_free_bytes": disk.free,
        "disk_total_bytes": disk.total,
        "time": None if seen is None else asdict(seen),
        "network": _network(it),
    }


def _network(it: Opened) -> object:
    seen = links.now(it)
    if seen is None:
        return None
    return [{"kind": one.kind, "state": one.state, "strength": one.strength, "addresses": one.addresses,
             "automatic": one.wanted.automatic} for one in seen.links]  # fmt: skip
