"""Put a backup back: everything is opened and checked first, then the store changes in one step.

1. No core runs (its lock is held until the end). 2. The backup is opened in a
staging folder, brought to this program's schema, and settled. 3. The present
store is copied to `store.db.before-restore-<time>`. 4. The staging folder is
renamed to `restoring`: from here on the restore happens, even through a power
cut, because the core finishes what it finds there before anything else.
5. The content is copied into the live store, the keys are put in place.

Until 4 nothing has changed. Nothing is ever deleted.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance import audit, clock, core_lock, errors
from appliance.access import device_key
from appliance.backup import found, key, make, payload, settle, staging
from appliance.config import Home
from appliance.errors import N_, Refused
from appliance.store import changes, copies, database, migrate

RESTORING = "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where the store of before is kept (None: there was none)."""

    made_at: datetime
    appliance: str
    before: Path | None


def restore(
    home: Home, when: clock.Clock, file: Path, recovery_code: str | None, actor: audit.Actor = audit.CLI
) -> Restored:
    """Restore `file`. Raises Refused (core runs, not allowed), WrongKey, Unreadable, StoreVersion, StoreError."""
    try:
        home.make()
        with core_lock.only_core(home.run), make.only_one(home):
            finish_interrupted(home, when)
            known = key.load(home.keys) if recovery_code is None else key.from_code(recovery_code)
            restored = _stage_and_commit(home, when, file, known, actor)
            finish_interrupted(home, when)
            store = database.Store(home.store_db)
            found.enter_files(home, store, when, known, actor)
            store.close()
    except OSError as error:
        raise Refused(
            N_("The restore could not be done: free space, and run it with sudo. ({detail})"), detail=error
        ) from error
    return restored


def decide(home: Home, when: clock.Clock, file: Path, recovery_code: str | None, actor: audit.Actor) -> Restored:
    """Steps 2 to 4 by a core that runs; it must end at once, and its next start does the rest. Raises as `restore`."""
    known = key.load(home.keys) if recovery_code is None else key.from_code(recovery_code)
    try:
        with make.only_one(home):
            return _stage_and_commit(home, when, file, known, actor)
    except OSError as error:
        raise Refused(N_("The restore could not be done: free space on the card. ({detail})"), detail=error) from error


def _stage_and_commit(home: Home, when: clock.Clock, file: Path, known: key.Key, actor: audit.Actor) -> Restored:
    """Open, check, upgrade and settle the backup beside the store; then decide that it becomes the store."""
    with staging.folder_in(home.root) as folder:
        staged = staging.open_into(folder, file, known)
        migrate.migrate(staged.store, when)
        before = _keep_present(home, when) if _is_usable(home) else None
        same = _same_appliance(home, staged.device_key)
        settle.settle(staged.store, before if same else None, when, actor, file.name, staged.manifest.made_at)
        key.write(folder, known)
        if not os.access(home.keys, os.W_OK):
            raise PermissionError(f"{home.keys} cannot be written")
        commit(home, folder)
    return Restored(staged.manifest.made, staged.manifest.appliance, before)


def _is_usable(home: Home) -> bool:
    """Tell whether there is a sound store of now. Raises StoreVersion when another program's."""
    try:
        database.check(home.store_db)
    except (errors.StoreMissing, errors.StoreDamaged):
        return False
    store = database.Store(home.store_db)
    try:
        with store.read() as db:
            if migrate.schema_of(db) == 0:
                return False
        migrate.require_current(store)
    finally:
        store.close()
    return True


def _same_appliance(home: Home, secret: bytes) -> bool:
    try:
        return device_key.load(home.keys).export() == secret
    except Refused:
        return False


def _keep_present(home: Home, when: clock.Clock) -> Path:
    """Copy the store of now aside."""
    kept = _beside(home.store_db, "before-restore", when)
    try:
        copies.copy_out(home.store_db, kept)
    except errors.StoreError:
        kept.unlink(missing_ok=True)
        raise
    with kept.open("rb") as file:
        os.fsync(file.fileno())
    return kept


def _beside(path: Path, why: str, when: clock.Clock) -> Path:
    """A name beside `path` that is not taken: store.db.before-restore-2026-11-21T12-00-00Z."""
    wanted = path.with_name(f"{path.name}.{why}-{when.now():%Y-%m-%dT%H-%M-%SZ}")
    free, number = wanted, 1
    while free.exists():
        number += 1
        free = wanted.with_name(f"{wanted.name}-{number}")
    return free


def commit(home: Home, folder: Path) -> None:
    """Decide: from now on what lies in `folder` becomes the store, whatever happens."""
    for path in folder.iterdir():
        path.chmod(0o660)  # the core may have to finish what a command of root began
    folder.replace(home.root / RESTORING)
    make.sync_folder(home.root)


def is_decided(home: Home) -> bool:
    """Tell whether a restore was decided and is not finished."""
    return (home.root / RESTORING).is_dir()


def finish_interrupted(home: Home, when: clock.Clock) -> bool:
    """Do or finish a decided restore; may be called at any time, any number of times. Raises StoreError."""
    if not is_decided(home):
        return False
    folder = home.root / RESTORING
    try:
        set_aside_if_damaged(home, when)
        copies.copy_into(folder / payload.STORE, home.store_db)
    except errors.StoreError:
        _dissolve(folder)  # nothing has changed; the backup itself is where it was
        raise
    _put_keys(home, folder, when)
    for name in (home.live_db.name, home.live_db.name + "-wal", home.live_db.name + "-shm"):
        (home.run / name).unlink(missing_ok=True)  # its slots and leases belong to the other store
    _dissolve(folder)
    changes.ring(home.bells)
    return True


def _dissolve(folder: Path) -> None:
    """Remove the staging folder; renamed first, so that a half removed one is never taken for a decided restore."""
    done = folder.with_name(f"{staging.PREFIX}done")
    shutil.rmtree(done, ignore_errors=True)
    folder.replace(done)
    shutil.rmtree(done, ignore_errors=True)


def _put_keys(home: Home, folder: Path, when: clock.Clock) -> None:
    """Put device key and backup key in place; other keys that were there are kept beside."""
    try:
        for name in (device_key.NAME, key.NAME):
            there, wanted = home.keys / name, (folder / name).read_bytes()
            if there.exists() and there.read_bytes() != wanted:
                shutil.copy2(there, _beside(there, "before-restore", when))
        device_key.write(home.keys, (folder / device_key.NAME).read_bytes())
        key.write(home.keys, key.load(folder))
    except OSError as error:
        raise errors.StoreFull(
            N_("The keys in {folder} cannot be written; free space or check the card. ({detail})"),
            folder=home.keys, detail=error,
        ) from error  # fmt: skip


def set_aside_if_damaged(home: Home, when: clock.Clock) -> Path | None:
    """Rename a damaged store with its WAL; return its new name. Open connections notice the new file by identity."""
    try:
        if not is_empty(home.store_db):
            database.check(home.store_db)
            return None
    except errors.StoreDamaged:
        pass
    parts = {tail: home.store_db.with_name(home.store_db.name + tail) for tail in ("-shm", "-wal", "")}
    aside = _beside(home.store_db, "damaged", when)
    for tail, part in parts.items():
        if part.exists():
            part.replace(aside.with_name(aside.name + tail))
    return aside if aside.exists() else None


def is_empty(path: Path) -> bool:
    """Tell whether there is no file, or one of no bytes. Looked at without SQLite, which would drop its WAL."""
    return not path.exists() or path.stat().st_size == 0
