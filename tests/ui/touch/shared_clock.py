"""A clock that only moves when a test says so, shared with the touchscreen's process through a small file."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import fake_clock

LAYOUT = struct.Struct("<dd")  # Unix time, boot clock


class SharedClock(fake_clock.FakeClock):
    """A FakeClock whose hands lie in `path`; every process that opens it sees the same time."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        super().__init__()
        self._path = path
        if make:
            self._write(fake_clock.START, fake_clock.START_BOOTTIME_S)

    def _read(self) -> tuple[float, float]:
        utc_s, boottime_s = LAYOUT.unpack(self._path.read_bytes())
        return utc_s, boottime_s

    def _write(self, now: datetime, boottime_s: float) -> None:
        staged = self._path.with_suffix(".new")
        staged.write_bytes(LAYOUT.pack(now.timestamp(), boottime_s))
        staged.replace(self._path)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._read()[0], UTC)

    def boottime_s(self) -> float:
        return self._read()[1]

    def advance(self, seconds: float) -> None:
        self._write(self.now() + timedelta(seconds=seconds), self.boottime_s() + seconds)

    def set(self, now: datetime) -> None:
        self._write(now, self.boottime_s())
