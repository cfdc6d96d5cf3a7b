"""The main job as a household does it: the whole demo, real processes, one home.

Everything here runs `wattward demo --headless` once and talks to it only through
the command line, as an installer would.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_S

WATTWARD = [sys.executable, "-m", "appliance.cli.main"]


@dataclass
class Demo:
    """A running demo and its home."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    environment: dict[str, str]

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """One command on this home."""
        return subprocess.run(
            [*WATTWARD, "--home", str(self.home), *words], input=stdin, capture_output=True, text=True, timeout=60,
            env=self.environment, check=False,
        )  # fmt: skip

    def status(self) -> dict[str, Any]:
        """`wattward status --json`."""
        answer = self.run("status", "--json")
        assert answer.returncode == 0, answer.stderr
        status: dict[str, Any] = json.loads(answer.stdout)
        return status

    def point(self) -> dict[str, Any]:
        """The only charging point."""
        found: dict[str, Any] = self.status()["points"][0]
        return found

    def pid(self, name: str) -> int:
        """The process behind a heartbeat."""
        return next(int(one["pid"]) for one in self.status()["processes"] if one["name"] == name)

    def until(self, ready: Callable[[], object], what: str) -> None:
        """Wait for something that must come; fail naming it."""
        deadline = time.monotonic() + PATIENCE_S
        while not ready():
            assert time.monotonic() < deadline, f"{what} did not happen: {self.run('status').stdout}"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(home: Path) -> Demo:
    """A demo that has said what to open, tap and type."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WATTWARD_")}
    process = subprocess.Popen(
        [*WATTWARD, "--home", str(home), "demo", "--headless", "--port", str(port), "--modbus-port", str(free_port())],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    guide = ""
    while "Logs" not in guide:
        line = process.stdout.readline()
        assert line, f"the demo ended early: {guide}"
        guide += line
    assert "Anna Berger #271828" in guide and f"https://localhost:{port}" in guide
    return Demo(home, port, process, environment)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = start(tmp_path_factory.mktemp("demo"))
    try:
        yield running
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(40) == 0
        assert running.process.stdout is not None and "Wattward ended." in running.process.stdout.read()
    finally:
        running.process.kill()


def test_meters_show_plausible_values_with_their_age(demo: Demo) -> None:
    demo.until(lambda: all(meter["fresh"] for meter in demo.status()["meters"]), "three fresh meters")
    by_role = {meter["role"]: meter for meter in demo.status()["meters"]}
    assert set(by_role) == {"grid", "charger", "pv"}
    assert 200 < by_role["grid"]["values"]["voltage_l1_v"] < 260
    assert 49 < by_role["grid"]["values"]["frequency_hz"] < 51
    assert by_role["grid"]["age_s"] <= 5


def test_a_pin_closes_the_relay_and_the_car_charges_until_stopped(demo: Demo) -> None:  # A001-22, X-04
    assert demo.point()["relay_closed"] is False
    accepted = demo.run("authorize", "Wallbox", "#271828")
    assert accepted.returncode == 0, accepted.stderr
    demo.until(lambda: demo.point()["relay_closed"], "the relay closing")
    demo.until(lambda: demo.point()["state"] == "charging", "the car charging")
    assert "Anna" in demo.point()["user"]
    assert demo.run("stop", "Wallbox").returncode == 0
    demo.until(lambda: demo.point()["relay_closed"] is False, "the relay opening")
    demo.until(lambda: json.loads(demo.run("sessions", "--json").stdout)[0]["ended_at"], "the session's end")
    session = json.loads(demo.run("sessions", "--json").stdout)[0]
    assert session["end_wh"] >= session["begin_wh"] and session["end_reason"] == "stop"
    assert session["energy_wh"] == session["end_wh"] - session["begin_wh"]


def test_a_wrong_pin_is_refused_with_one_neutral_sentence(demo: Demo) -> None:  # A001-23
    refused = demo.run("authorize", "Wallbox", "-", stdin="#999999\n")
    assert refused.returncode == 1 and len(refused.stderr.strip().splitlines()) == 1
    assert demo.point()["relay_closed"] is False


def test_kill_9_of_the_core_opens_the_relay_and_only_the_running_session_goes_on(demo: Demo) -> None:
    demo.until(lambda: demo.run("authorize", "Wallbox", "#4711").returncode == 0, "an accepted PIN")
    demo.until(lambda: demo.point()["state"] == "charging", "the car charging")
    session = demo.point()["session_id"]
    first = demo.pid("core")
    os.kill(first, signal.SIGKILL)
    demo.until(lambda: demo.pid("core") != first and demo.status()["core"]["running"], "a new core")
    assert demo.point()["relay_closed"] is False, "it closes again after the minimum pause, not before"
    demo.until(lambda: demo.point()["state"] == "charging", "the session going on")
    assert demo.point()["session_id"] == session
    demo.run("stop", "Wallbox")
    demo.until(lambda: demo.point()["relay_closed"] is False, "the relay opening")


@pytest.mark.parametrize("surface", ["touch", "admin", "phone"])
def test_kill_9_of_a_surface_leaves_core_and_relay_alone(demo: Demo, surface: str) -> None:
    core = demo.pid("core")
    before = demo.pid(surface)
    os.kill(before, signal.SIGKILL)
    demo.until(lambda: demo.pid(surface) != before, f"a new {surface}")
    assert demo.pid("core") == core


def test_a_second_core_refuses(demo: Demo) -> None:
    second = demo.run("core")
    assert second.returncode == 1 and "already runs" in second.stderr


def test_a_second_demo_in_the_same_folder_refuses_and_harms_nothing(demo: Demo) -> None:
    answer = demo.run("demo", "--headless")
    assert answer.returncode == 1 and "already runs" in answer.stderr and str(demo.pid("core")) in answer.stderr
    assert (demo.home / "logs" / "house.log").read_text().startswith("house ready")
    assert demo.status()["core"]["running"]


def test_the_web_port_is_closed_until_opened_and_after_closing(demo: Demo) -> None:  # A003-18, A003-19
    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", demo.port), 2).close()
        except ConnectionRefusedError:
            return True
        return False

    assert refused()
    assert demo.run("web", "open").returncode == 0
    demo.until(lambda: not refused(), "the port opening")
    assert 0 < demo.status()["web"]["remaining_s"] <= 600
    assert demo.run("web", "close").returncode == 0
    demo.until(refused, "the port closing")


def test_a_backup_is_made_and_listed(demo: Demo) -> None:
    made = demo.run("backup", "now")
    assert made.returncode == 0, made.stderr
    newest = json.loads(demo.run("backup", "list", "--json").stdout)[0]
    assert newest["outcome"] == "ok" and newest["size_bytes"] > 0


def test_a_dead_house_becomes_no_data_and_a_fault_that_says_what_to_check(demo: Demo) -> None:
    house = subprocess.run(["pgrep", "-f", f"simulated.house.*{demo.home}"], capture_output=True, text=True, check=True)
    pid = int(house.stdout.split()[0])
    os.kill(pid, signal.SIGSTOP)
    try:
        demo.until(lambda: not any(meter["fresh"] for meter in demo.status()["meters"]), "stale meters")
        demo.until(lambda: any(fault["source"].startswith("meter:") for fault in demo.status()["faults"]), "a fault")
        assert all(not meter["values"] for meter in demo.status()["meters"])
    finally:
        os.kill(pid, signal.SIGCONT)
    demo.until(lambda: all(meter["fresh"] for meter in demo.status()["meters"]), "fresh meters again")
    demo.until(lambda: not demo.status()["faults"], "no faults any more")


def test_a_house_that_dies_takes_nobody_along(demo: Demo) -> None:
    def house() -> int:
        found = subprocess.run(
            ["pgrep", "-f", f"simulated.house.*{demo.home}"], capture_output=True, text=True, check=False
        )
        return int(found.stdout.split()[0]) if found.stdout else 0

    core, before = demo.pid("core"), house()
    os.kill(before, signal.SIGKILL)
    demo.until(lambda: house() not in (0, before), "a new house")
    demo.until(lambda: all(meter["age_s"] < 2 for meter in demo.status()["meters"]), "readings of the new house")
    assert demo.pid("core") == core, "a connection that breaks does not end the core"


def test_a_fresh_screenshot_is_kept(demo: Demo) -> None:
    picture = demo.home / "touch.png"
    before = picture.stat().st_mtime_ns
    demo.until(lambda: picture.stat().st_mtime_ns > before, "a newer screenshot")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_bad_input_ends_with_2_and_one_sentence(demo: Demo) -> None:
    for words in (
        ("meters", "add", "X", "--model", "nonsense", "--at", "tcp://127.0.0.1:1"),
        ("meters", "add", "X", "--model", "eastron-sdm630", "--at", "nonsense"),
        ("points", "add", "X", "--relay", "gpio:2"),
        ("users", "add", " ", "Berger"),
        ("identifications", "add", "Anna Berger", "--type", "pin", "--code", "1234"),
        ("settings", "set", "charging.start_window_s", "soon"),
        ("settings", "get", "no.such.key"),
        ("authorize", "Nowhere", "#1234"),
    ):
        answer = demo.run(*words)
        assert answer.returncode == 2, (words, answer)
        assert len(answer.stderr.strip().splitlines()) == 1, (words, answer.stderr)


def test_closing_the_terminal_ends_everything(tmp_path: Path) -> None:
    one = start(tmp_path)
    pids = [int(process["pid"]) for process in one.status()["processes"]]
    one.process.send_signal(signal.SIGHUP)
    assert one.process.wait(40) == 0
    assert pids and not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
