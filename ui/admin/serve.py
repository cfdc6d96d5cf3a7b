"""Wait for the web admin's window, open the port, serve, and close it on time.

1. Somebody enables the window: a row with a deadline. 2. This process, woken by
its bell or its look each second, binds the port and starts the serving program
with it. 3. At the deadline, and not later whatever the traffic, it shuts the
port down, asks the program to end and kills it after a grace; an upload that
runs gets at most five minutes (`uploads.MOST_S`). The program refuses requests
by the same deadline, and dies with this process. 4. It notes the window in the
run folder, by which root limits the port in the firewall, too (`systemd/`).

While it waits it has loaded neither Flask nor asyncio nor cryptography. What
cannot be read is closed: without a store there is no web admin.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Sequence

from appliance import clock, config, errors
from appliance.access import web_window
from appliance.access.web_window import Window
from appliance.store.database import Store
from ui.serving import listener, waiting
from ui.serving.waiting import LOOK_S

CLOSED = Window(open=False, remaining_s=0.0, opening=0, until_s=0.0)
SOURCE = "web"  # of its faults
ENDING_LOOK_S = 0.1
KIND = waiting.Kind("admin", "WATTWARD_WEB_PORT", "web.port")


class Server:
    """The waiting process's state: the port and the program, or neither."""

    def __init__(self, home: config.Home, when: clock.Clock, port: int | None) -> None:
        self._home = home
        self._store = Store(home.store_db, bells=home.bells)
        self._clock = when
        self._port = port
        self._sockets: list[socket.socket] = []
        self._web = waiting.Helper("ui.admin.web", home)
        live = Store(home.live_db, bells=home.bells, synchronous="OFF")
        self._signs = waiting.Signs(live, when, KIND.name, SOURCE)
        self._opening = 0
        self._noted = (0, 0.0)
        self._is_on = False  # serving, or trying to

    def step(self) -> float:
        """Make port and program match the window; return how many seconds until it must be looked at again."""
        window = self._window()
        if window.opening != self._opening:
            self._close()  # a program serves one opening: what is signed in with another is worth nothing
            self._opening = window.opening
        if window.open:
            self._serve(window)
        else:
            self._close()
        over = self._web.press()
        self._signs.give()
        if not over:
            return ENDING_LOOK_S
        return min(LOOK_S, window.remaining_s / self._clock.speed) if window.open else LOOK_S

    def leave(self) -> None:
        """End everything before this process ends; now nothing may finish."""
        self._close()
        while not self._web.press(patient=False):
            time.sleep(0.02)

    def _window(self) -> Window:
        try:
            return web_window.state(self._store, self._clock)
        except errors.StoreError as error:
            self._signs.note_once(str(error))
            return CLOSED

    def _serve(self, window: Window) -> None:
        """Have the port bound and the program running; say in a fault what keeps it from that."""
        self._is_on = True
        try:
            port = self._port or self._port_of_setting()
            if not self._sockets:
                self._sockets = listener.bind(port)
                (self._home.run / web_window.SERVING).touch()
                self._signs.note(f"the web admin is open on port {port}")
            self._tell_firewall(port, window)
            numbers = ",".join(str(one.fileno()) for one in self._sockets)
            if self._web.want("--sockets", numbers):
                self._signs.report("crashed", errors.N_("The web admin stopped working and is started again."))
            elif self._web.is_settled:
                self._signs.clear()
        except errors.StoreError as error:
            self._signs.note_once(str(error))
        except errors.Refused as error:
            self._signs.report("port", error.message, **error.values)
        except OSError as error:
            self._signs.report("port", errors.N_("The web admin cannot open its port: {detail}."), detail=error)

    def _close(self) -> None:
        """Close the port at once and ask the program to end."""
        if not self._is_on:
            return
        self._is_on = False
        self._web.end()
        self._signs.clear()
        if self._sockets:
            listener.close(self._sockets)
            self._sockets = []
            (self._home.run / web_window.SERVING).unlink(missing_ok=True)
            self._signs.note("the web admin is closed")

    def _port_of_setting(self) -> int:
        if self._sockets:
            return int(self._sockets[0].getsockname()[1])
        from appliance.store import settings  # not loaded while waiting: 2 MB

        return int(settings.number(self._store, "web.port"))

    def _tell_firewall(self, port: int, window: Window) -> None:
        """Note each Enable in the run folder; `systemd/window-firewall` gives it the same ten minutes in the kernel."""
        if self._noted == (window.opening, window.until_s):
            return
        self._noted = window.opening, window.until_s
        with contextlib.suppress(OSError):  # a limit more, not the one that counts
            (self._home.run / web_window.FIREWALL).write_text(f"{port} {window.remaining_s:.0f}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Start from the command line: --home DIR, --port N (default: $WATTWARD_WEB_PORT, then the setting)."""
    return waiting.main(KIND, Server, words)
