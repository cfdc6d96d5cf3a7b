"""Devices that answer on Modbus as they are told, on real sockets and real pseudo-terminals.

A behaviour is a function from a request to steps: bytes to send, seconds to
wait, or `CLOSE`. `frame` builds a right answer, in whichever framing the
request came.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import struct
import tty
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from drivers.modbus import ear, registers

CLOSE: Literal["close"] = "close"
Step = bytes | float | Literal["close"]


@dataclass(frozen=True)
class Request:
    """A request as it came in."""

    number: int  # the how-manieth of this device, from 1
    framing: str  # "tcp" or "rtu"
    transaction: int
    unit: int
    function: int
    start: int
    count: int
    raw: bytes = b""

    def frame(self, words: Sequence[int], **changes: int) -> bytes:
        """An answer with these registers; `transaction`, `unit` and `function` can be changed."""
        pdu = struct.pack(">BB", changes.get("function", self.function), 2 * len(words))
        return self.wrap(pdu + struct.pack(f">{len(words)}H", *words), **changes)

    def refusal(self, code: int) -> bytes:
        """The answer that refuses."""
        return self.wrap(bytes([self.function | 0x80, code]))

    def wrap(self, pdu: bytes, **changes: int) -> bytes:
        """A frame around a PDU."""
        body = bytes([changes.get("unit", self.unit)]) + pdu
        if self.framing == "rtu":
            return body + ear.crc(body)
        return struct.pack(">HHH", changes.get("transaction", self.transaction), 0, len(body)) + body


Behaviour = Callable[[Request], Iterable[Step]]


def image(model: str, values: Mapping[str, float]) -> dict[int, int]:
    """`address -> register` of a meter that shows `values`."""
    return registers.image(registers.load(model), values)


def meter(held: Mapping[int, int]) -> Behaviour:
    """Answer rightly from `address -> register`; what is not held reads 0."""
    return lambda request: [request.frame([held.get(request.start + i, 0) for i in range(request.count)])]


@dataclass
class Device:
    """Answers requests and remembers them."""

    behave: Behaviour
    framing: str = "tcp"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, data: bytes) -> tuple[Request, int] | None:
        """The first request in `data` and its length."""
        size = 8 if self.framing == "rtu" else 12
        if len(data) < size:
            return None
        transaction = 0 if self.framing == "rtu" else int.from_bytes(data[:2], "big")
        unit, function, start, count = struct.unpack(">BBHH", data[6:12] if size == 12 else data[:6])
        request = Request(len(self.requests) + 1, self.framing, transaction, unit, function, start, count, data[:size])
        self.requests.append(request)
        return request, size

    async def talk(self, request: Request, send: Callable[[bytes], None]) -> bool:
        """Take the steps; tell whether to stay connected."""
        for step in self.behave(request):
            if step == CLOSE:
                return False
            if isinstance(step, bytes):
                send(step)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.ended.wait(), float(step))
                    return False
        return True


@contextlib.asynccontextmanager
async def on_tcp(behave: Behaviour, framing: str = "tcp", port: int = 0) -> AsyncIterator[Device]:
    """A device on a socket; with framing "rtu" a gateway that passes frames on."""
    device = Device(behave, framing)
    writers: list[asyncio.StreamWriter] = []
    talks: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device.connections += 1
        writers.append(writer)
        talks.add(asyncio.current_task())
        data = b""
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(256):
                data += chunk
                while found := device.ask(data):
                    request, size = found
                    data = data[size:]
                    if not await device.talk(request, writer.write):
                        writer.close()
                        return
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    device.port = server.sockets[0].getsockname()[1]
    try:
        yield device
    finally:
        server.close()
        device.ended.set()
        for writer in writers:
            writer.close()
        await asyncio.gather(*(talk for talk in talks if talk is not None), return_exceptions=True)


class Cable:
    """Two pseudo-terminals with a wire between them, as fast as `baud` (0: at once). `near` is a stable name."""

    def __init__(self, near: Path, baud: int = 0) -> None:
        self.near = near
        self._character_s = 11 / baud if baud else 0.0
        self._masters: list[int] = []
        self._slaves: list[int] = []
        self._free_at = {0: 0.0, 1: 0.0}

    def plug(self) -> str:
        """Put the cable in; return the far end's name."""
        for _ in range(2):
            master, slave = pty.openpty()
            tty.setraw(slave)
            os.set_blocking(master, False)
            self._masters.append(master)
            self._slaves.append(slave)
        self.near.unlink(missing_ok=True)
        self.near.symlink_to(os.ttyname(self._slaves[0]))
        loop = asyncio.get_running_loop()
        loop.add_reader(self._masters[0], self._carry, 0, 1)
        loop.add_reader(self._masters[1], self._carry, 1, 0)
        return os.ttyname(self._slaves[1])

    def pull(self) -> None:
        """Pull the cable out: the near end's device goes away."""
        for fd in self._masters:
            asyncio.get_running_loop().remove_reader(fd)
        for fd in self._masters + self._slaves:
            os.close(fd)
        self._masters, self._slaves = [], []
        self.near.unlink(missing_ok=True)

    def _carry(self, start: int, end: int) -> None:
        """Bytes arrive at the other end one character time after the other."""
        with contextlib.suppress(OSError):
            data = os.read(self._masters[start], 512)
            if not self._character_s:
                os.write(self._masters[end], data)
                return
            loop = asyncio.get_running_loop()
            at = max(loop.time(), self._free_at[end])
            for byte in data:
                at += self._character_s
                loop.call_at(at, self._drop_in, end, bytes([byte]))
            self._free_at[end] = at

    def _drop_in(self, end: int, byte: bytes) -> None:
        with contextlib.suppress(OSError, IndexError):
            os.write(self._masters[end], byte)


@contextlib.asynccontextmanager
async def on_cable(behave: Behaviour, far: str) -> AsyncIterator[Device]:
    """A device at the far end of a cable."""
    device = Device(behave, "rtu")
    fd = os.open(far, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Task[bool]] = []
    data = b""

    def read() -> None:
        nonlocal data
        with contextlib.suppress(OSError):
            data += os.read(fd, 256)
        while found := device.ask(data):
            request, size = found
            data = data[size:]
            waiting.append(asyncio.ensure_future(device.talk(request, lambda frame: (os.write(fd, frame), None)[1])))

    loop.add_reader(fd, read)
    try:
        yield device
    finally:
        loop.remove_reader(fd)
        device.ended.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        os.close(fd)
