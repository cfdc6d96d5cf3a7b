"""A restore brings everything back or changes nothing, and revives nothing that was ended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import audit, core_lock, errors
from appliance.access import device_key
from appliance.backup import catalog, key, make, recover, restore, targets
from appliance.billing import journal
from appliance.charging import sessions, users
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import changes, database, migrate
from tests.appliance.backup.conftest import PIN_PURPOSE, change, column
from tests.fake_clock import FakeClock


def _restore(opened: Opened, file: Path, code: str | None = None) -> restore.Restored:
    return restore.restore(opened.home, opened.clock, file, code)


def _tree(home: Home) -> dict[str, bytes]:
    """Every file of a home that must not change when a restore is refused."""
    volatile = ("-wal", "-shm", ".lock", ".db")
    return {
        str(path): path.read_bytes() for path in home.root.rglob("*") if path.is_file() and path.suffix not in volatile
        and not path.name.endswith(volatile)
    }  # fmt: skip


def test_what_was_changed_since_is_as_it_was(furnished: Opened, made: Path, clock: FakeClock) -> None:  # A002-22
    clock.advance(3600)
    change(furnished, "UPDATE meters SET name='Renamed'; INSERT INTO settings VALUES ('site.name','Later',:now,'x')")
    done = _restore(furnished, made)
    assert column(furnished, "SELECT name FROM meters") == ["Wallbox meter"]
    assert column(furnished, "SELECT value FROM settings") == []
    assert done.before is not None and done.before.exists()
    before = database.Store(done.before)
    with before.read() as db:
        assert db.execute("SELECT name FROM meters").get == "Renamed", "the store of before is kept"
    before.close()


def test_on_a_new_appliance_the_recovery_code_brings_back_users_and_pins(
    furnished: Opened, made: Path, backup_key: key.Key, other_home: Callable[[], Opened]
) -> None:  # A002-22, goal 8
    """The whole loss: another machine, other keys, only the file and the paper are left."""
    new = other_home()
    stick = new.home.root.parent / made.name
    shutil.copy(made, stick)
    old_device_key = (new.home.keys / device_key.NAME).read_bytes()
    with pytest.raises(key.WrongKey):
        _restore(new, stick)
    assert column(new, "SELECT first_name FROM users") == []
    _restore(new, stick, backup_key.recovery_code.lower())
    assert column(new, "SELECT first_name FROM users ORDER BY id") == ["Anna", "Ben"]
    with new.store.read() as db:
        code_hash, sealed = db.execute("SELECT code_hash, code_sealed FROM identifications WHERE id=1").fetchone()
    assert new.key().keyed_hash(PIN_PURPOSE, "#271828") == code_hash
    assert new.key().unseal(PIN_PURPOSE, sealed, bound_to="1") == "#271828"
    assert key.load(new.home.keys).public == backup_key.public, "the code on paper stays the right one"
    kept = [path.read_bytes() for path in new.home.keys.glob("device.key.before-restore-*")]
    assert kept == [old_device_key]


def test_an_empty_folder_is_enough_to_restore_into(
    made: Path, backup_key: key.Key, tmp_path: Path, clock: FakeClock
) -> None:
    home = Home(tmp_path / "fresh", tmp_path / "fresh-run")
    done = restore.restore(home, clock, made, backup_key.recovery_code)
    assert done.before is None and (home.keys / device_key.NAME).stat().st_mode & 0o777 == 0o640
    assert recover.repair_if_damaged(home, clock) is None
    assert migrate.migrate(home.store_db, clock) == 0


def test_open_sessions_grants_sign_ins_and_the_web_window_end(
    furnished: Opened, made: Path, backup_key: key.Key, other_home: Callable[[], Opened]
) -> None:  # reading 27
    new = other_home()
    _restore(new, made, backup_key.recovery_code)
    with new.store.read() as db:
        end_reason, end_wh, remark = db.execute("SELECT end_reason, end_wh, remark FROM sessions").fetchone()
        assert (end_reason, end_wh, remark) == ("core_restart", None, "restored")
        assert db.execute("SELECT end_reason FROM grants").get == "restore"
        assert db.execute("SELECT count(*) FROM web_sessions").get == 0
        assert db.execute("SELECT opening, boot_id FROM web_window").fetchone() == (4, "")
        assert db.execute("SELECT count(*) FROM wishes").get == 0
    assert "backup was restored" in sessions.newest(new.store, 1)[0].remark, "and people read it"


def test_a_session_that_ended_since_keeps_its_end(furnished: Opened, made: Path) -> None:
    change(furnished, "UPDATE sessions SET ended_at=:now, end_wh=9000, end_reason='stop'")
    _restore(furnished, made)
    with furnished.store.read() as db:
        assert db.execute("SELECT end_wh, end_reason FROM sessions").fetchone() == (9000, "stop")


def test_a_session_that_runs_still_is_left_to_the_core_and_its_next_reading(furnished: Opened, made: Path) -> None:
    change(furnished, "UPDATE sessions SET begin_wh=5100, remark='begin_late'")
    _restore(furnished, made)
    with furnished.store.read() as db:
        assert db.execute("SELECT ended_at, begin_wh, remark FROM sessions").fetchone() == (None, 5100, "begin_late")
        assert db.execute("SELECT end_reason FROM grants").get == "core_restart", "an end the session may have, too"


CARLA_CHARGED = """
UPDATE sessions SET ended_at=:now, end_wh=9000, end_reason='stop'; UPDATE grants SET ended_at=:now, end_reason='stop';
INSERT INTO users (id,first_name,last_name,created_at,form_token) VALUES (3,'Carla','Conti',:now,'form');
INSERT INTO vehicles (id,user_id,name,created_at) VALUES (1,3,'Zoe',:now);
INSERT INTO identifications (id,user_id,type,active,code_hash,code_sealed,code_length,created_at,vehicle_id)
 VALUES (3,3,'pin',1,x'03',x'03',6,:now,1);
INSERT INTO grants (id,point_id,reason,user_id,identification_id,boot_id,granted_at,until_s,ended_at,end_reason)
 VALUES (2,1,'pin',3,3,'boot-1',:now,1300.0,:now,'stop');
INSERT INTO sessions (id,point_id,grant_id,user_id,identification_id,vehicle_id,meter_id,boot_id,began_at,begin_wh,
 ended_at,end_wh,end_reason) VALUES (2,1,2,3,3,1,1,'boot-1',:now,9000,:now,12000,'stop');
INSERT INTO slots (id,meter_id,start_s,import_wh,samples,gap) VALUES (2000000*1024+1,1,2000000*900,250,900,0)
"""


def test_what_was_charged_and_metered_since_is_still_there(furnished: Opened, made: Path, clock: FakeClock) -> None:
    clock.advance(3600)
    change(furnished, CARLA_CHARGED)
    _restore(furnished, made)
    assert column(furnished, "SELECT end_wh - begin_wh FROM sessions ORDER BY id") == [4000, 3000]
    assert column(furnished, "SELECT import_wh FROM slots") == [250]
    database.check(furnished.home.store_db, thorough=True)


def test_who_came_since_may_not_charge_and_gives_the_number_to_nobody(
    furnished: Opened, made: Path, clock: FakeClock
) -> None:
    """The journal knows people by number: nobody may get one that stands there already."""
    clock.advance(3600)
    change(furnished, CARLA_CHARGED)
    _restore(furnished, made)
    with furnished.store.read() as db:
        name, archived = db.execute("SELECT first_name, archived_at IS NOT NULL FROM users WHERE id=3").fetchone()
        assert (name, archived) == ("Carla", 1)
        code = db.execute("SELECT active, code_hash, removed_at IS NOT NULL FROM identifications WHERE id=3").fetchone()
        assert code == (0, None, 1)
    assert users.add(furnished.store, clock, "Dora", "Dietz", actor=audit.CLI).id == 4


def test_rows_of_another_past_stay_out(furnished: Opened, made: Path, clock: FakeClock) -> None:
    """An earlier restore gave number 3 to somebody else: what belongs to that row is not mixed up."""
    change(furnished, "INSERT INTO users (id,first_name,last_name,created_at) VALUES (3,'Emil','Ernst',:now)")
    clock.advance(60)
    forked = furnished.home.backups / make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI).file
    change(furnished, "DELETE FROM users WHERE id=3;" + CARLA_CHARGED)
    _restore(furnished, forked)
    assert column(furnished, "SELECT first_name FROM users WHERE id=3") == ["Emil"]
    assert column(furnished, "SELECT id FROM sessions") == [1]
    database.check(furnished.home.store_db, thorough=True)


REVOKED = {
    "a removed code": (
        "UPDATE identifications SET removed_at=:now, code_hash=NULL, code_sealed=NULL, active=0 WHERE id=1",
        "SELECT removed_at IS NOT NULL AND code_hash IS NULL AND active=0 FROM identifications WHERE id=1",
    ),
    "an inactive code": (
        "UPDATE identifications SET active=0 WHERE id=1", "SELECT active=0 FROM identifications WHERE id=1",
    ),
    "a changed code": (
        "UPDATE identifications SET code_hash=x'aa' WHERE id=1",
        "SELECT code_hash=x'aa' FROM identifications WHERE id=1",
    ),
    "an end date": (
        "UPDATE identifications SET expires_on='2026-01-01' WHERE id=1",
        "SELECT expires_on='2026-01-01' FROM identifications WHERE id=1",
    ),
    "two codes that changed places": (
        "CREATE TEMP TABLE c AS SELECT id, code_hash FROM identifications;"
        "UPDATE identifications SET code_hash=randomblob(32);"
        "UPDATE identifications SET code_hash=(SELECT code_hash FROM c WHERE c.id=3-identifications.id);"
        "DROP TABLE c",
        "SELECT count(DISTINCT code_hash)=2 FROM identifications",
    ),
    "a code taken over by a user the backup does not know": (
        "UPDATE identifications SET removed_at=:now, code_hash=NULL, code_sealed=NULL, active=0 WHERE id=1",
        "SELECT active=0 FROM identifications WHERE id=1",
    ),
    "a blocked user": ("UPDATE users SET blocked=1 WHERE id=1", "SELECT blocked FROM users WHERE id=1"),
    "an archived user": ("UPDATE users SET archived_at=:now", "SELECT archived_at IS NOT NULL FROM users WHERE id=1"),
    "hours and a cap of a code": (
        "UPDATE identifications SET hours='[[0,0,1]]', cap_wh=9, stop_only=1 WHERE id=1",
        "SELECT hours='[[0,0,1]]' AND cap_wh=9 AND stop_only FROM identifications WHERE id=1",
    ),
    "an allowance": (
        "INSERT INTO allowances VALUES (1,'day',5000)", "SELECT count(*) FROM allowances WHERE user_id=1 AND wh=5000",
    ),
    "a second factor": ("UPDATE users SET second_factor=1", "SELECT DISTINCT second_factor FROM users"),
    "a name that was taken out": (
        "UPDATE users SET first_name='Former', last_name='user 1', archived_at=:now, anonymised_at=:now WHERE id=1",
        "SELECT first_name='Former' AND anonymised_at IS NOT NULL FROM users WHERE id=1",
    ),
    "a changed web password": (
        "UPDATE web_accounts SET password_hash='new'", "SELECT password_hash='new' FROM web_accounts",
    ),
    "a removed web account": ("DELETE FROM web_accounts", "SELECT count(*)=0 FROM web_accounts"),
    "wrong guesses that were counted": (
        "UPDATE throttles SET failures=9, wait_s=5400", "SELECT failures=9 AND wait_s=5400 FROM throttles",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("revoke", "still"), REVOKED.values(), ids=REVOKED.keys())
def test_what_was_taken_away_since_does_not_come_back(
    revoke: str, still: str, furnished: Opened, made: Path, clock: FakeClock
) -> None:  # reading 27, A002-22
    clock.advance(60)
    change(furnished, revoke)
    _restore(furnished, made)
    assert column(furnished, still) == [1]
    database.check(furnished.home.store_db, thorough=True)


def test_a_code_that_an_earlier_restore_gave_to_somebody_else_stays_theirs(
    furnished: Opened, made: Path, clock: FakeClock
) -> None:
    """The present knows neither user 2 of the backup nor its code, but has that code under another number."""
    clock.advance(60)
    with furnished.store.write() as db:
        taken = db.execute("SELECT code_hash FROM identifications WHERE id=2").get
        db.execute("DELETE FROM identifications WHERE id=2")
        db.execute("UPDATE identifications SET code_hash=? WHERE id=1", (taken,))
    _restore(furnished, made)
    with furnished.store.read() as db:
        rows = db.execute("SELECT id, code_hash, active FROM identifications ORDER BY id").fetchall()
    assert rows == [(1, taken, 1), (2, None, 0)]


def test_the_audit_since_the_backup_is_kept_and_tells_of_the_restore(
    furnished: Opened, made: Path, clock: FakeClock
) -> None:
    clock.advance(60)
    with furnished.store.write() as db:
        audit.record(db, clock.now(), audit.TOUCH, "user.block", "Anna Berger")
    before = [event.event for event in audit.newest(furnished.store)]
    _restore(furnished, made)
    assert [event.event for event in audit.newest(furnished.store)] == ["backup.restore", *before]


def test_another_appliances_audit_is_not_mixed_in(
    furnished: Opened, made: Path, backup_key: key.Key, other_home: Callable[[], Opened]
) -> None:
    new = other_home()
    with new.store.write() as db:
        for _ in range(20):
            audit.record(db, new.clock.now(), audit.CLI, "meter.add", "of the new appliance")
    _restore(new, made, backup_key.recovery_code)
    assert "of the new appliance" not in [event.subject for event in audit.newest(new.store)]


def test_what_was_charged_since_the_backup_stays_proven(furnished: Opened, made: Path, clock: FakeClock) -> None:
    signer = journal.Signer.of(furnished.key())
    change(furnished, "UPDATE sessions SET ended_at='2026-11-21T13:00:00.000Z', end_wh=9000, end_reason='stop'")
    assert journal.catch_up(furnished, signer) == 1
    _restore(furnished, made)
    assert [entry.kind for entry in journal.entries(furnished.store)] == ["begin", "session"]
    assert journal.verify(furnished, signer).sound and journal.catch_up(furnished, signer) == 0


def test_the_calendar_known_good_never_moves_back(furnished: Opened, made: Path) -> None:
    change(furnished, "INSERT OR REPLACE INTO known_time VALUES (1,'2027-01-01T00:00:00.000Z')")
    _restore(furnished, made)
    assert column(furnished, "SELECT utc FROM known_time") == ["2027-01-01T00:00:00.000Z"]


def test_backups_made_since_stay_listed(furnished: Opened, made: Path, clock: FakeClock) -> None:
    clock.advance(86400)
    later = make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI)
    _restore(furnished, made)
    assert [one.file for one in catalog.all(furnished.store)] == [later.file, made.name]
    _restore(furnished, furnished.home.backups / later.file)
    assert [one.file for one in catalog.all(furnished.store)] == [later.file, made.name]


def test_a_running_core_is_not_overruled(furnished: Opened, made: Path) -> None:
    change(furnished, "UPDATE meters SET name='Renamed'")
    with core_lock.only_core(furnished.home.run), pytest.raises(errors.Refused, match="Stop it: sudo"):
        _restore(furnished, made)
    assert column(furnished, "SELECT name FROM meters") == ["Renamed"]


def test_open_connections_see_the_restored_content_and_are_woken(furnished: Opened, made: Path) -> None:
    """Condition 6, by the whole way: a surface keeps its connection and its bell."""
    change(furnished, "UPDATE meters SET name='Renamed'")
    surface = database.Store(furnished.home.store_db)
    bell = changes.Bell(furnished.home.bells, "touch")
    connection, before = surface.connection(), surface.version()
    _restore(furnished, made)
    assert bell.wait(2.0) and surface.version() != before
    with surface.read() as db:
        assert db.execute("SELECT name FROM meters").get == "Wallbox meter"
    assert surface.connection() is connection, "the same file: nobody has to open it again"
    bell.close()
    surface.close()


def test_the_live_file_of_the_other_store_goes(furnished: Opened, made: Path) -> None:
    _restore(furnished, made)
    assert not furnished.home.live_db.exists()


def test_an_older_schema_is_upgraded_on_the_way(furnished: Opened, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program learns a migration after the backup was made."""
    more = migrate.Migration(migrate.SCHEMA + 1, "later", "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;")
    steps = [*migrate.shipped(), more]
    monkeypatch.setattr(migrate, "shipped", lambda: steps)
    monkeypatch.setattr(migrate, "SCHEMA", more.number)
    migrate.migrate(furnished.home.store_db, furnished.clock)
    _restore(furnished, made)
    assert column(furnished, "SELECT count(*) FROM later") == [0]
    assert column(furnished, "PRAGMA user_version") == [more.number]


@pytest.mark.parametrize("damage", ["cut", "foreign", "missing", "wrong code", "newer store"])
def test_a_refused_restore_changes_nothing(
    damage: str, furnished: Opened, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # A002-22
    change(furnished, "UPDATE meters SET name='Renamed'")
    file, code = tmp_path / f"given{catalog.SUFFIX}", None
    shutil.copy(made, file)
    if damage == "cut":
        file.write_bytes(made.read_bytes()[:-100])
    elif damage == "foreign":
        file.write_bytes(b"no backup")
    elif damage == "missing":
        file.unlink()
    elif damage == "wrong code":
        code = "ABCD EFGH"
    else:
        monkeypatch.setattr(migrate, "SCHEMA", migrate.SCHEMA - 1)
    before = _tree(furnished.home)
    with pytest.raises(errors.WattwardError):
        _restore(furnished, file, code)
    assert _tree(furnished.home) == before
    assert column(furnished, "SELECT name FROM meters") == ["Renamed"]


def test_a_damaged_store_is_set_aside_by_a_restore(furnished: Opened, made: Path) -> None:
    furnished.store.close()
    for tail in ("-wal", "-shm"):
        Path(f"{furnished.home.store_db}{tail}").unlink(missing_ok=True)
    furnished.home.store_db.write_bytes(b"scribble" * 1000)
    _restore(furnished, made)
    assert column(furnished, "SELECT first_name FROM users ORDER BY id") == ["Anna", "Ben"]
    (aside,) = furnished.home.root.glob("store.db.damaged-*")
    assert aside.read_bytes() == b"scribble" * 1000


def test_the_manifest_is_not_believed_about_the_schema(
    furnished: Opened, backup_key: key.Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not bear out its manifest is refused when the backup is checked, so it never counts."""
    monkeypatch.setattr(migrate, "SCHEMA", 0)
    monkeypatch.setattr(make, "verify", lambda *_: None)
    file = make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI).file
    monkeypatch.undo()
    with pytest.raises(errors.BadInput, match="not a backup"):
        make.verify(furnished.home.backups / file, backup_key, furnished.home.run)
