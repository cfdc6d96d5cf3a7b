"""Meters at the far end of a serial line that is as slow as its baud rate, for benchmarks.

    python -m tests.benchmarks.slow_line LINK BAUD DELAY_MS   < "FUNCTION ADDRESS VALUE" lines

A process of its own on a pseudo-terminal: a request's characters take their
time (8N1, ten bits each), then the meter thinks, then the answer's characters
come one after the other. Unit ids below 200 answer with the same registers,
the others not at all. `count`
on standard input prints what passed since the last time: requests, and bytes
both ways. `running` starts and ends it.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.modbus import ear

REQUEST = 8
SILENT = 200  # the first unit id that does not answer
LEAST_WAIT_S = 0.0005  # characters that arrive closer together come in one piece, as from a real adapter


@dataclass(frozen=True)
class Passed:
    """What passed on a line."""

    requests: int
    sent: int  # bytes of requests
    received: int  # bytes of answers


class SlowLine:
    """The far end: one request at a time, as a meter does."""

    def __init__(self, master: int, baud: int, delay_s: float, held: Mapping[tuple[int, int], int]) -> None:
        self._master = master
        self._character_s = 10 / baud
        self._delay_s = delay_s
        self._held = held
        self.requests = self.sent = self.received = 0

    def take(self) -> None:
        """Read one request, let its characters pass, think, answer at the line's speed."""
        began = time.perf_counter()
        data = os.read(self._master, 256)
        while len(data) < REQUEST:
            data += os.read(self._master, 256)
        self.requests += len(data) // REQUEST
        self.sent += len(data)
        unit, function, start, count = struct.unpack(">BBHH", data[:6])
        if unit >= SILENT:
            return
        words = [self._held.get((function, start + n), 0) for n in range(count)]
        body = struct.pack(f">BBB{count}H", unit, function, 2 * count, *words)
        self._send(body + ear.crc(body), began + len(data) * self._character_s + self._delay_s)

    def _send(self, frame: bytes, at: float) -> None:
        """Let characters arrive one after the other, the first one character after `at`."""
        written = 0
        while written < len(frame):
            due = int((time.perf_counter() - at) / self._character_s)
            if due > written:
                os.write(self._master, frame[written : min(due, len(frame))])
                written = min(due, len(frame))
            else:
                time.sleep(max(at + (written + 1) * self._character_s - time.perf_counter(), LEAST_WAIT_S))
        self.received += len(frame)


def serve(link: Path, baud: int, delay_s: float) -> None:
    """Answer until standard input ends."""
    held: dict[tuple[int, int], int] = {}
    while (line := sys.stdin.readline().strip()) not in ("", "."):
        function, address, value = map(int, line.split())
        held[function, address] = value
    master, slave = pty.openpty()
    tty.setraw(slave, termios.TCSANOW)
    link.symlink_to(os.ttyname(slave))
    far = SlowLine(master, baud, delay_s, held)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([master, 0], [], [])
        if master in ready:
            far.take()
        if 0 in ready:
            if not os.read(0, 64):
                return
            print(far.requests, far.sent, far.received, flush=True)
            far.requests = far.sent = far.received = 0


@dataclass
class Running:
    """A line in its process."""

    link: Path
    process: subprocess.Popen[str]

    def passed(self) -> Passed:
        """What passed since the last time it was asked."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return Passed(*map(int, self.process.stdout.readline().split()))


@contextlib.contextmanager
def running(
    link: Path, baud: int, delay_s: float, held: Mapping[int, int], functions: tuple[int, ...] = (3, 4)
) -> Iterator[Running]:
    """Such a line, with these registers, at the name `link`."""
    command = [sys.executable, "-m", __name__, str(link), str(baud), str(delay_s * 1000)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write("".join(f"{f} {address} {value}\n" for f in functions for address, value in held.items()))
        process.stdin.write(".\n")
        process.stdin.flush()
        if process.stdout.readline() != "ready\n":
            raise OSError("the slow line did not start")
        yield Running(link, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
        link.unlink(missing_ok=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000)
