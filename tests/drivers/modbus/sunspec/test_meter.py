"""SunSpec meters on real sockets and real pseudo-terminals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.modbus.address import parse_url
from drivers.modbus.meter import models, open_meter
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity
from drivers.modbus.sunspec.meter import CHOICES, SunspecMeter
from drivers.sentences import BadAddress
from tests.drivers.modbus import device
from tests.drivers.modbus.device import CLOSE, Behaviour, Request, Step
from tests.drivers.modbus.sunspec import devices


def meter_at(port: int, name: str = "sunspec", unit: int = 1, scheme: str = "tcp") -> SunspecMeter:
    return SunspecMeter(parse_url(f"{scheme}://127.0.0.1:{port}"), unit, CHOICES[name])


def read(behave: Behaviour, name: str = "sunspec", times: int = 1) -> tuple[list[dict[str, float]], list[Request]]:
    """What a meter reads, so many times, from a device; and what it asked."""

    async def run() -> tuple[list[dict[str, float]], list[Request]]:
        async with device.on_tcp(behave) as it:
            meter = meter_at(it.port, name)
            values = [dict((await meter.read()).values) for _ in range(times)]
            await meter.close()
            return values, it.requests

    return asyncio.run(run())


@pytest.mark.parametrize("model", layout.METER_MODELS)
def test_every_meter_model_is_read_over_a_socket(model: int) -> None:
    (values,), _ = read(devices.strict(devices.simple(model)))
    assert values == pytest.approx(devices.VALUES, rel=1e-6)


@pytest.mark.parametrize("model", [203, 213])
def test_a_meter_is_read_over_a_serial_line(model: int, tmp_path: Path) -> None:
    async def run() -> dict[str, float]:
        cable = device.Cable(tmp_path / "tty")
        far = cable.plug()
        async with device.on_cable(devices.strict(devices.simple(model, base=0)), far):
            meter = SunspecMeter(parse_url(f"rtu://{tmp_path}/tty?baud=9600&parity=N"), 7, CHOICES["sunspec"])
            values = dict((await meter.read()).values)
            await meter.close()
        cable.pull()
        return values

    assert asyncio.run(run()) == pytest.approx(devices.VALUES, rel=1e-6)


def test_once_found_a_reading_is_one_request_and_asks_whether_the_meter_is_still_there() -> None:
    _, requests = read(devices.strict(devices.simple()), times=3)
    assert [(request.start, request.count) for request in requests[-2:]] == [(40070, 55)] * 2
    assert {request.function for request in requests} == {3}


def test_scale_factors_that_change_between_two_readings_are_followed() -> None:
    held = devices.simple()

    def renew() -> None:
        held.update(enumerate(layout.encode(203, devices.VALUES, {22: 1, 15: -1}), 40070))

    def behave(request: Request) -> Iterable[Step]:
        yield from devices.strict(held)(request)
        if request.count == 55:
            renew()

    (before, after), _ = read(behave, times=2)
    assert before["power_w"] == 872.0 and after["power_w"] == 870.0
    assert before["voltage_l2_v"] == 232.76 and after["voltage_l2_v"] == 232.8


def test_a_chain_that_has_moved_is_walked_again_before_a_value_is_used() -> None:
    before, after = devices.simple(), devices.chain(
        40000, layout.common(devices.METER), [12, 98, *[0] * 98], layout.encode(213, devices.VALUES | {"power_w": 5.0})
    )  # fmt: skip
    count = 0

    def behave(request: Request) -> Iterable[Step]:
        nonlocal count
        count += request.count == 55
        return devices.strict(before if count < 2 else after)(request)

    values, _ = read(behave, times=2)
    assert [one["power_w"] for one in values] == [872.0, 5.0]


def test_the_chain_is_walked_again_after_a_failure() -> None:
    held = devices.strict(devices.simple())
    broken = [False]

    def behave(request: Request) -> Iterable[Step]:
        return [CLOSE] if broken[0] else held(request)

    async def run() -> list[int]:
        async with device.on_tcp(behave) as it:
            meter = meter_at(it.port)
            await meter.read()
            broken[0] = True
            with pytest.raises(DriverError):
                await meter.read()
            broken[0] = False
            before = len(it.requests)
            assert (await meter.read()).values["power_w"] == 872.0
            await meter.close()
            return [request.start for request in it.requests[before:]]

    assert asyncio.run(run())[:2] == [40000, 40002]


def test_the_second_meter_of_an_inverter_and_a_model_can_be_chosen() -> None:
    held = devices.chain(
        40000,
        layout.common(Identity("SolarEdge", "SE10K")), [103, 50, *[0] * 50],
        layout.common(Identity("WattNode", "A")), layout.encode(203, devices.VALUES),
        layout.common(Identity("WattNode", "B")), layout.encode(201, devices.VALUES | {"power_w": 77.0}),
    )  # fmt: skip
    behave = devices.strict(held)
    assert read(behave)[0][0]["power_w"] == -872.0
    assert read(behave, "sunspec-2")[0][0]["power_w"] == -77.0
    assert read(behave, "sunspec-201")[0][0]["power_w"] == -77.0
    with pytest.raises(DriverError, match=r"SolarEdge SE10K has no meter for sunspec-213.*203, 201") as raised:
        read(behave, "sunspec-213")
    assert raised.value.code == "implausible"


def test_a_device_without_sunspec_says_what_to_check() -> None:
    with pytest.raises(DriverError, match="no SunSpec registers") as raised:
        read(devices.strict({}))
    assert raised.value.code == "implausible"


@pytest.mark.parametrize(
    ("wrong", "said"), [({"voltage_l1_v": 23.0}, "voltage_l1_v"), ({"frequency_hz": 5.0}, "frequency_hz")]
)
def test_impossible_values_are_not_used(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(DriverError, match=f"Example Meter 3 no. sn-1.*{said}") as raised:
        read(devices.strict(devices.simple(values=devices.VALUES | wrong)))
    assert raised.value.code == "implausible"


def test_a_meter_that_shows_nothing_is_a_fault() -> None:
    with pytest.raises(DriverError, match="without voltage and frequency"):
        read(devices.strict(devices.simple(values={"power_w": 3.0})))


def test_sunspec_is_a_model_like_others() -> None:
    known = {model.name: model for model in models()}
    assert set(CHOICES) <= set(known) and known["sunspec-204"].title.startswith("meter model 204 (three-phase without")

    async def run() -> float:
        async with device.on_tcp(devices.strict(devices.simple())) as it:
            meter = open_meter("sunspec", f"tcp://127.0.0.1:{it.port}")
            power_w = (await meter.read()).values["power_w"]
            await meter.close()
            return power_w

    assert asyncio.run(run()) == 872.0
    with pytest.raises(BadAddress):
        open_meter("sunspec", "http://127.0.0.1")
    with pytest.raises(BadAddress, match="unit id"):
        open_meter("sunspec", "rtu:///dev/ttyUSB0", 248)


def test_a_gateway_that_passes_frames_on_serves_too() -> None:
    async def run() -> float:
        async with device.on_tcp(devices.strict(devices.simple()), framing="rtu") as it:
            meter = meter_at(it.port, scheme="rtutcp")
            power_w = (await meter.read()).values["power_w"]
            await meter.close()
            return power_w

    assert asyncio.run(run()) == 872.0
