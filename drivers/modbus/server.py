"""Let other programs read our meters over Modbus TCP; nobody can write anything.

The protocol is spoken here and not by pymodbus, because who asks is not trusted
to be kind: this server shares its thread with the readings, so it accepts so
many connections a second, answers so many requests a second, one after the
other, and leaves the rest waiting in the kernel's buffers, which are small. A
client that is silent, slow or floods us costs little and disturbs nobody.

1. A connection from outside the local network is closed at once. 2. When all
places are taken, one that never asked makes room, then the one that was silent
longest; where there is none, the new one is closed. 3. What is no Modbus ends
its connection. 4. Silence ends it, too.

Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b (frame),
Modbus Application Protocol V1.1b3 (functions 3 and 4, exceptions).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from drivers.interfaces import DriverError, ServedMeter
from drivers.modbus.sunspec import image
from drivers.sentences import N_

log = logging.getLogger("wattward.server")

MOST_CONNECTIONS = 16
IDLE_S = 120.0  # the slowest client asks once a minute
SILENT_S = 10.0  # whoever was silent so long makes room for somebody else
FRAME_S = 5.0  # the rest of a request, and the taking of an answer
ACCEPT_GAP_S = 0.02  # 50 connections a second at most
OWN_GAP_S = 0.01  # 100 requests a second on one connection …
GAP_S = 0.004  # … and 250 on all: 2 % of a slow core at 80 µs each
BUFFER_BYTES = 4096  # of the kernel, each way: a flood waits at the sender
BACKLOG = 16

HEADER = struct.Struct(">HHHB")  # transaction, protocol, length of what follows, unit
REQUEST = struct.Struct(">BHH")  # function, start, count
LONGEST = 254  # unit and request
READS = (3, 4)
MOST_REGISTERS = 125
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, NOBODY = 1, 2, 3, 11

MeterAt = Callable[[int], ServedMeter | None]


@dataclass(eq=False, slots=True)
class _Connection:
    """One client."""

    socket: socket.socket
    task: asyncio.Task[None] | None = None
    asked: bool = False
    last_s: float = 0.0


class _NotModbus(Exception):
    """What came cannot be a request."""


class Server:
    """Serves the meters that `meter_at` knows by unit, from `open` to `close`."""

    def __init__(self, meter_at: MeterAt, listener: socket.socket) -> None:
        self._meter_at = meter_at
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self._connections: list[_Connection] = []
        self._next_s = 0.0
        self._images: dict[int, tuple[ServedMeter, list[int]]] = {}
        self._accepting = asyncio.create_task(self._accept(), name="modbus server")

    async def close(self) -> None:
        """Let all go and give the port back. Never raises."""
        tasks = [self._accepting, *(one.task for one in self._connections if one.task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()

    async def _accept(self) -> None:
        """Take one connection after the other, not too fast."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, peer = await loop.sock_accept(self._listener)
            except OSError as error:  # the client is gone already, or there are too many files open
                log.debug("accept: %s", error)
            else:
                self._welcome(client, peer[0])
            await asyncio.sleep(ACCEPT_GAP_S)

    def _welcome(self, client: socket.socket, address: str) -> None:
        """Serve a connection, or close it."""
        client.setblocking(False)
        if not is_local(address) or not self._make_room():
            client.close()
            return
        with contextlib.suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(client, last_s=asyncio.get_running_loop().time())
        self._connections.append(connection)
        connection.task = asyncio.create_task(self._serve(connection))

    def _make_room(self) -> bool:
        """Tell whether there is a place; if need be, somebody leaves."""
        if len(self._connections) < MOST_CONNECTIONS:
            return True
        silent_since_s = asyncio.get_running_loop().time() - SILENT_S
        leaves = min(self._connections, key=lambda one: (one.asked, one.last_s))
        if leaves.asked and leaves.last_s > silent_since_s:
            return False
        if leaves.task:
            leaves.task.cancel()
        self._connections.remove(leaves)
        return True

    async def _serve(self, connection: _Connection) -> None:
        """Answer one client until it leaves, falls silent or talks nonsense."""
        loop = asyncio.get_running_loop()
        pending = b""
        try:
            while True:
                pending = await self._request(connection.socket, pending)
                length = _length(pending)
                frame, pending = pending[:length], pending[length:]
                await self._turn()
                connection.asked, connection.last_s = True, loop.time()
                async with asyncio.timeout(FRAME_S):
                    await loop.sock_sendall(connection.socket, self.answer(frame))
                await asyncio.sleep(OWN_GAP_S)
        except (OSError, TimeoutError, _NotModbus) as end:
            log.debug("connection ended: %r", end)
        finally:
            connection.socket.close()
            if connection in self._connections:
                self._connections.remove(connection)

    async def _request(self, client: socket.socket, pending: bytes) -> bytes:
        """Wait until at least one whole request is there. Raises OSError, TimeoutError, _NotModbus."""
        loop = asyncio.get_running_loop()
        if not pending:
            async with asyncio.timeout(IDLE_S):
                pending = await _received(loop, client)
        async with asyncio.timeout(FRAME_S):
            while len(pending) < HEADER.size or len(pending) < _length(pending):
                pending += await _received(loop, client)
        return pending

    async def _turn(self) -> None:
        """Wait until this request may be answered: all clients share the same measure, in turn."""
        now_s = asyncio.get_running_loop().time()
        at_s = max(now_s, self._next_s)
        self._next_s = at_s + GAP_S
        await asyncio.sleep(at_s - now_s)

    def answer(self, frame: bytes) -> bytes:
        """The answer to one request."""
        transaction, _, _, unit = HEADER.unpack_from(frame)
        pdu = self._answer(unit, frame[HEADER.size :])
        return HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        function = pdu[0]
        if function not in READS:
            return bytes((function | 0x80, ILLEGAL_FUNCTION))
        if len(pdu) != REQUEST.size:
            return bytes((function | 0x80, ILLEGAL_VALUE))
        _, start, count = REQUEST.unpack(pdu)
        if not 1 <= count <= MOST_REGISTERS:
            return bytes((function | 0x80, ILLEGAL_VALUE))
        words = self._registers(unit)
        if words is None:
            return bytes((function | 0x80, NOBODY))
        first = start - image.BASE
        if first < 0 or first + count > len(words):
            return bytes((function | 0x80, ILLEGAL_ADDRESS))
        return struct.pack(f">BB{count}H", function, 2 * count, *words[first : first + count])

    def _registers(self, unit: int) -> list[int] | None:
        """The registers of a unit; made anew when its meter shows something else."""
        meter = self._meter_at(unit)
        if meter is None:
            return None
        known = self._images.get(unit)
        if known is None or known[0] is not meter:
            known = self._images[unit] = (meter, image.registers(meter, unit))
        return known[1]


async def serve(meter_at: MeterAt, port: int, host: str | None = None) -> Server:
    """Open the port (0: any free one), on all addresses unless a host is named. Raises DriverError(`unavailable`)."""
    try:
        listener = _listener(port, host)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise DriverError(
                "unavailable",
                N_(
                    "Port {port} is taken by another program, so nobody can read the meters there; choose another port."
                ),
                port=port,
            ) from error
        raise DriverError(
            "unavailable",
            N_("Port {port} cannot be opened, so nobody can read the meters there; choose port 5021. ({detail})"),
            port=port,
            detail=error.strerror or error,
        ) from error
    return Server(meter_at, listener)


def _listener(port: int, host: str | None) -> socket.socket:
    """A listening socket whose connections have small buffers. Raises OSError."""
    if host is not None or not socket.has_dualstack_ipv6():
        listener = socket.create_server((host or "", port), backlog=BACKLOG)
    else:
        listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)
    listener.setblocking(False)
    for direction in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        listener.setsockopt(socket.SOL_SOCKET, direction, BUFFER_BYTES)
    return listener


def is_local(address: str) -> bool:
    """Tell whether a client is in a local network: private, link-local or this machine."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return (found.is_private or found.is_link_local or found.is_loopback) and not found.is_unspecified


async def _received(loop: asyncio.AbstractEventLoop, client: socket.socket) -> bytes:
    data = await loop.sock_recv(client, BUFFER_BYTES)
    if not data:
        raise _NotModbus
    return data


def _length(frame: bytes) -> int:
    """Length of the first request in what was received. Raises _NotModbus."""
    _, protocol, follows, _ = HEADER.unpack_from(frame)
    if protocol != 0 or not 2 <= follows <= LONGEST:
        raise _NotModbus
    return HEADER.size - 1 + int(follows)
