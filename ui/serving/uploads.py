"""Uploads that may finish although their service ends: marked by who takes them, seen by who would end them.

The mark is a file that names the serving program. It is there while at least
one upload runs, and whoever waits for that program believes it for `MOST_S` and
no longer. A mark left behind by a program that died is taken away with it.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

MOST_S = 300.0  # what an upload gets after the end, however slow its sender


def mark(run: Path, program: int) -> Path:
    """Where a serving program (its process group) says that an upload runs."""
    return run / f"upload.{program}"


class Uploads:
    """The uploads of this process, which is the one that answers."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._running = 0

    def begin(self) -> None:
        """One more."""
        with self._lock:
            self._running += 1
            mark(self._run, os.getpgrp()).touch()

    def end(self) -> None:
        """One less. Call it once for each `begin`."""
        with self._lock:
            self._running -= 1
            if not self._running:
                mark(self._run, os.getpgrp()).unlink(missing_ok=True)
