"""Other people's Modbus servers as programs: registers go in at stdin, the line `ready PORT` comes out."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path


class Missing(Exception):
    """This machine cannot run that program. The message says what it lacks."""


@contextlib.contextmanager
def served(command: Sequence[str | Path], held: str, folder: Path | None = None) -> Iterator[int]:
    """Run a server in `folder` with these registers, each a line; gives its port. Raises Missing."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(held)
        process.stdin.close()
        ready = process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise Missing(f"{Path(command[0]).name} did not start")
        yield int(ready[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
