"""The server for other programs on real sockets: what it answers, and whom it does not let disturb it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from drivers.interfaces import DriverError, ServedMeter
from drivers.modbus import server
from drivers.modbus.server import Server

METER = ServedMeter("Grid", "meter-1", "1.0", {"power_w": 872.0, "power_l2_w": 266.0})
UNIT, W_AT = 1, 40000 + 70 + 18
UNITS = {UNIT: METER}
Scene = Callable[[Server], Awaitable[None]]


def play(scene: Scene) -> None:
    """Run a scene at an open server with one unit."""

    async def run() -> None:
        one = await server.serve(UNITS.get, 0, "127.0.0.1")
        try:
            await scene(one)
        finally:
            await one.close()

    asyncio.run(run())


class Client:
    """A client that sends what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, raw: bytes) -> None:
        self.writer.write(raw)

    async def answer(self) -> bytes:
        """The next answer: unit and PDU."""
        async with asyncio.timeout(5):
            header = await self.reader.readexactly(6)
            return await self.reader.readexactly(struct.unpack(">HHH", header)[2])

    async def ask(self, pdu: bytes, unit: int = UNIT, transaction: int = 7) -> bytes:
        """The PDU of the answer to a PDU."""
        self.send(frame(pdu, unit, transaction))
        answer = await self.answer()
        assert answer[0] == unit
        return answer[1:]

    async def is_closed(self) -> bool:
        """Wait for the server's end; False when it goes on."""
        try:
            async with asyncio.timeout(2):
                return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def frame(pdu: bytes, unit: int = UNIT, transaction: int = 7) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def read(start: int, count: int, function: int = 3) -> bytes:
    return struct.pack(">BHH", function, start, count)


@contextlib.asynccontextmanager
async def client(of: Server) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", of.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


@pytest.mark.parametrize("function", [3, 4])
def test_registers_are_read_with_both_functions(function: int) -> None:
    async def scene(one: Server) -> None:
        async with client(one) as it:
            assert await it.ask(read(W_AT, 1, function)) == struct.pack(">BBH", function, 2, 872)

    play(scene)


@pytest.mark.parametrize(
    ("pdu", "unit", "exception"),
    [
        (struct.pack(">BHH", 6, W_AT, 1), UNIT, 1),
        (struct.pack(">BHHBH", 16, W_AT, 1, 2, 1), UNIT, 1),
        (struct.pack(">BHH", 5, 0, 0xFF00), UNIT, 1),
        (struct.pack(">BHHHHBH", 23, W_AT, 1, W_AT, 1, 2, 5), UNIT, 1),
        (b"\x2b\x0e\x01\x00", UNIT, 1),
        (read(0, 2), UNIT, 2),
        (read(39999, 2), UNIT, 2),
        (read(40000 + 304, 2), UNIT, 2),
        (read(65535, 2), UNIT, 2),
        (read(W_AT, 0), UNIT, 3),
        (read(W_AT, 126), UNIT, 3),
        (read(W_AT, 1) + b"\x00", UNIT, 3),
        (b"\x03", UNIT, 3),
        (read(W_AT, 1), 9, 11),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_can_be_written(pdu: bytes, unit: int, exception: int) -> None:
    async def scene(one: Server) -> None:
        async with client(one) as it:
            assert await it.ask(pdu, unit) == bytes((pdu[0] | 0x80, exception))
            assert await it.ask(read(W_AT, 1)) == struct.pack(">BBH", 3, 2, 872), "and the connection goes on"

    play(scene)


def test_requests_in_one_packet_and_in_pieces_are_answered_in_order() -> None:
    async def scene(one: Server) -> None:
        async with client(one) as it:
            it.send(frame(read(W_AT, 1)) + frame(read(40000, 2)) + frame(read(40002, 1))[:5])
            assert (await it.answer())[2:] == struct.pack(">BH", 2, 872)
            assert (await it.answer())[3:] == b"SunS"
            it.send(frame(read(40002, 1))[5:])
            assert (await it.answer())[3:] == b"\x00\x01"

    play(scene)


@pytest.mark.parametrize("raw", [b"GET / HTTP/1.1\r\n\r\n", frame(b"")[:7], b"\x00\x01\x00\x00\xff\xff\x01"])
def test_what_is_no_modbus_ends_the_connection(raw: bytes) -> None:
    async def scene(one: Server) -> None:
        async with client(one) as it:
            it.send(raw)
            assert await it.is_closed()

    play(scene)


def test_a_request_that_stops_halfway_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "FRAME_S", 0.05)

    async def scene(one: Server) -> None:
        async with client(one) as it:
            it.send(frame(read(W_AT, 1))[:9])
            assert await it.is_closed()

    play(scene)


def test_silence_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_S", 0.05)

    async def scene(one: Server) -> None:
        async with client(one) as it:
            assert await it.is_closed()

    play(scene)


def test_twenty_connections_that_never_ask_keep_nobody_out() -> None:
    async def scene(one: Server) -> None:
        async with contextlib.AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(client(one)) for _ in range(20)]
            async with client(one) as it:
                assert (await it.ask(read(W_AT, 1)))[2:] == struct.pack(">H", 872)
            assert await silent[0].is_closed(), "the oldest made room"

    play(scene)


def test_when_all_places_are_in_use_the_new_one_is_turned_away_and_later_the_most_silent_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(one: Server) -> None:
        async with contextlib.AsyncExitStack() as stack:
            busy = [await stack.enter_async_context(client(one)) for _ in range(server.MOST_CONNECTIONS)]
            for it in busy:
                await it.ask(read(W_AT, 1))
            late = await stack.enter_async_context(client(one))
            assert await late.is_closed()
            for it in busy[1:]:
                await it.ask(read(W_AT, 1))
            monkeypatch.setattr(server, "SILENT_S", 0.0)
            late = await stack.enter_async_context(client(one))
            assert len(await late.ask(read(W_AT, 1))) == 4
            assert await busy[0].is_closed()
            assert len(await busy[1].ask(read(W_AT, 1))) == 4

    play(scene)


def test_who_floods_us_without_reading_is_not_read_on_and_others_are_answered() -> None:
    async def scene(one: Server) -> None:
        loop = asyncio.get_running_loop()
        with socket.create_connection(("127.0.0.1", one.port)) as flood:
            flood.setblocking(False)
            sent = 0
            block = frame(read(40000, 125)) * 100
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while True:
                        await loop.sock_sendall(flood, block)
                        sent += len(block)
            async with client(one) as it:
                assert (await it.ask(read(W_AT, 1)))[2:] == struct.pack(">H", 872)
            assert sent < 10_000_000, "the kernel holds the rest back at the sender"

    play(scene)


def test_the_server_gives_its_port_and_all_connections_back() -> None:
    async def run() -> None:
        one = await server.serve(UNITS.get, 0, "127.0.0.1")
        async with client(one) as it:
            await it.ask(read(W_AT, 1))
            await one.close()
            assert await it.is_closed()
        again = await server.serve(UNITS.get, one.port, "127.0.0.1")
        await again.close()

    asyncio.run(run())


def test_a_taken_port_is_named() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(DriverError, match="Port .* is taken"):
            await server.serve(UNITS.get, other.getsockname()[1], "127.0.0.1")

    asyncio.run(run())


def test_an_address_that_is_not_ours_is_an_error_that_names_the_port() -> None:
    with pytest.raises(DriverError, match="Port 5021 cannot be opened"):
        asyncio.run(server.serve(UNITS.get, 5021, "192.0.2.1"))


def test_it_listens_on_all_addresses_of_both_families() -> None:
    async def run() -> None:
        one = await server.serve(UNITS.get, 0)
        for host in ("127.0.0.1", "::1") if socket.has_dualstack_ipv6() else ("127.0.0.1",):
            reader, writer = await asyncio.open_connection(host, one.port)
            it = Client(reader, writer)
            assert (await it.ask(read(W_AT, 1)))[2:] == struct.pack(">H", 872)
            writer.close()
        await one.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("192.168.178.20", True), ("10.0.0.1", True), ("172.16.5.5", True), ("127.0.0.1", True), ("::1", True),
        ("169.254.3.4", True), ("fe80::1%eth0", True), ("fd00::5", True), ("::ffff:192.168.1.2", True),
        ("8.8.8.8", False), ("2001:4860:4860::8888", False), ("::ffff:8.8.8.8", False), ("172.32.0.1", False),
        ("100.64.0.1", False), ("0.0.0.0", False),  # noqa: S104 - an address that is looked at
    ],
)  # fmt: skip
def test_only_the_local_network_is_served(address: str, local: bool) -> None:
    assert server.is_local(address) is local


def test_a_client_from_outside_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "is_local", lambda _address: False)

    async def scene(one: Server) -> None:
        async with client(one) as it:
            assert await it.is_closed()

    play(scene)
