"""Recorded frames and vendors' examples (cases.json), through the real client."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import codec, registers
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import open_meter
from tests.drivers.modbus.device import Request, image, meter, on_tcp
from tests.drivers.modbus.values import shown

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
FRAMES = [case for case in CASES if "response_hex" in case]


def case(name: str) -> dict[str, Any]:
    return next(one for one in CASES if one["id"] == name)


async def ask(answer: bytes, question: Question) -> tuple[list[int], Request]:
    """Put a question to a gateway that gives this answer."""
    async with on_tcp(lambda request: [answer], "rtu") as device:
        bus = Bus(Address("rtutcp", "127.0.0.1", device.port))
        try:
            return await bus.read(question), device.requests[0]
        finally:
            await bus.close()


@pytest.mark.parametrize("one", FRAMES, ids=[case["id"] for case in FRAMES])
def test_a_recorded_frame_gives_the_value_that_was_read_beside_it(one: dict[str, Any]) -> None:
    answer = bytes.fromhex(one["response_hex"])
    words, request = asyncio.run(ask(answer, Question(answer[0], answer[1], 0, 2)))
    expected = one["expected"][0]
    assert words == one["registers"]
    assert codec.value_of(expected["type"], words) == pytest.approx(expected["value"], abs=expected.get("tol", 1e-4))
    if "request_hex" in one:
        assert request.raw.hex() == one["request_hex"]


def test_the_vendors_voltage_example_is_the_maps_first_register() -> None:
    of = registers.load("eastron-sdm630")
    point = next(point for point in of.points if point.quantity == "voltage_l1_v")
    one = case("eastron_doc_v1")
    assert registers.decode(point, registers.as_mapping(0, one["registers"])) == pytest.approx(230.2, abs=1e-4)
    assert bytes.fromhex(one["request_hex"])[:4] == bytes([of.model.unit, of.function, 0, point.address])


def test_total_power_of_another_programs_test_is_at_the_same_register() -> None:
    one = case("sdm630_test")
    function, start = one["request"].removeprefix("FC").split()[:2]
    of = registers.load("eastron-sdm630")
    point = next(point for point in of.points if point.quantity == "power_w")
    assert (of.function, point.address) == (int(function), int(start))
    assert registers.decode(point, registers.as_mapping(point.address, one["registers"])) == 13_000.0


def test_a_frame_that_lost_half_its_check_is_not_believed() -> None:
    one = case("sdm120_glitch_truncated")
    with pytest.raises(DriverError) as caught:
        asyncio.run(ask(bytes.fromhex(one["raw_line_hex"]), Question(1, 4, 0, 2)))
    assert caught.value.code == "garbled"


def test_an_owners_ksem_values_come_through_whole() -> None:
    seen = case("ksem_sunspec_203")["expected"]
    values = shown("kostal-ksem-g2") | {
        "power_w": seen["W"], "power_l1_w": seen["WphA"], "power_l2_w": seen["WphB"], "power_l3_w": seen["WphC"],
        "voltage_l1_v": seen["PhVphA"], "voltage_l2_v": seen["PhVphB"], "voltage_l3_v": seen["PhVphC"],
        "current_l3_a": seen["AphC"], "frequency_hz": seen["Hz"], "power_factor": seen["PF"] / 100,
    }  # fmt: skip

    async def read() -> dict[str, float]:
        async with on_tcp(meter(image("kostal-ksem-g2", values))) as device:
            one = open_meter("kostal-ksem-g2", f"tcp://127.0.0.1:{device.port}", 71)
            reading = await one.read()
            await one.close()
            return dict(reading.values)

    found = asyncio.run(read())
    assert found == pytest.approx(values, abs=1e-3)
    assert found["power_w"] == pytest.approx(sum(found[f"power_l{phase}_w"] for phase in (1, 2, 3)), abs=1.5)
