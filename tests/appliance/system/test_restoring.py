"""A backup put back from the touchscreen: the core opens and checks it, ends, and its next start has it in place."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit, clock, config, heartbeat, opened
from appliance.access import device_key
from appliance.backup import catalog, key, make, targets
from appliance.charging import users
from appliance.errors import BadInput, Refused
from appliance.opened import Opened
from appliance.system import restoring, tasks
from tests.appliance.system.conftest import until
from tests.appliance.system.test_machine import charge


class Household:
    """A home and its core, started again whenever it ends, as systemd does."""

    def __init__(self, folder: Path) -> None:
        self.home = config.Home(root=folder / "home", run=folder / "run")
        self.it = opened.open_home(self.home, clock.SystemClock())
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the core; return when it gives signs of life."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance.cli.main", "--home", str(self.home.root), "core"],
            env={**os.environ, "WATTWARD_RUN": str(self.home.run), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"},
        )
        pid = self.process.pid
        until(
            lambda: (core := heartbeat.beats(self.it.live, self.it.clock).get("core")) is not None and core.pid == pid
        )

    def end(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def over(self, number: int) -> tasks.Task:
        """Wait for the end of a task."""
        until(lambda: (task := tasks.look(self.it.live, number)) is not None and task.over)
        task = tasks.look(self.it.live, number)
        assert task is not None
        return task

    def backup(self) -> Path:
        """Make one now, after the core's own first one: of two of a day the newer is kept."""
        until(lambda: catalog.newest_good(self.it.store, "folder") is not None)
        made = make.make(self.it, targets.of(self.home)["folder"], audit.CLI)
        return self.home.backups / made.file


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    """One with a core at work and a person who has a name."""
    found = Household(tmp_path)
    found.start()
    users.add(found.it.store, found.it.clock, "Anna", "Berger", actor=audit.CLI)
    yield found
    found.end()


def names(it: Opened) -> list[str]:
    """First names of all users."""
    return [user.first_name for user in users.all(it.store)]


def test_the_chosen_backup_is_in_place_after_the_core_started_anew(household: Household) -> None:
    it, path = household.it, household.backup()
    users.add(it.store, it.clock, "Ben", "Maier", actor=audit.CLI)
    assert path in [one.path for one in restoring.offered(it)]
    number = restoring.ask(it, audit.TOUCH, path)
    assert household.process is not None
    assert household.process.wait(30) == 0
    assert household.over(number).message == ""
    household.start()
    assert names(it) == ["Anna"]
    assert "backup.restore" in {one.event for one in audit.newest(it.store)}


def test_a_backup_of_another_appliance_needs_its_code(household: Household, tmp_path: Path) -> None:  # a new card
    other = Household(tmp_path / "other")
    other.start()
    users.add(other.it.store, other.it.clock, "Carla", "Conti", actor=audit.CLI)
    foreign, code = other.backup(), key.load(other.home.keys).recovery_code
    secret = device_key.load(other.home.keys).export()
    other.end()
    path = household.home.backups / foreign.name
    path.write_bytes(foreign.read_bytes())
    assert [one.needs_code for one in restoring.offered(household.it) if one.path == path] == [True]
    failed = household.over(restoring.ask(household.it, audit.TOUCH, path))
    assert "another key" in failed.message
    assert names(household.it) == ["Anna"]
    restoring.ask(household.it, audit.TOUCH, path, code)
    assert household.process is not None
    assert household.process.wait(30) == 0
    household.start()
    assert names(household.it) == ["Carla"]
    assert device_key.load(household.home.keys).export() == secret


def test_a_damaged_backup_changes_nothing_and_the_core_goes_on(household: Household) -> None:
    path = household.backup()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    failed = household.over(restoring.ask(household.it, audit.TOUCH, path))
    assert "damaged" in failed.message
    time.sleep(0.5)
    assert household.process is not None
    assert household.process.poll() is None


def test_what_is_not_offered_is_not_opened(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        restoring.ask(opened, audit.TOUCH, tmp_path / "elsewhere.age")


def test_a_wrong_recovery_code_is_told_at_once(household: Household) -> None:
    with pytest.raises(BadInput, match="not a recovery code"):
        restoring.ask(household.it, audit.TOUCH, household.backup(), "ABCD EFGH")


def test_nobodys_charging_is_cut_short_by_a_restore(household: Household) -> None:
    path = household.backup()
    household.end()
    charge(household.it)
    with pytest.raises(Refused, match="being charged"):
        restoring.ask(household.it, audit.TOUCH, path)
