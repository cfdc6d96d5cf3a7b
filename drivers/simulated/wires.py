"""The wires between the appliance and a simulated house: relay pins over a Unix socket.

One line of text a request, one an answer: `drive 17 1`, `read 17`, `free 17`
→ the level, or `error …`. When the connection ends, for whatever reason, the
house lets all pins of that connection fall, as a kernel does with the lines of
a dead process. After a lost connection every line must be set up again.
"""

from __future__ import annotations

import contextlib
import socket

from drivers.simulated.pins import StrictPins

ANSWER_S = 1.0  # a house that takes longer is gone


class HousePins(StrictPins):
    """RPi.GPIO's interface on the pins of the house at `path`."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._socket: socket.socket | None = None
        self._rest = b""

    def _drive(self, line: int, level: int) -> None:
        self._ask(f"drive {line} {level}")

    def _level(self, line: int) -> int:
        return int(self._ask(f"read {line}"))

    def _let_go(self, line: int) -> None:
        with contextlib.suppress(RuntimeError):
            self._ask(f"free {line}")

    def _ask(self, request: str) -> str:
        """Exchange one line. Raises RuntimeError when the house is gone; then no line is set up any more."""
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(ANSWER_S)
                self._socket.connect(self._path)
                self._rest = b""
            self._socket.sendall(request.encode() + b"\n")
            answer = self._line(self._socket)
        except OSError as error:
            self._hang_up()
            raise RuntimeError(f"the simulated house does not answer: {error}") from error
        if answer.startswith("error"):
            raise RuntimeError(answer)
        return answer

    def _line(self, wire: socket.socket) -> str:
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
