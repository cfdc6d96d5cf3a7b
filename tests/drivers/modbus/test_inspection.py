"""Everything a meter has with its registers, from real sockets, beside readings that go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from drivers.interfaces import DriverError, Inspection
from drivers.modbus import inspection, registers
from drivers.modbus.meter import open_meter
from tests.drivers.modbus import device
from tests.drivers.modbus.device import Behaviour, Request, Step
from tests.drivers.modbus.sunspec import devices
from tests.drivers.modbus.values import VALUES


def inspected(behave: Behaviour, model: str, unit: int = 1) -> tuple[Inspection, list[Request]]:
    async def run() -> tuple[Inspection, list[Request]]:
        async with device.on_tcp(behave) as it:
            return await inspection.inspect(model, f"tcp://127.0.0.1:{it.port}", unit), it.requests

    return asyncio.run(run())


@pytest.mark.parametrize("model", ["eastron-sdm630", "kostal-ksem-g2"])
def test_every_point_of_a_map_is_shown_with_its_registers(model: str) -> None:
    found, requests = inspected(device.meter(device.image(model, VALUES)), model)
    of = registers.load(model)
    assert [point.quantity for point in found.points] == [point.quantity for point in of.points]
    for point, shown in zip(of.points, found.points, strict=True):
        assert shown.address == point.address and len(shown.registers) == len(point.addresses)
        assert shown.value == registers.decode(point, dict(zip(point.addresses, shown.registers, strict=True)))
        assert shown.value == pytest.approx(VALUES[point.quantity], rel=1e-5)
    assert found.requests == len(requests) and {request.function for request in requests} <= {3, 4}


def test_a_sunspec_meter_shows_where_its_registers_are() -> None:
    found, _ = inspected(devices.strict(devices.simple()), "sunspec")
    power = next(point for point in found.points if point.quantity == "power_w")
    assert (power.function, power.address, power.registers, power.value) == (3, 40088, (872,), 872.0)
    assert found.identity == str(devices.METER)


def test_what_the_meter_refuses_is_shown_as_refused_and_the_rest_with_values() -> None:
    held = device.image("eastron-sdm630", VALUES)
    point = next(point for point in registers.load("eastron-sdm630").points if point.quantity == "frequency_hz")

    def behave(request: Request) -> Iterable[Step]:
        touches = request.start <= point.address < request.start + request.count
        return [request.refusal(2)] if touches else device.meter(held)(request)

    found, _ = inspected(behave, "eastron-sdm630")
    shown = {point.quantity: point for point in found.points}
    assert shown["frequency_hz"].registers == () and shown["frequency_hz"].value is None
    assert sum(not one.registers for one in found.points) == 1


def test_a_meter_that_refuses_everything_is_a_fault() -> None:
    with pytest.raises(DriverError, match=r"^Eastron SDM630 v2 \(unit 1 at 127.0.0.1:\d+\) refuses register"):
        inspected(lambda request: [request.refusal(2)], "eastron-sdm630")


def test_readings_go_on_beside_an_inspection_on_one_connection() -> None:
    async def run() -> tuple[int, int]:
        async with device.on_tcp(device.meter(device.image("eastron-sdm630", VALUES))) as it:
            url = f"tcp://127.0.0.1:{it.port}"
            meter = open_meter("eastron-sdm630", url, 1)
            await meter.read()
            seen, _ = await asyncio.gather(inspection.inspect("eastron-sdm630", url, 1), meter.read())
            await meter.read()
            await meter.close()
            return it.connections, len(seen.points)

    assert asyncio.run(run()) == (1, len(registers.load("eastron-sdm630").points))


def test_an_unknown_model_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        asyncio.run(inspection.inspect("nonsense", "tcp://127.0.0.1", 1))
