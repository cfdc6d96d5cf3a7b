"""At the core's start: a damaged or lost store is set aside and the newest good backup takes its place.

Nothing is deleted: the old file stays as `store.db.damaged-<time>`. Without a
backup that opens, the appliance starts empty. In each case one sentence says
what happened and what to look at.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from appliance import audit, clock, errors
from appliance.backup import catalog, found, key, make, restore, settle, staging, targets
from appliance.config import Home
from appliance.errors import N_
from appliance.store import database, migrate


def repair_if_damaged(home: Home, when: clock.Clock) -> str | None:
    """Make the store usable; return the sentence to show when that took something. Raises StoreError."""
    with make.only_one(home):
        for folder in (home.root, home.run, home.backups):
            staging.sweep(folder)
        try:
            restore.finish_interrupted(home, when)
        except errors.StoreFull as error:
            if restore.is_decided(home) or not home.store_db.exists():
                raise
            return N_("A restore could not be finished, the store is as before: {detail}").format(detail=error)
        state = _state(home)
        if state == "sound":
            return None
        known = _known_key(home)
        made_at = _restore_newest(home, when, known) if known else None
        aside = restore.set_aside_if_damaged(home, when) if made_at is None else _newest_aside(home)
        if made_at is not None and known:
            store = database.Store(home.store_db)
            found.enter_files(home, store, when, known, audit.CORE)
            store.close()
    return _sentence(state, made_at, aside)


def _state(home: Home) -> str:
    """'sound', 'damaged', or 'lost': no file, or one without any table."""
    if restore.is_empty(home.store_db):
        return "lost"
    try:
        database.check(home.store_db)
    except errors.StoreDamaged:
        return "damaged"
    store = database.Store(home.store_db)
    try:
        with store.read() as db:
            return "sound" if migrate.schema_of(db) else "lost"
    finally:
        store.close()


def _known_key(home: Home) -> key.Key | None:
    try:
        return key.load(home.keys)
    except errors.Refused:
        return None


def _restore_newest(home: Home, when: clock.Clock, known: key.Key) -> str | None:
    """Restore the newest backup that opens; return when it was made."""
    present = [target.folder for target in targets.of(home).values() if target.is_present()]
    found = {path.name: path for folder in reversed(present) for path in catalog.files(folder)}
    now = catalog.file_name(when.now() + timedelta(seconds=1), "")  # a later one was made under a wrong calendar
    for name in sorted(found, key=lambda one: (one <= now, one), reverse=True):
        try:
            return _restore(home, when, found[name], known)
        except (errors.BadInput, errors.StoreVersion, errors.StoreDamaged, errors.Refused):
            continue  # this one is no use; an older one may be
    return None


def _restore(home: Home, when: clock.Clock, file: Path, known: key.Key) -> str:
    with staging.folder_in(home.root) as folder:
        staged = staging.open_into(folder, file, known)
        migrate.migrate(staged.store, when)
        settle.settle(staged.store, None, when, audit.CORE, file.name, staged.manifest.made_at)
        key.write(folder, known)
        restore.commit(home, folder)
    restore.finish_interrupted(home, when)
    return f"{staged.manifest.made:%Y-%m-%d %H:%M} UTC"


def _newest_aside(home: Home) -> Path | None:
    kept = (path for path in home.root.glob("store.db.damaged-*") if not path.name.endswith(("-wal", "-shm")))
    return max(kept, key=lambda path: path.name, default=None)


def _sentence(state: str, made_at: str | None, aside: Path | None) -> str | None:
    file = aside.name if aside else ""
    if made_at is None:
        if state == "lost":
            return None  # a new appliance
        return N_(
            "The store was damaged and no backup could be opened: it starts empty, the old file is kept as {file}."
        ).format(file=file)
    if state == "lost":
        return N_(
            "The store was gone; the backup of {made_at} was put back. Check users and codes changed since."
        ).format(made_at=made_at)
    return N_(
        "The store was damaged; the backup of {made_at} was put back and the old file kept as {file}."
        " Check users and codes changed since."
    ).format(made_at=made_at, file=file)
