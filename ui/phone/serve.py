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

import socket
import time
from collections.abc import Sequence

from appliance import clock, config, errors
from appliance.access import app_service
from appliance.store.database import Store
from ui.serving import listener, waiting
from ui.serving.waiting import LOOK_S

SOURCE = "phone"  # of its faults
KIND = waiting.Kind("phone", "WATTWARD_PHONE_PORT", app_service.PORT_FILE)


class Server:
    """The waiting process's state: the port and the programs, or neither."""

    def __init__(self, home: config.Home, when: clock.Clock, port: int | None) -> None:
        self._home = home
        self._store = Store(home.store_db, bells=home.bells)
        self._fixed_port = port
        self._port = 0
        self._sockets: list[socket.socket] = []
        self._web = waiting.Helper("ui.phone.web", home)
        self._name = waiting.Helper("ui.phone.announce", home)
        live = Store(home.live_db, bells=home.bells, synchronous="OFF")
        self._signs = waiting.Signs(live, when, KIND.name, SOURCE)
        self._is_on = False  # serving, or trying to

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
        self._signs.give()
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
            self._signs.note_once(str(error))
            return False, False, self._port

    def _serve(self, port: int) -> None:
        """Have the port bound and the program running; say in a fault what keeps it from that."""
        self._is_on = True
        try:
            if not self._sockets:
                self._sockets, self._port = listener.bind(port), port
                self._signs.note(f"apps and phones may connect on port {port}")
            numbers = ",".join(str(one.fileno()) for one in self._sockets)
            if self._web.want("--sockets", numbers):
                self._signs.report("crashed", errors.N_("The service for apps stopped working and is started again."))
            elif self._web.is_settled:
                self._signs.clear()
        except errors.Refused as error:
            self._signs.report("port", error.message, **error.values)
        except OSError as error:
            self._signs.report("port", errors.N_("The service for apps cannot open its port: {detail}."), detail=error)

    def _close(self) -> None:
        """Close the port at once and end the program."""
        if not self._is_on:
            return
        self._is_on = False
        self._web.end()
        self._signs.clear()
        if self._sockets:
            listener.close(self._sockets)
            self._sockets = []
            self._signs.note("apps and phones cannot connect any more")


def main(words: Sequence[str] | None = None) -> int:
    """Start from the command line: --home DIR, --port N (default: $WATTWARD_PHONE_PORT, then the setting)."""
    return waiting.main(KIND, Server, words)
