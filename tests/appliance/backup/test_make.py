"""A backup counts only when it opened again; nothing less than a whole file is ever left."""

from __future__ import annotations

import io
import json
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import audit, errors
from appliance.backup import catalog, key, make, payload, staging, targets
from appliance.errors import WattwardError
from appliance.opened import Opened
from appliance.store import database, migrate
from tests.fake_clock import FakeClock
from tests.small_disk import small_disk

FOREIGN = "not a backup of Wattward"


def _folder(opened: Opened) -> targets.Target:
    return targets.of(opened.home)["folder"]


def _leftovers(opened: Opened) -> list[str]:
    """Names of everything a backup may leave beside whole files."""
    found = [*opened.home.backups.iterdir(), *opened.home.run.glob(".*"), *opened.home.root.glob(".*")]
    return [path.name for path in found if not path.name.endswith(catalog.SUFFIX)]


def test_a_backup_is_a_row_a_file_and_its_hash(furnished: Opened, made: Path) -> None:  # A002-21
    (row,) = catalog.all(furnished.store)
    assert row.good and row.file == made.name and row.size_bytes == made.stat().st_size
    assert row.sha256 == payload.sha256_of(made)
    assert _leftovers(furnished) == []


def test_any_age_program_and_tar_open_it(made: Path, backup_key: key.Key) -> None:
    plain = io.BytesIO()
    with made.open("rb") as sealed:
        backup_key.decrypt(sealed, plain)
    plain.seek(0)
    with tarfile.open(fileobj=plain, mode="r:gz") as tar:
        assert tar.getnames() == ["manifest.json", "device.key", "store.db"]
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        about = json.load(manifest)
    assert about["appliance"] == "Wattward" and about["schema"] == migrate.SCHEMA


def test_without_the_key_nothing_of_the_content_can_be_seen(furnished: Opened, made: Path) -> None:  # goal 8
    content = made.read_bytes()
    for secret in (b"Berger", b"SQLite format 3", furnished.key().export(), b"manifest.json"):
        assert secret not in content


def test_two_backups_in_one_second_get_two_names(furnished: Opened, made: Path) -> None:
    second = make.make(furnished, _folder(furnished), audit.CLI)
    assert second.good and second.file != made.name and made.is_file()


def _has(opened: Opened, setting: str) -> bool:
    with opened.store.read() as db:
        return db.execute("SELECT 1 FROM settings WHERE key=?", (setting,)).fetchone() is not None


def test_what_is_committed_while_copying_is_whole_or_absent(furnished: Opened, backup_key: key.Key) -> None:
    """Another process writes pairs of rows all the time; every backup holds whole pairs, and later ones more."""
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            import time
            from pathlib import Path
            from appliance.store.database import Store
            store = Store(Path({str(furnished.home.store_db)!r}))
            number = 0
            while True:
                number += 1
                with store.write() as db:
                    for half in "ab":
                        db.execute("INSERT INTO settings VALUES (?,'1','t','t')", (f"{{number}}{{half}}",))
                time.sleep(0.002)  # the backup's own row needs its turn
        """)]
    )  # fmt: skip
    try:
        while not _has(furnished, "1b"):
            time.sleep(0.01)
        counts = []
        for _ in range(8):
            backup = make.make(furnished, _folder(furnished), audit.CLI)
            with staging.opened(furnished.home.backups / backup.file, backup_key, furnished.home.run) as staged:
                store = database.Store(staged.store)
                with store.read() as db:
                    keys = [row[0] for row in db.execute("SELECT key FROM settings")]
                store.close()
            assert keys.count("1a") == 1 and len(keys) % 2 == 0
            counts.append(len(keys))
        assert counts[0] < counts[-1], "it was written meanwhile"
    finally:
        writer.kill()
        writer.wait()


def test_a_wrong_key_is_known_at_once(made: Path, other_home: Callable[[], Opened], tmp_path: Path) -> None:  # goal 24
    other = key.load(other_home().home.keys)
    with made.open("ab") as file:  # a large body must not matter
        file.write(b"\0" * 30_000_000)
    written = io.BytesIO()
    with made.open("rb") as sealed, pytest.raises(key.WrongKey, match="recovery code"):
        other.decrypt(sealed, written)
    assert written.getvalue() == b"" and sealed.closed
    with pytest.raises(key.WrongKey):
        make.verify(made, other, tmp_path)


def _large(opened: Opened, size_bytes: int) -> None:
    """Fill the store with what does not compress."""
    with opened.store.write() as db:
        db.executemany(
            "INSERT INTO settings VALUES (?,?,'t','t')",
            ((f"noise{i}", random.Random(i).randbytes(40_000).hex()) for i in range(size_bytes // 80_000)),
        )


def test_truncation_at_every_4_kib_is_noticed(
    furnished: Opened, backup_key: key.Key, tmp_path: Path
) -> None:  # goal 24
    _large(furnished, 1_600_000)
    backup = make.make(furnished, _folder(furnished), audit.CLI)
    whole = (furnished.home.backups / backup.file).read_bytes()
    assert len(whole) > 700_000
    cut = tmp_path / f"cut{catalog.SUFFIX}"
    lengths = [*range(0, len(whole), 4096), *range(len(whole) - 40, len(whole))]
    for length in lengths:
        cut.write_bytes(whole[:length])
        with pytest.raises(key.Unreadable):
            make.verify(cut, backup_key, tmp_path)
    cut.write_bytes(whole)
    assert make.verify(cut, backup_key, tmp_path).schema == migrate.SCHEMA


def test_flipped_bits_are_noticed_wherever_they_are(made: Path, backup_key: key.Key, tmp_path: Path) -> None:  # goal 24
    whole = made.read_bytes()
    dice = random.Random(2)
    flipped = tmp_path / f"flipped{catalog.SUFFIX}"
    for place in [*range(200), *(dice.randrange(len(whole)) for _ in range(300)), len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << dice.randrange(8)
        flipped.write_bytes(changed)
        with pytest.raises((key.Unreadable, key.WrongKey)):
            make.verify(flipped, backup_key, tmp_path)


def test_bytes_after_the_end_are_noticed(made: Path, backup_key: key.Key, tmp_path: Path) -> None:
    with made.open("ab") as file:
        file.write(b"more")
    with pytest.raises(key.Unreadable):
        make.verify(made, backup_key, tmp_path)


def test_a_damaged_store_gives_no_backup_and_says_why(furnished: Opened, backup_key: key.Key) -> None:
    furnished.store.close()
    database.connect(furnished.home.store_db).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(furnished.home.store_db.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    furnished.home.store_db.write_bytes(content)
    with pytest.raises(errors.StoreError):
        make.make(furnished, _folder(furnished), audit.CLI)
    assert catalog.files(furnished.home.backups) == [] and _leftovers(furnished) == []


def test_a_full_target_leaves_no_half_file_and_a_row_with_the_sentence(
    furnished: Opened, backup_key: key.Key, tmp_path: Path
) -> None:
    _large(furnished, 6_000_000)
    with small_disk(tmp_path / "disk", mib=1) as disk:
        with pytest.raises(make.BackupFailed, match="free space"):
            make.make(furnished, targets.Target("usb", disk), audit.CLI)
        assert list(disk.iterdir()) == []
    (row,) = catalog.all(furnished.store)
    assert not row.good and "free space" in row.outcome and row.target == "usb"


def test_a_stick_that_was_pulled_out_is_a_sentence(furnished: Opened, backup_key: key.Key, tmp_path: Path) -> None:
    with pytest.raises(make.BackupFailed, match="stick"):
        make.make(furnished, targets.Target("usb", tmp_path / "gone"), audit.CLI)


MAKER = """
import sys
from pathlib import Path
from appliance import audit
from appliance.backup import make, targets
from appliance.config import Home
from appliance.opened import open_home
from tests.fake_clock import FakeClock
opened = open_home(Home(Path(sys.argv[1]), Path(sys.argv[2])), FakeClock())
print("ready", flush=True)
{work}
"""


def _maker(opened: Opened, work: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAKER.format(work=work), str(opened.home.root), str(opened.home.run)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_kill_9_at_any_moment_leaves_only_whole_backups(furnished: Opened, backup_key: key.Key) -> None:
    _large(furnished, 3_000_000)
    dice = random.Random(9)
    once = 'make.make(opened, targets.of(opened.home)["folder"], audit.CLI)'
    kills = 0
    while kills < 25 or not catalog.files(furnished.home.backups):  # longer on a busy machine, until some were finished
        process = _maker(furnished, f"while True: {once}")
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0, max(0.35, kills / 50)))
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    for path in catalog.files(furnished.home.backups):
        make.verify(path, backup_key, furnished.home.backups)
    assert all((furnished.home.backups / one.file).is_file() for one in catalog.all(furnished.store) if one.good)
    make.make(furnished, _folder(furnished), audit.CLI)
    assert _leftovers(furnished) == [], "the next backup sweeps what crashes left"


def test_memory_stays_bounded_on_a_50_mb_store(furnished: Opened, backup_key: key.Key) -> None:
    once = 'make.make(opened, targets.of(opened.home)["folder"], audit.CLI)'
    peak = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"

    def peak_kib() -> int:
        process = _maker(furnished, f"{once}\n{peak}")
        out, _ = process.communicate()
        return int(out.split()[-1])

    small_kib = peak_kib()
    _large(furnished, 50_000_000)
    assert furnished.home.store_db.stat().st_size + Path(f"{furnished.home.store_db}-wal").stat().st_size > 50_000_000
    assert peak_kib() < small_kib + 12 * 1024, "the store never lies in memory"


def test_the_lock_keeps_two_makers_apart(furnished: Opened, made: Path) -> None:
    processes = [_maker(furnished, 'make.make(opened, targets.of(opened.home)["folder"], audit.CLI)') for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    good = [one for one in catalog.all(furnished.store) if one.good]
    assert len({one.file for one in good}) == len(good) == 4
    for one in good:
        assert payload.sha256_of(furnished.home.backups / one.file) == one.sha256


def test_a_backup_that_does_not_open_again_does_not_count(
    furnished: Opened, backup_key: key.Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The medium returns something else than was written: found by reading back, before the file has its name."""
    real_verify = make.verify

    def worn_out(path: Path, known: key.Key, parent: Path) -> payload.Manifest:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x10
        path.write_bytes(content)
        return real_verify(path, known, parent)

    monkeypatch.setattr(make, "verify", worn_out)
    with pytest.raises(WattwardError, match="cut off or damaged"):
        make.make(furnished, _folder(furnished), audit.CLI)
    assert catalog.files(furnished.home.backups) == []


def test_rows_follow_files(furnished: Opened, made: Path, clock: FakeClock) -> None:
    aside = made.with_suffix(".kept")
    shutil.move(made, aside)
    assert catalog.forget_missing(furnished.store, clock.now(), _folder(furnished)) == 1
    assert catalog.newest_good(furnished.store, "folder") is None and catalog.all(furnished.store) == []
    shutil.move(aside, made)
    assert catalog.unnamed(furnished.store, _folder(furnished)) == [made]
