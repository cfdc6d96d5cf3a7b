"""The real units under a real systemd: installed, killed, hung, stopped, updated and removed.

One machine for the whole file, in the order of an appliance's life.
"""

from __future__ import annotations

import pytest

from tests.systemd.conftest import ADMIN, CORE, PHONE, POINT, PYTHON, TOUCH, Appliance, next_version
from tests.systemd.machine import ROOT, Machine

pytestmark = pytest.mark.slow

TABLES = "import apsw; print(*apsw.Connection('/var/lib/wattward/store.db').execute('select name from sqlite_schema'))"
MIGRATIONS = ROOT / "appliance/store/migrations"
LATER = f"appliance/store/migrations/{len(list(MIGRATIONS.glob('*.sql'))) + 1:03}-later.sql"
LATER_TABLE = "-- Something of a later version.\nCREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\n"
BROKEN_CORE = '\n\ndef main(opened):\n    prepare(opened)\n    raise SystemExit("broken on purpose")\n'


def test_after_the_installation_all_run_as_their_own_users(appliance: Appliance) -> None:
    machine = appliance.machine
    appliance.until_core_runs()
    for unit in (CORE, TOUCH, ADMIN, PHONE):
        user = unit.removesuffix(".service")
        machine.until(lambda unit=unit: machine.unit(unit, "SubState") == "running", f"{unit} running")  # type: ignore[misc]  # mypy cannot type a bound default
        assert machine.must("ps", "-o", "user:32=", "-p", str(machine.pid(unit))) == user
        assert machine.unit(unit, "UnitFileState") == "enabled"
    assert {one["name"] for one in machine.status()["processes"]} >= {"core", "touch", "admin", "phone"}


def test_files_are_the_groups_and_nobody_elses(appliance: Appliance) -> None:
    listed = appliance.machine.must(
        "find",
        "/var/lib/wattward",
        "/run/wattward",
        "(",
        "-type",
        "f",
        "-o",
        "-type",
        "d",
        ")",
        "-printf",
        "%p %m %g\n",
    )
    modes = {path: (int(mode, 8), group) for path, mode, group in map(str.split, listed.splitlines())}
    assert modes["/var/lib/wattward"] == (0o2770, "wattward") and modes["/run/wattward/bells"] == (0o2770, "wattward")
    assert modes["/var/lib/wattward/keys"] == (0o2750, "wattward")
    assert modes["/var/lib/wattward/store.db"] == (0o660, "wattward")
    assert [path for path, (mode, _) in modes.items() if mode & 0o007] == []


def test_the_core_has_no_privilege_left(appliance: Appliance) -> None:
    status = appliance.machine.must("cat", f"/proc/{appliance.machine.pid(CORE)}/status")
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status


def test_kill_9_of_the_core_opens_the_relay_and_systemd_starts_it_again(appliance: Appliance) -> None:
    machine = appliance.machine
    appliance.charge()
    first = machine.pid(CORE)
    machine.must("kill", "-9", str(first))
    print(f"relay open {appliance.time_until_open_s(2) * 1000:.0f} ms after kill -9 was sent")
    machine.until(lambda: machine.pid(CORE) not in (0, first), "another core")
    appliance.until_core_runs()


def test_a_core_that_hangs_is_killed_by_the_watchdog_and_the_relay_opens(appliance: Appliance) -> None:
    machine = appliance.machine
    appliance.charge()
    first = machine.pid(CORE)
    machine.must("kill", "-STOP", str(first))
    print(f"relay open {appliance.time_until_open_s(20):.1f} s after the hang (WatchdogSec=15)")
    assert "Watchdog timeout" in machine.journal()
    machine.until(lambda: machine.pid(CORE) not in (0, first), "another core")
    appliance.until_core_runs()


def test_stopping_the_core_opens_the_relay(appliance: Appliance) -> None:
    appliance.charge()
    appliance.machine.must("systemctl", "stop", CORE)
    assert not appliance.relay_is_closed()
    assert appliance.machine.unit(CORE, "Result") == "success"
    appliance.machine.must("systemctl", "start", CORE)
    appliance.until_core_runs()


@pytest.mark.parametrize("unit", [TOUCH, ADMIN])
def test_a_surface_that_dies_is_started_again_and_the_core_does_not_notice(appliance: Appliance, unit: str) -> None:
    machine = appliance.machine
    appliance.charge()
    core, first = machine.pid(CORE), machine.pid(unit)
    machine.must("kill", "-9", str(first))
    machine.until(lambda: machine.pid(unit) not in (0, first), f"another {unit}")
    assert machine.pid(CORE) == core and appliance.relay_is_closed()
    machine.run("wattward", "stop", POINT)


def firewall(machine: Machine) -> str:
    """Our rules, once there are some."""
    return machine.try_run("nft", "list", "table", "inet", "wattward").stdout


def test_the_web_admin_opens_the_https_port_for_its_window(appliance: Appliance) -> None:  # A003-18
    machine = appliance.machine

    def is_open() -> bool:
        return ":443" in machine.run("ss", "-Hltn")

    machine.until(lambda: machine.unit(ADMIN, "SubState") == "running", "the web admin")
    assert not is_open()
    machine.must("wattward", "web", "open")
    machine.until(is_open, "the port opening")
    machine.until(lambda: "443 timeout 10m1s" in firewall(machine), "the same ten minutes in the firewall")
    machine.must("wattward", "web", "close")
    machine.until(lambda: not is_open(), "the port closing")


def test_a_stick_mounted_later_is_seen_by_the_core(appliance: Appliance) -> None:
    machine, mounted = appliance.machine, f"/proc/{appliance.machine.pid(CORE)}/mountinfo"
    assert "/run/wattward/usb" not in machine.must("cat", mounted)

    def sees_it() -> bool:
        """Systemd misses the stick itself and takes the mount away, at times before one can look."""
        stick = "mount -t tmpfs -o uid=wattward-core,gid=wattward none /run/wattward/usb"
        return "/run/wattward/usb" in machine.must("sh", "-c", f"{stick} && cat {mounted}")

    machine.until(sees_it, "the core sees it come")
    machine.run("sh", "-c", "while umount /run/wattward/usb; do :; done")
    machine.until(lambda: "/run/wattward/usb" not in machine.must("cat", mounted), "the core sees it go")


def test_installing_the_same_again_changes_nothing(appliance: Appliance) -> None:
    machine = appliance.machine
    core = machine.pid(CORE)
    said = machine.must("/src/setup.sh", "install", timeout_s=120)
    assert "is installed and runs" in said and "preparing" not in said
    assert machine.pid(CORE) == core


def test_an_update_that_fails_leads_back_to_the_old_version_and_its_store(appliance: Appliance) -> None:
    machine = appliance.machine
    old = machine.must("readlink", "/opt/wattward/current")
    changes = {"appliance/core.py": BROKEN_CORE, LATER: LATER_TABLE}
    done = machine.try_run(str(next_version(machine, "9.9.1", changes)), "install", timeout_s=300)
    assert done.returncode == 1
    assert "broken on purpose" in done.stderr and f"{old.rsplit('/', 1)[-1]} runs again" in done.stderr
    assert machine.must("readlink", "/opt/wattward/current") == old
    appliance.until_core_runs()
    assert "'later'" not in machine.must(PYTHON, "-c", TABLES)
    assert "Anna" in machine.must("wattward", "users", "list")
    assert "ok" in machine.must("wattward", "backup", "list", "--json"), "a backup was made before"


def test_an_update_keeps_the_data_and_brings_the_store_up_to_date(appliance: Appliance) -> None:
    machine = appliance.machine
    changes = {LATER: LATER_TABLE}
    machine.must(str(next_version(machine, "9.9.2", changes)), "install", timeout_s=300)
    appliance.until_core_runs()
    assert "/9.9.2-" in machine.must("readlink", "/opt/wattward/current")
    assert "'later'" in machine.must(PYTHON, "-c", TABLES)
    assert "Anna" in machine.must("wattward", "users", "list")
    assert len(machine.must("ls", "/opt/wattward/versions").split()) == 2, "this one and the one before"


def test_uninstalling_keeps_the_data_until_purged(appliance: Appliance) -> None:
    machine = appliance.machine
    machine.must("systemctl", "stop", "house")
    assert "data stays" in machine.must("/src/setup.sh", "uninstall")
    assert machine.run("systemctl", "is-active", CORE) != "active"
    assert machine.try_run("test", "-e", "/opt/wattward").returncode == 1
    machine.must("test", "-f", "/var/lib/wattward/store.db")
    machine.must("/src/setup.sh", "uninstall", "--purge")
    assert machine.try_run("test", "-e", "/var/lib/wattward").returncode == 1
    assert machine.try_run("id", "wattward-core").returncode == 1
