"""The service for apps and phones: whether it is switched on, and under which address it is found.

It has its own switch and port and does not care about the web admin's window.
Imported by the process that waits for the switch: keep it light.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.opened import Opened

SWITCH, NAME_SWITCH = "service.phone", "service.mdns"
PORT = 9443  # the default of service.phone_port
PORT_FILE = "phone.port"  # in the run folder: the port the service was started with, when it is not the setting
PAIR = "pair"  # the page a QR code leads to


def is_on(store: Store) -> bool:
    """Tell whether apps and phones may connect. Raises StoreError."""
    return _switched(store, SWITCH)


def answers_to_its_name(store: Store) -> bool:
    """Tell whether wattward.local is answered for. Raises StoreError."""
    return _switched(store, NAME_SWITCH)


def port(it: Opened) -> int:
    """The port in force: what the process was told (and noted), else the setting."""
    with contextlib.suppress(OSError, ValueError):
        return int((it.home.run / PORT_FILE).read_text("ascii"))
    return int(os.environ.get("WATTWARD_PHONE_PORT") or port_wanted(it.store))


def port_wanted(store: Store) -> int:
    """The port of the setting, read without the table of settings, which costs the waiting process 2 MB."""
    with store.read() as db:
        return int(db.execute("SELECT value FROM settings WHERE key='service.phone_port'").get or PORT)


def url(it: Opened) -> str | None:
    """The phone page's address; None without a network."""
    from appliance.network import addresses

    found = addresses.local_addresses()
    return addresses.url(found[0], port(it)) if found else None


def pairing_url(it: Opened, secret: str) -> str | None:
    """What a QR code holds: the page, and the token behind the # that browsers send to nobody."""
    base = url(it)
    return None if base is None else f"{base}{PAIR}#{secret}"


def _switched(store: Store, key: str) -> bool:
    """A switch that is off by default, read without the table of settings."""
    with store.read() as db:
        return bool(db.execute("SELECT value='on' FROM settings WHERE key=?", (key,)).get)
