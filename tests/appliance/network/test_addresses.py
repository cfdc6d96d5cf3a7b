"""The addresses are the kernel's, usable from another machine, and written as a browser takes them."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import Any

import pytest

from appliance import audit
from appliance.network import addresses
from appliance.opened import Opened
from appliance.store import settings


def test_every_address_can_be_bound_here_and_none_is_only_local() -> None:
    for text in addresses.local_addresses():
        address = ipaddress.ip_address(text)
        assert not address.is_loopback
        assert not address.is_link_local
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind((text, 0))


def test_its_own_networks_hold_every_address_of_this_machine_and_not_the_world() -> None:
    own = addresses.own_networks()
    here = [ipaddress.ip_address(text) for text in ("127.0.0.1", *addresses.local_addresses())]
    assert all(any(address in network for network in own) for address in here)
    assert not any(ipaddress.ip_address(far) in network for network in own for far in ("8.8.8.8", "2606:4700::1111"))


def test_neighbours_are_told_by_the_router_where_the_address_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "0" * 32
    lines = [
        (f"{'20010db8000700000000000000000000'} 40 {nowhere} 00 {nowhere} 00000100 1 0 00000001 eth0", True),
        (f"{'20010db8000800000000000000000000'} 40 {nowhere} 00 {'fe80'.ljust(31, '0')}1 00000100 1 0 3 eth0", False),
        (f"{'2'.ljust(32, '0')} 03 {nowhere} 00 {nowhere} 00000100 1 0 00000001 sit1", False),  # a tunnel
        (f"{'ff'.ljust(32, '0')} 40 {nowhere} 00 {nowhere} 00000100 1 0 00000001 eth0", False),
        (f"{nowhere} 00 {nowhere} 00 {nowhere} ffffffff 1 0 00200200 lo", False),
    ]
    real = Path.read_text

    def read(path: Path, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as read_text has them
        if str(path) == "/proc/net/ipv6_route":
            return "".join(f"{line}\n" for line, _ in lines)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", read)
    named = {str(network) for network in addresses.own_networks()}
    assert "2001:db8:7::/64" in named
    assert not {"2001:db8:8::/64", "2000::/3", "ff00::/64", "::/0"} & named


def test_ipv4_comes_before_ipv6() -> None:
    versions = [ipaddress.ip_address(text).version for text in addresses.local_addresses()]
    assert versions == sorted(versions)


@pytest.mark.parametrize(
    ("address", "port", "text"),
    [
        ("192.168.1.20", 443, "https://192.168.1.20/"),
        ("192.168.1.20", 8443, "https://192.168.1.20:8443/"),
        ("fd00::2", 443, "https://[fd00::2]/"),
        ("fd00::2", 8443, "https://[fd00::2]:8443/"),
    ],
)
def test_the_address_is_written_as_a_browser_takes_it(address: str, port: int, text: str) -> None:
    assert addresses.url(address, port) == text


def test_the_port_is_the_setting_unless_the_environment_says_otherwise(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WATTWARD_WEB_PORT", raising=False)
    assert addresses.web_port(opened) == 443
    settings.put(opened.store, opened.clock.now(), audit.CLI, "web.port", "8444")
    assert addresses.web_port(opened) == 8444
    monkeypatch.setenv("WATTWARD_WEB_PORT", "8443")
    assert addresses.web_port(opened) == 8443
    (opened.home.run / addresses.WEB_PORT).write_text("8445")
    assert addresses.web_port(opened) == 8445


def test_without_a_network_there_is_no_address(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:  # A003-22
    monkeypatch.setattr(addresses, "local_addresses", list)
    assert addresses.admin_url(opened) is None
    monkeypatch.setattr(addresses, "local_addresses", lambda: ["192.168.1.20", "fd00::2"])
    monkeypatch.setenv("WATTWARD_WEB_PORT", "8443")
    assert addresses.admin_url(opened) == "https://192.168.1.20:8443/"
