"""A serving program as a process of its own: started, watched, ended without fail.

It leads a process group, so that its workers end with it. It is asked to end
first and killed a little later, which also ends a program that was stopped.
Only an upload that runs makes it live longer, and that has its end, too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ui.serving import uploads

GRACE_S = 3.0  # for answers that are on their way


class Child:
    """One run of the serving program."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.pid = os.posix_spawn(
            sys.executable,
            [sys.executable, *command],
            environment,
            setpgroup=0,
            setsigdef=[signal.SIGTERM, signal.SIGINT, signal.SIGPIPE],
        )
        self._asked_at_s: float | None = None
        self._ended = False

    def has_ended(self) -> bool:
        """Tell whether it is gone; a zombie is taken away here."""
        if not self._ended:
            self._ended = os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        return self._ended

    def ask_to_end(self) -> None:
        """Let it finish what it answers now."""
        self._asked_at_s = time.monotonic()
        self._signal(signal.SIGTERM)

    def press(self, run: Path | None = None) -> bool:
        """Kill it when its grace is over; tell whether it is gone. Call again until it is.

        `run` is where it marks uploads that may finish; without it none may.
        """
        if self._asked_at_s is not None:
            asked_s = time.monotonic() - self._asked_at_s
            upload = run is not None and uploads.mark(run, self.pid).exists()
            if asked_s >= (uploads.MOST_S if upload else GRACE_S):
                self.kill()
        if not self.has_ended():
            return False
        if run is not None:
            uploads.mark(run, self.pid).unlink(missing_ok=True)
        return True

    def kill(self) -> None:
        """End it and its workers now."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def command(module: str, root: Path, *more: str) -> list[str]:
    """How a module of ours is run for the appliance at `root`, not to outlive this process."""
    return ["-m", module, "--home", str(root), "--parent", str(os.getpid()), *more]
