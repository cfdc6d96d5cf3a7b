"""The house's meters are as strict as the maps say: asked with a plain Modbus client, answer by answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.pdu import ModbusPDU

from drivers.modbus import codec, registers
from drivers.modbus.address import Address
from drivers.modbus.meter import ModbusMeter
from drivers.simulated.household import Household
from drivers.simulated.modbus_server import Unit, readable, serve
from tests.drivers.modbus.values import near, shown

KSEM, SDM = registers.load("kostal-ksem-g2"), registers.load("eastron-sdm630")
SHOWN = Household(1_777_716_000).shown("grid")
NO_FUNCTION, NO_ADDRESS, NO_VALUE, FAILURE, NO_UNIT = 1, 2, 3, 4, 11


def ask(*questions: tuple[int, int, int, int], moods: Mapping[int, str] | None = None) -> list[ModbusPDU | None]:
    """Answers to (unit, function, address, count) from a server with a KSEM at 1 and an SDM630 at 2; None: silence."""

    async def converse() -> list[ModbusPDU | None]:
        units = [Unit(1, "kostal-ksem-g2", lambda: SHOWN), Unit(2, "eastron-sdm630", lambda: SHOWN)]
        for unit in units:
            unit.mood = (moods or {}).get(unit.number, "well")
        server, port = await serve(units, "127.0.0.1", 0)
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.3, retries=0)
        await client.connect()
        answers: list[ModbusPDU | None] = []
        for unit_id, function, address, count in questions:
            read = {1: client.read_coils, 3: client.read_holding_registers, 4: client.read_input_registers}[function]
            try:
                answers.append(await read(address, count=count, device_id=unit_id))
            except ModbusIOException:
                answers.append(None)
        client.close()
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
        return answers

    return asyncio.run(converse())


def code(answer: ModbusPDU | None) -> int:
    """The exception code of an answer; 0 when it is none."""
    assert answer is not None, "no answer"
    return answer.exception_code if answer.isError() else 0


def test_every_point_of_both_maps_reads_back_as_shown() -> None:
    for unit, of in ((1, KSEM), (2, SDM)):
        starts = [(unit, of.function, start, point.size) for point in of.points for start in point.starts]
        answers = ask(*starts)
        found = {
            register: value
            for (_, _, start, _), answer in zip(starts, answers, strict=True)
            if answer is not None
            for register, value in enumerate(answer.registers, start)
        }
        for point in of.points:
            tolerance = max(point.scale / 2, abs(SHOWN[point.quantity]) * 2**-24)
            assert registers.decode(point, found) == pytest.approx(SHOWN[point.quantity], abs=tolerance * 1.01)


@pytest.mark.parametrize("address", [28, 39, 146, 511, 552, 591, 760, 1000, 0xFFFF])
def test_registers_that_the_meter_lacks_are_refused(address: int) -> None:
    assert [code(answer) for answer in ask((1, 3, address, 1))] == [NO_ADDRESS]


def test_a_read_that_begins_or_ends_in_a_hole_is_refused_whole() -> None:
    assert [code(answer) for answer in ask((1, 3, 26, 4), (1, 3, 38, 4), (1, 3, 26, 2))] == [NO_ADDRESS, NO_ADDRESS, 0]


def test_registers_between_two_values_are_zero() -> None:
    (answer,) = ask((1, 3, 8, 8))
    assert answer is not None and answer.registers == [0] * 8


def test_odd_starts_odd_counts_and_too_long_reads_are_refused_where_the_map_says_so() -> None:
    answers = ask((2, 4, 1, 2), (2, 4, 0, 1), (2, 4, 0, 82), (2, 4, 0, 80), (1, 3, 1, 1))
    assert [code(answer) for answer in answers] == [NO_VALUE, NO_VALUE, NO_VALUE, 0, 0]


def test_another_function_than_the_maps_is_refused() -> None:
    answers = ask((1, 4, 0, 2), (2, 3, 0, 2), (1, 1, 0, 2))
    assert [code(answer) for answer in answers] == [NO_FUNCTION] * 3


async def answers_of(model: str, *questions: tuple[int, int]) -> list[tuple[int, list[int]]]:
    """Exception code and registers for each (address, count), read with the map's function."""
    server, port = await serve([Unit(1, model, lambda: shown(model))], "127.0.0.1", 0)
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    read = {3: client.read_holding_registers, 4: client.read_input_registers}[registers.load(model).function]
    found = []
    for address, count in questions:
        answer = await read(address, count=count, device_id=1)
        found.append((code(answer), [] if answer.isError() else list(answer.registers)))
    client.close()
    await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
    return found


def test_a_model_code_is_there_when_it_is_read_alone_and_half_a_voltage_in_a_block() -> None:
    alone, block = asyncio.run(answers_of("carlo-gavazzi-em24", (11, 1), (10, 2)))
    assert alone == (0, [71]) and block == (0, [3982, 0])


@pytest.mark.parametrize("model", [name for name in registers.names() if registers.load(name).identify])
def test_every_mark_is_answered_so_that_the_model_is_proven(model: str) -> None:
    (mark,) = registers.load(model).identify
    ((refusal, words),) = asyncio.run(answers_of(model, (mark.address, mark.count)))
    assert refusal == 0 and registers.identifies(mark, words)


def test_a_designation_outside_the_values_is_there_too() -> None:
    (found,) = asyncio.run(answers_of("abb-b21", (0x8960, 6)))
    assert found == (0, list(codec.words_of("B21", 6)))


def test_what_must_be_read_alone_is_refused_in_a_block() -> None:
    alone, block, before = asyncio.run(answers_of("eastron-sdm72d-m-v2", (70, 2), (52, 24), (52, 18)))
    assert (alone[0], block[0], before[0]) == (0, NO_ADDRESS, 0)
    assert codec.value_of("f32", alone[1]) == 50.0


@pytest.mark.parametrize("model", registers.names())
def test_the_driver_reads_every_model_from_its_strict_twin(model: str) -> None:
    async def scene() -> dict[str, float]:
        server, port = await serve([Unit(1, model, lambda: shown(model))], "127.0.0.1", 0)
        one = ModbusMeter(Address("tcp", "127.0.0.1", port), registers.load(model), 1)
        found = dict((await one.read()).values)
        await one.close()
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
        return found

    assert asyncio.run(scene()) == near(model)


def test_a_unit_that_is_not_there_is_refused_as_by_a_gateway() -> None:
    assert [code(answer) for answer in ask((9, 3, 0, 2), (2, 4, 0, 2))] == [NO_UNIT, 0]


def test_nothing_can_be_written() -> None:
    async def write() -> int:
        server, port = await serve([Unit(1, "kostal-ksem-g2", lambda: SHOWN)], "127.0.0.1", 0)
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        answer = await client.write_register(0, 1, device_id=1)
        client.close()
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
        return code(answer)

    assert asyncio.run(write()) == NO_FUNCTION


def test_a_broken_meter_says_so_and_an_absent_or_mad_one_does_not_disturb_the_other() -> None:
    assert code(ask((1, 3, 0, 2), moods={1: "broken"})[0]) == FAILURE
    for mood in ("off", "garbage"):
        silent, well = ask((1, 3, 0, 2), (2, 4, 0, 2), moods={1: mood})
        assert silent is None and code(well) == 0


def test_a_taken_port_means_the_next_one() -> None:
    async def ports() -> tuple[int, int]:
        first, port = await serve([], "127.0.0.1", 0)
        second, next_port = await serve([], "127.0.0.1", port)
        for server in (first, second):
            await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
        return port, next_port

    port, next_port = asyncio.run(ports())
    assert port < next_port < port + 50


def test_holes_split_what_can_be_read() -> None:
    assert list(readable(KSEM)) == [(0, 28), (40, 146), (512, 552), (592, 760), (8193, 8194)]
    assert list(readable(SDM)) == [(0, 358)]
    assert list(readable(replace(SDM, holes=((400, 500),)))) == [(0, 358)]


def test_a_value_that_no_register_can_hold_is_named() -> None:
    with pytest.raises(ValueError, match="current_l1_a=-1.0 does not fit u32"):
        registers.image(KSEM, SHOWN | {"current_l1_a": -1.0})
    with pytest.raises(KeyError, match="apparent_va"):
        registers.image(KSEM, {})
