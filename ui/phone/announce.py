"""Answer to wattward.local in the local network (mDNS), and say which services are there.

A program of its own, because it listens to what the whole network shouts; it
knows nothing but addresses and ports. New ones are announced as they come.
"""

from __future__ import annotations

import ipaddress
import signal
import sys
import threading

from zeroconf import IPVersion, ServiceInfo, Zeroconf

from appliance import clock, config
from appliance.access import app_service, local_peers
from appliance.network import addresses
from appliance.opened import Opened, open_current
from ui.serving import parent

HOST = "wattward.local."
SERVICE = "_wattward._tcp.local."
LOOK_S = 15.0


def info(found: list[str], port: int) -> ServiceInfo:
    """What is announced: the name's addresses, and where apps find the service."""
    return ServiceInfo(
        SERVICE, f"Wattward.{SERVICE}", port=port, server=HOST,
        addresses=[ipaddress.ip_address(address).packed for address in found],
        properties={"api": "v1", "path": "/"},
    )  # fmt: skip


def reachable() -> list[str]:
    """The addresses to be told: local ones only."""
    return [address for address in addresses.local_addresses() if local_peers.is_local(address)]


def announce(it: Opened, stopping: threading.Event, look_s: float = LOOK_S) -> None:
    """Answer until `stopping`; begin anew whenever the addresses or the port are others. Raises StoreError."""
    while not stopping.is_set():
        known, port = reachable(), app_service.port(it)
        if not known:
            stopping.wait(look_s)
            continue
        with Zeroconf(interfaces=known, ip_version=IPVersion.All if _mixed(known) else IPVersion.V4Only) as zeroconf:
            zeroconf.register_service(info(known, port), allow_name_change=True)
            while not stopping.wait(look_s) and (reachable(), app_service.port(it)) == (known, port):
                pass
            zeroconf.unregister_all_services()


def _mixed(found: list[str]) -> bool:
    return any(":" in address for address in found)


def main() -> int:
    """Answer until the waiting process says otherwise."""
    args = parent.arguments("python -m ui.phone.announce")
    home = config.find(args.home)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    announce(open_current(home, clock.of_run(home.run)), stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main())
