"""wattward.local is answered for, with local addresses only, and only while that is switched on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import psutil
import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf
from zeroconf._services.info import AddressResolver

from appliance.access import app_service
from appliance.network import addresses
from appliance.opened import Opened
from appliance.store import settings
from tests.ui.phone.house import ADMIN, Served, eventually
from ui.phone import announce

LOOPBACK = "127.0.0.1"
WAIT_MS = 3000


@pytest.fixture
def asking() -> Iterator[Zeroconf]:
    """Another machine in the same network, which here is the loopback."""
    zeroconf = Zeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    yield zeroconf
    zeroconf.close()


def resolved(zeroconf: Zeroconf) -> list[str]:
    """The addresses of wattward.local; none when nobody answers."""
    resolver = AddressResolver("wattward.local.")
    return resolver.parsed_addresses() if resolver.request(zeroconf, WAIT_MS) else []


def port_told(zeroconf: Zeroconf) -> int | None:
    """Where apps find the service; None when nobody answers."""
    found = zeroconf.get_service_info(announce.SERVICE, f"Wattward.{announce.SERVICE}", WAIT_MS)
    return None if found is None else found.port


def test_the_name_and_the_service_are_answered_for(
    opened: Opened, asking: Zeroconf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "reachable", lambda: [LOOPBACK])
    stopping = threading.Event()
    thread = threading.Thread(target=announce.announce, args=(opened, stopping, 0.1))
    thread.start()
    try:
        eventually(lambda: resolved(asking) == [LOOPBACK], "nobody answers for wattward.local")
        assert port_told(asking) == app_service.PORT
        settings.put(opened.store, opened.clock.now(), ADMIN, "service.phone_port", "9555")
        eventually(lambda: port_told(asking) == 9555, "the old port is told")
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_what_is_told_is_where_apps_find_the_service(opened: Opened) -> None:
    info: ServiceInfo = announce.info(["192.168.1.20", "fd00::7"], app_service.port(opened))
    assert (info.server, info.port) == ("wattward.local.", 9443)
    assert info.addresses_by_version(IPVersion.All) == [
        socket.inet_aton("192.168.1.20"),
        socket.inet_pton(socket.AF_INET6, "fd00::7"),
    ]
    assert opened.home.root.name not in str(info), "nothing of the household is told"


def test_public_addresses_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "local_addresses", lambda: ["192.168.1.20", "2001:db8::1", "8.8.8.8"])
    assert announce.reachable() == ["192.168.1.20"]


def test_it_runs_while_it_is_switched_on_whatever_the_service_does(served: Served) -> None:
    def runs() -> bool:
        assert served.process is not None
        children = psutil.Process(served.process.pid).children()
        living = [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        return any("ui.phone.announce" in one.cmdline() for one in living)

    it = served.opened
    assert not runs()
    served.switch(on=False)
    settings.put(it.store, it.clock.now(), ADMIN, "service.mdns", "on")
    eventually(runs, "nobody announces")
    settings.put(it.store, it.clock.now(), ADMIN, "service.mdns", "off")
    eventually(lambda: not runs(), "it goes on")
