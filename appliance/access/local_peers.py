"""Who is in the local network: addresses that are routed nowhere else.

Access tokens work for them only (A000-30). The list is IANA's private and
link-local ranges and this machine itself; what merely looks special is not in it.
The web admin also answers neighbours with public addresses, as IPv6 gives them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",  # RFC 1122, 1918, 3927
        "::1/128", "fc00::/7", "fe80::/10",  # RFC 4291, 4193
    )
)  # fmt: skip


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_local(address: str, own: Iterable[Network] = ()) -> bool:
    """Tell whether a peer's address is one of the local network, or of `own` ones."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in network for network in (*LOCAL, *own))
