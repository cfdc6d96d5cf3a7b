"""The simulated house as a household meets it: a process with meters that are read by the real driver, and pins."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from drivers.gpio import GpioRelay
from drivers.interfaces import DriverError
from drivers.modbus import meter as modbus
from drivers.modbus import registers
from drivers.simulated.house import HouseClock
from drivers.simulated.wires import HouseGpio
from tests.drivers.simulated.house_process import ROOT, HouseProcess

GRID, CHARGER, PV = (1, "kostal-ksem-g2"), (2, "eastron-sdm630"), (3, "eastron-sdm630")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[HouseProcess]:
    with HouseProcess(tmp_path) as running:
        yield running


def read(house: HouseProcess, which: tuple[int, str]) -> Mapping[str, float]:
    """What a meter of the house shows, read by the real driver."""

    async def once() -> Mapping[str, float]:
        meter = modbus.open_meter(which[1], house.url(), which[0])
        try:
            return (await meter.read()).values
        finally:
            await meter.close()

    return asyncio.run(once())


def fast_clock(speed: float, utc_s: float) -> str:
    """A clock that begins now."""
    return f"{speed};{utc_s};{time.clock_gettime(time.CLOCK_BOOTTIME)}"


def run_house(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A house that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "drivers.simulated.house", "--pins", str(folder / "house.sock"), *options],
        cwd=ROOT, capture_output=True, text=True, timeout=30,
    )  # fmt: skip


def test_three_meters_answer_with_all_that_their_maps_name(house: HouseProcess) -> None:
    for unit, model in (GRID, CHARGER, PV):
        values = read(house, (unit, model))
        assert set(values) == set(registers.load(model).model.quantities)
        assert 225 < values["voltage_l1_v"] < 240 and 49.9 < values["frequency_hz"] < 50.1


def test_the_car_draws_11_kw_only_while_pin_17_is_high(tmp_path: Path) -> None:
    night = fast_clock(100, 1_777_762_800)  # 2026-05-02 23:00 UTC
    with HouseProcess(tmp_path, "--clock", night) as house:
        relay = GpioRelay(HouseGpio(str(house.pins)), 17)
        assert relay.is_closed() is False
        assert read(house, CHARGER)["power_w"] == 0
        before_wh = read(house, CHARGER)["import_wh"]
        relay.switch(closed=True)
        house.until("car", r"here 4\d% 11000 W")
        grid, charger = read(house, GRID), read(house, CHARGER)
        assert charger["power_w"] == pytest.approx(11_000, abs=1)
        assert 11_150 < grid["power_w"] < 14_500
        relay.switch(closed=False)
        after = read(house, CHARGER)
        assert after["power_w"] == 0
        assert 100 < after["import_wh"] - before_wh < 11_000


def test_time_runs_as_fast_as_the_clock_says(tmp_path: Path) -> None:
    with HouseProcess(tmp_path, "--clock", fast_clock(600, 1_777_716_000)) as house:
        began = time.monotonic()
        before = read(house, PV)["export_wh"]
        time.sleep(1.0)
        simulated_h = (time.monotonic() - began) * 600 / 3600
        drawn_wh = read(house, PV)["export_wh"] - before
        assert 0.2 * 1000 * simulated_h < drawn_wh < 7500 * simulated_h * 1.5  # noon in May


def test_the_clock_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATTWARD_CLOCK", fast_clock(1, 1_777_762_800))
    with HouseProcess(tmp_path) as house:
        assert read(house, PV)["power_w"] == 0
    monkeypatch.setenv("WATTWARD_CLOCK", fast_clock(1, 1_777_716_000))
    with HouseProcess(tmp_path) as house:
        assert read(house, PV)["power_w"] < -500


def test_a_clock_without_spec_is_real_and_one_that_cannot_be_is_refused() -> None:
    assert HouseClock().now_s() == pytest.approx(time.time(), abs=5)
    for spec in ("fast", "1;2", "1;2;3;4", "0;1;1", "-1;1;1", "nan;1;1", "1;inf;1"):
        with pytest.raises(ValueError):
            HouseClock(spec)


def test_a_taken_port_means_the_next_one(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with HouseProcess(tmp_path, port=port) as house:
            assert port < house.port < port + 50
            assert read(house, GRID)["frequency_hz"] > 49
            assert house.errors() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_with_clients_connected(house: HouseProcess, number: signal.Signals) -> None:
    wire = house.wire()
    assert wire.say("claim 17") == "0" and wire.say("drive 17 1") == "1"
    with socket.create_connection(("127.0.0.1", house.port)):
        house.send_signal(number)
        assert house.wait() == 0
    wire.close()
    assert house.errors() == ""
    assert not house.pins.exists()


def test_a_second_house_at_the_same_pins_refuses_and_harms_nothing(house: HouseProcess, tmp_path: Path) -> None:
    done = run_house(tmp_path, "--modbus-port", "0")
    assert done.returncode == 2
    assert done.stderr == f"house: another house already answers at {house.pins}: stop it, or choose other --pins\n"
    assert house.say("read 17") == "0"


def test_the_socket_a_killed_house_left_is_no_hindrance(house: HouseProcess) -> None:
    house.kill()
    assert house.pins.exists()
    house.start()
    assert house.say("read 17") == "0"


@pytest.mark.parametrize(
    "options",
    [("--clock", "fast"), ("--modbus-port", "many"), ("--state", "/nowhere/house.json"), ("--host", "192.0.2.1")],
)
def test_bad_options_end_with_2_and_a_reason(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run_house(tmp_path, *({"--modbus-port": ()}.get(options[0], ("--modbus-port", "0"))), *options)
    assert done.returncode == 2
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_counters_go_on_after_a_restart_and_never_backwards_after_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "house.json"
    with HouseProcess(tmp_path, "--state", str(state), "--clock", fast_clock(100, 1_777_716_000)) as house:
        relay = GpioRelay(HouseGpio(str(house.pins)), 17)
        last = {which: read(house, which) for which in (GRID, CHARGER, PV)}
        for number in (signal.SIGKILL, signal.SIGTERM):
            relay_closes_again(relay)
            time.sleep(0.5)
            last = {which: read(house, which) for which in (GRID, CHARGER, PV)}
            house.send_signal(number)
            house.wait()
            house.start()
            for which, before in last.items():
                now = read(house, which)
                assert all(now[name] >= before[name] for name in now if name.endswith("_wh"))
        assert last[CHARGER]["import_wh"] > 2_310_482 + 100


def relay_closes_again(relay: GpioRelay) -> None:
    """Close it, also when the house was restarted in between."""
    try:
        relay.switch(closed=True)
    except DriverError:
        relay.switch(closed=True)


@pytest.mark.parametrize("text", ["{", '{"counters": {}}', '{"counters": {"grid": {"import_wh": 1}}}'])
def test_a_state_file_of_another_kind_is_set_aside(tmp_path: Path, text: str) -> None:
    state = tmp_path / "house.json"
    state.write_text(text)
    with HouseProcess(tmp_path, "--state", str(state)) as house:
        assert read(house, GRID)["import_wh"] > 8e6
    assert (tmp_path / "house.json.unreadable").read_text() == text
    assert set(json.loads(state.read_text())["counters"]) == {"grid", "charger", "pv"}


def test_a_car_that_was_away_comes_back_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "house.json"
    with HouseProcess(tmp_path, "--state", str(state), "--clock", fast_clock(1000, 1_777_716_000)) as house:
        house.say("car leave")
        assert house.say("car").startswith("away")
        house.send_signal(signal.SIGTERM)
        house.wait()
        house.start()
        house.until("car", r"here \d+% 0 W")


def test_words_make_things_happen(house: HouseProcess) -> None:
    assert re.fullmatch(r"here 38% 0 W", house.say("car"))
    assert house.say("car leave") == "ok" and house.say("car").startswith("away")
    assert house.say("car arrive 20") == "ok" and house.say("car") == "here 20% 0 W"
    assert house.say("sky 0") == "ok" and read(house, PV)["power_w"] == 0
    assert house.say("sky auto") == "ok"


@pytest.mark.parametrize("words", ["", "car arrive 101", "car drive", "sky blue", "meter x off", "meter grid sad",
                                   "drive x 1", "drive 17 2", "claim", "claim -1", "read x"])  # fmt: skip
def test_words_that_are_not_understood_are_said_to_be(house: HouseProcess, words: str) -> None:
    assert house.say(words).startswith("error ")
    assert house.say("read 17") == "0"


@pytest.mark.parametrize(("mood", "fault"), [("off", "silent"), ("garbage", "garbled"), ("broken", "refused")])
def test_a_meter_can_be_spoiled_and_mended_and_its_neighbours_stay_well(
    house: HouseProcess, mood: str, fault: str
) -> None:
    assert house.say(f"meter charger {mood}") == "ok"
    with pytest.raises(DriverError) as caught:
        read(house, CHARGER)
    assert caught.value.code == fault
    assert read(house, GRID)["frequency_hz"] > 49
    assert house.say("meter charger well") == "ok"
    deadline = time.monotonic() + 20
    while True:
        try:
            assert read(house, CHARGER)["frequency_hz"] > 49
            return
        except DriverError:
            assert time.monotonic() < deadline, "it does not come back"
            time.sleep(0.2)


def test_nonsense_on_the_pins_socket_ends_only_that_connection(house: HouseProcess) -> None:
    holder = house.wire()
    assert holder.say("claim 17") == "0" and holder.say("drive 17 1") == "1"
    for nonsense in (b"\xff\xfe\n", b"x" * 200_000, b"drive 17"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.connect(str(house.pins))
            try:
                wire.sendall(nonsense)
            except OSError:
                continue  # it hung up already
    assert house.say("read 17") == "1"
    holder.close()
    house.until("read 17", "0")
    assert house.errors() == ""


def test_the_program_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drivers.simulated.house", "--help"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0
    for option in ("--modbus-port", "--pins", "--clock", "--seed", "--state"):
        assert option in done.stdout
