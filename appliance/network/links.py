"""Cable and Wi-Fi as people see them: what is connected, under which address; and the wishes a surface may have.

The core looks and does (`networkmanager`); a surface reads `now` and wishes
with `find_wifi`, `join_wifi`, `forget_wifi`, `set_address`. A Wi-Fi password
goes sealed through memory into NetworkManager and nowhere else.
"""

from __future__ import annotations

import ipaddress
from dataclasses import asdict, dataclass

from appliance import audit
from appliance.errors import N_, BadInput
from appliance.opened import Opened
from appliance.system import observed, tasks

WIRED, WIFI = "wired", "wifi"
CONNECTED, CONNECTING, OFF, UNPLUGGED, NOT_CONFIGURED, FAILED, ABSENT = (
    "connected", "connecting", "off", "unplugged", "not_configured", "failed", "absent",
)  # fmt: skip
LONGEST_SSID_BYTES = 32  # IEEE 802.11
PSK_CHARACTERS = range(8, 64)  # WPA2: 8 to 63 ASCII characters
FIND, JOIN, FORGET, ADDRESS = "wifi_find", "wifi_join", "wifi_forget", "address"


@dataclass(frozen=True, slots=True)
class Address:
    """How a link gets its IPv4 address: by DHCP, or written down here."""

    automatic: bool = True
    address: str = ""
    prefix: int = 24
    gateway: str = ""
    dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One way into the network, as it is now."""

    kind: str  # WIRED, WIFI
    device: str  # 'eth0'; empty: there is none
    state: str
    name: str = ""  # of the Wi-Fi
    strength: int = 0  # of the Wi-Fi, %
    mac: str = ""
    addresses: tuple[str, ...] = ()  # in force, IPv4 before IPv6
    wanted: Address = Address()


@dataclass(frozen=True, slots=True)
class Network:
    """All of it. `managed` is False where no NetworkManager runs: then nothing can be set from here."""

    managed: bool
    links: tuple[Link, ...] = ()

    def link(self, kind: str) -> Link:
        """The link of a kind; one without a device where there is none."""
        return next((link for link in self.links if link.kind == kind), Link(kind, "", ABSENT))


@dataclass(frozen=True, slots=True)
class Found:
    """A Wi-Fi in reach."""

    name: str
    strength: int  # %
    secured: bool
    supported: bool  # False: only with an account of a company or school, or WEP
    sae: bool = False  # WPA3 alone


def now(it: Opened) -> Network | None:
    """What the core sees; None while it has not looked. Raises StoreError."""
    seen = observed.get(it.live, it.clock, "network")
    if seen is None:
        return None
    return Network(seen["managed"], tuple(_link(one) for one in seen["links"]))


def _link(fields: dict[str, object]) -> Link:
    wanted: dict[str, object] = fields.pop("wanted")  # type: ignore[assignment]  # as `put` writes it
    addresses: list[str] = fields.pop("addresses")  # type: ignore[assignment]  # as above
    dns: list[str] = wanted.pop("dns")  # type: ignore[assignment]  # as above
    return Link(**fields, addresses=tuple(addresses), wanted=Address(**wanted, dns=tuple(dns)))  # type: ignore[arg-type]  # as above


def put(it: Opened, seen: Network) -> bool:
    """Keep what was seen; tell whether it is news. Core only."""
    return observed.put(it.live, it.clock, "network", asdict(seen))


# Wishes ------------------------------------------------------------------------------------------


def find_wifi(it: Opened, actor: audit.Actor) -> int:
    """Look which Wi-Fis are in reach; the task's result has them."""
    return tasks.ask(it, actor, FIND, join=True)


def found(task: tasks.Task) -> tuple[Found, ...]:
    """What a finished search found, the strongest first."""
    return tuple(Found(**one) for one in task.result.get("found", ()))


def join_wifi(
    it: Opened, actor: audit.Actor, name: str, password: str, *, sae: bool = False, hidden: bool = False
) -> int:
    """Join a Wi-Fi instead of any before. An empty password joins an open one. Raises BadInput, Refused."""
    if not 0 < len(name.encode()) <= LONGEST_SSID_BYTES:
        raise BadInput(N_("The name of a Wi-Fi has 1 to 32 characters."), field="name")
    if password and (len(password) not in PSK_CHARACTERS or not password.isascii()):
        raise BadInput(N_("A Wi-Fi password has 8 to 63 letters, digits and signs, without umlauts."), field="password")
    return tasks.ask(it, actor, JOIN, password, name=name, sae=sae, hidden=hidden)


def forget_wifi(it: Opened, actor: audit.Actor) -> int:
    """Forget every Wi-Fi with its password: Wi-Fi is not configured afterwards. Raises Refused."""
    return tasks.ask(it, actor, FORGET)


def set_address(it: Opened, actor: audit.Actor, kind: str, wanted: Address) -> int:
    """Let a link get its address so. Raises BadInput, Refused."""
    check(wanted)
    return tasks.ask(it, actor, ADDRESS, link=kind, **asdict(wanted))


def check(wanted: Address) -> None:
    """Look whether an address can be meant. Raises BadInput."""
    if wanted.automatic:
        return
    host = _ipv4(wanted.address, "address")
    if not 1 <= wanted.prefix <= 30:
        raise BadInput(N_("The length of the network is a number from 1 to 30, usually 24."), field="prefix")
    network = ipaddress.IPv4Network((host, wanted.prefix), strict=False)
    if host in (network.network_address, network.broadcast_address) or host.is_multicast or host.is_loopback:
        raise BadInput(
            N_("{address} is not the address of a device in this network."), field="address", address=wanted.address
        )
    if wanted.gateway and _ipv4(wanted.gateway, "gateway") not in network:
        raise BadInput(
            N_("The router {gateway} is not in the network of {address}."), field="gateway",
            gateway=wanted.gateway, address=f"{wanted.address}/{wanted.prefix}",
        )  # fmt: skip
    for one in wanted.dns:
        _ipv4(one, "dns")


def _ipv4(text: str, field: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise BadInput(
            N_("{typed} is not an address: it has four numbers like 192.168.178.50."), field=field, typed=text or "–"
        ) from error
