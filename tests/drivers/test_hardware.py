"""Hardware chosen by name: what each name gives, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drivers import hardware
from drivers.gpio import GpioModule
from drivers.hardware import Hardware
from drivers.interfaces import DriverError, Presented
from drivers.simulated.pins import StrictPins
from tests.drivers.modbus.coil_board import CoilBoard
from tests.drivers.modbus.device import on_tcp
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


def on_strict_pins() -> Hardware:
    """The hardware of a Pi whose lines are the strict twin's."""
    return Hardware(StrictPins)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("hid:/dev/input/event0", "HidReader"),
        ("serial:/dev/ttyUSB0", "SerialReader"),
        ("pn532+uart:/dev/ttyAMA0", "Pn532Reader"),
        ("pn532+i2c:1", "Pn532Reader"),
        ("pn532+spi:0.0", "Pn532Reader"),
        ("rc522+spi:0.0", "Rc522Reader"),
        ("rc522+spi:0.0?reset=gpio:25", "Rc522Reader"),
        ("wiegand:gpio:5,gpio:6", "WiegandReader"),
        ("ble-tag:AA:BB:CC:DD:EE:FF", "TagReader"),
        ("ble-reader:Door", "BleReader"),
    ],
)
def test_every_kind_of_address_has_its_driver(url: str, driver: str) -> None:
    assert type(on_strict_pins().reader(url)).__name__ == driver


def test_a_reader_that_cannot_be_is_refused_with_the_rule() -> None:
    with pytest.raises(DriverError, match="A reader's address is one of hid:") as caught:
        hardware.choose("pi").reader("usb:1")
    assert caught.value.code == "unavailable" and caught.value.values == {"url": "usb:1"}
    with pytest.raises(DriverError, match="Lamps are named as in green=gpio:22"):
        hardware.choose("pi").feedback("green=22")


@on_other_machines
def test_only_who_needs_lines_needs_a_pi(tmp_path: Path) -> None:
    said = in_a_process(
        """
chosen = hardware.choose("pi")
for url in ("hid:/dev/input/event0", "rc522+spi:0.0", "wiegand:gpio:5,gpio:6"):
    try:
        print(type(chosen.reader(url)).__name__)
    except DriverError as error:
        print(error.code)
""",
        tmp_path,
    )
    assert said.split() == ["HidReader", "Rc522Reader", "unavailable"]


def test_a_core_without_bluetooth_readers_does_not_load_bluetooth(tmp_path: Path) -> None:
    said = in_a_process(
        """
import sys
hardware.choose("pi").reader("hid:/dev/input/event0")
print("bleak" in sys.modules, "dbus_fast" in sys.modules)
hardware.choose("pi").reader("ble-reader:Door")
print("bleak" in sys.modules)
""",
        tmp_path,
    )
    assert said.split() == ["False", "False", "True"]


def test_a_line_has_one_use_at_a_time() -> None:
    chosen = on_strict_pins()
    chosen.relay("gpio:17")
    chosen.reader("wiegand:gpio:22,gpio:23")
    chosen.reader("wiegand:gpio:22,gpio:23")  # the same one, opened anew
    for ask, spec in (
        (chosen.reader, "wiegand:gpio:17,gpio:27"),
        (chosen.reader, "rc522+spi:0.0?reset=gpio:17"),
        (chosen.feedback, "green=gpio:17"),
        (chosen.feedback, "green=gpio:22"),
        (chosen.relay, "gpio:22"),
    ):
        with pytest.raises(DriverError, match="GPIO (17|22) is in use already, by .+: choose another line.") as caught:
            ask(spec)
        assert caught.value.code == "unavailable"
    chosen.let_go("wiegand:gpio:22,gpio:23")
    chosen.feedback("green=gpio:22")
    chosen.reader("wiegand:gpio:23,gpio:27")


def test_a_refused_reader_keeps_no_line() -> None:
    chosen = on_strict_pins()
    chosen.relay("gpio:17")
    with pytest.raises(DriverError):
        chosen.reader("wiegand:gpio:16,gpio:17")
    chosen.relay("gpio:16")


def test_readers_and_lamps_of_a_simulated_house_are_the_houses(tmp_path: Path) -> None:
    async def whole(house: HouseProcess) -> Presented:
        chosen = hardware.choose(f"simulated:{house.pins}")
        lamps = chosen.feedback("green=gpio:22,red=gpio:23")
        lamps.show("charging")
        reader = chosen.reader("wiegand:gpio:5,gpio:6")
        await reader.open()
        assert (house.say("read 22"), house.say("read 23")) == ("1", "0")
        assert house.say("reader") == "wiegand:GPIO5,GPIO6"
        assert house.say("present pin 271828") == "ok"
        found = await reader.next()
        lamps.close()
        await reader.close()
        return found

    with HouseProcess(tmp_path) as house:
        found = asyncio.run(whole(house))
        assert (found.code, found.kind) == ("271828", "pin")
        assert house.say("read 22") == "0"


def test_the_modules_lines_are_found_once() -> None:
    found: list[GpioModule] = []

    def find() -> GpioModule:
        found.append(StrictPins())
        return found[-1]

    chosen = Hardware(find)
    chosen.relay("gpio:17")
    chosen.reader("wiegand:gpio:5,gpio:6")
    chosen.feedback("green=gpio:22")
    assert len(found) == 1


def test_a_contact_has_its_line_to_itself_until_it_is_released() -> None:
    chosen = Hardware(StrictPins)
    chosen.relay("gpio:17")
    with pytest.raises(DriverError, match="GPIO 17 is in use already"):
        chosen.input("gpio:17")
    with pytest.raises(DriverError, match="9 to 27, not gpio:5"):
        chosen.input("gpio:5")
    contact = chosen.input("gpio:22")
    with pytest.raises(DriverError, match="by contact gpio:22"):
        chosen.feedback("green=gpio:22")
    with pytest.raises(DriverError, match="by contact gpio:22"):
        chosen.relay("gpio:22")
    contact.release()
    assert chosen.relay("gpio:22").is_closed() is False


def test_a_line_whose_relay_was_released_is_others_again() -> None:
    chosen = on_strict_pins()
    relay = chosen.relay("gpio:17")
    relay.switch(closed=True)
    relay.release()
    chosen.input("gpio:17").release()
    chosen.feedback("green=gpio:17")
    with pytest.raises(DriverError, match="GPIO 17 is in use already, by green=gpio:17"):
        chosen.relay("gpio:17")


def test_a_relay_that_lost_its_line_keeps_it_for_itself() -> None:
    pins = StrictPins()
    chosen = Hardware(lambda: pins)
    relay = chosen.relay("gpio:17")
    pins.busy.add(17)
    with pytest.raises(DriverError, match="GPIO 17 cannot be used"):
        relay.switch(closed=True)
    assert chosen.relay("gpio:17") is relay


def test_a_coil_can_be_used_in_another_way_once_it_was_seen_open() -> None:
    async def scene() -> None:
        board = CoilBoard()
        async with on_tcp(board.behave, "tcp") as device:
            chosen, at = on_strict_pins(), f"tcp://127.0.0.1:{device.port}/1/3"
            relay = chosen.relay(f"coil:{at}")
            relay.switch(closed=False)
            await chosen.settled(5.0)
            relay.switch(closed=True)
            await chosen.settled(5.0)
            assert board.closed(3)
            relay.release()
            with pytest.raises(DriverError, match="is in use already, as coil:"):
                chosen.relay(f"pulse:{at}")
            async with asyncio.timeout(5.0):
                while not pulses(chosen, at):
                    await asyncio.sleep(0.01)
            assert not board.closed(3)
            chosen.close()

    def pulses(chosen: Hardware, at: str) -> bool:
        try:
            return chosen.relay(f"pulse:{at}") is not None
        except DriverError:
            return False

    asyncio.run(scene())


def test_a_coil_nobody_ever_asked_is_others_when_it_is_released() -> None:
    chosen = on_strict_pins()
    chosen.relay("coil:tcp://127.0.0.1:1/1/0").release()
    chosen.relay("pulse:tcp://127.0.0.1:1/1/0")
