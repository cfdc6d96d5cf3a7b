"""One migrator, whole migrations, and surfaces that refuse what they do not know."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from appliance import errors, opened
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import database, migrate
from appliance.store.database import Store
from tests.appliance.store import processes
from tests.fake_clock import FakeClock


def _schema(path: Path) -> int:
    store = Store(path)
    with store.read() as db:
        found = migrate.schema_of(db)
    store.close()
    return found


def test_a_new_store_has_all_migrations_recorded_and_is_sound(home: Home, clock: FakeClock) -> None:
    assert migrate.migrate(home.store_db, clock) == migrate.SCHEMA
    assert migrate.migrate(home.store_db, clock) == 0
    store = Store(home.store_db)
    with store.read() as db:
        rows = db.execute("SELECT number, name, sha256 FROM migrations ORDER BY number").fetchall()
        assert db.execute("PRAGMA application_id").get == database.APPLICATION_ID
        assert db.execute("PRAGMA journal_mode").get == "wal"
    store.close()
    assert rows == [(step.number, step.name, step.sha256) for step in migrate.shipped()]
    database.check(home.store_db, thorough=True)


def test_migrations_are_numbered_without_gaps_and_open_with_why() -> None:
    steps = migrate.shipped()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.sql.startswith("-- Why: ") for step in steps)


def test_all_tables_are_strict_and_say_their_units(opened: Opened) -> None:
    with opened.store.read() as db:
        tables = db.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type='table' AND name NOT GLOB 'sqlite_*'"
        ).fetchall()
    assert len(tables) > 15
    assert [name for name, sql in tables if "STRICT" not in sql.rpartition(")")[2]] == []


def test_a_file_of_no_bytes_becomes_a_whole_store(home: Home, clock: FakeClock) -> None:
    """As the power cut leaves it that came with the first start."""
    home.store_db.touch()
    migrate.migrate(home.store_db, clock)
    assert Store(home.store_db).connection().execute("PRAGMA journal_mode").get == "wal"


@pytest.mark.parametrize(("version", "sentence"), [(0, "restart the core"), (99, "install the newer one")])
def test_a_surface_refuses_another_version_with_a_sentence(
    version: int, sentence: str, opened: Opened
) -> None:  # condition 5
    with opened.store.write() as db:
        db.execute(f"PRAGMA user_version={version}")
    with pytest.raises(errors.StoreVersion, match=sentence):
        migrate.require_current(opened.store)


def test_a_surface_process_refuses_too_and_changes_nothing(opened: Opened) -> None:  # condition 5
    with opened.store.write() as db:
        db.execute("PRAGMA user_version=99")
    work = """
from appliance import opened
from appliance.config import Home
try:
    opened.open_current(Home(PATH.parent, BELLS.parent), FakeClock())
except errors.StoreVersion as error:
    say(error)
"""
    said = processes.end(processes.start(opened.home.store_db, opened.home.bells, work))
    assert "The store has version 99" in said and _schema(opened.home.store_db) == 99


def test_a_surface_never_makes_a_store(home: Home, clock: FakeClock) -> None:
    with pytest.raises(errors.StoreMissing, match="start the core first"):
        opened.open_current(home, clock)
    assert not home.store_db.exists()


def test_the_core_refuses_a_newer_store_and_leaves_it(opened: Opened, clock: FakeClock) -> None:
    with opened.store.write() as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(errors.StoreVersion, match="install the newer one"):
        migrate.migrate(opened.home.store_db, clock)
    assert _schema(opened.home.store_db) == 99


def _learn(monkeypatch: pytest.MonkeyPatch, sql: str) -> migrate.Migration:
    """The program learns one more migration."""
    more = migrate.Migration(migrate.SCHEMA + 1, "more", sql)
    steps = [*migrate.shipped(), more]
    monkeypatch.setattr(migrate, "shipped", lambda: steps)
    monkeypatch.setattr(migrate, "SCHEMA", more.number)
    return more


def test_an_edited_landed_migration_is_refused(
    opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:  # condition 5
    first = migrate.shipped()[0]
    edited = migrate.Migration(first.number, first.name, first.sql + "-- a harmless remark\n")
    steps = [edited, *migrate.shipped()[1:]]
    monkeypatch.setattr(migrate, "shipped", lambda: steps)
    with pytest.raises(errors.StoreVersion, match="Migration 1 of the store is not this program's"):
        migrate.migrate(opened.home.store_db, clock)


def test_an_old_store_gets_only_what_it_lacks(
    opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('site.name','Mine','t','t')")
    more = _learn(monkeypatch, "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;")
    with pytest.raises(errors.StoreVersion, match="restart the core"):
        migrate.require_current(opened.store)
    assert migrate.migrate(opened.home.store_db, clock) == 1
    migrate.require_current(opened.store)
    with opened.store.read() as db:
        assert db.execute("SELECT value FROM settings").get == "Mine"
        assert db.execute("SELECT name FROM migrations WHERE number=?", (more.number,)).get == "more"


def test_a_migration_that_fails_leaves_nothing_of_itself(
    opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _learn(monkeypatch, "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);")
    before = _schema(opened.home.store_db)
    with pytest.raises(errors.StoreError):
        migrate.migrate(opened.home.store_db, clock)
    assert _schema(opened.home.store_db) == before
    with opened.store.read() as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name='more'").get == 0


def test_kill_9_in_the_middle_leaves_the_old_schema_or_the_whole_new_one(opened: Opened) -> None:  # condition 5
    opened.store.close()
    rows = 400_000
    work = f"""
more = migrate.Migration(migrate.SCHEMA + 1, "more", '''
CREATE TABLE more (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < {rows})
  SELECT i, 'row ' || i || ' of the table' FROM n;
ALTER TABLE users ADD COLUMN more TEXT;''')
steps = [*migrate.shipped(), more]
migrate.shipped, migrate.SCHEMA = (lambda: steps), more.number
say("ready")
migrate.migrate(PATH, FakeClock())
say("done")
"""
    whole = opened.home.store_db.read_bytes()
    dice, old = random.Random(5), 0
    for attempt in range(15):
        path = opened.home.root / f"{attempt}.db"
        path.write_bytes(whole)
        process = processes.start(path, opened.home.bells, work)
        assert processes.line(process) == "ready"
        time.sleep(dice.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        database.check(path, thorough=True)
        store = Store(path)
        with store.read() as db:
            schema, recorded = migrate.schema_of(db), db.execute("SELECT max(number) FROM migrations").get
            tables = db.execute("SELECT count(*) FROM sqlite_schema WHERE name='more'").get
            assert (schema, recorded, tables) in ((migrate.SCHEMA,) * 2 + (0,), (migrate.SCHEMA + 1,) * 2 + (1,))
            assert tables == 0 or db.execute("SELECT count(*) FROM more").get == rows
        store.close()
        old += schema == migrate.SCHEMA
    assert old, "some were killed in the middle"
    finish = processes.start(path, opened.home.bells, work)
    assert processes.end(finish).endswith("done")
    assert _schema(path) == migrate.SCHEMA + 1
