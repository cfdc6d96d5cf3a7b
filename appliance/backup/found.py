"""Let the rows follow the files: forget backups whose file is gone, enter files that open with our key.

Needed after a restore (its rows are older than the files), for a stick that
comes with backups, and for a file whose row a power cut prevented. Another
appliance's files are neither listed nor pruned.
"""

from __future__ import annotations

from pathlib import Path

from appliance import audit, clock, errors
from appliance.backup import catalog, make, payload, targets
from appliance.backup.key import Key
from appliance.config import Home
from appliance.store.database import Store


def enter_files(home: Home, store: Store, when: clock.Clock, key: Key, actor: audit.Actor) -> int:
    """Compare rows and files of every target that is there; return how many files were entered."""
    entered = 0
    for target in targets.of(home).values():
        if target.is_present():
            catalog.forget_missing(store, when.now(), target)
            entered += sum(_enter(home, store, target, path, key, actor) for path in catalog.unnamed(store, target))
    return entered


def _enter(home: Home, store: Store, target: targets.Target, path: Path, key: Key, actor: audit.Actor) -> bool:
    try:
        manifest = make.verify(path, key, home.backups)
    except errors.WattwardError:
        return False
    with store.write(ring=False) as db:
        catalog.record(
            db, manifest.made, actor, target.name, path.name,
            size_bytes=path.stat().st_size, sha256=payload.sha256_of(path), schema=manifest.schema,
        )  # fmt: skip
    return True
