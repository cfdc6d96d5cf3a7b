"""At the core's start a damaged store gives way to the newest good backup, and nothing is deleted."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import audit, errors
from appliance.backup import catalog, key, make, recover, targets
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import database, migrate
from tests.appliance.backup.conftest import column, furnish
from tests.fake_clock import FakeClock


def _settle_file(home: Home) -> bytes:
    """Everything in one file, as after a clean stop; return its content."""
    db = database.connect(home.store_db)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return home.store_db.read_bytes()


def _put(opened: Opened, content: bytes) -> None:
    """Replace the file while nobody has it open."""
    opened.store.close()
    for tail in ("-wal", "-shm"):
        Path(f"{opened.home.store_db}{tail}").unlink(missing_ok=True)
    opened.home.store_db.write_bytes(content)


def _start(opened: Opened) -> str | None:
    """What the core does first."""
    opened.store.close()
    said = recover.repair_if_damaged(opened.home, opened.clock)
    migrate.migrate(opened.home.store_db, opened.clock)
    return said


def test_a_sound_store_is_left_alone(furnished: Opened, made: Path) -> None:
    furnished.store.close()
    before = _settle_file(furnished.home)
    assert _start(furnished) is None
    assert furnished.home.store_db.read_bytes() == before


def test_a_new_appliance_starts_empty_without_a_word(home: Home, clock: FakeClock) -> None:
    assert recover.repair_if_damaged(home, clock) is None
    assert not home.store_db.exists()


def test_a_damaged_store_gives_way_to_the_newest_backup_that_opens(
    furnished: Opened, made: Path, clock: FakeClock
) -> None:  # goal 23
    clock.advance(86400)
    with furnished.store.write() as db:
        db.execute("UPDATE users SET first_name='Annette' WHERE id=1")
    later = furnished.home.backups / make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI).file
    clock.advance(86400)
    newest = later.with_name("wattward-2026-11-30T00-00-00Z-xxxxxx.tar.gz.age")
    newest.write_bytes(later.read_bytes()[:-1])
    scribbled = b"scribble" * 4096
    _put(furnished, scribbled)
    said = _start(furnished)
    assert said is not None and "2026-11-22 12:00 UTC" in said and "store.db.damaged-" in said
    assert column(furnished, "SELECT first_name FROM users WHERE id=1") == ["Annette"]
    (aside,) = furnished.home.root.glob("store.db.damaged-*")
    assert aside.read_bytes() == scribbled and aside.name in said
    assert [one.file for one in catalog.all(furnished.store)] == [later.name, made.name]
    assert _start(furnished) is None, "said once"


def test_a_backup_that_says_it_is_of_the_future_is_not_taken_for_the_newest(
    furnished: Opened, made: Path, clock: FakeClock
) -> None:
    now = clock.now()
    clock.set(now + timedelta(days=300))
    make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI)
    clock.set(now + timedelta(days=1))
    with furnished.store.write() as db:
        db.execute("UPDATE users SET first_name='Anne' WHERE id=1")
    make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI)
    _put(furnished, b"no database" * 1000)
    assert "2026-11-22" in (_start(furnished) or "")
    assert column(furnished, "SELECT first_name FROM users WHERE id=1") == ["Anne"]


def test_without_any_backup_it_starts_empty_keeps_the_file_and_says_so(furnished: Opened) -> None:
    _put(furnished, b"scribble" * 4096)
    said = _start(furnished)
    assert said is not None and "starts empty" in said
    assert column(furnished, "SELECT count(*) FROM users") == [0]
    (aside,) = furnished.home.root.glob("store.db.damaged-*")
    assert aside.read_bytes() == b"scribble" * 4096


def test_without_the_key_it_starts_empty(furnished: Opened, made: Path) -> None:
    (furnished.home.keys / key.NAME).unlink()
    _put(furnished, b"scribble" * 4096)
    said = _start(furnished)
    assert said is not None and "starts empty" in said and made.is_file()


@pytest.mark.parametrize("left", [None, b""], ids=["no file", "a file of no bytes"])
def test_a_store_that_is_gone_is_put_back(left: bytes | None, furnished: Opened, made: Path) -> None:
    furnished.store.close()
    _put(furnished, b"")
    if left is None:
        furnished.home.store_db.unlink()
    said = _start(furnished)
    assert said is not None and "was gone" in said
    assert column(furnished, "SELECT first_name FROM users ORDER BY id") == ["Anna", "Ben"]
    assert column(furnished, "PRAGMA journal_mode") == ["wal"]


def test_a_backup_on_the_stick_helps_too(
    furnished: Opened, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    shutil.move(made, stick / made.name)
    monkeypatch.setenv(targets.USB_VARIABLE, str(stick))
    _put(furnished, b"scribble" * 4096)
    said = _start(furnished)
    assert said is not None and "put back" in said


def test_sessions_that_ran_then_do_not_run_now(furnished: Opened, made: Path) -> None:
    _put(furnished, b"scribble" * 4096)
    _start(furnished)
    assert column(furnished, "SELECT count(*) FROM sessions WHERE ended_at IS NULL") == [0]
    assert column(furnished, "SELECT count(*) FROM grants WHERE ended_at IS NULL") == [0]


def test_a_store_of_a_newer_program_is_not_taken_for_damage(furnished: Opened, made: Path) -> None:
    with furnished.store.write() as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(errors.StoreVersion, match="install the newer one"):
        _start(furnished)
    assert column(furnished, "PRAGMA user_version") == [99]


def test_random_scribbling_ends_in_a_store_that_works_and_keeps_the_old_file(
    opened: Opened, backup_key: key.Key
) -> None:  # goal 23
    """Pages overwritten at random: either SQLite can still use the store, or a backup replaced it; never a crash."""
    furnish(opened)
    with opened.store.write() as db:
        for number in range(300):
            db.execute("INSERT INTO settings VALUES (?,?,'t','t')", (f"k{number:03}", "v" * 700))
    make.make(opened, targets.of(opened.home)["folder"], audit.CLI)
    opened.store.close()
    whole = _settle_file(opened.home)
    dice, repaired = random.Random(23), 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            page = dice.randrange(len(whole) // 4096) * 4096
            length = dice.choice((16, 512, 4096))
            content[page : page + length] = dice.randbytes(length)
        _put(opened, bytes(content))
        said = _start(opened)
        if said is not None:
            repaired += 1
            kept = max(opened.home.root.glob("store.db.damaged-*"), key=lambda path: path.stat().st_mtime_ns)
            assert kept.read_bytes() == bytes(content)
            kept.unlink()
        database.check(opened.home.store_db)
        assert column(opened, "SELECT count(*) FROM users") == [2]
        opened.store.close()
    assert repaired > 120
