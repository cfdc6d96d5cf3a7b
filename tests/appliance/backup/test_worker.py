"""The worker makes what is wished at every wanted target, prunes, and says what is wrong until it is right."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance import audit, errors, faults
from appliance.backup import catalog, found, key, make, targets, wishes, worker
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.backup.conftest import good_files
from tests.fake_clock import FakeClock


@pytest.fixture(autouse=True)
def _keys(backup_key: key.Key) -> None:
    """Backups can be made."""


@pytest.fixture
def stick(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A USB stick that is wanted and plugged in."""
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setenv(targets.USB_VARIABLE, str(folder))
    settings.put(opened.store, opened.clock.now(), audit.CLI, "backup.usb", "on")
    return folder


def _wish(opened: Opened) -> None:
    with opened.store.write() as db:
        wishes.wish(db, opened.clock.now(), audit.TOUCH, wishes.BACKUP)


def _faults(opened: Opened) -> list[tuple[str, str]]:
    return [(fault.source, fault.code) for fault in faults.active(opened.live)]


def test_nothing_is_made_without_a_wish(opened: Opened) -> None:
    assert worker.step(opened) is None and catalog.all(opened.store) == [] and _faults(opened) == []


def test_a_wish_is_fulfilled_once_and_by_whom_is_known(opened: Opened) -> None:
    _wish(opened)
    assert worker.step(opened) == "ok" and worker.step(opened) is None
    (row,) = catalog.all(opened.store)
    assert row.good and row.made_by == "touch:household"


def test_with_a_stick_both_get_one(opened: Opened, stick: Path) -> None:
    _wish(opened)
    assert worker.step(opened) == "ok"
    assert len(catalog.files(stick)) == len(catalog.files(opened.home.backups)) == 1
    assert sorted(one.target for one in catalog.all(opened.store)) == ["folder", "usb"]


def test_a_missing_stick_is_a_fault_until_it_is_back_and_the_folder_gets_its_backup(
    opened: Opened, stick: Path
) -> None:
    stick.rmdir()
    assert worker.step(opened) is None and _faults(opened) == [("backup", "usb_missing")]
    _wish(opened)
    outcome = worker.step(opened)
    assert outcome is not None and "plug in the stick" in outcome
    assert len(good_files(opened)) == 1 and _faults(opened) == [("backup", "usb_missing")]
    stick.mkdir()
    worker.step(opened)
    assert _faults(opened) == []


def test_no_stick_wanted_is_no_fault(opened: Opened, stick: Path, clock: FakeClock) -> None:
    stick.rmdir()
    worker.step(opened)
    settings.put(opened.store, clock.now(), audit.CLI, "backup.usb", "off")
    worker.step(opened)
    assert _faults(opened) == []


def test_an_empty_mount_point_is_not_a_stick(opened: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(targets.USB_VARIABLE, raising=False)
    assert not targets.Target("usb", tmp_path).is_present()
    assert targets.Target("folder", tmp_path).is_present()


def _fails(monkeypatch: pytest.MonkeyPatch, sentence: str = "The card is worn out.") -> None:
    def fail(*_: object) -> None:
        raise OSError(sentence)

    monkeypatch.setattr(make, "_seal", fail)


def test_a_failure_is_a_row_an_outcome_and_a_fault_until_one_succeeds(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    _fails(monkeypatch)
    _wish(opened)
    outcome = worker.step(opened)
    assert outcome is not None and "worn out" in outcome
    assert _faults(opened) == [("backup", "failed")]
    assert "worn out" in faults.active(opened.live)[0].sentence
    assert [one.good for one in catalog.all(opened.store)] == [False]
    worker.step(opened)
    assert _faults(opened) == [("backup", "failed")], "it stays while nothing better came"
    monkeypatch.undo()
    clock.advance(60)
    _wish(opened)
    assert worker.step(opened) == "ok" and _faults(opened) == []


def test_when_not_even_the_failure_can_be_written_it_is_not_tried_again_at_once(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    tries: list[int] = []

    def full(*_: object) -> None:
        tries.append(1)
        raise errors.StoreFull("The store cannot be written.")

    monkeypatch.setattr(make, "make", full)
    monkeypatch.setattr(wishes, "finish", full)
    _wish(opened)
    for _ in range(5):
        worker.step(opened)
    assert len(tries) == 2, "one backup, one outcome"
    assert _faults(opened) == [("backup", "failed")]
    clock.advance(worker.PAUSE.total_seconds())
    monkeypatch.undo()
    assert worker.step(opened) == "ok" and _faults(opened) == []


def test_without_a_store_nothing_raises(opened: Opened) -> None:
    opened.store.close()
    opened.home.store_db.unlink()
    outcome = worker.step(opened)
    assert outcome is not None and "start the core" in outcome


def test_old_backups_go_and_the_newest_stays(opened: Opened, clock: FakeClock) -> None:
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_daily", "3")
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_weekly", "2")
    for _ in range(20):
        _wish(opened)
        assert worker.step(opened) == "ok"
        clock.advance(86400)
    kept = good_files(opened)
    assert kept == [path.name for path in catalog.files(opened.home.backups)]
    days = [name[9:19] for name in kept]
    assert days == ["2026-12-10", "2026-12-09", "2026-12-08", "2026-12-06"]
    assert len(catalog.all(opened.store, pruned=True)) == 20, "what was pruned stays written down"


def test_backups_of_the_future_do_not_push_out_those_of_now(opened: Opened, clock: FakeClock) -> None:
    """A week was lived under a wrong year; then a time server set the calendar."""
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_daily", "3")
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_weekly", "0")
    right = clock.now()
    clock.set(right + timedelta(days=500))
    for _ in range(4):
        _wish(opened)
        worker.step(opened)
        clock.advance(86400)
    clock.set(right)
    for _ in range(3):
        _wish(opened)
        worker.step(opened)
        clock.advance(86400)
    assert [name[9:19] for name in good_files(opened)] == ["2026-11-23", "2026-11-22", "2026-11-21"]


def test_a_calendar_in_doubt_removes_no_backup(opened: Opened, clock: FakeClock) -> None:
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_daily", "1")
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_weekly", "0")
    _wish(opened)
    worker.step(opened)
    clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    _wish(opened)
    worker.step(opened)
    assert len(good_files(opened)) == 2


def test_failed_attempts_are_not_counted_as_backups_to_keep(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_daily", "1")
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_weekly", "0")
    _wish(opened)
    worker.step(opened)
    first = good_files(opened)
    _fails(monkeypatch)
    for _ in range(3):
        clock.advance(86400)
        _wish(opened)
        worker.step(opened)
    assert good_files(opened) == first and (opened.home.backups / first[0]).is_file()


def test_another_appliances_files_on_the_stick_are_neither_listed_nor_pruned(
    opened: Opened, stick: Path, clock: FakeClock
) -> None:
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_daily", "1")
    settings.put(opened.store, clock.now(), audit.CLI, "backup.keep_weekly", "0")
    foreign = stick / f"wattward-2020-01-01T00-00-00Z-abcdef{catalog.SUFFIX}"
    foreign.write_bytes(b"age-encryption.org/v1\nsomebody else's")
    for _ in range(3):
        _wish(opened)
        worker.step(opened)
        clock.advance(86400)
    assert foreign.is_file() and foreign.name not in {one.file for one in catalog.all(opened.store)}
    assert len(catalog.files(stick)) == 2


def test_our_own_file_without_a_row_is_entered_again(
    opened: Opened, made: Path, backup_key: key.Key, clock: FakeClock
) -> None:
    """As after a power cut between the file and its row."""
    with opened.store.write() as db:
        db.execute("DELETE FROM backups")
    assert found.enter_files(opened.home, opened.store, clock, backup_key, audit.CORE) == 1
    (row,) = catalog.all(opened.store)
    assert row.good and row.file == made.name and row.made_at == clock.now()
    assert found.enter_files(opened.home, opened.store, clock, backup_key, audit.CORE) == 0


def test_a_file_somebody_removed_is_no_backup_any_more(opened: Opened, clock: FakeClock) -> None:
    _wish(opened)
    worker.step(opened)
    shutil.rmtree(opened.home.backups)
    opened.home.backups.mkdir()
    clock.advance(timedelta(days=1).total_seconds())
    _wish(opened)
    worker.step(opened)
    assert len(good_files(opened)) == 1


def test_ten_years_of_backups_cost_the_core_no_more_than_one(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks every five seconds; with all rows unpacked that was 1 % of a core."""
    with opened.store.write() as db:
        for number in range(3650):
            made = catalog.record(db, opened.clock.now(), audit.CORE, "folder", f"f{number}", schema=1)
            catalog.mark_pruned(db, opened.clock.now(), [made])
    unpacked: list[int] = []
    real = catalog._backup

    def counted(row: tuple[Any, ...]) -> catalog.Backup:
        unpacked.append(row[0])
        return real(row)

    monkeypatch.setattr(catalog, "_backup", counted)
    worker.step(opened)
    assert catalog.newest_attempt(opened.store, "folder") is not None
    assert len(unpacked) < 10
