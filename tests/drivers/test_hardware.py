"""Hardware chosen by name: what each name gives, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drivers import hardware
from drivers.interfaces import DriverError
from tests.drivers.simulated.house_process import HouseProcess

ROOT = Path(__file__).parents[2]
IS_PI = Path("/proc/device-tree/system/linux,revision").exists()
on_other_machines = pytest.mark.skipif(IS_PI, reason="this is a Raspberry Pi: it has lines")


def in_a_process(program: str, folder: Path, **environment: str) -> str:
    """Run a program that uses `hardware`, in `folder`, in a process of its own; return what it printed."""
    clean = {key: value for key, value in os.environ.items() if key not in ("LG_WD", "WATTWARD_RUN")}
    done = subprocess.run(
        [sys.executable, "-c", f"from drivers import hardware\nfrom drivers.interfaces import DriverError\n{program}"],
        cwd=folder, env={**clean, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ASK = """
chosen = hardware.choose("pi")
chosen.meter("eastron-sdm630", "tcp://127.0.0.1:1", 1)
try:
    chosen.relay("gpio:17").is_closed()
except DriverError as error:
    print(error.code, error)
chosen.close()
"""


@pytest.mark.parametrize("name", ["", "p", "pi:", "simulated", "simulated:", "house:/x"])
def test_another_name_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="'pi' or 'simulated:PATH'"):
        hardware.choose(name)


@on_other_machines
def test_a_machine_without_lines_has_meters_and_says_so_only_when_a_relay_is_asked_for(tmp_path: Path) -> None:
    assert in_a_process(ASK, tmp_path) == (
        "unavailable This machine has no GPIO lines (This module can only be run on a Raspberry Pi!): a relay needs a"
        " Raspberry Pi."
    )


@on_other_machines
def test_a_pi_without_its_chip_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    said = in_a_process(ASK, tmp_path, RPI_LGPIO_REVISION="c03111", RPI_LGPIO_CHIP="7", LG_WD=str(tmp_path))
    assert said.startswith("unavailable GPIO 17 cannot be used (can not open gpiochip): check that")


def test_the_library_works_in_the_run_folder_and_leaves_the_program_where_it_is(tmp_path: Path) -> None:
    run, work = tmp_path / "run", tmp_path / "work"
    run.mkdir()
    work.mkdir()
    program = "import os\nhardware.raspberry_pi()\nprint(os.getcwd())"
    assert in_a_process(program, work, RPI_LGPIO_REVISION="c03111", WATTWARD_RUN=str(run)) == str(work)
    assert [path.name for path in run.iterdir()] == [".lgd-nfy0"]
    assert list(work.iterdir()) == []


@on_other_machines
def test_a_run_folder_that_is_not_there_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    said = in_a_process(ASK, tmp_path, RPI_LGPIO_REVISION="c03111", LG_WD=str(tmp_path / "gone"))
    assert said.startswith("unavailable This machine has no GPIO lines (")


def test_one_line_has_one_relay_and_close_opens_all(tmp_path: Path) -> None:
    with HouseProcess(tmp_path) as house:
        chosen = hardware.choose(f"simulated:{house.pins}")
        first, second = chosen.relay("gpio:17"), chosen.relay("gpio:27")
        assert chosen.relay("gpio:17") is first
        first.switch(closed=True)
        second.switch(closed=True)
        assert (house.say("read 17"), house.say("read 27")) == ("1", "1")
        chosen.close()
        chosen.close()
        assert (house.say("read 17"), house.say("read 27")) == ("0", "0")


@pytest.mark.parametrize("spec", ["gpio:8", "gpio:28", "gpio:", "17", "relay:17", "gpio:seventeen", "gpio:-9", ""])
def test_a_relay_elsewhere_is_refused_with_the_rule(spec: str) -> None:
    with pytest.raises(DriverError, match="gpio:N with N from 9 to 27") as caught:
        hardware.choose("simulated:/nowhere").relay(spec)
    assert caught.value.code == "unavailable" and caught.value.values["spec"] == spec


def test_a_house_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    relay = hardware.choose(f"simulated:{tmp_path / 'house.sock'}").relay("gpio:17")
    with pytest.raises(DriverError, match="the simulated house does not answer") as caught:
        relay.switch(closed=True)
    assert caught.value.code == "unavailable"


def test_meters_that_cannot_be_are_driver_errors() -> None:
    chosen = hardware.choose("pi")
    with pytest.raises(DriverError, match="cannot read meter model acme"):
        chosen.meter("acme", "tcp://127.0.0.1", 1)
    with pytest.raises(DriverError, match="A meter's address is tcp://HOST:PORT"):
        chosen.meter("eastron-sdm630", "http://127.0.0.1", 1)
    chosen.close()


def test_a_meter_of_the_house_is_read_through_the_hardware(tmp_path: Path) -> None:
    async def read(url: str) -> float:
        meter = hardware.choose("pi").meter("kostal-ksem-g2", url, 1)
        reading = await meter.read()
        await meter.close()
        return reading.values["frequency_hz"]

    with HouseProcess(tmp_path) as house:
        assert 49.9 < asyncio.run(read(house.url())) < 50.1
