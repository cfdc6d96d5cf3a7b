"""What every process that waits to serve has: its programs, its signs of life, its faults, its end.

A waiting process stays small: it loads neither Flask nor asyncio nor
cryptography, and no logging, which alone costs half a megabyte.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance import clock, config, errors, faults, heartbeat
from appliance.store import changes
from appliance.store.database import Store
from ui.serving import child

LOOK_S = 1.0
MANAGERS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")  # only the waiting process speaks to the service manager
RESTART_S = 2.0  # pause before a program that died is started again


class Helper:
    """A program that runs while it is wanted, and is started again when it died."""

    def __init__(self, module: str, home: config.Home) -> None:
        self._module = module
        self._home = home
        self._child: child.Child | None = None
        self._ending: list[child.Child] = []
        self._started_s = -RESTART_S

    def want(self, *more: str) -> bool:
        """Have it running; tell whether it died since the last look."""
        died = self._child is not None and self._child.has_ended()
        if died:
            self._child = None
        if self._child is None and time.monotonic() - self._started_s >= RESTART_S:
            self._started_s = time.monotonic()
            environment = {name: value for name, value in os.environ.items() if name not in MANAGERS}
            environment["WATTWARD_RUN"] = str(self._home.run)
            environment["MALLOC_ARENA_MAX"] = "1"  # mallopt(3): 64 threads with heaps of their own cost 5 MB
            self._child = child.Child(child.command(self._module, self._home.root, *more), environment)
        return died

    @property
    def is_settled(self) -> bool:
        """It runs, and has for a while."""
        return self._child is not None and time.monotonic() - self._started_s >= 2 * RESTART_S

    def end(self) -> None:
        """Ask it to end."""
        if self._child is not None:
            self._child.ask_to_end()
            self._ending.append(self._child)
            self._child = None
            self._started_s = -RESTART_S  # wanted again, it starts at once: it did not die

    def press(self, *, patient: bool = True) -> bool:
        """See to it that what was asked to end does; tell whether all has. Who is patient lets uploads finish."""
        run = self._home.run if patient else None
        self._ending = [one for one in self._ending if not one.press(run)]
        return not self._ending


class Signs:
    """What the rest of the appliance learns of a waiting process: heartbeat, faults, lines in the journal."""

    def __init__(self, live: Store, when: clock.Clock, name: str, source: str) -> None:
        self._live = live
        self._clock = when
        self._name = name
        self._source = source  # of its faults
        self._known_live: tuple[int, ...] = ()
        self._said = ""

    def note(self, sentence: str) -> None:
        """One line for the journal."""
        sys.stderr.write(f"{self._name}: {sentence}\n")
        sys.stderr.flush()

    def note_once(self, sentence: str) -> None:
        """What keeps a port closed, not each second again."""
        if sentence != self._said:
            self._said = sentence
            self.note(sentence)

    def report(self, code: str, message: str, **values: object) -> None:
        """A fault."""
        with contextlib.suppress(errors.StoreError):
            if faults.report(self._live, self._clock.now(), self._source, code, message, **values):
                self.note(message.format(**values))

    def clear(self) -> None:
        """No fault any more."""
        with contextlib.suppress(errors.StoreError):
            faults.clear(self._live, self._source)

    def give(self) -> None:
        """A heartbeat; introduces itself again when the core made the live file anew."""
        with contextlib.suppress(errors.StoreError):
            identity = self._live.version()[1:]
            if identity != self._known_live:
                heartbeat.begin(self._live, self._name, self._clock)
                faults.clear(self._live, self._source)
                self._known_live = identity
            heartbeat.beat(self._live, self._name, self._clock)


class Server(Protocol):
    """What `run` runs."""

    def step(self) -> float:
        """Do what is due; return how many seconds until the next look."""
        ...

    def leave(self) -> None:
        """End everything before this process ends."""
        ...


Make = Callable[[config.Home, clock.Clock, int | None], Server]  # the port, if it is not the setting's


@dataclass(frozen=True, slots=True)
class Kind:
    """Which waiting process it is."""

    name: str  # of its package and its bell
    port_variable: str  # in the environment
    port_file: str  # in the run folder, so that touchscreen and command line name the right address


def main(
    kind: Kind, make: Callable[[config.Home, clock.Clock, int | None], Server], words: Sequence[str] | None
) -> int:
    """Start from the command line: --home DIR, --port N (default: the environment, then the setting)."""
    words = list(sys.argv[1:] if words is None else words)
    options = dict(zip(words[::2], words[1::2], strict=False))
    unknown = options.keys() - {"--home", "--port"}
    port = options.get("--port") or os.environ.get(kind.port_variable) or "0"
    if unknown or len(words) % 2 or not port.isdigit():
        sys.stderr.write(f"usage: python -m ui.{kind.name} [--home DIR] [--port N]\n")
        return 2
    os.umask(0o007)
    home = config.find(options.get("--home"))
    while not home.bells.is_dir():  # before the core's first start
        time.sleep(LOOK_S)
    noted: Path = home.run / kind.port_file
    if int(port):
        noted.write_text(port)
    else:
        noted.unlink(missing_ok=True)
    run(make(home, clock.of_run(home.run), int(port) or None), changes.Bell(home.bells, kind.name))
    return 0


def run(server: Server, bells: changes.Bell) -> None:
    """Work until SIGTERM or SIGINT."""
    stopping: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    heartbeat.notify("READY=1")
    try:
        while not stopping:
            delay_s = server.step()
            heartbeat.notify("WATCHDOG=1")
            if not stopping:
                bells.wait(delay_s)
    finally:
        heartbeat.notify("STOPPING=1")
        server.leave()
        bells.close()
