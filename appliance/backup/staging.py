"""Open a backup completely, in a folder of its own, before anything believes it.

1. The key is tried (a wrong one is known at once). 2. The payload is unpacked;
a cut, changed or foreign file ends here. 3. SQLite checks the whole store.
Nothing outside the staging folder is touched, and the folder goes away.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.access.device_key import DeviceKey
from appliance.backup import payload
from appliance.backup.key import Key, Unreadable
from appliance.errors import N_, BadInput
from appliance.store import database, migrate

PREFIX = ".staging-"


@dataclass(frozen=True, slots=True)
class Staged:
    """A backup that was opened and found whole."""

    folder: Path
    manifest: payload.Manifest
    device_key: bytes

    @property
    def store(self) -> Path:
        return self.folder / payload.STORE


@contextmanager
def folder_in(parent: Path) -> Iterator[Path]:
    """An empty folder for us and our group (the core sweeps what a command of root left); it is gone afterwards."""
    folder = parent / f"{PREFIX}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o770)  # takes over the parent's setgid, which a chmod would drop
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove staging folders that a crash left behind. Call only while nobody else may be staging."""
    for leftover in parent.glob(f"{PREFIX}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def open_into(folder: Path, file: Path, key: Key) -> Staged:
    """Unpack and check `file` in `folder`. Raises WrongKey, Unreadable, StoreVersion, Refused, BadInput."""
    unpacker = payload.Unpacker(folder)
    try:
        with file.open("rb") as sealed:
            key.decrypt(sealed, unpacker)
    except FileNotFoundError as error:
        raise BadInput(
            N_("There is no file {file}; 'wattward backup list' shows the backups."), field="file", file=file
        ) from error
    except OSError as error:
        raise BadInput(N_("{file} cannot be read: {detail}."), field="file", file=file, detail=error) from error
    manifest = unpacker.finish()
    device_key = (folder / payload.DEVICE_KEY).read_bytes()
    DeviceKey(device_key)
    _check_store(folder / payload.STORE, manifest)
    return Staged(folder, manifest, device_key)


def _check_store(store: Path, manifest: payload.Manifest) -> None:
    """Look whether the unpacked store is sound and of a version we know."""
    if manifest.schema > migrate.SCHEMA:
        raise errors.StoreVersion(
            N_("The backup has version {have}, this program knows {know}: install the newer Wattward first."),
            have=manifest.schema,
            know=migrate.SCHEMA,
        )
    database.check(store, thorough=True)
    with database.Store(store).read() as db:
        schema = migrate.schema_of(db)
    if schema != manifest.schema or schema < 1:
        raise Unreadable(N_("This is not a backup of Wattward, or it is damaged."), field="file")


@contextmanager
def opened(file: Path, key: Key, parent: Path) -> Iterator[Staged]:
    """A backup opened and checked in a folder below `parent`, for as long as the block runs."""
    with folder_in(parent) as folder:
        yield open_into(folder, file, key)
