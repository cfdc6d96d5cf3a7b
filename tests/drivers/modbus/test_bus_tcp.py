"""A line over TCP, with devices that misbehave."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic

import pytest

from drivers.interfaces import DriverError
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from tests.drivers.modbus.device import CLOSE, Behaviour, Device, Request, Step, on_tcp

ASK = Question(unit=1, function=3, start=100, count=2)
RIGHT = [100, 101]


def counting(request: Request) -> list[Step]:
    """Each register holds its own address."""
    return [request.frame(range(request.start, request.start + request.count))]


def once(step: Callable[[Request], Iterable[Step]]) -> Behaviour:
    """Misbehave at the first request, then be well."""
    return lambda request: step(request) if request.number == 1 else counting(request)


def on(behave: Behaviour, then: Callable[[Bus, Device], Awaitable[object]], framing: str = "tcp") -> Device:
    """Run `then` with a bus to such a device; return the device."""

    async def scene() -> Device:
        async with on_tcp(behave, framing) as device:
            bus = Bus(Address("tcp" if framing == "tcp" else "rtutcp", "127.0.0.1", device.port))
            await then(bus, device)
            await bus.close()
            return device

    return asyncio.run(scene())


async def fault_of(bus: Bus, question: Question = ASK) -> DriverError:
    with pytest.raises(DriverError) as caught:
        await bus.read(question)
    return caught.value


def test_registers_are_read_with_the_function_asked_for() -> None:
    async def both(bus: Bus, device: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        assert await bus.read(Question(1, 4, 7, 1)) == [7]
        assert [(one.function, one.start, one.count) for one in device.requests] == [(3, 100, 2), (4, 7, 1)]

    assert on(counting, both).connections == 1


def test_the_longest_read_passes() -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(Question(247, 3, 0, 125)) == list(range(125))

    on(counting, read)


def test_a_refusal_is_told_with_its_reason_and_keeps_the_connection() -> None:
    async def read(bus: Bus, _: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "refused"
        assert "refuses register 100 (illegal data address): check model and unit id" in str(error)
        assert await bus.read(ASK) == RIGHT

    assert on(once(lambda request: [request.refusal(2)]), read).connections == 1


def test_a_gateway_that_hears_nothing_from_the_unit_makes_it_silent() -> None:
    async def read(bus: Bus, _: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "silent"
        assert "gets no answer from Modbus device (unit 1): check A/B wiring" in str(error)

    on(lambda request: [request.refusal(11)], read)


WRONG: dict[str, Callable[[Request], list[Step]]] = {
    "other unit": lambda request: [request.frame(RIGHT, unit=9)],
    "other transaction": lambda request: [request.frame(RIGHT, transaction=request.transaction + 1)],
    "other function": lambda request: [request.frame(RIGHT, function=4)],
    "one register short": lambda request: [request.frame(RIGHT[:1])],
    "eleven registers for two": lambda request: [request.frame([0] * 11)],
    "a web server": lambda _: [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "unknown function": lambda request: [request.wrap(b"\x63\0\0\0")],
    "fewer registers than it says": lambda request: [request.wrap(b"\x03\x04\0\1")],
    "an odd number of bytes": lambda request: [request.wrap(b"\x03\x03\0\1\2")],
    "a refusal with a tail": lambda request: [request.wrap(b"\x83\x02\0\0")],
    "half a frame": lambda request: [request.frame(RIGHT)[:-2]],
    "noise": lambda _: [b"\xff" * 200],
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@pytest.mark.usefixtures("impatient")
def test_an_answer_that_is_not_to_the_question_is_never_used(
    wrong: Callable[[Request], list[Step]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    async def read(bus: Bus, _: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "garbled"
        assert "not unit 1 of a Modbus meter: check address, port, unit id and model" in str(error)
        assert await bus.read(ASK) == RIGHT

    assert on(once(wrong), read).connections == 2  # what had failed was thrown away
    assert not caplog.records


def test_from_a_unit_that_was_well_a_garbled_answer_is_asked_again_at_once() -> None:
    async def read(bus: Bus, device: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        assert await bus.read(ASK) == RIGHT
        assert len(device.requests) == 3

    on(lambda request: [request.frame(RIGHT[:1])] if request.number == 2 else counting(request), read)


def test_silence_is_told_after_a_short_time_and_the_connection_is_opened_anew() -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        began = monotonic()
        error = await fault_of(bus)
        assert error.code == "silent"
        assert "check the unit id and that Modbus is enabled" in str(error)
        assert 0.4 < monotonic() - began < 5
        assert await bus.read(ASK) == RIGHT

    assert on(lambda request: [] if request.number == 2 else counting(request), read).connections == 2


def test_a_peer_that_closes_is_noticed_at_once_and_asked_again() -> None:
    async def read(bus: Bus, device: Device) -> None:
        async with asyncio.timeout(0.9):  # less than the time-out of a first answer
            assert await bus.read(ASK) == RIGHT
        assert len(device.requests) == 2

    assert on(once(lambda _: [CLOSE]), read).connections == 2


def test_a_peer_that_always_closes_is_a_fault_that_says_so() -> None:
    async def read(bus: Bus, device: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "unreachable"
        assert "closes the connection to Modbus device: check that Modbus is enabled" in str(error)
        assert len(device.requests) == 2

    on(lambda _: [CLOSE], read)


def test_a_connection_the_peer_closed_meanwhile_is_opened_again_unnoticed() -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        await asyncio.sleep(0.05)
        assert await bus.read(ASK) == RIGHT

    assert on(lambda request: [*counting(request), CLOSE], read).connections == 2


def test_a_late_answer_is_not_taken_for_the_next_one() -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert (await fault_of(bus)).code == "silent"
        assert await bus.read(Question(1, 3, 200, 2)) == [200, 201]

    on(once(lambda request: [1.1, *counting(request)]), read)


def test_two_answers_to_one_question_do_not_shift_the_next() -> None:
    async def read(bus: Bus, _: Device) -> None:
        for start in (0, 50, 100):
            assert await bus.read(Question(1, 3, start, 2)) == [start, start + 1]

    on(lambda request: counting(request) * 2, read)


def test_an_answer_in_crumbs_is_put_together() -> None:
    def crumbs(request: Request) -> Iterable[Step]:
        for byte in request.frame(RIGHT):
            yield bytes([byte])
            yield 0.002

    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT

    on(crumbs, read)


def test_a_host_that_is_not_there_is_told_and_asked_less_and_less_often() -> None:
    async def scene() -> None:
        with socket.socket() as taken:  # bound, not listening: refused
            taken.bind(("127.0.0.1", 0))
            bus = Bus(Address("tcp", "127.0.0.1", taken.getsockname()[1]))
            for _ in range(3):
                error = await fault_of(bus)
                assert error.code == "unreachable"
                assert "check power, network cable, address, port and firewall" in str(error)

    asyncio.run(scene())


def test_a_meter_that_comes_back_is_read_again_by_itself() -> None:
    async def scene() -> None:
        async with on_tcp(counting) as device:
            port = device.port
            bus = Bus(Address("tcp", "127.0.0.1", port))
            assert await bus.read(ASK) == RIGHT
        for _ in range(2):
            assert (await fault_of(bus)).code == "unreachable"
        async with on_tcp(counting, port=port):
            await asyncio.sleep(0.6)
            assert await bus.read(ASK) == RIGHT
        await bus.close()

    asyncio.run(scene())


def test_a_host_that_swallows_the_connection_costs_two_seconds_once_then_nothing() -> None:
    async def scene() -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            at = full.getsockname()
            with socket.socket() as first, socket.socket() as second:  # the queue is full: no answer to a SYN
                for one in (first, second):
                    one.setblocking(False)
                    one.connect_ex(at)
                await asyncio.sleep(0.05)
                bus = Bus(Address("tcp", *at))
                assert (await fault_of(bus)).code == "unreachable"
                async with asyncio.timeout(0.4):
                    assert (await fault_of(bus)).code == "unreachable"

    asyncio.run(scene())


def test_a_silent_unit_costs_its_neighbour_one_time_out_and_is_then_left_alone() -> None:
    async def read(bus: Bus, device: Device) -> None:
        other = Question(2, 3, 0, 2)
        assert await bus.read(other) == [0, 1]
        for _ in range(2):  # the first silence is asked again at once
            assert (await fault_of(bus)).code == "silent"
        asked = len(device.requests)
        for _ in range(5):
            async with asyncio.timeout(0.4):
                assert (await fault_of(bus)).code == "silent"
            assert await bus.read(other) == [0, 1]
        assert [request.unit for request in device.requests[asked:]] == [2] * 5

    on(lambda request: counting(request) if request.unit == 2 else [], read)


def test_a_cancelled_read_runs_to_its_end_and_the_line_waits_for_it() -> None:
    async def read(bus: Bus, device: Device) -> None:
        reading = asyncio.create_task(bus.read(ASK))
        while not device.requests:
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await bus.read(Question(1, 3, 200, 2)) == [200, 201]
        assert [request.start for request in device.requests] == [100, 200]

    assert on(once(lambda request: [0.2, *counting(request)]), read).connections == 1


def test_many_readers_of_one_bus_each_get_their_own_answer() -> None:
    async def read(bus: Bus, device: Device) -> None:
        found = await asyncio.gather(*(bus.read(Question(1 + n % 3, 3, 10 * n, 3)) for n in range(30)))
        assert found == [[10 * n, 10 * n + 1, 10 * n + 2] for n in range(30)]

    assert on(counting, read).connections == 1


def test_a_closed_bus_opens_again_when_somebody_reads() -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        await bus.close()
        await bus.close()
        assert await bus.read(ASK) == RIGHT

    assert on(counting, read).connections == 2


def test_the_silence_a_meter_wants_is_kept_before_the_next_request() -> None:
    times: list[float] = []

    def noting(request: Request) -> list[Step]:
        times.append(monotonic())
        return counting(request)

    async def read(bus: Bus, _: Device) -> None:
        for _n in range(3):
            await bus.read(Question(1, 3, 0, 2, gap_s=0.06))

    on(noting, read)
    assert all(later - earlier >= 0.06 for earlier, later in zip(times, times[1:], strict=False))
