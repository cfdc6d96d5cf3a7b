"""`wattward meters models|scan|check` as processes, against a simulated house, with a core and without."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import clock, config, heartbeat
from appliance.opened import open_home
from tests.appliance.cli.house import Run, runner

WATTWARD = [sys.executable, "-m", "appliance.cli.main"]
PATIENCE_S = 20.0


@pytest.fixture
def run(home: config.Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(home, capsys, monkeypatch)


@pytest.fixture
def core(home: config.Home) -> Iterator[subprocess.Popen[bytes]]:
    """A running core of this home."""
    with subprocess.Popen(
        [*WATTWARD, "--home", str(home.root), "core"], stderr=subprocess.DEVNULL,
        env={**os.environ, "WATTWARD_RUN": str(home.run)},
    ) as process:  # fmt: skip
        it = open_home(home, clock.SystemClock())
        deadline = time.monotonic() + PATIENCE_S
        while not heartbeat.core_runs(it.live, it.clock):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        yield process
        process.terminate()


def test_models_are_found_by_vendor_and_by_words(run: Run) -> None:
    everything = run("meters", "models", "--json").json
    assert {"eastron-sdm630", "sunspec", "sunspec-203"} <= {row["model"] for row in everything}
    assert {row["vendor"] for row in run("meters", "models", "--vendor", "kostal", "--json").json} == {"KOSTAL"}
    few = {row["model"] for row in run("meters", "models", "kostal", "G2", "--json").json}
    assert "kostal-ksem-g2" in few and len(few) < len(everything) / 4
    assert "SunSpec meter" in run("meters", "models", "no-such-thing").out


def test_a_model_that_rests_on_one_source_is_shown_as_untested(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from appliance import core
    from drivers.interfaces import MeterModel

    models = [MeterModel("a", "A", "One", ("rtu",), 1), MeterModel("b", "B", "Two", ("rtu",), 1, tested=False)]
    monkeypatch.setattr(core, "meter_models", lambda: models)
    lines = run("meters", "models").out.splitlines()
    assert [line.endswith("untested") for line in lines[1:]] == [False, True]


def test_a_scan_without_a_core_finds_the_house_and_says_how_to_set_it_up(run: Run, port: int) -> None:
    answer = run("meters", "scan", f"tcp://127.0.0.1:{port}", "--units", "1-4", "--timeout", "0.3")
    assert answer.code == 0 and "\x1b" not in answer.err
    line = next(line for line in answer.out.splitlines() if "meters add" in line and "kostal" in line)
    words = line.split()
    assert words[:3] == ["wattward", "meters", "add"]
    assert run(*words[1:]).code in (1, 2)  # there is no store yet; what matters is that it is understood
    found = run("meters", "scan", f"tcp://127.0.0.1:{port}", "--units", "1-4", "--timeout", "0.3", "--json").json
    assert {one["unit"] for one in found} >= {1, 2}
    assert "kostal-ksem-g2" in [candidate["model"] for candidate in found[0]["candidates"]]


def test_a_scan_goes_through_a_running_core_and_knows_what_is_set_up(
    run: Run, port: int, core: subprocess.Popen[bytes]
) -> None:
    url = f"tcp://127.0.0.1:{port}"
    assert run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", url, "--unit", "1").code == 0
    answer = run("meters", "scan", url, "--units", "1-3", "--timeout", "0.3")
    assert answer.code == 0 and "set up already as Grid" in answer.out
    assert not any("meters add" in line and "--unit 1 " in line for line in answer.out.splitlines())
    assert core.poll() is None


def test_a_check_shows_registers_and_sentences_with_a_core_and_without(
    run: Run, port: int, core: subprocess.Popen[bytes]
) -> None:
    run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", f"tcp://127.0.0.1:{port}", "--unit", "1")
    with_core = run("meters", "check", "Grid", "--json").json
    assert run("meters", "check", "Grid").code == 0
    core.terminate()
    core.wait()
    time.sleep(heartbeat.CORE_SILENT_S + 0.5)
    answer = run("meters", "check", "Grid")
    assert "The voltage is in range" in answer.out and "voltage_l1_v" in answer.out
    without = run("meters", "check", "Grid", "--json").json
    for seen in (with_core, without):
        voltage = next(point for point in seen["points"] if point["quantity"] == "voltage_l1_v")
        assert voltage["address"] == 62 and len(voltage["registers"]) == 2
        assert voltage["value"] == pytest.approx((voltage["registers"][0] << 16 | voltage["registers"][1]) / 1000)
        assert {finding["severity"] for finding in seen["findings"]} <= {"good", "look"}


def test_a_meter_that_cannot_be_read_is_told_by_its_check(run: Run, core: subprocess.Popen[bytes]) -> None:
    run("meters", "add", "Grid", "--model", "sunspec", "--at", "tcp://127.0.0.1:1")
    answer = run("meters", "check", "Grid")
    assert answer.code == 1 and "firewall" in answer.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("http://127.0.0.1",), "tcp://HOST:PORT"),
        (("tcp://127.0.0.1", "--units", "9-2"), "Units are numbers"),
        (("rtu:///dev/ttyUSB0", "--baud", "fast"), "Baud rates are numbers"),
        (("tcp://127.0.0.1:1",), "127.0.0.1:1: check power"),
        (("rtu:///dev/no-such-port",), "no serial port /dev/no-such-port: check"),
    ],
)
def test_a_scan_that_cannot_be_says_why_in_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    answer = run("meters", "scan", *words)
    assert answer.code in (1, 2) and sentence in answer.err and len(answer.err.strip().splitlines()) == 1


def test_ctrl_c_ends_a_scan_at_once_and_wipes_its_line(tmp_path: Path) -> None:
    """On a serial line on which nobody answers, in a terminal."""
    line, near = pty.openpty()
    screen, theirs = pty.openpty()
    command = [*WATTWARD, "--home", str(tmp_path / "home"), "meters", "scan", f"rtu://{os.ttyname(near)}"]
    scan = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, text=True,
        env={**os.environ, "WATTWARD_RUN": str(tmp_path / "run")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as a terminal starts it
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while shown.count(b"unit") < 3:
        shown += os.read(screen, 256)
    began = time.monotonic()
    scan.send_signal(signal.SIGINT)
    out, _ = scan.communicate(timeout=PATIENCE_S)
    took_s = time.monotonic() - began
    shown += os.read(screen, 4096)
    os.close(line)
    assert scan.returncode == 130 and "Stopped; nothing has answered so far." in out
    assert b"baud=9600 parity=N unit 1 (1 of " in shown and shown.endswith(b"\r\x1b[K")
    assert took_s < PATIENCE_S / 4


def test_json_of_an_empty_place_is_an_empty_list(tmp_path: Path) -> None:
    line, near = pty.openpty()
    command = [
        *WATTWARD,
        "--home",
        str(tmp_path),
        "meters",
        "scan",
        f"rtu://{os.ttyname(near)}?baud=9600&parity=N",
        "--units",
        "1",
        "--json",
    ]
    scan = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, env={**os.environ, "WATTWARD_RUN": str(tmp_path)}
    )
    os.close(line)
    assert (scan.returncode, json.loads(scan.stdout)) == (1, [])
