"""Where requests for tokens come from, and where they are counted."""

from __future__ import annotations

import ipaddress

from appliance.access import throttle
from appliance.store.database import Db


def place_of(address: str) -> str:
    """Where requests are counted: one IPv4 address, or one IPv6 network, which is one machine's to choose from."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "token_request:?"
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        place = str(mapped) if mapped else str(ipaddress.ip_network((int(found), 64), strict=False))
        return f"token_request:{place}"
    return f"token_request:{found}"


def forgive(db: Db, created_by: str) -> None:
    """The household knows who asked for a token: its address waits no longer."""
    surface, _, address = created_by.partition(":")
    if surface == "phone":
        throttle.forgive(db, place_of(address))
