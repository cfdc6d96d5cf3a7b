"""Open SQLite files the one way Wattward opens them, and run transactions on them.

All processes use the SQLite that `apsw` brings along; `sqlite3` is imported
nowhere, because two SQLite libraries on one file corrupt it and Debian's own
has the WAL-reset bug. Every thread has its own connection.

`write()` is one transaction: it commits and rings the bells, or leaves
nothing behind. Every SQLite error leaves here as one of our `StoreError`s.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import apsw

from appliance import errors
from appliance.errors import N_
from appliance.store import changes

OLDEST_SQLITE = (3, 51, 3)  # the first without the WAL-reset corruption (3.7.0 to 3.51.2)
APPLICATION_ID = 0x57617474  # "Watt"
# How long a writer waits for another writer. Our longest transaction, an import of 2,000 people, takes 0.3 s; a cheap
# card may stop for seconds now and then. The screen waits in its worker, a web page in its own request, and the core
# no longer than a core may be silent (heartbeat.CORE_SILENT_S).
BUSY_MS = 5000
WAL_LIMIT_BYTES = 4 * 1024 * 1024  # a checkpoint cuts the WAL file back to this

CLOSED = N_("The store {file} cannot be opened; check the card, and that this user is in the group wattward.")


class Rows(Protocol):
    """The answer to a statement. A row is a tuple in the order of its columns."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...

    def fetchone(self) -> Any: ...  # noqa: ANN401 - a row's types are those of its columns

    def fetchall(self) -> list[tuple[Any, ...]]: ...

    @property
    def get(self) -> Any:  # noqa: ANN401 - a row's types are those of its columns
        """The only column of the only row; None when there is no row."""
        ...


class Db(Protocol):
    """An open transaction, handed to functions that take part in one."""

    def execute(self, statements: str, bindings: Sequence[object] | Mapping[str, object] = ...) -> Rows: ...

    def executemany(self, statements: str, bindings: Iterable[Sequence[object]]) -> Rows: ...

    def changes(self) -> int:
        """How many rows the last statement changed."""
        ...

    def last_insert_rowid(self) -> int: ...


SQLITE_VERSION = apsw.sqlite_lib_version()


def assert_sound_sqlite(version: str = SQLITE_VERSION) -> None:
    """Refuse to run on a SQLite that can corrupt a WAL database. Raises StoreError."""
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        raise errors.StoreError(
            N_("SQLite {version} can damage the store; install the pinned apsw package with ./setup.sh."),
            version=version,
        )


assert_sound_sqlite()


def _is_there(path: Path) -> bool:
    """Tell whether there is such a file, or one we may not even look for."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def translated(error: apsw.Error, path: Path) -> errors.StoreError:
    """The error of ours that says what to do about SQLite's."""
    match error:
        case apsw.BusyError() | apsw.LockedError():
            return errors.StoreBusy(N_("The store is busy; try again in a moment."))
        case apsw.FullError() | apsw.ReadOnlyError() | apsw.PermissionsError():
            return errors.StoreFull(
                N_("The store {file} cannot be written; free space or check the card. ({detail})"),
                file=path.name,
                detail=error,
            )
        case apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError():
            return errors.StoreDamaged(
                N_("The store {file} is damaged; restore a backup. ({detail})"), file=path.name, detail=error
            )
        case apsw.CantOpenError() if _is_there(path):  # a WAL needs a folder that can be written
            return errors.StoreFull(CLOSED, file=path.name)
        case apsw.CantOpenError():
            return errors.StoreMissing(N_("There is no store in {folder}; start the core first."), folder=path.parent)
        case apsw.ConstraintError():
            return errors.StoreConflict(N_("The store refused contradictory data. ({detail})"), detail=error)
        case apsw.IOError():
            return errors.StoreFull(
                N_("The store {file} cannot be read or written; check the card. ({detail})"),
                file=path.name,
                detail=error,
            )
        case _:
            return errors.StoreError(N_("The store {file} cannot be used. ({detail})"), file=path.name, detail=error)


def connect(path: Path, *, create: bool = False, readonly: bool = False, synchronous: str = "FULL") -> apsw.Connection:
    """Open one connection with every safety setting. Raises StoreError."""
    flags = apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE
    try:
        db = apsw.Connection(str(path), flags=flags | (apsw.SQLITE_OPEN_CREATE if create else 0))
        db.set_busy_timeout(BUSY_MS)
        db.execute(
            f"PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
            f"PRAGMA recursive_triggers=ON;"  # so that REPLACE, too, meets the triggers that forbid deleting
            f"PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA journal_size_limit={WAL_LIMIT_BYTES}"
        )
        if create:
            path.chmod(0o660)
            db.execute("PRAGMA journal_mode=WAL")
    except apsw.Error as error:
        raise translated(error, path) from error
    return db


class Store:
    """One database file, shared by all threads of this process.

    Use it as `with store.read() as db` and `with store.write() as db`; the
    functions of `appliance` take the store, or a `db` inside a transaction.
    """

    def __init__(
        self, path: Path, *, bells: Path | None = None, readonly: bool = False, synchronous: str = "FULL"
    ) -> None:
        self.path = path
        self.readonly = readonly
        self._bells = bells
        self._synchronous = synchronous
        self._mine = threading.local()

    def connection(self) -> apsw.Connection:
        """This thread's connection; a new one when the file was replaced. Raises StoreError."""
        try:
            found = self.path.stat()
        except PermissionError as error:
            self.close()
            raise errors.StoreFull(CLOSED, file=self.path.name) from error
        except OSError as error:
            self.close()
            raise errors.StoreMissing(
                N_("There is no store in {folder}; start the core first."), folder=self.path.parent
            ) from error
        identity = (found.st_dev, found.st_ino)
        if getattr(self._mine, "identity", None) != identity:
            self.close()
            self._mine.db = connect(self.path, readonly=self.readonly, synchronous=self._synchronous)
            self._mine.identity = identity
        db: apsw.Connection = self._mine.db
        return db

    def close(self) -> None:
        """Close this thread's connection; the next use opens it again."""
        db: apsw.Connection | None = getattr(self._mine, "db", None)
        self._mine.db = self._mine.identity = None
        if db is not None:
            db.close()

    @contextmanager
    def read(self) -> Iterator[Db]:
        """A consistent view for as long as the block runs. Raises StoreError."""
        with self._transaction("BEGIN", "ROLLBACK") as db:
            yield db

    @contextmanager
    def write(self, *, ring: bool = True) -> Iterator[Db]:
        """One transaction: all of the block or nothing; then ring every bell. Raises StoreError."""
        with self._transaction("BEGIN IMMEDIATE", "COMMIT") as db:
            yield db
        if ring and self._bells is not None:
            changes.ring(self._bells)

    @contextmanager
    def _transaction(self, begin: str, end: str) -> Iterator[Db]:
        try:
            db = self.connection()
            db.execute(begin)
            try:
                yield cast(Db, db)
                db.execute(end)
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        except apsw.Error as error:
            raise translated(error, self.path) from error
        except OverflowError as error:  # a person typed a number of more than 63 bits
            raise errors.NotFound(N_("There is nothing with so large a number.")) from error

    def checkpoint(self) -> None:
        """Bring what is committed into the file, as far as no reader needs the past. Raises StoreError.

        The WAL is then written from its start again instead of growing; on ext4 growing costs journal blocks.
        """
        try:
            self.connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except apsw.Error as error:
            raise translated(error, self.path) from error

    def version(self) -> tuple[int, int, int]:
        """Changes when anybody else commits (data_version) or replaces the file. Raises StoreError."""
        db = self.connection()
        try:
            data_version = db.execute("PRAGMA data_version").get
        except apsw.Error as error:
            raise translated(error, self.path) from error
        return (data_version, *self._mine.identity)


def check(path: Path, *, thorough: bool = False) -> None:
    """Look whether `path` is a sound store of ours. Raises StoreDamaged, StoreMissing."""
    db = connect(path)
    try:
        pragma = "integrity_check" if thorough else "quick_check"
        found = [row[0] for row in db.execute(f"PRAGMA {pragma}")]
        wrong_keys = db.execute("PRAGMA foreign_key_check").fetchall()
        foreign = db.execute("PRAGMA application_id").get not in (0, APPLICATION_ID)
    except apsw.Error as error:
        raise translated(error, path) from error
    finally:
        db.close()
    if found != ["ok"] or wrong_keys or foreign:
        raise errors.StoreDamaged(
            N_("The store {file} is damaged; restore a backup. ({detail})"),
            file=path.name,
            detail="; ".join(found[:3]) or "?",
        )
