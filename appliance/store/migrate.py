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
NEWER = N_("The store has version {have}, this program knows {know}: install the newer one, or restore a backup.")


def schema_of(db: Db) -> int:
    """The number of the newest migration the file has."""
    version: int = db.execute("PRAGMA user_version").get
    return version


def migrate(path: Path, when: clock.Clock) -> int:
    """Create or upgrade the store; return how many steps were applied. Raises StoreVersion, StoreError.

    A store that is up to date is not written, so that a core starts on a read-only card, too.
    """
    if not path.exists() or path.stat().st_size == 0:  # none, or one whose making was cut short
        connect(path, create=True).close()
    store = Store(path)
    with store.read() as db:
        have = schema_of(db)
        kept = dict(db.execute("SELECT number, sha256 FROM migrations").fetchall()) if have else {}
    if have > SCHEMA:
        raise errors.StoreVersion(NEWER, have=have, know=SCHEMA)
    steps = shipped()
    for step in steps[:have]:
        if kept.get(step.number) != step.sha256:
            raise errors.StoreVersion(
                N_("Migration {number} of the store is not this program's: install the version that wrote it."),
                number=step.number,
            )
    for step in steps[have:]:
        _apply(store, step, when)
    store.close()
    return len(steps) - have


def _apply(store: Store, step: Migration, when: clock.Clock) -> None:
    """Apply one migration and record it, in one transaction."""
    with store.write() as db:
        db.execute(step.sql)
        db.execute(
            "INSERT INTO migrations (number, name, sha256, applied_at) VALUES (?,?,?,?)",
            (step.number, step.name, step.sha256, clock.utc_text(when.now())),
        )
        db.execute(f"PRAGMA user_version={step.number}; PRAGMA application_id={APPLICATION_ID}")


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
        raise errors.StoreVersion(NEWER, have=have, know=SCHEMA)
