"""Copy whole stores with SQLite's online backup, while other processes have them open.

`copy_out` makes one file of a store that others go on writing. `copy_into`
puts a file's content into a live store. Both copy one moment of the source.
Nobody may copy a store file by other means: its WAL would be missing.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from appliance.store.database import connect, translated

COPY_PAGES = 64  # copied at a time, 256 KiB: the longest the core's other threads wait for a backup


def copy_into(source: Path, target: Path) -> None:
    """Copy the whole of `source` into the live file `target`, page by page, in one transaction.

    Open connections of other processes see the new content and a new
    data_version; renaming a file over `target` they would not see. Raises StoreError.
    """
    live = connect(target, create=True)
    try:
        _copy_pages(source, live, target)
    finally:
        live.close()


def copy_out(source: Path, copy: Path) -> None:
    """Make `copy`, one consistent file without a WAL, of a store that others go on writing. Raises StoreError."""
    db = connect(copy, create=True, synchronous="OFF")
    try:
        db.execute("PRAGMA journal_mode=OFF")  # a new file: what fails half-way is thrown away
        _copy_pages(source, db, copy)
        db.execute("PRAGMA journal_mode=DELETE")
    except apsw.Error as error:
        raise translated(error, copy) from error
    finally:
        db.close()


def _copy_pages(source: Path, target: apsw.Connection, path: Path) -> None:
    """SQLite's online backup, some pages at a time, so that this process's other threads go on."""
    origin = connect(source)
    try:
        origin.execute("BEGIN; SELECT count(*) FROM sqlite_schema")  # holds one moment: no commit starts it again
        with target.backup("main", origin, "main") as backup:
            while not backup.done:
                backup.step(COPY_PAGES)
    except apsw.Error as error:
        raise translated(error, path) from error
    finally:
        origin.close()
