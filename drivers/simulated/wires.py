"""The wires between the appliance and a simulated house: relay pins over a Unix socket.

One line of text a request, one an answer: `claim 17`, `drive 17 1`, `read 17`,
`free 17` → the level, or `error …`. A line belongs to the connection that
claimed it, as it does to a process on a real chip. When the connection ends,
for whatever reason, the house lets its pins fall, as the kernel does with the
lines of a dead process.

A lost connection is an error of the call that notices it. Every line must then
be set up again; the first call that does so connects again. A real chip never
keeps its caller waiting, so a house that hangs may do so only now and then:
after a time-out it is not asked for a while.
"""

from __future__ import annotations

import contextlib
import socket
from time import monotonic

from drivers.simulated import lgpio
from drivers.simulated.pins import StrictPins

ANSWER_S = 1.0  # a house that takes longer is gone
PAUSE_S = 4.0  # and is not asked for so long


class HouseGpio(StrictPins):
    """RPi.GPIO's interface on the pins of the house at `path`."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._socket: socket.socket | None = None
        self._rest = b""
        self._ask_at = 0.0  # time.monotonic()

    def _claim(self, line: int) -> None:
        self._ask(f"claim {line}")

    def _drive(self, line: int, level: int) -> None:
        self._ask(f"drive {line} {level}")

    def _level(self, line: int) -> int:
        return int(self._ask(f"read {line}"))

    def _let_go(self, line: int) -> None:
        self._ask(f"free {line}")

    def _ask(self, request: str) -> str:
        """Exchange one line. Raises lgpio.error when the house refuses or is gone; then no line is held any more."""
        if monotonic() < self._ask_at:
            raise lgpio.error("the simulated house does not answer: timed out")
        try:
            wire = self._connection()
            wire.sendall(request.encode() + b"\n")
            answer = self._line_from(wire)
        except OSError as error:
            self._hang_up()
            if isinstance(error, TimeoutError):
                self._ask_at = monotonic() + PAUSE_S
            raise lgpio.error(f"the simulated house does not answer: {error}") from error
        if answer.startswith("error "):
            raise lgpio.error(answer.removeprefix("error "))
        return answer

    def _connection(self) -> socket.socket:
        if self._socket is None:
            self._rest = b""
            wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            wire.settimeout(ANSWER_S)
            with contextlib.ExitStack() as on_failure:
                on_failure.callback(wire.close)
                wire.connect(self._path)
                on_failure.pop_all()
            self._socket = wire
        return self._socket

    def _line_from(self, wire: socket.socket) -> str:
        while b"\n" not in self._rest:
            received = wire.recv(4096)
            if not received:
                raise OSError("connection closed")
            self._rest += received
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._directions.clear()
