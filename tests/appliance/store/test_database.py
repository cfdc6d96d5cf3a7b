"""One way to open files, transactions that are whole, and errors that say what to do."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from appliance import audit, errors
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import changes, database, settings
from appliance.store.database import Store
from tests.appliance.store import processes
from tests.fake_clock import FakeClock
from tests.small_disk import resize, small_disk

PUT = "INSERT OR REPLACE INTO settings VALUES (?,?,'t','t')"


def _count(store: Store) -> int:
    with store.read() as db:
        return int(db.execute("SELECT count(*) FROM settings").get)


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.46.1", "3.51.2"])
def test_a_sqlite_with_the_wal_reset_bug_is_refused(version: str) -> None:  # goal 22
    with pytest.raises(errors.StoreError, match="pinned apsw"):
        database.assert_sound_sqlite(version)


def test_the_sqlite_in_use_is_apsws_own_and_new_enough() -> None:
    database.assert_sound_sqlite()
    assert apsw.using_amalgamation, "not the machine's library"


def test_no_module_of_ours_loads_another_sqlite() -> None:  # goal 22: never two libraries on one file
    """Import every module of appliance and drivers in one process and look at what is mapped into it."""
    names = [
        module.name
        for package in ("appliance", "drivers")
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        if not module.name.endswith("__main__")
    ]
    script = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
maps = open("/proc/self/maps").read()
print([name for name in sys.modules if "sqlite3" in name], "libsqlite3" in maps)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


def test_every_connection_has_every_safety_setting(opened: Opened) -> None:
    db = opened.store.connection()
    found = {
        name: db.execute(f"PRAGMA {name}").get
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "mmap_size")
    }
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "cell_size_check": 1,
        "mmap_size": 0,
    }  # fmt: skip
    assert db.execute("PRAGMA busy_timeout").get == database.BUSY_MS
    assert opened.home.store_db.stat().st_mode & 0o777 == 0o660


def test_a_transaction_is_whole_or_not_at_all(opened: Opened) -> None:
    with pytest.raises(ZeroDivisionError), opened.store.write() as db:
        db.execute(PUT, ("a", "1"))
        raise ZeroDivisionError
    assert _count(opened.store) == 0
    with opened.store.write() as db:
        db.execute(PUT, ("a", "1"))
    assert _count(opened.store) == 1


def test_a_reader_sees_one_moment_however_long_it_looks(opened: Opened) -> None:
    other = Store(opened.home.store_db)
    with opened.store.read() as db:
        before = db.execute("SELECT count(*) FROM settings").get
        with other.write() as writing:
            writing.execute(PUT, ("a", "1"))
        assert db.execute("SELECT count(*) FROM settings").get == before
    assert _count(opened.store) == 1
    other.close()


def test_a_failed_transaction_rings_nobody(opened: Opened) -> None:
    bell = changes.Bell(opened.home.bells, "core")
    with pytest.raises(errors.StoreConflict), opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('a',NULL,'t','t')")
    assert not bell.wait(0)
    with opened.store.write(ring=False) as db:
        db.execute(PUT, ("a", "1"))
    assert not bell.wait(0), "a commit of no interest rings nobody"
    with opened.store.write() as db:
        db.execute(PUT, ("a", "2"))
    assert bell.wait(1.0)
    bell.close()


def test_each_thread_has_its_own_connection(opened: Opened) -> None:
    found: list[apsw.Connection] = [opened.store.connection()]
    thread = threading.Thread(target=lambda: found.append(opened.store.connection()))
    thread.start()
    thread.join()
    assert found[0] is not found[1] and opened.store.connection() is found[0]


def test_a_read_only_store_is_not_written(opened: Opened) -> None:
    reader = Store(opened.home.store_db, readonly=True)
    assert _count(reader) == 0
    with pytest.raises(errors.StoreFull), reader.write() as db:
        db.execute(PUT, ("a", "1"))
    reader.close()


def test_what_is_missing_says_to_start_the_core(home: Home) -> None:
    with pytest.raises(errors.StoreMissing, match="start the core first"), Store(home.store_db).read():
        pass
    with pytest.raises(errors.StoreMissing, match="start the core first"):
        database.check(home.store_db)


def test_a_store_kept_locked_is_busy_not_broken(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MS", 50)
    opened.store.close()
    holder = processes.start(
        opened.home.store_db, opened.home.bells, "with Store(PATH).write() as db:\n say('held'); sys.stdin.readline()"
    )
    assert processes.line(holder) == "held"
    with pytest.raises(errors.StoreBusy, match="try again"), opened.store.write():
        pass
    assert _count(opened.store) == 0, "readers do not wait for writers"
    processes.tell(holder, "go")
    processes.end(holder)


def test_who_may_not_enter_the_folder_is_told_about_the_group(opened: Opened) -> None:
    opened.store.close()
    work = """
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with Store(PATH).read():
        pass
except errors.StoreError as error:
    say(type(error).__name__, error)
"""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    said = processes.end(processes.start(opened.home.store_db, opened.home.bells, work))
    assert said.startswith("StoreFull") and "group" in said


@pytest.mark.parametrize("damage", ["scribbled", "cut", "foreign database", "text"])
def test_a_damaged_file_says_so(damage: str, opened: Opened, clock: FakeClock) -> None:
    for number in range(50):
        settings.put(opened.store, clock.now(), audit.CLI, "site.name", f"n{number}")
    opened.store.close()
    path = opened.home.store_db
    content = bytearray(path.read_bytes())
    if damage == "scribbled":
        for page in range(1, len(content) // 4096):
            content[page * 4096 : page * 4096 + 100] = b"\xee" * 100
    elif damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "foreign database":
        content[68:72] = b"xxxx"  # SQLite's application id
    else:
        content = bytearray(b"Dear Sir or Madam, " * 500)
    path.write_bytes(content)
    with pytest.raises(errors.StoreDamaged, match="restore a backup"):
        database.check(path)


def test_rows_that_refer_to_nothing_are_damage(opened: Opened) -> None:
    db = opened.store.connection()
    db.execute(
        "PRAGMA foreign_keys=OFF;"
        "INSERT INTO identifications (id,user_id,type,active,code_hash,code_length,created_at)"
        " VALUES (1,99,'pin',1,x'00',4,'t')"
    )
    with pytest.raises(errors.StoreDamaged):
        database.check(opened.home.store_db)


# A full or read-only card --------------------------------------------------------------------


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Home]:
    """A home on a file system of 3 MiB. Needs root."""
    with small_disk(tmp_path / "card", mib=3) as card:
        home = Home(card / "home", card / "run")
        home.make()
        yield home


def test_a_full_card_loses_nothing_says_so_and_works_again_with_space(small_card: Home, clock: FakeClock) -> None:
    from appliance.store import migrate

    migrate.migrate(small_card.store_db, clock)
    store = Store(small_card.store_db)
    acknowledged = 0
    with pytest.raises(errors.StoreFull, match="free space") as told:
        for number in range(2000):
            with store.write() as db:
                db.execute(PUT, (f"k{number}", "v" * 4000))
            acknowledged += 1
    assert "store.db" in str(told.value) and acknowledged > 10
    assert _count(store) == acknowledged, "reading goes on"
    database.check(small_card.store_db, thorough=True)
    with pytest.raises(errors.StoreFull), store.write() as db:
        for number in range(200):
            db.execute(PUT, (f"more{number}", "v" * 4000))
    with store.read() as db:
        assert db.execute("SELECT count(*) FROM settings WHERE key LIKE 'more%'").get == 0, "nothing of what failed"
    resize(small_card.root.parent, mib=30)
    with store.write() as db:
        db.execute(PUT, ("after", "v"))
    assert _count(store) == acknowledged + 1
    store.close()


def test_a_file_that_may_not_grow_is_a_full_disk(opened: Opened) -> None:
    """The same without root: the kernel refuses to let the file grow."""
    opened.store.close()
    work = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
store, done = Store(PATH), 0
try:
    for number in range(2000):
        with store.write() as db:
            db.execute("INSERT INTO settings VALUES (?,?,'t','t')", (f"k{number}", "v" * 4000))
        done += 1
except errors.StoreFull as error:
    say(done, error)
"""
    said = processes.end(processes.start(opened.home.store_db, opened.home.bells, work))
    done, _, sentence = said.partition(" ")
    assert "check the card" in sentence
    assert _count(opened.store) == int(done) > 10
    database.check(opened.home.store_db, thorough=True)


def test_a_read_only_card_is_said_to_be_one(opened: Opened, tmp_path: Path) -> None:
    """Debian remounts a failing card read-only; here a read-only view of the same folder."""
    opened.store.close()
    view = tmp_path / "view"
    view.mkdir()
    if subprocess.run(["mount", "--bind", str(opened.home.root), str(view)], check=False).returncode:
        pytest.skip("a read-only mount needs root")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(view)], check=True)
        store = Store(view / "store.db")
        with pytest.raises(errors.StoreFull, match="check the card"), store.write() as db:
            db.execute(PUT, ("a", "1"))
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(view)], check=True)


def test_a_number_too_large_for_the_store_finds_nothing(opened: Opened) -> None:
    with pytest.raises(errors.NotFound, match="so large a number"), opened.store.read() as db:
        db.execute("SELECT 1 FROM users WHERE id=?", (2**63,))
    with opened.store.read() as db:
        assert db.execute("SELECT 1 FROM users WHERE id=?", (2**63 - 1,)).get is None, "and the store goes on"
