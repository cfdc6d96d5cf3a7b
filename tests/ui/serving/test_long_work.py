"""Work begun in the window goes on when the window ends, and is found again in the next one: the real core does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit, clock
from appliance.access import web_window
from appliance.backup import catalog, wishes
from appliance.charging import users
from appliance.opened import Opened
from appliance.system import tasks
from tests.ui.admin.conftest import GOOD, Served, eventually, free_port, furnished
from tests.ui.serving.visitor import Visitor


class Core:
    """A core, started again when it ends, as a service manager does."""

    def __init__(self, it: Opened, log: Path) -> None:
        self._it = it
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._log}.no-bus"}  # this machine is left alone
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "appliance.cli.main", "--home", str(self._it.home.root), "core"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | nowhere | {"WATTWARD_RUN": str(self._it.home.run)},
            )  # fmt: skip
        eventually(lambda: (self._it.home.bells / "core").exists(), "the core has no bell")

    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    it = Served(furnished(tmp_path, clock.SystemClock()), free_port(), tmp_path / "admin.log")
    it.set_password()
    it.start()
    yield it
    it.stop()
    it.opened.store.close()
    it.opened.live.close()


@pytest.fixture
def core(served: Served, tmp_path: Path) -> Iterator[Core]:
    """Not started yet: what is wanted waits for it."""
    it = Core(served.opened, tmp_path / "core.log")
    yield it
    it.stop()


def signed_in(served: Served) -> Visitor:
    served.enable()
    visitor = Visitor(served.port)
    assert visitor.post("/sign-in", name="admin", password=GOOD).status == 303
    return visitor


def end_of_window(served: Served) -> None:
    web_window.close(served.opened.store, served.opened.clock, audit.TOUCH)
    eventually(served.refused, "the port stays open")


def test_a_backup_begun_in_the_window_is_made_after_it_and_listed_in_the_next(served: Served, core: Core) -> None:
    it = served.opened
    assert signed_in(served).post("/configuration/backups/make", "/configuration/backups").status == 303
    end_of_window(served)
    core.start()
    eventually(lambda: any(one.good for one in catalog.all(it.store)), "no backup is made")
    eventually(lambda: getattr(wishes.find(it.store, wishes.BACKUP), "done", False), "nobody says that it is made")
    assert "good</span>" in signed_in(served).get("/configuration/backups").text


def test_a_task_begun_in_the_window_is_found_under_way_and_finished(served: Served, core: Core) -> None:
    """A support bundle: it is followed at its address, through the end of a window and another sign-in."""
    it = served.opened
    began = signed_in(served).post("/system/machine/support", "/system/machine")
    assert began.status == 303
    number = int(began.location.rsplit("/", 1)[-1])
    end_of_window(served)
    again = signed_in(served)
    assert began.location in again.get("/system/machine").text  # it waits still, and is found
    end_of_window(served)
    core.start()

    def is_over() -> bool:
        task = tasks.look(it.live, number)
        return task is not None and task.over

    eventually(is_over, "the core does not do it")
    assert "finished" in signed_in(served).get(began.location).text


def test_a_restore_begun_in_the_window_is_carried_out_after_it(served: Served, core: Core) -> None:
    it = served.opened
    users.add(it.store, it.clock, "Anna", "Berger", actor=audit.CLI)
    core.start()
    visitor = signed_in(served)
    visitor.post("/configuration/backups/make", "/configuration/backups")
    eventually(lambda: getattr(wishes.find(it.store, wishes.BACKUP), "done", False), "no backup is made")
    users.add(it.store, it.clock, "Later", "Person", actor=audit.CLI)
    made = next(one for one in catalog.all(it.store) if one.good and one.pruned_at is None)
    asked = visitor.post(f"/configuration/backups/restore/{made.target}/{made.file}", own_password=GOOD)
    assert asked.status == 303 and "/system/tasks/" in asked.location
    end_of_window(served)
    eventually(core.ended, "the core does not end to restore")
    core.start()
    eventually(lambda: [one.first_name for one in users.all(it.store)] == ["Anna"], "it is not restored")
    assert "backup.restore" in {one.event for one in audit.newest(it.store, 20)}
    assert signed_in(served).get("/events").status == 200
