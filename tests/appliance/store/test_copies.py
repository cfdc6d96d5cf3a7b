"""Copying whole stores while others have them open (condition 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import errors
from appliance.opened import Opened
from appliance.store import copies, database, settings
from appliance.store.database import Store
from tests.appliance.store import processes

PUT = "INSERT OR REPLACE INTO settings VALUES (?,?,'t','t')"


def test_a_copy_is_one_file_of_one_moment_while_others_write(opened: Opened, tmp_path: Path) -> None:
    with opened.store.write() as db:
        db.executemany(PUT, ((f"fill{number}", "v" * 3000) for number in range(1000)))
    work = """
store, number = Store(PATH), 0
say("writing")
while True:
    number += 1
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO settings VALUES ('left',?,'t','t'), ('right',?,'t','t')", (number, number))
"""
    writer = processes.start(opened.home.store_db, opened.home.bells, work)
    try:
        assert processes.line(writer) == "writing"
        for attempt in range(5):
            copy = tmp_path / f"{attempt}.db"
            copies.copy_out(opened.home.store_db, copy)
            assert [path.name for path in tmp_path.glob(f"{attempt}.db*")] == [copy.name], "no WAL beside it"
            database.check(copy, thorough=True)
            copied = Store(copy)
            with copied.read() as db:
                halves = db.execute("SELECT value FROM settings WHERE key IN ('left','right')").fetchall()
                assert len(set(halves)) <= 1 and db.execute("SELECT count(*) FROM settings").get >= 1000
            copied.close()
    finally:
        writer.kill()
        writer.wait()


def test_content_copied_in_is_seen_by_open_connections_of_other_processes(opened: Opened, tmp_path: Path) -> None:
    backup = tmp_path / "copy.db"
    copies.copy_out(opened.home.store_db, backup)
    with opened.store.write() as db:
        db.execute(PUT, ("site.name", "Later"))
    work = """
store = Store(PATH)
def look():
    with store.read() as db:
        return db.execute("SELECT count(*) FROM settings").get
connection, before = store.connection(), store.version()
say(look()); sys.stdin.readline()
say(look(), store.version() != before, store.connection() is connection)
"""
    surface = processes.start(opened.home.store_db, opened.home.bells, work)
    assert processes.line(surface) == "1"
    copies.copy_into(backup, opened.home.store_db)
    processes.tell(surface, "look")
    assert processes.end(surface) == "0 True True"


def test_a_replaced_file_is_noticed_by_its_identity(opened: Opened, tmp_path: Path) -> None:
    replacement = tmp_path / "replacement.db"
    copies.copy_out(opened.home.store_db, replacement)
    Store(replacement).connection().execute("INSERT INTO settings VALUES ('site.name','Other','t','t')")
    before, connection = opened.store.version(), opened.store.connection()
    replacement.replace(opened.home.store_db)
    assert opened.store.version() != before and opened.store.connection() is not connection
    assert settings.text(opened.store, "site.name") == "Other"


def test_copying_in_fails_as_a_whole(opened: Opened, tmp_path: Path) -> None:
    with opened.store.write() as db:
        db.execute(PUT, ("site.name", "Mine"))
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 1000)
    with pytest.raises(errors.StoreError):
        copies.copy_into(broken, opened.home.store_db)
    assert settings.text(opened.store, "site.name") == "Mine"
