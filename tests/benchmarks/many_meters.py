"""A thousand meters on Modbus TCP in one cheap process, for benchmarks.

    python -m tests.benchmarks.many_meters   < "ADDRESS VALUE" lines

Each address 127.x.y.z with the port it prints is a meter of its own. Answers
are put together once and then only renumbered, so that it takes little of the
CPU that is being measured.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

REQUEST = 12


class Meter(asyncio.Protocol):
    """One connection."""

    answers: dict[bytes, bytes] = {}  # what follows the transaction id, of requests and answers
    held: Mapping[int, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request; they come whole over loopback."""
        for at in range(0, len(data) - REQUEST + 1, REQUEST):
            request = data[at : at + REQUEST]
            answer = self.answers.get(request[2:]) or self._made(request[2:])
            self._transport.write(request[:2] + answer)

    def _made(self, request: bytes) -> bytes:
        start, count = int.from_bytes(request[6:8], "big"), int.from_bytes(request[8:10], "big")
        words = b"".join(self.held.get(start + n, 0).to_bytes(2, "big") for n in range(count))
        body = request[4:6] + bytes([len(words)]) + words
        answer = self.answers[request] = b"\0\0" + len(body).to_bytes(2, "big") + body
        return answer


async def serve() -> None:
    """Answer until standard input ends."""
    Meter.held = {int(address): int(value) for address, value in map(str.split, iter(sys.stdin.readline, ".\n"))}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Meter, "0.0.0.0", 0, backlog=2000)  # noqa: S104 - all of 127.0.0.0/8
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
