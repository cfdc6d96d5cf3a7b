"""Serial lines on real pseudo-terminals, and gateways that pass their frames on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

import pytest

from drivers.interfaces import DriverError
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from tests.drivers.modbus.device import Behaviour, Cable, Device, Request, Step, on_cable, on_tcp

ASK = Question(unit=1, function=4, start=100, count=2, least=1)
RIGHT = [100, 101]
LATER = Question(unit=1, function=4, start=200, count=2, least=1)

Scene = Callable[[Bus, Device], Awaitable[object]]


def counting(request: Request) -> list[Step]:
    """Each register holds its own address."""
    return [request.frame(range(request.start, request.start + request.count))]


def on_serial(tmp_path: Path, behave: Behaviour, then: Scene, baud: int = 9600, throttled: bool = False) -> None:
    """Run `then` with a bus on one end of a cable and such a device on the other."""

    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0", baud if throttled else 0)
        far = cable.plug()
        async with on_cable(behave, far) as device:
            bus = Bus(Address("rtu", device=str(cable.near), baud=baud))
            await then(bus, device)
            await bus.close()
        cable.pull()

    asyncio.run(scene())


def on_gateway(behave: Behaviour, then: Scene) -> Device:
    """The same over a gateway that passes RTU frames on."""

    async def scene() -> Device:
        async with on_tcp(behave, "rtu") as device:
            bus = Bus(Address("rtutcp", "127.0.0.1", device.port))
            await then(bus, device)
            await bus.close()
            return device

    return asyncio.run(scene())


@pytest.fixture(params=["rtu", "rtutcp"])
def on(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Behaviour, Scene], None]:
    """Both ways to a serial device."""
    if request.param == "rtu":
        return lambda behave, then: on_serial(tmp_path, behave, then)
    return lambda behave, then: (on_gateway(behave, then), None)[1]


async def fault_of(bus: Bus, question: Question = ASK) -> DriverError:
    with pytest.raises(DriverError) as caught:
        await bus.read(question)
    return caught.value


def test_registers_are_read(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, device: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        assert await bus.read(Question(247, 3, 0, 80)) == list(range(80))
        assert [request.unit for request in device.requests] == [1, 247]

    on(counting, read)


@pytest.mark.parametrize("late_s", [1.1, 1.7])
def test_a_late_answer_is_never_taken_for_the_next_one(on: Callable[[Behaviour, Scene], None], late_s: float) -> None:
    """Same unit, same function, same count: nothing in the frame tells them apart. The reply comes a little
    after the time-out of 1 s and 22 ms, as it did where this was seen in the field, or long after.
    """

    async def read(bus: Bus, device: Device) -> None:
        assert (await fault_of(bus)).code == "silent"
        assert await bus.read(LATER) == [200, 201]
        assert await bus.read(Question(1, 4, 300, 2)) == [300, 301]
        assert [request.count for request in device.requests] == [2, 1, 2, 2]  # one register first: so it is known

    on(lambda request: [late_s, *counting(request)] if request.number == 1 else counting(request), read)


@pytest.mark.usefixtures("impatient")
def test_where_no_shorter_question_can_be_asked_the_unit_is_left_alone_until_nothing_can_come(
    on: Callable[[Behaviour, Scene], None],
) -> None:
    async def read(bus: Bus, device: Device) -> None:
        whole = Question(1, 4, 100, 2)
        assert (await fault_of(bus, whole)).code == "silent"
        assert (await fault_of(bus, whole)).code == "silent"
        assert await bus.read(Question(1, 4, 200, 3)) == [200, 201, 202]  # another length is known by that
        assert await bus.read(whole) == RIGHT  # and whatever was owed has come before it
        assert [request.count for request in device.requests] == [2, 3, 2]

    on(lambda request: [0.35, *counting(request)] if request.number == 1 else counting(request), read)


def test_after_a_late_answer_a_slow_unit_is_given_the_time_it_needs(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert (await fault_of(bus)).code == "silent"
        for start in (200, 300):
            assert await bus.read(Question(1, 4, start, 2, least=1)) == [start, start + 1]

    on(lambda request: [1.15, *counting(request)], read)


def test_the_late_answer_to_a_cancelled_read_is_not_taken_either(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, device: Device) -> None:
        reading = asyncio.create_task(bus.read(ASK))
        while not device.requests:
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await bus.read(LATER) == [200, 201]

    on(lambda request: [1.2, *counting(request)] if request.number == 1 else counting(request), read)


def test_a_late_answer_in_the_middle_of_the_next_exchange_is_passed_over_by_its_length(
    on: Callable[[Behaviour, Scene], None],
) -> None:
    stale = Request(0, "rtu", 0, 1, 4, 0, 12).frame(range(12))

    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT

    on(lambda request: [stale, 0.05, *counting(request)], read)


def test_a_glitch_before_the_answer_does_no_harm(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, _: Device) -> None:
        for _n in range(3):
            assert await bus.read(ASK) == RIGHT

    on(lambda request: [b"\0", *counting(request), b"\xff"], read)


def test_an_adapter_that_hears_itself_does_no_harm(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, _: Device) -> None:
        for _n in range(3):
            assert await bus.read(ASK) == RIGHT

    on(lambda request: [request.raw, 0.01, *counting(request)], read)


@pytest.mark.parametrize(
    "noise",
    [
        lambda request: [request.frame(RIGHT)[:-1] + b"\0"],
        lambda request: [b"\x55\xaa" * 30],
        lambda request: [request.frame(RIGHT[:1])],
        lambda request: [request.frame(RIGHT, unit=2)],
    ],
    ids=["wrong check", "garbage", "short answer", "other unit"],
)
@pytest.mark.usefixtures("impatient")
def test_what_cannot_be_understood_says_what_to_check(noise: Behaviour, on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, _: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "garbled"
        assert "check baud rate, parity, termination, A/B wiring" in str(error)
        assert await bus.read(ASK) == RIGHT

    on(lambda request: noise(request) if request.number == 1 else counting(request), read)


@pytest.mark.usefixtures("impatient")
def test_silence_says_what_to_check(on: Callable[[Behaviour, Scene], None]) -> None:
    async def read(bus: Bus, _: Device) -> None:
        error = await fault_of(bus)
        assert error.code == "silent"
        assert "check A/B wiring, termination, unit id, baud rate and parity" in str(error)

    on(lambda _: [], read)


def test_somebody_who_keeps_talking_does_not_hold_the_line_for_ever(tmp_path: Path) -> None:
    def chatter(_: Request) -> list[Step]:
        return [b"\xaa\xbb\xcc", 0.2] * 25  # five seconds

    async def read(bus: Bus, _: Device) -> None:
        began = monotonic()
        assert (await fault_of(bus)).code == "garbled"
        assert monotonic() - began < 4

    on_serial(tmp_path, chatter, read)


def test_two_units_of_which_one_is_silent(tmp_path: Path) -> None:
    async def read(bus: Bus, device: Device) -> None:
        other = Question(2, 4, 0, 2)
        assert await bus.read(other) == [0, 1]
        for _n in range(2):
            assert (await fault_of(bus)).code == "silent"
        asked = len(device.requests)
        for _n in range(5):
            faults, words = await asyncio.gather(fault_of(bus), bus.read(other))
            assert (faults.code, words) == ("silent", [0, 1])
        assert [request.unit for request in device.requests[asked:]] == [2] * 5

    on_serial(tmp_path, lambda request: counting(request) if request.unit == 2 else [], read)


@pytest.mark.parametrize("baud", [2400, 9600, 115200])
def test_a_line_as_slow_as_it_says_is_waited_for(tmp_path: Path, baud: int) -> None:
    """At 2400 baud, 76 registers take 0.77 s on the wire: more than the usual time-out."""

    async def read(bus: Bus, device: Device) -> None:
        for _n in range(2):
            assert await bus.read(Question(1, 4, 0, 76)) == list(range(76))
        assert len(device.requests) == 2

    on_serial(tmp_path, counting, read, baud, throttled=True)


def test_three_and_a_half_characters_of_silence_are_kept(tmp_path: Path) -> None:
    times: list[float] = []

    def noting(request: Request) -> list[Step]:
        times.append(monotonic())
        return counting(request)

    async def read(bus: Bus, _: Device) -> None:
        for _n in range(4):
            await bus.read(ASK)

    on_serial(tmp_path, noting, read, baud=1200)
    assert all(later - earlier >= 3.5 * 11 / 1200 for earlier, later in zip(times, times[1:], strict=False))


def test_an_adapter_pulled_in_the_middle_of_a_request_is_noticed_and_read_again_when_back(tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        bus = Bus(Address("rtu", device=str(cable.near)))
        async with on_cable(lambda _: [], cable.plug()) as device:
            reading = asyncio.create_task(bus.read(ASK))
            while not device.requests:
                await asyncio.sleep(0.01)
            cable.pull()
            async with asyncio.timeout(0.9):
                with pytest.raises(
                    DriverError, match="There is no serial port .*ttyUSB0 for .*: check that the adapter"
                ):
                    await reading
        assert (await fault_of(bus)).code == "unreachable"
        async with on_cable(counting, cable.plug()):
            await asyncio.sleep(0.6)
            assert await bus.read(ASK) == RIGHT
        await bus.close()
        cable.pull()

    asyncio.run(scene())


def test_an_adapter_pulled_between_requests_is_read_again_when_back(tmp_path: Path) -> None:
    async def scene() -> None:
        cable = Cable(tmp_path / "ttyUSB0")
        bus = Bus(Address("rtu", device=str(cable.near)))
        async with on_cable(counting, cable.plug()):
            assert await bus.read(ASK) == RIGHT
            cable.pull()
            await asyncio.sleep(0.05)
            assert (await fault_of(bus)).code == "unreachable"
        async with on_cable(counting, cable.plug()):
            await asyncio.sleep(0.6)
            assert await bus.read(ASK) == RIGHT
        await bus.close()
        cable.pull()

    asyncio.run(scene())


def test_a_port_that_is_not_there_or_is_no_port_says_what_to_check(tmp_path: Path) -> None:
    async def scene() -> None:
        error = await fault_of(Bus(Address("rtu", device=str(tmp_path / "ttyUSB9"))))
        assert "There is no serial port" in str(error)
        (tmp_path / "file").write_text("x")
        for device in (tmp_path / "file", "/dev/null"):
            error = await fault_of(Bus(Address("rtu", device=str(device))))
            assert "cannot be opened: check that no other program uses it" in str(error)

    asyncio.run(scene())


def test_a_port_another_bus_holds_is_not_shared(tmp_path: Path) -> None:
    async def read(bus: Bus, _: Device) -> None:
        assert await bus.read(ASK) == RIGHT
        error = await fault_of(Bus(bus.address))
        assert (error.code, "no other program uses it" in str(error)) == ("unreachable", True)

    on_serial(tmp_path, counting, read)
