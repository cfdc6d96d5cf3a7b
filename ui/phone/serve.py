"""Wait for the switch of the service for apps, open its port, serve; and answer to wattward.local, if wanted.

1. Somebody switches the service on: a row in the settings. 2. This process,
woken by its bell or its look each second, binds the port and starts the serving
program with it. 3. When it is switched off, or the port is another, the port is
shut down at once and the program ends.

It does not care about the web admin's window, nor that about it. While it waits
it has loaded neither Flask nor asyncio nor cryptography. What cannot be read is
off.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence

from appliance import clock, config, errors, faults, heartbeat
from appliance.access import app_service
from appliance.store import changes
from appliance.store.database import Store
from ui.serving import child, listener

LOOK_S = 1.0
SOURCE = "phone"  # of its faults
MANAGERS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")  # only this process speaks to the service manager
RESTART_S = 2.0  # pause before a program that died is started again


def _note(sentence: str) -> None:
    """One line for the journal (logging would cost the waiting process half a megabyte)."""
    sys.stderr.write(f"phone: {sentence}\n")
    sys.stderr.flush()


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

    def press(self) -> bool:
        """See to it that what was asked to end does; tell whether all has."""
        self._ending = [one for one in self._ending if not one.press()]
        return not self._ending


class Server:
    """The waiting process's state: the port and the programs, or neither."""

    def __init__(self, home: config.Home, when: clock.Clock, port: int | None) -> None:
        self._home = home
        self._store = Store(home.store_db, bells=home.bells)
        self._live = Store(home.live_db, bells=home.bells, synchronous="OFF")
        self._clock = when
        self._fixed_port = port
        self._port = 0
        self._sockets: list[socket.socket] = []
        self._web = Helper("ui.phone.web", home)
        self._name = Helper("ui.phone.announce", home)
        self._known_live: tuple[int, ...] = ()
        self._said = ""

    def step(self) -> float:
        """Make port and programs match the switches; return how many seconds until they must be looked at again."""
        on, named, port = self._wanted()
        if self._sockets and port != self._port:
            self._close()
        if on:
            self._serve(port)
        else:
            self._close()
        if named:
            self._name.want()
        else:
            self._name.end()
        self._give_sign()
        pressed = [self._web.press(), self._name.press()]
        return LOOK_S if all(pressed) else 0.1

    def leave(self) -> None:
        """End everything before this process ends."""
        self._close()
        self._name.end()
        while not (self._web.press() and self._name.press()):
            time.sleep(0.02)

    def _wanted(self) -> tuple[bool, bool, int]:
        """Whether the service and the name are switched on, and the port."""
        try:
            port = self._fixed_port or app_service.port_wanted(self._store)
            return app_service.is_on(self._store), app_service.answers_to_its_name(self._store), port
        except errors.StoreError as error:
            self._say_once(str(error))
            return False, False, self._port

    def _serve(self, port: int) -> None:
        """Have the port bound and the program running; say in a fault what keeps it from that."""
        try:
            if not self._sockets:
                self._sockets, self._port = listener.bind(port), port
                _note(f"apps and phones may connect on port {port}")
            numbers = ",".join(str(one.fileno()) for one in self._sockets)
            if self._web.want("--sockets", numbers):
                self._report("crashed", errors.N_("The service for apps stopped working and is started again."))
            elif self._web.is_settled:
                self._clear_fault()
        except errors.Refused as error:
            self._report("port", error.message, **error.values)
        except OSError as error:
            self._report("port", errors.N_("The service for apps cannot open its port: {detail}."), detail=error)

    def _close(self) -> None:
        """Close the port at once and end the program."""
        self._web.end()
        if self._sockets:
            listener.close(self._sockets)
            self._sockets = []
            self._clear_fault()
            _note("apps and phones cannot connect any more")

    def _report(self, code: str, message: str, **values: object) -> None:
        with contextlib.suppress(errors.StoreError):
            if faults.report(self._live, self._clock.now(), SOURCE, code, message, **values):
                _note(message.format(**values))

    def _clear_fault(self) -> None:
        with contextlib.suppress(errors.StoreError):
            faults.clear(self._live, SOURCE)

    def _say_once(self, sentence: str) -> None:
        """Note what keeps the port closed, not each second again."""
        if sentence != self._said:
            self._said = sentence
            _note(sentence)

    def _give_sign(self) -> None:
        """A heartbeat; introduces itself again when the core made the live file anew."""
        with contextlib.suppress(errors.StoreError):
            identity = self._live.version()[1:]
            if identity != self._known_live:
                heartbeat.begin(self._live, "phone", self._clock)
                faults.clear(self._live, SOURCE)
                self._known_live = identity
            heartbeat.beat(self._live, "phone", self._clock)


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


def main(words: Sequence[str] | None = None) -> int:
    """Start from the command line: --home DIR, --port N (default: $WATTWARD_PHONE_PORT, then the setting)."""
    words = list(sys.argv[1:] if words is None else words)
    options = dict(zip(words[::2], words[1::2], strict=False))
    unknown = options.keys() - {"--home", "--port"}
    port = options.get("--port") or os.environ.get("WATTWARD_PHONE_PORT") or "0"
    if unknown or len(words) % 2 or not port.isdigit():
        sys.stderr.write("usage: python -m ui.phone [--home DIR] [--port N]\n")
        return 2
    os.umask(0o007)
    home = config.find(options.get("--home"))
    while not home.bells.is_dir():  # before the core's first start
        time.sleep(LOOK_S)
    noted = home.run / app_service.PORT_FILE  # so that touchscreen and command line name the right address
    if int(port):
        noted.write_text(port)
    else:
        noted.unlink(missing_ok=True)
    run(Server(home, clock.of_run(home.run), int(port) or None), changes.Bell(home.bells, "phone"))
    return 0
