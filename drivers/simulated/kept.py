"""What outlives the simulated house: a small record, kept before its figures are shown.

A meter's counters never run backwards, whatever ends the house. So the record
is written, in place and with one call, before each answer; the kernel takes it
to the disk in its own time. A record that cannot be read is set aside.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

SIZE = 4096  # one page: written whole or not at all when the process is killed


class Kept:
    """A record in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def load(self) -> dict[str, Any] | None:
        """The record of the last run; None when there is none that can be read."""
        try:
            record = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            record = None
        if isinstance(record, dict):
            return record
        self.set_aside()
        return None

    def set_aside(self) -> None:
        """Rename a record that is of no use."""
        self._path.replace(self._path.with_name(f"{self._path.name}.unreadable"))

    def keep(self, record: dict[str, Any]) -> None:
        """Replace the record. Raises OSError."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o660)
        os.pwrite(self._file, json.dumps(record).encode().ljust(SIZE), 0)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
