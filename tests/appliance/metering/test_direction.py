"""A meter read the other way round."""

from __future__ import annotations

import asyncio

import pytest

from appliance import audit
from appliance.metering import direction, meters
from appliance.opened import Opened
from drivers.interfaces import QUANTITIES, Reading
from tests.fake_clock import FakeClock

SEEN = {
    "power_w": 500.0, "power_l1_w": 200.0, "power_factor": 0.9, "power_factor_l1": -0.8, "reactive_var": -30.0,
    "apparent_va": 520.0, "voltage_l1_v": 230.0, "current_l1_a": 2.0, "frequency_hz": 50.0, "import_wh": 7000.0,
    "export_wh": 3000.0, "import_l1_wh": 2000.0,
}  # fmt: skip


def test_direction_changes_and_nothing_else() -> None:
    assert direction.turned(SEEN) == {
        "power_w": -500.0, "power_l1_w": -200.0, "power_factor": -0.9, "power_factor_l1": 0.8, "reactive_var": 30.0,
        "apparent_va": 520.0, "voltage_l1_v": 230.0, "current_l1_a": 2.0, "frequency_hz": 50.0, "export_wh": 7000.0,
        "import_wh": 3000.0, "export_l1_wh": 2000.0,
    }  # fmt: skip


def test_turned_twice_is_as_it_was_and_every_name_is_a_quantity() -> None:
    everything = {name: float(number) for number, name in enumerate(QUANTITIES, 1)}
    once = direction.turned(everything)
    assert set(once) == set(QUANTITIES)
    assert direction.turned(once) == everything


class Meter:
    """Answers once, and notes that it was closed."""

    closed = False

    async def read(self) -> Reading:
        return Reading(SEEN, took_s=0.2)

    async def close(self) -> None:
        self.closed = True


def test_a_turned_meter_reads_turned_values_and_lets_go_of_its_line() -> None:
    inner = Meter()
    turned = direction.Turned(inner)
    reading = asyncio.run(turned.read())
    assert (reading.values["power_w"], reading.took_s) == (-500.0, 0.2)
    asyncio.run(turned.close())
    assert inner.closed


@pytest.mark.parametrize("inverted", [False, True])
def test_it_is_a_property_of_the_meter_that_can_be_changed(opened: Opened, clock: FakeClock, inverted: bool) -> None:
    made = meters.add(
        opened.store, clock, name="Grid", model="eastron-sdm630", url="tcp://x:1", unit=1, inverted=inverted,
        actor=audit.CLI,
    )  # fmt: skip
    assert made.inverted is inverted
    assert meters.edit(opened.store, clock, made.id, inverted=not inverted, actor=audit.CLI).inverted is not inverted
