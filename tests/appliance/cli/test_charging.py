"""`wattward authorize`, `stop`, `sessions`, `attempts`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from appliance import clock, heartbeat
from appliance.charging.controller import Controller
from appliance.charging.points import Point
from appliance.config import Home
from appliance.opened import Opened, open_home
from appliance.store import changes, live
from drivers.gpio import GpioRelay, line_of
from drivers.simulated.pins import StrictPins
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def run(opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    found = runner(opened.home, capsys, monkeypatch)
    found("points", "add", "Wallbox", "--relay", "gpio:17")
    found("users", "add", "Anna", "Berger")
    found("identifications", "add", "1", "--type", "pin", "--code", "#1234")
    found("settings", "set", "charging.min_pause_s", "1")
    return found


@pytest.fixture
def core(home: Home, run: Run, opened: Opened) -> Iterator[StrictPins]:
    """A core's charging loop in a thread of its own, on strict pins and this machine's clock."""
    opened.live.close()
    machine, pins, end = clock.SystemClock(), StrictPins(), threading.Event()
    live.make(home.live_db, machine.boot_id)

    def relay_for(point: Point) -> GpioRelay:
        return GpioRelay(pins, line_of(point.relay))

    def work() -> None:
        it = open_home(home, machine)
        bell = changes.Bell(home.bells, "core")
        controller = Controller(it, relay_for)
        controller.start()
        heartbeat.begin(it.live, "core", machine)
        while not end.is_set():
            bell.wait(min(controller.step(), 0.1))
            heartbeat.beat(it.live, "core", machine)
        controller.stop()
        bell.close()

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(1.2)  # the first pause
    yield pins
    end.set()
    thread.join()


def test_a_right_code_closes_the_relay_and_says_so(run: Run, core: StrictPins) -> None:  # A001-22
    accepted = run("authorize", "Wallbox", "-", stdin="1234\n")
    assert (accepted.code, accepted.out) == (0, "Anna Berger may charge at Wallbox. The relay is closed.\n")
    assert core.input(17) == 1
    assert run("stop", "Wallbox").out == "Charging at Wallbox is stopped.\n"
    deadline = time.monotonic() + 5
    while run("sessions", "--json").json[0]["ended_at"] is None:
        assert time.monotonic() < deadline
    assert core.input(17) == 0
    (session,) = run("sessions", "--json", "--user", "Anna Berger", "--limit", "5").json
    assert (session["user"], session["point"], session["end_reason"]) == ("Anna Berger", "Wallbox", "stop")
    assert (session["begin_wh"], session["energy_wh"], session["identification"]) == (None, None, "PIN ••••")
    listed = run("sessions").out
    assert "Anna Berger" in listed and "stop" in listed


def test_without_a_core_it_says_that_the_relay_stays_open(run: Run) -> None:
    accepted = run("authorize", "Wallbox", "#1234")
    assert accepted.code == 0 and "core is not running" in accepted.out


def test_a_wrong_code_is_refused_with_one_neutral_sentence(run: Run) -> None:  # A001-23
    run("users", "block", "1")
    wrong, blocked = run("authorize", "Wallbox", "#9999"), run("authorize", "Wallbox", "#1234")
    assert wrong.code == blocked.code == 1
    assert wrong.err == blocked.err == "This code may not charge here.\n"
    assert [row["result"] for row in run("attempts", "--json").json] == ["blocked", "unknown"]
    text = run("attempts").out
    assert "blocked" in text and "Anna Berger" in text and "1234" not in text and "9999" not in text


def test_too_many_wrong_codes_say_the_wait(run: Run) -> None:  # A001-23
    answers = [run("authorize", "Wallbox", f"#999{number}").err for number in range(6)]
    assert answers[4] == "This code may not charge here. After so many wrong codes wait 60 s.\n"
    assert answers[5].startswith("Too many wrong codes: wait ")
    assert run("authorize", "Wallbox", "#1234").code == 1
    assert run("attempts", "--limit", "1", "--json").json[0]["result"] == "locked_out"


def test_bad_input_ends_with_2_and_one_sentence(run: Run) -> None:
    for words in (("authorize", "Nowhere", "#1234"), ("authorize", "Wallbox", "12"), ("authorize", "Wallbox", "#12a4"),
                  ("stop", "Nowhere"), ("sessions", "--user", "Nobody")):  # fmt: skip
        answer = run(*words)
        assert answer.code == 2 and len(answer.err.strip().splitlines()) == 1, words


def test_nothing_to_stop_and_nothing_to_list_is_said(run: Run) -> None:
    assert run("stop", "Wallbox").out == "Nothing was running at Wallbox.\n"
    assert run("sessions").out == "No charging sessions yet.\n"
    assert run("attempts").out == "Nobody tried to charge yet.\n"
    assert run("sessions", "--json").json == run("attempts", "--json").json == []
