"""Only private, link-local and own addresses are local."""

from __future__ import annotations

import ipaddress

import pytest

from appliance.access import local_peers


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.178.20", "169.254.1.1", "fe80::1%eth0",
     "fd12::7", "::ffff:192.168.1.2"],
)  # fmt: skip
def test_the_household_is_local(address: str) -> None:
    assert local_peers.is_local(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "172.32.0.1", "172.15.255.255", "100.64.0.1", "192.169.0.1", "2001:db8::1", "::ffff:8.8.8.8", "",
     "192.0.2.1", "0.0.0.0", "unix", "192.168.1.1.evil.example"],
)  # fmt: skip
def test_the_rest_of_the_world_is_not(address: str) -> None:  # A000-30
    assert not local_peers.is_local(address)


def test_neighbours_with_public_addresses_are_local_where_their_network_is_named() -> None:
    own = [ipaddress.ip_network("2001:db8:7::/64"), ipaddress.ip_network("198.51.100.0/25")]
    for near in ("2001:db8:7::42", "2001:db8:7:0:1:2:3:4%eth0", "198.51.100.9", "::ffff:198.51.100.9", "192.168.1.4"):
        assert local_peers.is_local(near, own), near
    for far in ("2001:db8:8::42", "198.51.100.200", "8.8.8.8", "::ffff:8.8.8.8", "", "unix"):
        assert not local_peers.is_local(far, own), far
