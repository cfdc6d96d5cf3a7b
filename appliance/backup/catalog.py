"""Which backups there are: one row for each attempt at each target, and the file it names.

A row that says 'ok' names a file that was opened and checked. Files and rows
are compared, not believed: a file somebody took away is no backup any more,
and one that no row names (after a restore the rows are older than the files)
is entered again once its manifest could be read with our key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from appliance import audit, clock
from appliance.backup.targets import Target
from appliance.store.database import Db, Store

OK = "ok"
SUFFIX = ".tar.gz.age"  # what it is, for whoever finds it in ten years
PATTERN = f"wattward-*{SUFFIX}"
COLUMNS = "id, made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup at one target. `outcome` is 'ok' or the sentence of the error."""

    id: int
    made_at: datetime
    made_by: str
    target: str
    file: str
    size_bytes: int | None
    sha256: str | None
    schema: int
    outcome: str
    pruned_at: datetime | None

    @property
    def good(self) -> bool:
        return self.outcome == OK and self.pruned_at is None


def file_name(made_at: datetime, public_key: str) -> str:
    """Time and the last letters of the key: several appliances may share a stick, names sort by time."""
    return f"wattward-{made_at:%Y-%m-%dT%H-%M-%SZ}-{public_key[-6:]}{SUFFIX}"


def record(
    db: Db, made_at: datetime, actor: audit.Actor, target: str, file: str, *,
    size_bytes: int | None = None, sha256: str | None = None, schema: int, outcome: str = OK,
) -> int:  # fmt: skip
    """Enter an attempt; return its id."""
    db.execute(
        "INSERT INTO backups (made_at, made_by, target, file, size_bytes, sha256, schema, outcome)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (clock.utc_text(made_at), f"{actor.surface}:{actor.name}", target, file, size_bytes, sha256, schema, outcome),
    )
    return db.last_insert_rowid()


def all(store: Store, *, pruned: bool = False) -> list[Backup]:  # noqa: A001 - called as catalog.all()
    """The backups, newest first; with `pruned` also those whose file is gone."""
    with store.read() as db:
        rows = db.execute(
            f"SELECT {COLUMNS} FROM backups WHERE pruned_at IS NULL OR ? ORDER BY made_at DESC, id DESC",  # noqa: S608 - our own column names
            (pruned,),
        )
        return [_backup(row) for row in rows]


def find(store: Store, backup_id: int) -> Backup | None:
    """The backup with that id."""
    return _first(store, "id=?", backup_id)


def newest_good(store: Store, target: str, until: datetime | None = None) -> Backup | None:
    """The newest good backup at one target, or the newest of those not made after `until`."""
    good, newest = "target=? AND outcome=? AND pruned_at IS NULL", "ORDER BY made_at DESC, id DESC"
    if until is None:
        return _first(store, f"{good} {newest}", target, OK)
    return _first(store, f"{good} AND made_at<=? {newest}", target, OK, clock.utc_text(until))


def newest_attempt(store: Store, target: str) -> Backup | None:
    """The last attempt at one target, good or not."""
    return _first(store, "target=? ORDER BY id DESC", target)


def _first(store: Store, wanted: str, *values: object) -> Backup | None:
    """One row; the core asks every few seconds, and in ten years there are thousands."""
    with store.read() as db:
        row = db.execute(f"SELECT {COLUMNS} FROM backups WHERE {wanted} LIMIT 1", values).fetchone()  # noqa: S608 - our own conditions
    return None if row is None else _backup(row)


def mark_pruned(db: Db, now: datetime, ids: Iterable[int]) -> None:
    """Note that these files are gone."""
    db.executemany("UPDATE backups SET pruned_at=? WHERE id=?", [(clock.utc_text(now), one) for one in ids])


def forget_missing(store: Store, now: datetime, target: Target) -> int:
    """Note which good backups of a present target have lost their file; return how many."""
    lost = [
        one.id for one in all(store)
        if one.outcome == OK and one.target == target.name and not (target.folder / one.file).is_file()
    ]  # fmt: skip
    if lost:
        with store.write() as db:
            mark_pruned(db, now, lost)
    return len(lost)


def unnamed(store: Store, target: Target) -> list[Path]:
    """Backup files at a target that no row names, newest first."""
    named = {one.file for one in all(store) if one.outcome == OK and one.target == target.name}
    return [path for path in files(target.folder) if path.name not in named]


def files(folder: Path) -> list[Path]:
    """Files that look like backups, the newest name first. Whole ones only: unfinished ones are named otherwise."""
    return sorted(folder.glob(PATTERN), key=lambda path: path.name, reverse=True)


def _backup(row: tuple[Any, ...]) -> Backup:
    backup_id, made_at, made_by, target, file, size_bytes, sha256, schema, outcome, pruned_at = row
    gone_at = None if pruned_at is None else clock.from_utc_text(pruned_at)
    made = clock.from_utc_text(made_at)
    return Backup(backup_id, made, made_by, target, file, size_bytes, sha256, schema, outcome, gone_at)
