"""Make one backup: copy, pack, encrypt, open it again, and only then let it count.

1. SQLite copies the live store consistently while others write, and checks the
copy. 2. Copy, device key and manifest are streamed, encrypted, into a `.part`
file. 3. That is read back from the medium, decrypted and opened as a restore
would. 4. It gets its name and its row. Whatever fails leaves a row with the
sentence and no file; a power cut leaves a `.part` that the next run removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from appliance import audit, clock, errors, heartbeat
from appliance.backup import catalog, payload, staging
from appliance.backup.key import Key, load
from appliance.backup.targets import Target
from appliance.config import Home
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import copies, database, migrate, settings

IN_MEMORY_BYTES = 64 * 1024 * 1024  # a store up to this size is staged on the run directory's tmpfs: no card writes
PART = ".part"


class BackupFailed(errors.WattwardError):
    """The backup could not be written or did not open again. The message says where and what to do."""


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Wait until nobody else makes, checks or restores a backup of this home; a crash ends the wait."""
    with (home.run / "backup.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(opened: Opened, target: Target, actor: audit.Actor) -> catalog.Backup:
    """Make a backup at `target` and enter it, good or failed. Raises BackupFailed, StoreError, Refused."""
    made_at = opened.clock.now()
    key = load(opened.home.keys)
    with only_one(opened.home):
        file = _free_name(target.folder, catalog.file_name(made_at, key.public))
        try:
            size_bytes, sha256 = _write(opened, target.folder / file, key, made_at)
        except errors.WattwardError as error:
            with contextlib.suppress(errors.StoreError), opened.store.write() as db:
                catalog.record(db, made_at, actor, target.name, file, schema=migrate.SCHEMA, outcome=str(error))
            raise
        with opened.store.write() as db:
            backup_id = catalog.record(
                db, made_at, actor, target.name, file, size_bytes=size_bytes, sha256=sha256, schema=migrate.SCHEMA
            )
            audit.record(db, made_at, actor, "backup.make", file, target=target.name, size_bytes=size_bytes)
    made = catalog.find(opened.store, backup_id)
    assert made is not None  # noqa: S101 - entered just now
    return made


def verify(path: Path, key: Key, parent: Path) -> payload.Manifest:
    """Open a backup as a restore would, in a folder below `parent`. Raises what `staging.open_into` raises."""
    with staging.opened(path, key, parent) as staged:
        return staged.manifest


def _write(opened: Opened, file: Path, key: Key, made_at: datetime) -> tuple[int, str]:
    """Write the backup and prove that it opens; return its size and hash."""
    part = file.with_name(file.name + PART)
    parent = _staging_parent(opened.home)
    try:
        for folder in (opened.home.run, opened.home.backups):
            staging.sweep(folder)
        for leftover in file.parent.glob(f"*{PART}"):
            leftover.unlink()
        with staging.folder_in(parent) as folder:
            copy = folder / payload.STORE
            copies.copy_out(opened.home.store_db, copy)
            database.check(copy, thorough=True)
            packed = payload.Packed(_manifest(opened, copy, made_at), opened.key().export(), copy)
            size_bytes, sha256 = _seal(packed, part, key)
        verify(part, key, parent)
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise _failed(file.parent, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return size_bytes, sha256


def _seal(packed: payload.Packed, part: Path, key: Key) -> tuple[int, str]:
    """Encrypt into `part`, through to the medium; return size and hash. Raises OSError."""
    with part.open("xb") as raw:
        with contextlib.suppress(OSError):  # a FAT stick has the modes it was mounted with
            part.chmod(0o660)
        sealed = _Hashing(raw)
        key.encrypt(packed, sealed)
        raw.flush()
        os.fsync(raw.fileno())
        os.posix_fadvise(raw.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # what is checked comes from the medium
        return raw.tell(), sealed.digest.hexdigest()


class _Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _manifest(opened: Opened, copy: Path, made_at: datetime) -> payload.Manifest:
    return payload.Manifest(
        format=payload.FORMAT,
        program=f"wattward {heartbeat.version()}",
        schema=migrate.SCHEMA,
        made_at=clock.utc_text(made_at),
        appliance=settings.text(opened.store, "site.name"),
        store_bytes=copy.stat().st_size,
        store_sha256=payload.sha256_of(copy),
        device_key_bytes=len(opened.key().export()),
    )


def _staging_parent(home: Home) -> Path:
    """Where to unpack: in memory while the store is small and there is plenty, else on the card."""
    size_bytes = home.store_db.stat().st_size if home.store_db.exists() else 0
    roomy = shutil.disk_usage(home.run).free > 4 * size_bytes
    return home.run if size_bytes <= IN_MEMORY_BYTES and roomy else home.backups


def _free_name(folder: Path, name: str) -> str:
    """`name`, or one with a number when there is such a file."""
    stem, number = name.removesuffix(catalog.SUFFIX), 1
    while (folder / name).exists():
        number += 1
        name = f"{stem}-{number}{catalog.SUFFIX}"
    return name


def sync_folder(folder: Path) -> None:
    """Make a rename durable; FAT sticks may not know how."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(folder: Path, error: Exception) -> BackupFailed:
    return BackupFailed(
        N_("The backup to {folder} could not be written: free space, or check the card or stick. ({detail})"),
        folder=folder, detail=error,
    )  # fmt: skip
