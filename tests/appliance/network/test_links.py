"""Cable and Wi-Fi through a NetworkManager on a real bus: looked at, joined, forgotten, given an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import audit
from appliance.access import display_pin
from appliance.errors import BadInput
from appliance.network import links
from appliance.network.links import Address
from appliance.opened import Opened
from tests.appliance.system.conftest import Running, until
from tests.appliance.system.stand_in import OperatingSystem

PASSWORD = "correct horse battery"


def seen(it: Opened) -> links.Network:
    """What the core sees, once it has looked."""
    until(lambda: links.now(it) is not None)
    found = links.now(it)
    assert found is not None
    return found


def join(machine: Running, name: str = "Heimnetz-5G", password: str = PASSWORD) -> str:
    """Join; return the sentence of the failure, or nothing."""
    task = machine.done(links.join_wifi(machine.it, audit.TOUCH, name, password))
    return task.message


def everywhere(*folders: Path) -> bytes:
    """All bytes of all files."""
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


def test_cable_and_wifi_are_seen_as_they_are(opened: Opened, machine: Running) -> None:
    network = seen(opened)
    assert network.managed
    wired, wifi = network.link(links.WIRED), network.link(links.WIFI)
    assert (wired.device, wired.state, wired.addresses) == ("eth0", links.CONNECTED, ("192.168.178.50",))
    assert wired.wanted == Address()
    assert (wifi.device, wifi.state, wifi.name) == ("wlan0", links.NOT_CONFIGURED, "")


def test_a_pulled_cable_is_said(opened: Opened, system: OperatingSystem, machine: Running) -> None:
    seen(opened)
    system.wired["State"] = 20
    machine.done(links.find_wifi(opened, audit.TOUCH))  # it looks again after each task
    until(lambda: seen(opened).link(links.WIRED).state == links.UNPLUGGED)


def test_a_search_finds_names_of_all_kinds_the_strongest_first(opened: Opened, machine: Running) -> None:
    task = machine.done(links.find_wifi(opened, audit.TOUCH))
    found = links.found(task)
    assert [one.name for one in found] == ["Heimnetz-5G", "Firma-Intern", "Café & Co <b>", "FRITZ!Box 7590 Müller"]
    assert [one.secured for one in found] == [True, True, False, True]
    assert [one.name for one in found if not one.supported] == ["Firma-Intern"]


def test_joining_connects_and_is_audited_without_the_password(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:  # A003-26
    assert join(machine) == ""
    until(lambda: seen(opened).link(links.WIFI).state == links.CONNECTED)
    wifi = seen(opened).link(links.WIFI)
    assert (wifi.name, wifi.strength, wifi.addresses) == ("Heimnetz-5G", 82, ("192.168.178.61",))
    event = next(one for one in audit.newest(opened.store) if one.event == "machine.wifi_join")
    assert event.detail == {"name": "Heimnetz-5G", "sae": False, "hidden": False}
    assert PASSWORD.encode() in everywhere(system.profiles_folder)  # where it belongs
    assert PASSWORD.encode() not in everywhere(opened.home.root, opened.home.run)


def test_an_open_wifi_needs_no_password(opened: Opened, machine: Running) -> None:
    assert join(machine, "Café & Co <b>", "") == ""


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("Heimnetz-5G", "wrong horse battery", "did not accept the password"),
        ("Far away", PASSWORD, "not in reach"),
    ],
)
def test_what_cannot_be_joined_says_why_and_leaves_nothing(
    system: OperatingSystem, machine: Running, name: str, password: str, sentence: str
) -> None:
    before = set(system.profiles)
    assert sentence in join(machine, name, password)
    assert set(system.profiles) == before
    assert password.encode() not in everywhere(system.profiles_folder)


def test_a_wifi_without_addresses_says_so(system: OperatingSystem, machine: Running) -> None:
    system.gives_addresses = False
    assert "gave no address" in join(machine)


def test_a_failed_change_keeps_the_wifi_of_before(system: OperatingSystem, machine: Running) -> None:
    join(machine)
    assert join(machine, "FRITZ!Box 7590 Müller", "not this one") != ""
    assert [one["connection"]["id"] for one in system.profiles.values()] == ["Wired connection 1", "Heimnetz-5G"]


def test_a_new_wifi_replaces_the_one_of_before(system: OperatingSystem, machine: Running) -> None:
    join(machine)
    assert join(machine, "FRITZ!Box 7590 Müller", "12345678901234567890") == ""
    assert [one["connection"]["id"] for one in system.profiles.values()] == [
        "Wired connection 1", "FRITZ!Box 7590 Müller",
    ]  # fmt: skip


def test_forgetting_erases_name_and_password_from_the_disk(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:  # A003-25
    join(machine)
    task = machine.done(links.forget_wifi(opened, audit.TOUCH))
    assert task.result == {"forgotten": 1}
    on_disk = everywhere(system.profiles_folder)
    assert PASSWORD.encode() not in on_disk
    assert b"Heimnetz" not in on_disk
    until(lambda: seen(opened).link(links.WIFI).state == links.NOT_CONFIGURED)
    assert seen(opened).link(links.WIRED).state == links.CONNECTED
    assert [one["connection"]["id"] for one in system.profiles.values()] == ["Wired connection 1"]


def test_forgetting_touches_no_table_but_the_audit(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:
    join(machine)
    display_pin.set_first(opened, "2580", "2580")
    before = rows(opened)
    machine.done(links.forget_wifi(opened, audit.TOUCH))
    after = rows(opened)
    assert {name for name in after if after[name] != before[name]} == {"audit"}


def rows(it: Opened) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with it.store.read() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        return {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_a_fixed_address_is_kept_and_taken_back(opened: Opened, system: OperatingSystem, machine: Running) -> None:
    wanted = Address(False, "192.168.178.77", 24, "192.168.178.1", ("192.168.178.1", "9.9.9.9"))
    assert machine.done(links.set_address(opened, audit.TOUCH, links.WIRED, wanted)).message == ""
    until(lambda: seen(opened).link(links.WIRED).wanted == wanted)
    assert [name for name, _ in system.calls] == ["Update", "ActivateConnection"]
    machine.done(links.set_address(opened, audit.TOUCH, links.WIRED, Address()))
    until(lambda: seen(opened).link(links.WIRED).wanted == Address())


def test_a_fixed_address_of_the_wifi_keeps_its_password(
    opened: Opened, system: OperatingSystem, machine: Running
) -> None:
    join(machine)
    machine.done(links.set_address(opened, audit.TOUCH, links.WIFI, Address(False, "192.168.178.78", 24)))
    profile = next(one for one in system.profiles.values() if "802-11-wireless" in one)
    assert profile["802-11-wireless-security"] == {"key-mgmt": "wpa-psk", "psk": PASSWORD}
    assert bytes(profile["802-11-wireless"]["ssid"]) == b"Heimnetz-5G"


def test_without_networkmanager_nothing_is_managed(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={opened.home.run}/none")
    machine = Running(opened)
    try:
        assert not seen(opened).managed
        task = machine.done(links.find_wifi(opened, audit.TOUCH))
        assert "no system bus" in task.message
    finally:
        machine.stop()


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [("", PASSWORD, "name"), ("ü" * 17, PASSWORD, "name"), ("a", "seven77", "password"), ("a", "x" * 64, "password"),
     ("a", "passwörter", "password")],
)  # fmt: skip
def test_what_no_wifi_has_is_refused_at_once(opened: Opened, name: str, password: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        links.join_wifi(opened, audit.TOUCH, name, password)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (Address(False, "192.168.178", 24), "address"),
        (Address(False, "192.168.178.300", 24), "address"),
        (Address(False, "192.168.178.0", 24), "address"),
        (Address(False, "192.168.178.255", 24), "address"),
        (Address(False, "127.0.0.1", 8), "address"),
        (Address(False, "192.168.178.5", 31), "prefix"),
        (Address(False, "192.168.178.5", 24, "192.168.1.1"), "gateway"),
        (Address(False, "192.168.178.5", 24, "192.168.178.1", ("dns",)), "dns"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(address: Address, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        links.check(address)
    assert refused.value.field == field
