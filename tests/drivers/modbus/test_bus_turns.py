"""Several questions on one line: their order, and what a silent unit costs the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from time import monotonic

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import link
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from tests.benchmarks import modbus_wire, slow_line
from tests.drivers.modbus.device import Behaviour, Device, Request, Step, image, on_tcp
from tests.drivers.modbus.values import VALUES


def counting(request: Request) -> list[Step]:
    """Each register holds its own address."""
    return [request.frame(range(request.start, request.start + request.count))]


def on(behave: Behaviour, then: Callable[[Bus, Device], Awaitable[object]], framing: str = "tcp") -> None:
    async def scene() -> None:
        async with on_tcp(behave, framing) as device:
            bus = Bus(Address("tcp" if framing == "tcp" else "rtutcp", "127.0.0.1", device.port))
            await then(bus, device)
            await bus.close()

    asyncio.run(scene())


def slowly(request: Request) -> list[Step]:
    return [0.02, *counting(request)]


def only_unit_2(request: Request) -> Iterable[Step]:
    return counting(request) if request.unit == 2 else []


def test_who_is_due_earlier_is_asked_first() -> None:
    async def read(bus: Bus, device: Device) -> None:
        now_s = monotonic()
        first = asyncio.create_task(bus.read(Question(1, 3, 0, 1)))
        while not device.requests:
            await asyncio.sleep(0.001)
        dues = {10: 9.0, 20: 3.0, 30: 60.0, 40: 6.0}
        await asyncio.gather(first, *(bus.read(Question(1, 3, at, 1), now_s + due) for at, due in dues.items()))
        assert [request.start for request in device.requests] == [0, 20, 40, 10, 30]

    on(slowly, read)


def test_the_questions_of_one_reading_are_asked_one_after_the_other() -> None:
    async def read(bus: Bus, device: Device) -> None:
        async def reading(unit: int) -> None:
            due_s = monotonic() + 1.0
            for start in (0, 10, 20):
                await bus.read(Question(unit, 3, start, 1), due_s)

        await asyncio.gather(*(reading(unit) for unit in (1, 2, 3)))
        assert [request.unit for request in device.requests] == [1, 1, 1, 2, 2, 2, 3, 3, 3]

    on(slowly, read)


@pytest.mark.usefixtures("impatient")
def test_a_silent_unit_costs_the_others_neither_their_connection_nor_long_questions() -> None:
    async def read(bus: Bus, device: Device) -> None:
        for _ in range(4):
            assert await bus.read(Question(2, 3, 0, 2)) == [0, 1]
            with pytest.raises(DriverError, match="does not answer .unit 1 at"):
                await bus.read(Question(1, 3, 100, 50, least=2))
        assert device.connections == 1
        assert [request.count for request in device.requests if request.unit == 1] == [50, 2, 2, 2]

    on(only_unit_2, read)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("framing", ["tcp", "rtu"])
def test_a_unit_that_comes_back_is_asked_for_little_and_then_for_everything(framing: str) -> None:
    dead = [True]

    async def read(bus: Bus, device: Device) -> None:
        whole = Question(1, 3, 100, 50, least=2)
        for _ in range(3):
            with pytest.raises(DriverError):
                await bus.read(whole)
        dead.clear()
        for _ in range(2):
            assert await bus.read(whole) == list(range(100, 150))
        assert [request.count for request in device.requests] == [50, 2, 2, 2, 50, 50]

    on(lambda request: [] if dead else counting(request), read, framing)


@pytest.mark.usefixtures("impatient")
def test_a_silent_unit_alone_on_its_connection_is_tried_on_a_new_one() -> None:
    async def read(bus: Bus, device: Device) -> None:
        for _ in range(3):
            with pytest.raises(DriverError):
                await bus.read(Question(1, 3, 0, 2))
        assert device.connections == 3

    on(lambda _: [], read)


def test_something_unforeseen_reaches_everybody_who_waits_and_the_line_works_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def read(bus: Bus, device: Device) -> None:
        async def broken(*_: object) -> list[int]:
            await asyncio.sleep(0.01)
            raise RuntimeError("a mistake in the program")

        with monkeypatch.context() as patch:
            patch.setattr(link.Link, "ask", broken)
            found = await asyncio.gather(*(bus.read(Question(n, 3, 0, 1)) for n in (1, 2, 3)), return_exceptions=True)
        assert [str(one) for one in found] == ["a mistake in the program"] * 3
        assert await bus.read(Question(1, 3, 5, 1)) == [5]

    on(counting, read)


def test_somebody_who_went_away_while_waiting_is_not_asked_for() -> None:
    async def read(bus: Bus, device: Device) -> None:
        first = asyncio.create_task(bus.read(Question(1, 3, 0, 1)))
        gone = asyncio.create_task(bus.read(Question(1, 3, 10, 1)))
        while not device.requests:
            await asyncio.sleep(0.001)
        gone.cancel()
        await asyncio.gather(first, gone, return_exceptions=True)
        assert await bus.read(Question(1, 3, 20, 1)) == [20]
        assert [request.start for request in device.requests] == [0, 20]

    on(slowly, read)


def test_on_the_slow_line_of_the_benchmark_our_questions_are_the_fewest_and_it_says_so(tmp_path: Path) -> None:
    with slow_line.running(tmp_path / "ttyUSB0", 115_200, 0.005, image("eastron-sdm630", VALUES)) as line:
        at = Address("rtu", device=str(line.link), baud=115_200)
        readings, took_s = asyncio.run(modbus_wire.ours(at, 0.2, everything=True))
        passed = line.passed()
        assert passed.requests == 2 * (readings + 1)  # the first one is not counted
        assert passed.sent + passed.received == (readings + 1) * (8 + 5 + 152 + 8 + 5 + 24)
        share = readings / (readings + 1)
        per_reading = slow_line.Passed(*(round(n * share) for n in (passed.requests, passed.sent, passed.received)))
        row = modbus_wire.Result("ours", readings, took_s, per_reading, 0.06).row(115_200)
        assert row.split()[:3] == ["ours", "2.0", "202"]


def test_a_unit_that_is_not_on_the_slow_line_is_silent(tmp_path: Path) -> None:
    async def read(at: Address) -> None:
        bus = Bus(at)
        with pytest.raises(DriverError, match="does not answer"):
            await bus.read(Question(slow_line.SILENT, 4, 0, 2, patience_s=0.05))
        assert await bus.read(Question(1, 4, 7, 1)) == [0]
        await bus.close()

    with slow_line.running(tmp_path / "ttyUSB0", 115_200, 0.001, {}) as line:
        asyncio.run(read(Address("rtu", device=str(line.link), baud=115_200)))


class Datagrams(asyncio.DatagramProtocol):
    """A meter on Modbus UDP: every answer comes twice and one late, and the first question is lost."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # of this kind
        self.transport = transport
        self.asked: list[bytes] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        start, count = int.from_bytes(data[8:10], "big"), int.from_bytes(data[10:12], "big")
        request = Request(len(self.asked), "tcp", int.from_bytes(data[:2], "big"), data[6], data[7], start, count)
        if len(self.asked) > 1:
            stale = request.frame([0] * count, transaction=request.transaction - 1)
            for frame in (stale, *[bytes(step) for step in counting(request) * 2 if isinstance(step, bytes)]):
                self.transport.sendto(frame, addr)


@pytest.mark.usefixtures("impatient")
def test_a_meter_on_udp_is_read_though_datagrams_are_lost_doubled_and_late() -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        transport, meter = await loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
        bus = Bus(Address("udp", *transport.get_extra_info("sockname")))
        with pytest.raises(DriverError, match="check the unit id and that Modbus is enabled"):
            await bus.read(Question(1, 3, 100, 10, least=2))
        for start in (100, 200, 300):
            assert await bus.read(Question(1, 3, start, 10, least=2)) == list(range(start, start + 10))
        assert len(meter.asked) == 5
        await bus.close()
        transport.close()

    asyncio.run(scene())


def test_behind_a_network_address_a_units_silence_is_its_own() -> None:
    async def read(bus: Bus, device: Device) -> None:
        for unit in (1, 2, 3):
            async with asyncio.timeout(4.0):
                await bus.read(Question(unit, 3, 0, 1, gap_s=5.0))
        assert [request.unit for request in device.requests] == [1, 2, 3]

    on(counting, read)
