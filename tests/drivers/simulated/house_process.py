"""A simulated house as a real process, for tests."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
START_S = 20.0


class Wire:
    """One connection to the house's lines, as any program may open it."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(5)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("r", encoding="utf-8")

    def say(self, words: str) -> str:
        """Send one line, return the answer."""
        self._socket.sendall(words.encode() + b"\n")
        return self._file.readline().strip()

    def close(self) -> None:
        """End the connection."""
        self._file.close()
        self._socket.close()


class HouseProcess:
    """Starts when entered, ends when left."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.pins = folder / "house.sock"
        self._options = options
        self._wanted_port = port
        self._errors = folder / "house.err"
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> HouseProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it serves."""
        command = [sys.executable, "-m", "drivers.simulated.house", "--modbus-port", str(self._wanted_port)]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [*command, "--pins", str(self.pins), *self._options],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_S)
        line = self._process.stdout.readline() if ready else ""
        found = re.fullmatch(r"house ready modbus=(\d+) pins=(.+)\n", line)
        assert found is not None, f"the house did not start: {line!r} {self.errors()}"
        self.port = int(found[1])

    def url(self) -> str:
        """Where its meters are."""
        return f"tcp://127.0.0.1:{self.port}"

    def wire(self) -> Wire:
        """A connection of its own."""
        return Wire(self.pins)

    def say(self, words: str) -> str:
        """Say one line on a connection of its own."""
        wire = self.wire()
        try:
            return wire.say(words)
        finally:
            wire.close()

    def until(self, words: str, pattern: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until the house answers so: all of its answer fits the regular expression."""
        deadline = time.monotonic() + patience_s
        while not re.fullmatch(pattern, found := self.say(words)):
            assert time.monotonic() < deadline, f"{words}: {found}, not {pattern}"
            time.sleep(0.01)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        os.kill(self._process.pid, number)

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        assert self._process is not None
        code = self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()
        return code

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        self.wait()

    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._errors.read_text()
