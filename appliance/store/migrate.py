"""Bring the store to this program's schema: numbered SQL files, each applied once.

Only the core migrates, at its start. A migration and its record are one
transaction. A landed file is never edited: its hash is kept and compared. A
surface that finds another version refuses with a sentence that says what to do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from appliance import clock, errors
from appliance.errors import N_
from appliance.store.database import APPLICATION_ID, Db, Store, connect


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step, as shipped."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def shipped() -> list[Migration]:
    """All migrations of this program, in order."""
    folder = resources.files("appliance.store") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [Migration(int(entry.name[:3]), entry.name[4:-4], entry.read_text("utf-8")) for entry in files]


SCHEMA = len(shipped())


def schema_of(db: Db) -> int:
    """The number of the newest migration the file has."""
    version: int = db.execute("PRAGMA user_version").get
    return version


def migrate(path: Path, when: clock.Clock) -> int:
    """Create or upgrade the store; return how many steps were applied. Raises StoreVersion, StoreError."""
    with_file = connect(path, create=True)
    with_file.close()
    store = Store(path)
    applied = 0
    with store.read() as db:
        have = schema_of(db)
    if have > SCHEMA:
        raise errors.StoreVersion(
            N_(
                "The store has version {have}, this program knows {know}: install the newer one, or restore a backup."
            ),
            have=have,
            know=SCHEMA,
        )
    for migration in shipped():
        applied += _apply(store, migration, when)
    store.close()
    return applied


def _apply(store: Store, migration: Migration, when: clock.Clock) -> int:
    """Apply one migration unless the file has it; return 1 if it was applied."""
    with store.write() as db:
        if schema_of(db) >= migration.number:
            kept = db.execute("SELECT sha256 FROM migrations WHERE number=?", (migration.number,)).get
            if kept != migration.sha256:
                raise errors.StoreVersion(
                    N_("Migration {number} of the store is not this program's: install the version that wrote it."),
                    number=migration.number,
                )
            return 0
        db.execute(migration.sql)
        db.execute(
            "INSERT INTO migrations (number, name, sha256, applied_at) VALUES (?,?,?,?)",
            (migration.number, migration.name, migration.sha256, clock.utc_text(when.now())),
        )
        db.execute(f"PRAGMA user_version={migration.number}; PRAGMA application_id={APPLICATION_ID}")
    return 1


def require_current(store: Store) -> None:
    """Refuse to work on a store of another version. Raises StoreVersion, StoreMissing."""
    with store.read() as db:
        have = schema_of(db)
    if have < SCHEMA:
        raise errors.StoreVersion(
            N_("The store has version {have}, this program needs {know}: restart the core, which upgrades it."),
            have=have,
            know=SCHEMA,
        )
    if have > SCHEMA:
        raise errors.StoreVersion(
            N_(
                "The store has version {have}, this program knows {know}: install the newer one, or restore a backup."
            ),
            have=have,
            know=SCHEMA,
        )
