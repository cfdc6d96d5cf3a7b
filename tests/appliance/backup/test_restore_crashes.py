"""A restore that is killed, or runs out of disk, leaves the old state or the new one, never a mixture."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import audit, errors
from appliance.access import device_key
from appliance.backup import found, key, make, recover, restore, staging, targets
from appliance.opened import Opened
from appliance.store import copies, database
from tests.appliance.backup.conftest import change, column, furnish

RESTORER = """
import sys
from pathlib import Path
from appliance.backup import restore
from appliance.config import Home
from tests.fake_clock import FakeClock
print("ready", flush=True)
restore.restore(Home(Path(sys.argv[1]), Path(sys.argv[2])), FakeClock(), Path(sys.argv[3]), sys.argv[4])
"""


def test_kill_9_at_any_moment_leaves_the_old_or_the_new_state(
    made: Path, backup_key: key.Key, furnished: Opened, other_home: Callable[[], Opened]
) -> None:  # A002-22: power cut mid-way
    """On another appliance, where device key and store must change together or not at all."""
    with furnished.store.write() as db:
        for number in range(600):
            db.execute("INSERT INTO settings VALUES (?,?,'t','t')", (f"k{number}", "v" * 3000))
    file = furnished.home.backups / make.make(furnished, targets.of(furnished.home)["folder"], audit.CLI).file
    new = other_home()
    furnish(new)
    change(new, "UPDATE users SET first_name='Old' WHERE id=1")
    new.store.close()
    template = new.home.root.with_name("template")
    database.connect(new.home.store_db).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(new.home.root, template)
    device_keys = {
        "Old": (template / "keys" / device_key.NAME).read_bytes(),
        "Anna": (furnished.home.keys / device_key.NAME).read_bytes(),
    }
    dice, seen = random.Random(3), []
    for _ in range(60):
        shutil.rmtree(new.home.root)
        shutil.copytree(template, new.home.root)
        process = subprocess.Popen(
            [sys.executable, "-c", RESTORER, *map(str, (new.home.root, new.home.run, file, backup_key.recovery_code))],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0, 0.16))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert recover.repair_if_damaged(new.home, new.clock) is None, "as the core does at its next start"
        (name,) = column(new, "SELECT first_name FROM users WHERE id=1")
        assert device_keys[str(name)] == (new.home.keys / device_key.NAME).read_bytes()
        database.check(new.home.store_db, thorough=True)
        assert not list(new.home.root.glob(f"{staging.PREFIX}*")) and not restore.is_decided(new.home)
        new.store.close()
        seen.append(name)
    assert set(seen) == {"Old", "Anna"}, "the moments fell on both sides of the decision"


FINISHER = """
import os, sys
from pathlib import Path
from appliance.backup import recover, restore
from appliance.config import Home
from tests.fake_clock import FakeClock
import codecs; codecs.lookup("ascii")  # loads the codec while Python's own folder can still be read
os.setgroups([]); os.setgid(12345); os.setuid(12345); os.umask(0o007)
home = Home(Path(sys.argv[1]), Path(sys.argv[2]))
assert restore.is_decided(home)
print(recover.repair_if_damaged(home, FakeClock()), restore.is_decided(home))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming the core's user needs root")
def test_the_core_as_its_own_user_finishes_and_sweeps_what_root_left(
    furnished: Opened, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sudo wattward backup restore` loses its power right after the decision."""
    change(furnished, "UPDATE meters SET name='Renamed'")
    furnished.store.close()
    home = furnished.home
    for path in (home.root, home.run, *home.root.rglob("*"), *home.run.rglob("*")):
        os.chown(path, 12345, 12345)
    for folder in home.root.parents[:3]:
        folder.chmod(0o755)
    before = os.umask(0o007)
    try:
        with staging.folder_in(home.root) as left:
            shutil.copytree(left, home.root / f"{staging.PREFIX}killed")
        monkeypatch.setattr(restore, "finish_interrupted", lambda *_: False)
        monkeypatch.setattr(found, "enter_files", lambda *_: 0)
        restore.restore(furnished.home, furnished.clock, made, None)
    finally:
        os.umask(before)
    furnished.store.close()
    done = subprocess.run(
        [sys.executable, "-c", FINISHER, str(home.root), str(home.run)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["None", "False"], done.stdout + done.stderr
    assert column(furnished, "SELECT name FROM meters") == ["Wallbox meter"]
    assert not list(home.root.glob(f"{staging.PREFIX}*"))


def test_a_full_disk_while_copying_in_leaves_the_old_state(
    furnished: Opened, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(furnished, "UPDATE meters SET name='Renamed'")
    real = copies.copy_into

    def full(source: Path, target: Path) -> None:
        if target == furnished.home.store_db:
            raise errors.StoreFull("The store cannot be written.")
        real(source, target)

    monkeypatch.setattr(copies, "copy_into", full)
    with pytest.raises(errors.StoreFull):
        restore.restore(furnished.home, furnished.clock, made, None)
    monkeypatch.undo()
    assert column(furnished, "SELECT name FROM meters") == ["Renamed"]
    assert not restore.is_decided(furnished.home)
    assert recover.repair_if_damaged(furnished.home, furnished.clock) is None
