"""`wattward doctor` finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance import audit, clock, core, faults, heartbeat
from appliance.access import certificate, device_key
from appliance.backup import catalog, key, make, targets
from appliance.cli import doctor
from appliance.clock import SystemClock
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import settings
from tests import first_start
from tests.appliance.cli.house import Run, runner

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil.disk_usage returns it


@pytest.fixture
def it(home: Home) -> Iterator[Opened]:
    """A home in order, with a core that just gave a sign of life."""
    when = SystemClock()
    opened = first_start.of(home, when)
    key.make(home.keys)
    certificate.ensure(home.tls, ["wattward.local"], when.now())
    make.make(opened, targets.of(home)["folder"], audit.CLI)
    key.confirm(opened, audit.CLI)
    heartbeat.begin(opened.live, "core", when)
    yield opened
    opened.store.close()
    opened.live.close()


@pytest.fixture
def run(it: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(it.home, capsys, monkeypatch)


def _worst(run: Run) -> dict[str, tuple[str, str]]:
    """Per look its worst finding."""
    order = [doctor.OK, doctor.WARN, doctor.FAIL]
    found: dict[str, tuple[str, str]] = {}
    for row in run("doctor", "--json").json:
        before = found.get(row["name"], (doctor.OK, ""))
        found[row["name"]] = max(before, (row["state"], row["sentence"]), key=lambda one: order.index(one[0]))
    return found


def test_an_appliance_in_order_has_nothing_that_fails(run: Run) -> None:
    answer = run("doctor")
    assert answer.code == 0, answer.out
    states = {name: state for name, (state, _) in _worst(run).items()}
    assert states == {name: "ok" for name in doctor.LOOKS} | {"meters": "warn", "relays": "warn"}
    assert "'wattward meters add'" in answer.out and "SQLite 3." in answer.out


def test_it_looks_at_everything_even_where_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(Home(tmp_path / "none", tmp_path / "none-run"), capsys, monkeypatch)
    answer = run("doctor")
    assert answer.code == 1 and len(answer.out.splitlines()) >= len(doctor.LOOKS)
    assert not (tmp_path / "none").exists(), "looking makes nothing"


def _no_core(it: Opened, _: pytest.MonkeyPatch) -> None:
    with it.live.write() as db:
        db.execute("DELETE FROM heartbeats")


def _no_device_key(it: Opened, _: pytest.MonkeyPatch) -> None:
    (it.home.keys / device_key.NAME).unlink()


def _damaged_store(it: Opened, _: pytest.MonkeyPatch) -> None:
    it.store.close()
    it.home.store_db.write_bytes(b"scribble" * 4096)


def _newer_store(it: Opened, _: pytest.MonkeyPatch) -> None:
    with it.store.write() as db:
        db.execute("PRAGMA user_version=99")


def _old_backup(it: Opened, _: pytest.MonkeyPatch) -> None:
    with it.store.write() as db:
        db.execute("UPDATE backups SET made_at=?", (clock.utc_text(it.clock.now() - timedelta(days=9)),))


def _no_stick(it: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(targets.USB_VARIABLE, "/nowhere")
    settings.put(it.store, it.clock.now(), audit.CLI, "backup.usb", "on")


def _full_disk(_: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**10, 10**10, 10**6))


def _wrong_date(it: Opened, _: pytest.MonkeyPatch) -> None:
    with it.store.write() as db:
        db.execute("INSERT INTO known_time VALUES (1,?)", (clock.utc_text(datetime(2099, 1, 1, tzinfo=UTC)),))


def _silent_meter(it: Opened, _: pytest.MonkeyPatch) -> None:
    with it.store.write() as db:
        db.execute(
            "INSERT INTO meters (id,name,model,url,unit,role,created_at)"
            " VALUES (1,'Grid','eastron-sdm630','tcp://h:1',1,'grid','2026-11-21T00:00:00.000Z')"
        )


def _fault(it: Opened, _: pytest.MonkeyPatch) -> None:
    faults.report(it.live, it.clock.now(), "relay:1", "stuck", "The relay {pin} sticks: check it.", pin=17)


def _damaged_certificate(it: Opened, _: pytest.MonkeyPatch) -> None:
    (it.home.tls / certificate.CERTIFICATE).write_text("-----BEGIN CERTIFICATE-----\nnone")


@pytest.mark.parametrize(
    ("harm", "look", "advice"),
    [
        (_no_core, "core", "systemctl start wattward-core"),
        (_no_device_key, "device key", "start the core once"),
        (_damaged_store, "store", "restore a backup"),
        (_newer_store, "store", "install the newer one"),
        (_old_backup, "backups", "wattward backup now"),
        (_no_stick, "backups", "plug it in"),
        (_full_disk, "disk space", "remove old files"),
        (_wrong_date, "clock", "set it, or connect a time server"),
        (_silent_meter, "meters", "check tcp://h:1"),
        (_fault, "faults", "The relay 17 sticks: check it."),
        (_damaged_certificate, "certificate", "remove it"),
    ],
)
def test_what_is_wrong_fails_with_what_to_do(
    harm: object, look: str, advice: str, run: Run, it: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm(it, monkeypatch)  # type: ignore[operator]  # one of the functions above
    state, sentence = _worst(run)[look]
    assert state == "fail" and advice in sentence
    assert run("doctor").code == 1


def test_what_only_needs_attention_is_a_warning_and_no_failure(run: Run, it: Opened) -> None:
    it.home.backups.chmod(0o777)
    with it.store.write() as db:
        db.execute("DELETE FROM backup_keys")
    catalog.forget_missing(it.store, it.clock.now(), targets.Target("folder", it.home.root / "elsewhere"))
    found = _worst(run)
    assert found["permissions"][0] == "warn" and "chmod 2770" in found["permissions"][1]
    assert found["backups"][0] == "warn"
    assert run("doctor").code == 0


def test_without_a_core_the_relays_are_tried(run: Run, it: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    with it.store.write() as db:
        db.execute(
            "INSERT INTO points (id,name,relay,created_at) VALUES (1,'Wallbox','gpio:17','2026-11-21T00:00:00Z')"
        )
    assert _worst(run)["relays"][0] == "ok", "the core holds them"
    _no_core(it, monkeypatch)
    asked: list[tuple[str, ...]] = []

    def look(relays: tuple[str, ...]) -> list[core.Check]:
        asked.append(relays)
        return [core.Check("relay gpio:17", "fail", "This machine has no GPIO.")]

    monkeypatch.setattr(core, "hardware_check", look)
    assert _worst(run)["relays"] == ("fail", "relay gpio:17: This machine has no GPIO.") and asked == [("gpio:17",)]
