"""The addresses under which a browser in the local network finds this appliance.

Asked of the kernel at each call, so a new DHCP lease shows at once. The
interface with the default route comes first, IPv4 before IPv6; addresses that
only this machine (loopback) or this cable (link-local) knows are left out.
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from appliance.opened import Opened
from appliance.store import settings

SIOCGIFADDR = 0x8915  # netdevice(7): the IPv4 address of an interface
SIOCGIFNETMASK = 0x891B  # and which part of it the whole network has
LAN_PREFIX = 64  # a network of neighbours has this one (RFC 4291, 2.5.1); a tunnel may have the whole world
HTTPS = 443
WEB_PORT = "web.port"  # file in the run folder: the port the web admin was started with, when it is not the setting


def local_addresses() -> list[str]:
    """All usable addresses, the best first; empty without a network."""
    first = _default_interfaces()
    names = sorted((name for _, name in socket.if_nameindex()), key=lambda name: (name not in first, name))
    found = dict.fromkeys(str(one.ip) for one in _interfaces(names))
    return [address for address in found if _is_usable(address)]


def own_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks this machine is itself in, public ones too: whoever has such an address is next to it."""
    found = [one.network for one in _interfaces([name for _, name in socket.if_nameindex()])]
    return [network for network in dict.fromkeys([*found, *_ipv6_neighbours()]) if network.prefixlen]


def web_port(opened: Opened) -> int:
    """The web admin's port: what its process was told (and noted), $WATTWARD_WEB_PORT, or the setting."""
    with contextlib.suppress(OSError, ValueError):
        return int((opened.home.run / WEB_PORT).read_text("ascii"))
    return int(os.environ.get("WATTWARD_WEB_PORT") or settings.number(opened.store, "web.port"))


def admin_url(opened: Opened) -> str | None:
    """What to type into the browser; None without a network."""
    addresses = local_addresses()
    return url(addresses[0], web_port(opened)) if addresses else None


def url(address: str, port: int) -> str:
    """The https address of one host, without the port a browser takes anyway."""
    host = f"[{address}]" if ":" in address else address
    return f"https://{host}/" if port == HTTPS else f"https://{host}:{port}/"


def _is_usable(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast)


def _default_interfaces() -> set[str]:
    """Interfaces that have a default route."""
    try:
        lines = Path("/proc/net/route").read_text().splitlines()[1:]
    except OSError:
        return set()
    return {fields[0] for fields in map(str.split, lines) if len(fields) > 1 and fields[1] == "00000000"}


def _interfaces(names: list[str]) -> list[ipaddress.IPv4Interface | ipaddress.IPv6Interface]:
    return [*_ipv4_interfaces(names), *_ipv6_interfaces(names)]


def _ipv4_interfaces(names: list[str]) -> Iterator[ipaddress.IPv4Interface]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        for name in names:
            request = struct.pack("256s", name.encode()[:15])
            try:
                address, mask = (
                    socket.inet_ntoa(fcntl.ioctl(asker.fileno(), what, request)[20:24])
                    for what in (SIOCGIFADDR, SIOCGIFNETMASK)
                )
            except OSError:
                continue  # this interface has no IPv4 address
            yield ipaddress.IPv4Interface(f"{address}/{mask}")


def _ipv6_interfaces(names: list[str]) -> Iterator[ipaddress.IPv6Interface]:
    try:
        lines = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return
    rows = [line.split() for line in lines]
    for name in names:
        for row in rows:
            if row[-1] == name:
                yield ipaddress.IPv6Interface((bytes.fromhex(row[0]), int(row[2], 16)))


def _ipv6_neighbours() -> Iterator[ipaddress.IPv6Network]:
    """What the router says is next door: an address given by DHCPv6 does not tell."""
    try:
        lines = Path("/proc/net/ipv6_route").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        destination, prefix, _source, _source_prefix, gateway, *_rest = line.split()
        network = ipaddress.IPv6Network((bytes.fromhex(destination), int(prefix, 16)))
        if int(gateway, 16) == 0 and network.prefixlen >= LAN_PREFIX and not network.is_multicast:
            yield network
