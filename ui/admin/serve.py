"""Wait for the web admin's window, open the port, serve, and close it on time.

1. Somebody enables the window: a row with a deadline. 2. This process, woken by
its bell or its look each second, binds the port and starts the serving program
with it. 3. At the deadline, and not later whatever the traffic, it shuts the
port down, asks the program to end and kills it after a grace. The program
refuses requests by the same deadline, and dies with this process.

While it waits it has loaded neither Flask nor asyncio nor cryptography. What
cannot be read is closed: without a store there is no web admin.
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
from appliance.access import web_window
from appliance.access.web_window import Window
from appliance.store import changes
from appliance.store.database import Store
from ui.admin import child, listener

LOOK_S = 1.0
CLOSED = Window(open=False, remaining_s=0.0, opening=0)
SOURCE = "web"  # of its faults
MANAGERS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")  # only this process speaks to the service manager
RESTART_S = 2.0  # pause before a serving program that died is started again


def _note(sentence: str) -> None:
    """One line for the journal (logging would cost the waiting process half a megabyte)."""
    sys.stderr.write(f"admin: {sentence}\n")
    sys.stderr.flush()


class Server:
    """The waiting process's state: the port and the program, or neither."""

    def __init__(self, home: config.Home, when: clock.Clock, port: int | None) -> None:
        self._home = home
        self._store = Store(home.store_db, bells=home.bells)
        self._live = Store(home.live_db, bells=home.bells, synchronous="OFF")
        self._clock = when
        self._port = port
        self._sockets: list[socket.socket] = []
        self._child: child.Child | None = None
        self._started_s = 0.0
        self._ending: list[child.Child] = []
        self._known_live: tuple[int, ...] = ()
        self._said = ""

    def step(self) -> float:
        """Make port and program match the window; return how many seconds until it must be looked at again."""
        window = self._window()
        if window.open:
            self._serve()
        else:
            self.end()
        self._ending = [one for one in self._ending if not one.press()]
        self._give_sign()
        if self._ending:
            return 0.1
        return min(LOOK_S, window.remaining_s / self._clock.speed) if window.open else LOOK_S

    def end(self) -> None:
        """Close the port at once and end the program."""
        if self._child is not None:
            self._child.ask_to_end()
            self._ending.append(self._child)
            self._child = None
            self._clear_fault()
        if self._sockets:
            listener.close(self._sockets)
            self._sockets = []
            _note("the web admin is closed")

    def leave(self) -> None:
        """End everything before this process ends."""
        self.end()
        while self._ending:
            self._ending = [one for one in self._ending if not one.press()]
            time.sleep(0.02)

    def _window(self) -> Window:
        try:
            return web_window.state(self._store, self._clock)
        except errors.StoreError as error:
            self._say_once(str(error))
            return CLOSED

    def _serve(self) -> None:
        """Have the port bound and the program running; say in a fault what keeps it from that."""
        try:
            if not self._sockets:
                port = self._port or self._port_of_setting()
                self._sockets = listener.bind(port)
                _note(f"the web admin is open on port {port}")
            if self._child is not None and self._child.has_ended():
                self._child = None
                self._report("crashed", errors.N_("The web admin stopped working and is started again."))
            if self._child is None and time.monotonic() - self._started_s >= RESTART_S:
                self._start()
            elif self._child is not None and time.monotonic() - self._started_s >= 2 * RESTART_S:
                self._clear_fault()
        except errors.StoreError as error:
            self._say_once(str(error))
        except errors.Refused as error:
            self._report("port", error.message, **error.values)
        except OSError as error:
            self._report("port", errors.N_("The web admin cannot open its port: {detail}."), detail=error)

    def _port_of_setting(self) -> int:
        from appliance.store import settings  # not loaded while waiting: 2 MB

        return int(settings.number(self._store, "web.port"))

    def _start(self) -> None:
        self._started_s = time.monotonic()
        descriptors = [one.fileno() for one in self._sockets]
        environment = {name: value for name, value in os.environ.items() if name not in MANAGERS}
        environment["WATTWARD_RUN"] = str(self._home.run)
        self._child = child.Child(child.serving_command(self._home.root, descriptors), environment)

    def _report(self, code: str, message: str, **values: object) -> None:
        with contextlib.suppress(errors.StoreError):
            if faults.report(self._live, self._clock.now(), SOURCE, code, message, **values):
                _note(message.format(**values))

    def _say_once(self, sentence: str) -> None:
        """Note what keeps the port closed, not each second again."""
        if sentence != self._said:
            self._said = sentence
            _note(sentence)

    def _clear_fault(self) -> None:
        with contextlib.suppress(errors.StoreError):
            faults.clear(self._live, SOURCE)

    def _give_sign(self) -> None:
        """A heartbeat; introduces itself again when the core made the live file anew."""
        with contextlib.suppress(errors.StoreError):
            identity = self._live.version()[1:]
            if identity != self._known_live:
                heartbeat.begin(self._live, "admin", self._clock)
                faults.clear(self._live, SOURCE)
                self._known_live = identity
            heartbeat.beat(self._live, "admin", self._clock)


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
    """Start from the command line: --home DIR, --port N (default: $WATTWARD_WEB_PORT, then the setting)."""
    words = list(sys.argv[1:] if words is None else words)
    options = dict(zip(words[::2], words[1::2], strict=False))
    unknown = options.keys() - {"--home", "--port"}
    port = options.get("--port") or os.environ.get("WATTWARD_WEB_PORT") or "0"
    if unknown or len(words) % 2 or not port.isdigit():
        sys.stderr.write("usage: python -m ui.admin [--home DIR] [--port N]\n")
        return 2
    os.umask(0o007)
    home = config.find(options.get("--home"))
    while not home.bells.is_dir():  # before the core's first start
        time.sleep(LOOK_S)
    noted = home.run / "web.port"  # so that touchscreen and command line name the right address
    if int(port):
        noted.write_text(port)
    else:
        noted.unlink(missing_ok=True)
    run(Server(home, clock.of_run(home.run), int(port) or None), changes.Bell(home.bells, "admin"))
    return 0
