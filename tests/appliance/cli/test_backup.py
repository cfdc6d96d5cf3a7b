"""`wattward backup` as a household uses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit, heartbeat
from appliance.access import device_key
from appliance.backup import key, worker
from appliance.clock import SystemClock
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import settings
from tests import first_start
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def it(home: Home) -> Iterator[Opened]:
    """The home after the core's first start, on the machine's clock, as the command line has it."""
    opened = first_start.of(home, SystemClock())
    key.make(home.keys)
    yield opened
    opened.store.close()
    opened.live.close()


@pytest.fixture
def run(it: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(it.home, capsys, monkeypatch)


def _name(it: Opened, name: str) -> None:
    settings.put(it.store, it.clock.now(), audit.CLI, "site.name", name)


def _file(run: Run) -> str:
    return str(run("backup", "list", "--json").json[0]["file"])


def test_now_makes_one_without_a_core_and_list_shows_it(run: Run, it: Opened) -> None:
    assert run("backup", "list").out.startswith("No backups yet")
    made = run("backup", "now")
    assert made.code == 0 and "checked by opening it" in made.out
    (row,) = run("backup", "list", "--json").json
    assert (
        row["outcome"] == "ok"
        and row["made_by"] == "cli:local"
        and Path(row["path"]).stat().st_size == row["size_bytes"]
    )
    assert row["file"] in run("backup", "list").out


def test_now_waits_for_a_running_core_and_tells_its_outcome(run: Run, it: Opened) -> None:
    """The core's part is played by a thread with the core's own worker and signs of life."""
    done = threading.Event()

    def core() -> None:
        heartbeat.begin(it.live, "core", it.clock)
        while not done.wait(0.05):
            heartbeat.beat(it.live, "core", it.clock)
            worker.step(it)

    thread = threading.Thread(target=core)
    heartbeat.begin(it.live, "core", it.clock)
    thread.start()
    try:
        assert run("backup", "now").code == 0
        device = it.home.keys / device_key.NAME
        device.rename(device.with_suffix(".gone"))
        failed = run("backup", "now")
        assert failed.code == 1 and "device key" in failed.err and len(failed.err.splitlines()) == 1
    finally:
        done.set()
        thread.join()
    assert [row["outcome"] == "ok" for row in run("backup", "list", "--json").json] == [False, True]


def test_restore_brings_back_and_says_what_is_next(run: Run, it: Opened) -> None:
    _name(it, "Before")
    run("backup", "now")
    _name(it, "After")
    done = run("backup", "restore", _file(run))
    assert done.code == 0 and "(Before)" in done.out and "start wattward-core" in done.out
    assert run("settings", "get", "site.name").out == "Before\n"


def test_restore_with_the_code_from_standard_input_on_a_new_appliance(
    run: Run, it: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _name(it, "Before")
    run("backup", "now")
    file = str(it.home.backups / _file(run))
    code = run("backup", "key").out.splitlines()[0]
    new = Home(tmp_path / "new", tmp_path / "new-run")
    there = runner(new, capsys, monkeypatch)
    without = there("backup", "restore", file)
    assert without.code == 1 and "backup key" in without.err
    wrong = there("backup", "restore", file, "--code", "-", stdin="ABCD EFGH\n")
    assert wrong.code == 2 and "a letter is wrong" in wrong.err
    assert there("backup", "restore", file, "--code", "-", stdin=f"{code}\n").code == 0
    assert there("settings", "get", "site.name").out == "Before\n"
    assert there("backup", "now").code == 0


def test_restore_refuses_while_a_core_runs(run: Run, it: Opened) -> None:
    from appliance import core_lock

    run("backup", "now")
    with core_lock.only_core(it.home.run):
        refused = run("backup", "restore", _file(run))
    assert refused.code == 1 and "systemctl stop wattward-core" in refused.err


@pytest.mark.parametrize("verb", ["restore", "verify"])
def test_what_is_no_backup_ends_with_2_and_a_sentence(verb: str, run: Run, tmp_path: Path) -> None:
    holiday = tmp_path / "holiday.jpg"
    holiday.write_bytes(b"\xff\xd8\xff" * 1000)
    for name, words in (
        (str(holiday), "not a backup"),
        (str(tmp_path / "none"), "There is no file"),
        ("none", "no file"),
    ):
        refused = run("backup", verb, name)
        assert refused.code == 2 and words in refused.err and len(refused.err.splitlines()) == 1


def test_verify_opens_and_changes_nothing(run: Run, it: Opened) -> None:
    run("backup", "now")
    events = audit.newest(it.store)
    checked = run("backup", "verify", _file(run))
    assert checked.code == 0 and checked.out.startswith("Good: Wattward")
    assert audit.newest(it.store) == events
    other = run("backup", "verify", _file(run), "--code", "-", stdin="\n")
    assert other.code == 2


def test_the_key_is_shown_until_confirmed(run: Run, it: Opened) -> None:
    code = key.load(it.home.keys).recovery_code
    shown = run("backup", "key")
    assert shown.out.splitlines()[0] == code and "Write it down" in shown.out
    assert run("backup", "key", "--confirm").code == 0
    refused = run("backup", "key")
    assert refused.code == 1 and "--show-again" in refused.err and code not in refused.out
    assert run("backup", "key", "--show-again").out.splitlines()[0] == code
    assert "backup_key.show" in run("audit").out and code.split()[0] not in run("audit", "--json").out


def test_before_the_first_start_each_verb_is_a_sentence(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(home, capsys, monkeypatch)
    for words in (("now",), ("list",), ("key",)):
        answer = run("backup", *words)
        assert answer.code == 1 and "start the core first" in answer.err and not answer.out
