"""Meters that refuse what their map allows, and lines on which slow reads give way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from time import monotonic

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import asking, meter, plan, registers, sharing
from drivers.modbus.address import Address
from drivers.modbus.asking import Asking
from drivers.modbus.meter import ModbusMeter, open_meter
from tests.drivers.modbus.device import Behaviour, Cable, Device, Request, Step, image, on_cable, on_tcp
from tests.drivers.modbus.device import meter as showing
from tests.drivers.modbus.values import VALUES, near

MODEL = "eastron-sdm630"
WELL = showing(image(MODEL, VALUES))
SDM630 = registers.load(MODEL)


def that(refuses: Callable[[Request], bool], code: int = 2) -> Behaviour:
    """A meter that refuses some requests."""
    return lambda request: [request.refusal(code)] if refuses(request) else WELL(request)


def reading(behave: Behaviour, then: Callable[[ModbusMeter, Device], Awaitable[object]]) -> None:
    async def scene() -> None:
        async with on_tcp(behave) as device:
            one = open_meter(MODEL, f"tcp://127.0.0.1:{device.port}", 1)
            assert isinstance(one, ModbusMeter)
            await then(one, device)
            await one.close()

    asyncio.run(scene())


def asked(device: Device) -> list[tuple[int, int]]:
    found = [(request.start, request.count) for request in device.requests]
    device.requests.clear()
    return found


def test_a_meter_that_lacks_registers_between_two_points_is_asked_around_them_and_that_is_remembered() -> None:
    def older(request: Request) -> bool:
        return request.start < 40 < request.start + request.count

    async def read(one: ModbusMeter, device: Device) -> None:
        assert dict((await one.read()).values) == near(MODEL)
        assert asked(device)[:2] == [(0, 76), (0, 36)]  # refused once, then in pieces
        await one.read()
        assert asked(device) == [(0, 36), (52, 2), (56, 2), (60, 4), (70, 6)]

    reading(that(older), read)


@pytest.mark.parametrize("code", [2, 3])
def test_a_meter_that_answers_only_short_reads_is_asked_in_halves_until_it_answers(code: int) -> None:
    async def read(one: ModbusMeter, device: Device) -> None:
        assert dict((await one.read()).values) == near(MODEL)
        asked(device)
        await one.read()
        found = asked(device)
        assert max(count for _, count in found) == 8
        assert len(found) == 9

    reading(that(lambda request: request.count > 10, code), read)


@pytest.mark.usefixtures("impatient")
def test_a_meter_that_is_deaf_to_long_reads_is_found_out_by_a_short_one() -> None:
    """Some units of the SDM72 answer ten registers and no more, and are silent to the rest."""

    def deaf(request: Request) -> Iterable[Step]:
        return [] if request.count > 10 else WELL(request)

    async def read(one: ModbusMeter, device: Device) -> None:
        for _ in range(6):
            try:
                found = await one.read()
                break
            except DriverError as error:
                assert error.code == "silent"
        assert found.values["import_wh"] == pytest.approx(VALUES["import_wh"])
        asked(device)
        await one.read()
        assert max(count for _, count in asked(device)) <= 10

    reading(deaf, read)


def test_a_meter_that_refuses_everything_is_a_fault_and_is_asked_in_few_requests_when_it_is_well() -> None:
    ill = [True]

    async def read(one: ModbusMeter, device: Device) -> None:
        with pytest.raises(DriverError, match=r"Eastron SDM630 v2 \(unit 1 at .*\) refuses register 0"):
            await one.read()
        ill.clear()
        asked(device)
        await one.read()
        assert asked(device) == [(0, 76), (346, 12)]

    reading(that(lambda _: bool(ill)), read)


def test_a_busy_meter_is_not_asked_in_pieces() -> None:
    async def read(one: ModbusMeter, device: Device) -> None:
        with pytest.raises(DriverError, match="device busy"):
            await one.read()
        assert asked(device) == [(0, 76)]

    reading(that(lambda _: True, code=6), read)


def test_counters_by_phase_a_meter_lacks_are_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "SLOW_S", 0.0)

    async def read(one: ModbusMeter, device: Device) -> None:
        found = await one.read()
        assert {name for name in found.values if "_l" in name and name.endswith("wh")} == {"import_l1_wh"}
        asked(device)
        for _ in range(3):
            await one.read()
            await asyncio.sleep(0.05)
        assert set(asked(device)) == {(0, 76), (346, 2)}

    reading(that(lambda request: request.start + request.count > 348), read)


def test_what_was_learned_and_did_not_help_is_forgotten() -> None:
    one = Asking(SDM630, [point for point in SDM630.points if not point.slow], 1, plan.serial_toll(9600, gap_s=0.06))
    whole = [part.block for part in one.parts]
    while one.learn(one.parts[0]):
        pass
    assert [part.block.count for part in one.parts] == [2, 8, 8, 2, 2, 6]
    one.forget()
    assert [part.block for part in one.parts] == whole
    assert one.learn(one.parts[0])
    one.keep()
    one.forget()
    assert len(one.parts) == 4


def test_each_question_says_how_little_can_be_asked_in_its_place() -> None:
    one = Asking(SDM630, SDM630.points, 1, plan.serial_toll(9600))
    assert [(part.question.count, part.question.least) for part in one.parts] == [(76, 2), (12, 2)]
    single = Asking(SDM630, SDM630.points[:1], 1, plan.serial_toll(9600))
    assert [(part.question.count, part.question.least) for part in single.parts] == [(2, 0)]


def test_slow_points_that_come_with_the_fast_ones_are_read_with_them() -> None:
    toll = plan.toll(SDM630, Address("tcp", "meter"))
    assert [point.slow for point in asking.split(SDM630, toll)[1]] == [True] * 6
    near = [point for point in SDM630.points if point.address < 76]
    assert any(point.slow for point in near) and asking.split(SDM630, toll)[0] == near
    fast, slow = asking.split(registers.load("kostal-ksem-g2"), plan.Toll(1.0, 1e-6))
    assert len(fast) + len(slow) == len(registers.load("kostal-ksem-g2").points)


def test_a_slow_point_that_is_read_alone_is_not_read_each_time_because_a_block_spans_it() -> None:
    sdm72 = registers.load("eastron-sdm72d-m-v2")
    fast, slow = asking.split(sdm72, plan.serial_toll(9600, gap_s=0.1))
    assert [point.quantity for point in slow if point.alone] == ["frequency_hz"]
    assert {point.address for point in fast} >= {52, 72}


def test_a_slow_read_waits_for_a_pause_and_delays_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two meters at 9600 baud: each reading takes 0.2 s, the slow block 0.1 s more."""
    monkeypatch.setattr(meter, "SLOW_S", 0.0)

    async def scene() -> tuple[list[float], list[Request]]:
        cable = Cable(tmp_path / "ttyUSB0", baud=9600)
        took: list[float] = []
        async with on_cable(lambda request: [0.02, *WELL(request)], cable.plug()) as device:
            meters = [open_meter(MODEL, f"rtu://{cable.near}?baud=9600", unit) for unit in (1, 2)]
            began = monotonic()
            for _ in range(5):
                took.append(max(found.took_s for found in await asyncio.gather(*(one.read() for one in meters))))
                began += 1.0
                await asyncio.sleep(max(0.0, began - monotonic()))
            for one in meters:
                await one.close()
        cable.pull()
        return took, device.requests

    took, requests = asyncio.run(scene())
    slow = [request for request in requests if request.start == 346]
    assert len(slow) >= 6  # they are read all the same
    assert max(took[1:]) < took[0] - 0.1  # the first reading fetched everything, the later ones wait for none of it


def test_a_line_tells_how_much_it_is_used_and_how_its_units_answer() -> None:
    async def read(one: ModbusMeter, device: Device) -> None:
        for _n in range(4):
            await one.read()
            await asyncio.sleep(0.1)
        bus = sharing.held(Address("tcp", "127.0.0.1", device.port))
        assert bus is not None
        report = bus.report()
        assert 0.0 < report.used < 1.0
        (unit,) = report.units
        assert (unit.unit, unit.questions, unit.answers, unit.faults) == (1, 5, 5, {})
        assert unit.bytes == 4 * (12 + 9 + 152) + (12 + 9 + 24)

    reading(WELL, read)


def test_a_fault_names_the_meter_by_its_model_and_by_the_name_it_was_given() -> None:
    async def read(one: ModbusMeter, _: Device) -> None:
        with pytest.raises(DriverError) as caught:
            await one.read()
        assert str(caught.value).startswith("Eastron SDM630 v2 (unit 1 at 127.0.0.1:")
        assert str(caught.value.named("Wallbox meter")).startswith("Wallbox meter (unit 1 at 127.0.0.1:")
        assert caught.value.named("Wallbox meter").message == caught.value.message  # the key of the translation

    reading(that(lambda _: True, code=4), read)
