"""Settings > Measurement by taps: a meter closely, its set-up, a search that finds one, counters reset by holding."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit, core, faults
from appliance.metering import errands, inspections, meters, models, readings, scans, totals
from drivers import hardware
from drivers.interfaces import Reading
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from ui.touch.screens.settings import measurement_data

WARNING = "This cannot be undone"
COUNTERS = {name: 1000.0 * number for number, name in enumerate(totals.QUANTITIES, start=1)}
VALUES = {
    "power_w": 1240.0, "power_l1_w": 400.0, "power_l2_w": 420.0, "power_l3_w": 420.0,
    "voltage_l1_v": 231.0, "voltage_l2_v": 229.0, "voltage_l3_v": 3.0, "frequency_hz": 50.02,
}  # fmt: skip


def measure(house: House, name: str = "Grid", **more: float) -> None:
    """A full reading of one meter, as the core puts it."""
    meter = meters.find(house.it.store, name)
    readings.put(house.it.live, house.clock, meter.id, Reading({**VALUES, **COUNTERS, **more}, 0.02))


def shown(house: House, name: str = "Grid") -> dict[str, int | None]:
    meter = meters.find(house.it.store, name)
    return dict(totals.shown(house.it.store, house.it.live, house.clock, meter).values_wh)


@pytest.fixture
def settings_open(unlocked: Touch) -> Touch:
    """The list of meters."""
    unlocked.tap("Measurement")
    unlocked.see("Add a meter")
    return unlocked


def test_each_meter_is_listed_with_how_it_is(house: House, settings_open: Touch) -> None:
    settings_open.see("Grid", "1.24 kW", "answers", "Wallbox meter", "Solar roof", "\u22122.31 kW")
    house.silence("Solar roof")
    house.live(8)
    settings_open.see("no data for 0:0")


def test_a_meter_closely_has_values_by_phase_and_sentences_about_its_wiring(house: House, settings_open: Touch) -> None:
    house.silence("Grid")
    measure(house)
    settings_open.tap("Grid")
    settings_open.see("Voltage", "231.0 V", "3.0 V", "420 W", "50.02 Hz", "Energy taken", "1.0 kWh", "8.0 kWh", "s old")
    settings_open.tap("Check")
    settings_open.see("L3 has no voltage (3 V): check its wire and fuse", "The frequency is in range: 50.02 Hz.")
    faults.report(house.it.live, house.clock.now(), "meter:1", "silent", "Unit {unit} does not answer.", unit=1)
    settings_open.see("Unit 1 does not answer.")


def test_name_and_role_of_a_meter_are_changed(house: House, settings_open: Touch) -> None:
    settings_open.tap("Solar roof")
    settings_open.tap("Set up")
    settings_open.see("What it measures", "Solar", "tcp://192.0.2.10:502")
    settings_open.tap("What it measures")
    settings_open.tap("Submeter")
    settings_open.see("Set up", "Submeter")
    assert meters.find(house.it.store, "Solar roof").role == "submeter"
    settings_open.tap("Turned round")
    settings_open.see("yes")
    assert meters.find(house.it.store, "Solar roof").inverted


def test_a_meter_is_put_out_of_use_and_that_can_be_taken_back(house: House, settings_open: Touch) -> None:
    settings_open.tap("Solar roof")
    settings_open.tap("Set up")
    settings_open.drag(400, 440, 400, to_y=180, move_s=0.4)
    tap_at_rest(settings_open, "Stop reading this meter")
    settings_open.see("Stop reading Solar roof?", "Its history and sessions stay.")
    settings_open.tap("Cancel")
    assert not meters.find(house.it.store, "Solar roof").archived
    tap_at_rest(settings_open, "Stop reading this meter")
    settings_open.tap("Stop reading")
    settings_open.see("Solar roof is read no more; its history stays.", "Add a meter")
    assert meters.find(house.it.store, "Solar roof").archived
    settings_open.undo()
    settings_open.see("\u22122.31 kW")
    assert not meters.find(house.it.store, "Solar roof").archived


def tap_at_rest(touch: Touch, label: str) -> None:
    """Tap something once the list it stands in has come to rest."""
    before: object = None
    for _ in range(40):
        box = next((one["cut"] for one in touch.targets() if label in one["labels"]), None)
        if box is not None and box == before:
            break
        before = box
        time.sleep(0.5)
    touch.tap(label)


# Counters -----------------------------------------------------------------------------------------


def test_a_short_hold_resets_nothing(house: House, settings_open: Touch) -> None:  # A003-28
    house.silence("Grid")
    measure(house)
    settings_open.tap("Reset energy counters")
    settings_open.see(WARNING, "Hold for 3 seconds", "Taken 1.00 kWh")
    settings_open.tap("Hold for 3 seconds")
    settings_open.hold("Hold for 3 seconds", 1.5)
    settings_open.see("They were never reset.")
    settings_open.tap("icon:back")
    settings_open.see("Add a meter")
    assert shown(house) == {name: round(wh) for name, wh in COUNTERS.items()}


def test_holding_sets_all_eight_counters_of_one_meter_to_zero(house: House, settings_open: Touch) -> None:  # A003-27
    house.silence("Grid")
    measure(house)
    others = shown(house, "Wallbox meter")
    settings_open.tap("Reset energy counters")
    settings_open.see(WARNING, "Taken 1.00 kWh")
    settings_open.hold("Hold for 3 seconds", 3.6)
    settings_open.see("The counters of Grid begin at zero.", "They count since 21/11/2026")
    assert shown(house) == dict.fromkeys(totals.QUANTITIES, 0)
    assert shown(house, "Wallbox meter") == others
    measure(house, import_wh=COUNTERS["import_wh"] + 25)
    assert shown(house)["import_wh"] == 25, "they go on from zero"
    trail = [entry.event for entry in audit.newest(house.it.store, 5)]
    assert "counters.reset" in trail


def test_all_meters_are_reset_together_or_it_is_said_which_cannot(house: House, settings_open: Touch) -> None:
    settings_open.tap("Reset energy counters")
    settings_open.tap("All meters")
    settings_open.see("All counters of all meters.")
    house.silence("Solar roof")
    house.live(8)
    settings_open.wait(lambda seen: sum(one.get("text") == "–" for one in seen) == 1)
    settings_open.hold("Hold for 3 seconds", 3.6)
    settings_open.see("Solar roof has no fresh reading")
    assert shown(house, "Grid")["import_wh"], "then none is reset"
    house.silent.clear()
    house.live(2)
    settings_open.hold("Hold for 3 seconds", 3.6)
    settings_open.see("The counters of all meters begin at zero.")
    assert {wh for name in ("Grid", "Wallbox meter", "Solar roof") for wh in shown(house, name).values()} == {0}


# A search -----------------------------------------------------------------------------------------


def test_adapters_are_named_where_they_never_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_id, dev = tmp_path / "by-id", tmp_path / "dev"
    dev.mkdir()
    (dev / "ttyUSB0").touch()
    (dev / "tty0").touch()
    monkeypatch.setattr(measurement_data, "SERIAL", (str(by_id), str(dev)))
    assert measurement_data.adapters() == [str(dev / "ttyUSB0")]
    by_id.mkdir()
    (by_id / "usb-FTDI-if00").touch()
    assert measurement_data.adapters() == [str(by_id / "usb-FTDI-if00")]


@pytest.mark.parametrize(
    ("there", "power_w", "role"),
    [
        ((), 400.0, "grid"),
        ((), -4000.0, "pv"),
        (("grid",), 400.0, "charger"),
        (("grid", "charger"), -900.0, "pv"),
        (("grid", "charger", "pv"), 5.0, "submeter"),
    ],
)
def test_a_role_is_suggested_by_what_the_house_has(there: tuple[str, ...], power_w: float, role: str) -> None:
    assert measurement_data.suggested_role(there, {"power_w": power_w}) == role


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A simulated house's Modbus port."""
    command = [sys.executable, "-m", "drivers.simulated.house", "--modbus-port", "0", "--pins", str(tmp_path / "pins")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulated:
        assert simulated.stdout is not None
        yield int(simulated.stdout.readline().split("modbus=")[1].split()[0])
        simulated.terminate()


@pytest.fixture
def looking(house: House) -> Iterator[None]:
    """The core's part: it does what is wanted, with the real drivers, and gives signs of life."""
    models.publish(house.it.live, core.meter_models())
    chosen = hardware.choose("pi")
    works = {scans.KIND: scans.work(chosen.scan), inspections.KIND: inspections.work(chosen.inspect)}
    loop = asyncio.new_event_loop()
    task = loop.create_task(errands.Runner(house.it.live, house.clock, works).run())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    loop.call_soon_threadsafe(task.cancel)
    thread.join()
    loop.close()


@pytest.mark.usefixtures("looking")
def test_a_meter_is_found_by_its_address_and_set_up(house: House, port: int, settings_open: Touch) -> None:
    touch = settings_open
    touch.tap("Add a meter")
    touch.tap("In the network")
    touch.see("Address of the meter")
    type_text(touch, f"127.0.0.1:{port}")
    touch.tap("Search")
    touch.see("Looking for meters …")
    touch.see("unit 1", "unit 2")
    touch.tap("icon:back")
    touch.see("Reset energy counters")
    touch.tap("Add a meter")
    touch.see("unit 2")
    touch.see("Tap a meter to set it up.", "Search again")
    tap_at_rest(touch, "unit 2")
    touch.see("Set up the meter", "It shows")
    touch.tap("What it measures")
    touch.tap("Submeter")
    touch.see("Set up the meter", "Submeter")
    touch.tap("Add this meter")
    touch.see("is set up.", "Values")
    found = next(meter for meter in meters.all(house.it.store) if str(port) in meter.url)
    assert (found.unit, found.role) == (2, "submeter")


@pytest.mark.usefixtures("looking")
def test_a_search_that_finds_nothing_is_stopped_and_says_what_to_check(house: House, settings_open: Touch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings_open.tap("Add a meter")
        settings_open.tap("In the network")
        type_text(settings_open, f"127.0.0.1:{mute.getsockname()[1]}")
        settings_open.tap("Search")
        settings_open.see("Looking for meters …", "tcp://127.0.0.1", "unit")
        settings_open.tap("Stop")
        settings_open.see("Nothing answers: check power")
        settings_open.tap("Search again")
        settings_open.see("In the network")
    assert len(meters.all(house.it.store)) == 3


def type_text(touch: Touch, text: str) -> None:
    """Type on the keyboard that is seen."""
    touch.tap("123")
    for letter in text:
        touch.tap(letter)
