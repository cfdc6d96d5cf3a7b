"""Settings of the machine by taps: Wi-Fi set up, reset and set up again, addresses, time, restart, factory reset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access import display_pin
from appliance.network import links
from appliance.store import settings
from appliance.system import factory, tasks
from tests.appliance.system.conftest import Running, until
from tests.appliance.system.stand_in import OperatingSystem
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch

PIN = "2580"
PASSWORD = "correct horse battery"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OperatingSystem]:
    """The operating system, as a stand-in on a bus of its own."""
    found = OperatingSystem(tmp_path / "os")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", found.address)
    yield found.start()
    found.stop()


@pytest.fixture
def menu(house: House, system: OperatingSystem, unlocked: Touch) -> Iterator[Touch]:
    """The settings' first page, with the core's hand at work."""
    assert system
    machine = Running(house.it)
    yield unlocked
    machine.stop()


def write(touch: Touch, text: str) -> None:
    """Type on the keyboard that is seen (small letters, digits and blanks)."""
    digits = False
    for letter in text:
        if letter.isdigit() != digits and letter != " ":
            touch.tap("abc" if digits else "123")
            digits = not digits
        touch.tap("icon:space" if letter == " " else letter)


def everywhere(folder: Path) -> bytes:
    """All bytes below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_wifi_is_set_up_reset_and_set_up_again(
    house: House, system: OperatingSystem, menu: Touch
) -> None:  # A003-25, A003-26
    menu.tap("Communication")
    menu.see("not configured")
    menu.tap("Wi-Fi")
    menu.see("Choose Set up Wi-Fi")
    for number in range(2):
        menu.tap("Set up Wi-Fi")
        menu.see("Heimnetz-5G", "FRITZ!Box 7590 Müller", "needs an account")
        menu.tap("Heimnetz-5G")
        menu.see("8 to 63 characters")
        if number == 0:
            write(menu, "wrong horse")
            assert not any("wrong" in text for text in menu.texts())
            menu.tap("Connect")
            menu.see("did not accept the password")
            menu.tap("Back")
            menu.tap("Set up Wi-Fi")
            menu.see("Heimnetz-5G")
            menu.tap("Heimnetz-5G")
        write(menu, PASSWORD)
        menu.tap("Show")
        menu.see(PASSWORD)
        menu.tap("Connect")
        menu.see("Connected with Heimnetz-5G.")
        menu.tap("Back")
        menu.see("Heimnetz-5G · 82 %")
        assert PASSWORD.encode() in everywhere(system.profiles_folder)
        menu.tap("Reset Wi-Fi")
        menu.see("Reset the Wi-Fi?", "web admin and apps cannot reach")
        menu.tap("Cancel")
        assert PASSWORD.encode() in everywhere(system.profiles_folder)
        menu.tap("Reset Wi-Fi")
        menu.tap("Reset")
        menu.see("not configured")
        assert PASSWORD.encode() not in everywhere(system.profiles_folder)
        seen = links.now(house.it)
        assert seen is not None
        assert seen.link(links.WIRED).state == links.CONNECTED
    assert PASSWORD.encode() not in everywhere(house.it.home.root) + everywhere(house.it.home.run)
    assert PASSWORD.encode() not in (house.it.home.root / "touch.log").read_bytes()


def test_a_fixed_address_is_typed_and_kept(system: OperatingSystem, menu: Touch) -> None:
    menu.tap("Communication")
    menu.tap("Network cable")
    menu.see("address by DHCP")
    menu.tap("Address")
    menu.tap("The router gives the address (DHCP)")
    menu.tap("Router")
    for sign in "192.168.178.1":
        menu.tap(sign)
    menu.tap("OK")
    menu.see("192.168.178.1")
    menu.tap("Save")
    menu.see("The address is 192.168.178.50 from now on.")
    menu.tap("Back")
    menu.see("fixed address")
    profile = next(iter(system.profiles.values()))
    assert profile["ipv4"]["gateway"] == "192.168.178.1"


def test_an_address_that_cannot_be_is_refused_with_the_reason(system: OperatingSystem, menu: Touch) -> None:
    menu.tap("Communication")
    menu.tap("Network cable")
    menu.see("address by DHCP")
    menu.tap("Address")
    menu.tap("The router gives the address (DHCP)")
    menu.tap("Router")
    for sign in "10.0.0.1":
        menu.tap(sign)
    menu.tap("OK")
    menu.tap("Save")
    menu.see("The router 10.0.0.1 is not in the network of")
    assert system.calls == []


def test_a_service_is_off_until_its_switch_is_tapped(house: House, menu: Touch) -> None:  # A003-38
    menu.tap("Communication")
    menu.tap("Services")
    menu.see("port 5021", "port 9443")
    menu.tap("Other programs may read the meters (Modbus TCP, SunSpec)")
    until(lambda: settings.flag(house.it.store, "service.sunspec"))
    menu.tap("Other programs may read the meters (Modbus TCP, SunSpec)")
    until(lambda: not settings.flag(house.it.store, "service.sunspec"))


def test_a_restart_is_asked_for_and_told_once(system: OperatingSystem, menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Restart")
    menu.see("Restart the appliance?")
    menu.tap("Cancel")
    assert system.calls == []
    menu.tap("Restart")
    menu.see("Restart the appliance?")
    left, top, right, bottom = [one for one in menu.targets() if "Restart" in one["labels"]][-1]["cut"]
    menu.tap_at((left + right) / 2, (top + bottom) / 2)
    menu.see("The appliance is restarting.")
    assert system.calls == [("Reboot", (False,))]


def test_date_and_time_are_set_by_hand(system: OperatingSystem, menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Date and time")
    menu.see("in step")
    menu.tap("Set by hand")
    menu.see("minute")
    up = [one for one in menu.targets() if "icon:fold_up" in one["labels"]]
    left, top, right, bottom = up[-1]["cut"]  # minutes
    for _ in range(2):
        menu.tap_at((left + right) / 2, (top + bottom) / 2)
    menu.tap("Set date and time")
    menu.see("Date and time are set.")
    until(lambda: [name for name, _ in system.calls] == ["SetNTP", "SetTime"])
    assert system.calls[1][1][0] == 1795262520 * 10**6  # 13:02 in Berlin


def test_a_wrong_word_resets_nothing(house: House, menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Factory reset")
    menu.see("This cannot be undone.")
    menu.tap("Type the word …")
    menu.see("Type RESET to forget everything.")
    write(menu, "rests")
    menu.tap("Forget everything")
    menu.see("Nothing was reset: the word is RESET.")
    assert tasks.newest(house.it.live, factory.KIND) is None
    assert not (house.it.home.root / factory.MARK).exists()


def test_the_right_word_decides_it(house: House, system: OperatingSystem, menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Factory reset")
    menu.tap("Type the word …")
    write(menu, "reset")
    menu.tap("Forget everything")
    menu.see("the appliance starts anew")
    assert json.loads((house.it.home.root / factory.MARK).read_text()) == ["touch", "household"]


def test_a_support_bundle_says_where_it_lies(house: House, menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Support bundle")
    menu.see("was written", "WATTWARD")
    assert len(list((house.it.home.root / "support").glob("*.zip"))) == 1


def test_without_networkmanager_the_page_says_so(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, touch: Touch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    machine = Running(house.it)
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Settings")
    touch.enter(PIN)
    touch.tap("Communication")
    touch.see("set by this machine")
    touch.tap("Wi-Fi")
    touch.see("set with its own tools")
    assert not next(one for one in touch.targets() if "Set up Wi-Fi" in one["labels"])["enabled"]
    machine.stop()


def test_what_a_page_hides_is_not_seen_dimmed(menu: Touch) -> None:
    menu.tap("System")
    menu.tap("Factory reset")
    menu.tap("Type the word …")
    menu.see("Type RESET to forget everything.")
    assert "Hide" not in menu.texts()  # nothing is secret here
