"""Tasks for the machine: wanted by a surface, done once by the core through a real bus, never when nobody waits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from appliance import audit, known_time
from appliance.errors import BadInput, Refused
from appliance.network import links
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import power, tasks, timekeeping
from appliance.system.bus import nowhere
from appliance.system.machine import Machine
from tests.appliance.system.conftest import Running, until
from tests.appliance.system.stand_in import OperatingSystem
from tests.fake_clock import FakeClock


def charge(it: Opened) -> None:
    """Let a car be charged."""
    with it.store.write() as db:
        db.execute(
            "INSERT INTO points (id,name,relay,created_at) VALUES (1,'Wallbox','gpio:17','x');"
            "INSERT INTO grants (id,point_id,reason,boot_id,granted_at,until_s) VALUES (1,1,'free','boot-1','x',1);"
            "INSERT INTO sessions (id,point_id,grant_id,boot_id,began_at)"
            " VALUES (1,1,1,'boot-1','2026-11-21T11:00:00.000Z')"
        )


# Tasks ---------------------------------------------------------------------------------------


def test_nobody_takes_up_what_was_wanted_long_ago(opened: Opened, clock: FakeClock) -> None:
    tasks.ask(opened, audit.TOUCH, power.RESTART)
    clock.advance(tasks.WANTED_S + 1)
    assert tasks.claim(opened) is None


def test_a_task_is_taken_up_once(opened: Opened) -> None:
    tasks.ask(opened, audit.TOUCH, power.RESTART)
    assert tasks.claim(opened) is not None
    assert tasks.claim(opened) is None


def test_the_same_is_not_wanted_twice_at_a_time(opened: Opened) -> None:
    number = tasks.ask(opened, audit.TOUCH, power.RESTART)
    with pytest.raises(Refused):
        tasks.ask(opened, audit.TOUCH, power.RESTART)
    tasks.claim(opened)
    tasks.end(opened.live, number, {})
    tasks.ask(opened, audit.TOUCH, power.RESTART)


def test_a_secret_is_sealed_and_gone_once_taken_up(opened: Opened) -> None:
    number = links.join_wifi(opened, audit.TOUCH, "Home", "correct horse battery")
    raw = b"".join(path.read_bytes() for path in opened.home.run.iterdir() if path.is_file())
    assert b"correct horse" not in raw
    claimed = tasks.claim(opened)
    assert claimed is not None
    assert claimed[1] == "correct horse battery"
    with opened.live.read() as db:
        assert db.execute("SELECT sealed FROM machine_tasks WHERE id=?", (number,)).get is None


def test_what_a_dead_core_was_doing_has_failed(opened: Opened) -> None:
    number = tasks.ask(opened, audit.TOUCH, power.RESTART)
    tasks.claim(opened)
    tasks.leave_old(opened.live)
    task = tasks.look(opened.live, number)
    assert task is not None
    assert (task.state, task.message) == ("failed", tasks.LEFT)


def test_a_demo_leaves_its_machine_alone(opened: Opened) -> None:
    async def turn() -> None:
        await Machine(opened, nowhere(), lambda: None)._turn()

    import asyncio

    number = power.ask(opened, audit.TOUCH, power.OFF)
    asyncio.run(turn())
    task = tasks.look(opened.live, number)
    assert task is not None
    assert "simulated" in task.message


# Power ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "method"), [(power.RESTART, "Reboot"), (power.OFF, "PowerOff")])
def test_the_machine_is_told_once(
    opened: Opened, system: OperatingSystem, machine: Running, kind: str, method: str
) -> None:
    assert machine.done(power.ask(opened, audit.TOUCH, kind)).state == "done"
    assert system.calls == [(method, (False,))]
    assert f"machine.{kind}" in {one.event for one in audit.newest(opened.store)}


def test_nobodys_charging_is_cut_short_unasked(opened: Opened, system: OperatingSystem, machine: Running) -> None:
    charge(opened)
    with pytest.raises(Refused, match="being charged"):
        power.ask(opened, audit.TOUCH, power.RESTART)
    machine.done(power.ask(opened, audit.TOUCH, power.RESTART, even_charging=True))
    assert [name for name, _ in system.calls] == ["Reboot"]


def test_who_begins_to_charge_meanwhile_is_not_cut_short_either(opened: Opened, system: OperatingSystem) -> None:
    number = power.ask(opened, audit.TOUCH, power.RESTART)
    charge(opened)
    machine = Running(opened)
    assert "being charged" in machine.done(number).message
    machine.stop()
    assert system.calls == []


def test_a_machine_that_does_not_obey_says_what_to_do(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:
    system.obeys = False
    assert "setup.sh install" in machine.done(power.ask(opened, audit.TOUCH, power.OFF)).message


# Time ----------------------------------------------------------------------------------------


def test_a_person_sets_the_time_and_it_is_believed(opened: Opened, system: OperatingSystem, machine: Running) -> None:
    task = machine.done(timekeeping.set_time(opened, audit.TOUCH, datetime(2026, 11, 21, 13, 30)))  # noqa: DTZ001 - local
    assert task.message == ""
    assert system.calls == [("SetNTP", (False, False)), ("SetTime", (1795264200000000, False, False))]
    assert known_time.trusted(opened.store, opened.live, opened.clock)
    assert "clock.confirm" in {one.event for one in audit.newest(opened.store)}


@pytest.mark.parametrize("year", [1999, 2024, 2070])
def test_a_year_that_cannot_be_is_refused(opened: Opened, year: int) -> None:
    with pytest.raises(BadInput):
        timekeeping.set_time(opened, audit.TOUCH, datetime(year, 6, 1, 12, 0))  # noqa: DTZ001 - local


def test_a_time_server_is_asked_again(opened: Opened, system: OperatingSystem, machine: Running) -> None:
    system.time["NTP"] = False
    machine.done(timekeeping.set_server(opened, audit.TOUCH, on=True))
    until(lambda: timekeeping.now(opened) == timekeeping.Timekeeping(True, True, True, "Europe/Berlin"))


def test_the_zone_is_a_setting_that_the_machine_follows(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:
    machine.done(timekeeping.set_zone(opened, audit.TOUCH, "Europe/Vienna"))
    assert settings.text(opened.store, "site.timezone") == "Europe/Vienna"
    assert system.time["Timezone"] == "Europe/Vienna"


def test_a_zone_that_does_not_exist_changes_nothing(opened: Opened) -> None:
    with pytest.raises(BadInput):
        timekeeping.set_zone(opened, audit.TOUCH, "Europe/Nowhere")
    assert settings.text(opened.store, "site.timezone") == "Europe/Berlin"


def test_a_core_that_loses_the_bus_finds_it_again(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = OperatingSystem(tmp_path / "os")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", first.address)
    first.start()
    machine = Running(opened)
    assert machine.done(links.find_wifi(opened, audit.TOUCH)).state == "done"
    first.stop()
    assert machine.done(links.find_wifi(opened, audit.TOUCH)).state == "failed"
    (tmp_path / "os" / "bus").unlink(missing_ok=True)
    second = OperatingSystem(tmp_path / "os").start()
    assert machine.done(links.find_wifi(opened, audit.TOUCH)).state == "done"
    machine.stop()
    second.stop()
