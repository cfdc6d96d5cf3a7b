"""An operating system to give orders to: NetworkManager, timedated and logind on a private system bus.

As strict as the real ones where it matters here: property and argument types
are D-Bus' own, an unknown object or a wrong password is refused as they refuse,
profiles lie in files until they are deleted, the clock cannot be set while a
time server is asked. Names: networkmanager.dev, org.freedesktop.timedate1(5),
org.freedesktop.login1(5).
"""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus
from dbus_fast.message_bus import BaseMessageBus

NM = "org.freedesktop.NetworkManager"
NM_PATH = "/org/freedesktop/NetworkManager"
NAMES = (NM, "org.freedesktop.timedate1", "org.freedesktop.login1")
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>"""


class Refusal(Exception):
    """A D-Bus error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class OperatingSystem:
    """Start it with `start()`, end it with `stop()`. What it was told is in `calls`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.profiles_folder = folder / "system-connections"
        self.profiles_folder.mkdir(exist_ok=True)
        self.socket = folder / "bus"
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.absent: set[str] = set()  # services that are not there
        self.time = {"NTP": True, "NTPSynchronized": True, "Timezone": "Europe/Berlin", "CanNTP": True}
        self.obeys = True  # whether polkit lets us
        self.points = {  # Wi-Fis in reach: name -> (strength, password)
            "Heimnetz-5G": (82, "correct horse battery"),
            "Café & Co <b>": (47, ""),
            "FRITZ!Box 7590 Müller": (33, "12345678901234567890"),
        }
        self.company = {"Firma-Intern": 55}
        self.profiles: dict[str, dict[str, dict[str, Any]]] = {}
        self.wifi: dict[str, Any] = {"State": 30, "Reason": 0, "Point": "/", "LastScan": 1000}
        self.wired = {"State": 100, "Reason": 0}
        self.gives_addresses = True
        self._number = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._daemon: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def address(self) -> str:
        """For DBUS_SYSTEM_BUS_ADDRESS."""
        return f"unix:path={self.socket}"

    def start(self) -> OperatingSystem:
        """Start bus and services."""
        config = self.folder / "bus.conf"
        config.write_text(CONFIG.format(socket=self.socket))
        self._daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"], stdout=subprocess.PIPE
        )
        assert self._daemon.stdout is not None
        self._daemon.stdout.readline()  # the address: it listens
        self.add_profile("Wired connection 1", {"connection": {"type": "802-3-ethernet"}, "802-3-ethernet": {}})
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self) -> None:
        """End both."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self) -> None:
        bus = await MessageBus(self.address, bus_type=BusType.SYSTEM).connect()
        bus.add_message_handler(lambda message: self._answer(message, bus))
        for name in NAMES:
            if name not in self.absent:
                await bus.request_name(name)

    # Answering ---------------------------------------------------------------------------------

    def _answer(self, message: Message, bus: BaseMessageBus) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        if message.destination not in (*NAMES, None) and not str(message.destination).startswith(":"):
            return None
        try:
            signature, body = self._carry_out(message)
        except Refusal as refusal:
            return Message.new_error(message, refusal.name, str(refusal))
        return Message.new_method_return(message, signature, body)

    def _carry_out(self, message: Message) -> tuple[str, list[Any]]:
        path, interface, member = message.path or "", message.interface or "", message.member or ""
        if interface == "org.freedesktop.DBus.Properties" and member == "GetAll":
            return "a{sv}", [self._properties(path, str(message.body[0]))]
        known: dict[str, Callable[..., tuple[str, list[Any]]]] = {
            f"{NM}.Settings.ListConnections": self._list,
            f"{NM}.Settings.Connection.GetSettings": self._get,
            f"{NM}.Settings.Connection.GetSecrets": self._secrets,
            f"{NM}.Settings.Connection.Update": self._update,
            f"{NM}.Settings.Connection.Delete": self._delete,
            f"{NM}.AddAndActivateConnection": self._join,
            f"{NM}.ActivateConnection": self._activate,
            f"{NM}.Device.Wireless.RequestScan": self._scan,
            f"{NM}.Device.Wireless.GetAllAccessPoints": self._all_points,
            "org.freedesktop.timedate1.SetTime": self._set_time,
            "org.freedesktop.timedate1.SetNTP": self._set_ntp,
            "org.freedesktop.timedate1.SetTimezone": self._set_zone,
            "org.freedesktop.login1.Manager.Reboot": self._nothing,
            "org.freedesktop.login1.Manager.PowerOff": self._nothing,
        }
        method = known.get(f"{interface}.{member}")
        if method is None:
            raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", f"{interface}.{member}")
        arguments = unpack_variants(list(message.body))
        if not member.startswith(("List", "Get")):
            self.calls.append((member, tuple(arguments)))
        return method(path, *arguments)

    def _properties(self, path: str, interface: str) -> dict[str, Variant]:
        kind = interface.rpartition(".")[2]
        if interface == "org.freedesktop.timedate1":
            return {key: Variant("s" if isinstance(one, str) else "b", one) for key, one in self.time.items()}
        if interface == NM:
            return {"Devices": Variant("ao", [self._at("Devices/1"), self._at("Devices/2"), self._at("Devices/9")])}
        if path.endswith("Devices/9"):  # the loopback, which is nobody's
            return {"DeviceType": Variant("u", 32), "State": Variant("u", 100), "Interface": Variant("s", "lo")}
        if kind == "Device":
            return self._device(wifi=path.endswith("Devices/2"))
        if kind == "Wireless":
            last = self.wifi["LastScan"]
            return {"ActiveAccessPoint": Variant("o", self.wifi["Point"]), "LastScan": Variant("x", last)}
        if kind == "AccessPoint":
            return self._point(int(path.rpartition("/")[2]))
        if kind == "IP4Config":
            number = 50 if path.endswith("1") else 61
            one = {"address": Variant("s", f"192.168.178.{number}"), "prefix": Variant("u", 24)}
            return {"AddressData": Variant("aa{sv}", [one]), "Gateway": Variant("s", "192.168.178.1")}
        if kind == "Active":
            return {"Connection": Variant("o", self._profile_of(wifi=path.endswith("2")))}
        raise Refusal("org.freedesktop.DBus.Error.UnknownObject", path)

    @staticmethod
    def _at(tail: str) -> str:
        return f"{NM_PATH}/{tail}"

    def _device(self, *, wifi: bool) -> dict[str, Variant]:
        fields = self.wifi if wifi else self.wired
        on, number = fields["State"] == 100, 2 if wifi else 1
        return {
            "DeviceType": Variant("u", number),
            "Interface": Variant("s", "wlan0" if wifi else "eth0"),
            "State": Variant("u", fields["State"]),
            "StateReason": Variant("(uu)", [fields["State"], fields["Reason"]]),
            "HwAddress": Variant("s", f"D8:3A:DD:00:00:0{number}"),
            "Ip4Config": Variant("o", self._at(f"IP4Config/{number}") if on else "/"),
            "Ip6Config": Variant("o", "/"),
            "ActiveConnection": Variant("o", self._at(f"ActiveConnection/{number}") if on else "/"),
        }

    def _point(self, number: int) -> dict[str, Variant]:
        names = [*self.points, *self.company]
        if not 0 <= number < len(names):
            raise Refusal("org.freedesktop.DBus.Error.UnknownObject", str(number))
        name = names[number]
        strength, password = self.points.get(name, (self.company.get(name, 0), "?"))
        rsn = 0x200 if name in self.company else 0x100 if password else 0
        return {
            "Ssid": Variant("ay", name.encode()), "Strength": Variant("y", strength), "WpaFlags": Variant("u", 0),
            "RsnFlags": Variant("u", rsn), "Flags": Variant("u", 1 if password else 0),
        }  # fmt: skip

    # Profiles ----------------------------------------------------------------------------------

    def add_profile(self, name: str, groups: dict[str, dict[str, Any]]) -> str:
        """Keep a connection, on disk, too."""
        self._number += 1
        path = self._at(f"Settings/{self._number}")
        groups.setdefault("connection", {}).setdefault("id", name)
        groups["connection"].setdefault("uuid", f"00000000-0000-0000-0000-{self._number:012}")
        groups.setdefault("ipv4", {"method": "auto"})
        self._keep(path, groups)
        return path

    def _keep(self, path: str, groups: dict[str, dict[str, Any]]) -> None:
        self.profiles[path] = groups
        self._file(path).write_text(repr(groups))

    def _file(self, path: str) -> Path:
        return self.profiles_folder / f"{path.rpartition('/')[2]}.nmconnection"

    def _profile_of(self, *, wifi: bool) -> str:
        kind = "802-11-wireless" if wifi else "802-3-ethernet"
        return next((path for path, one in self.profiles.items() if kind in one), "/")

    def _known(self, path: str) -> dict[str, dict[str, Any]]:
        if path not in self.profiles:
            raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", "Object does not exist")
        return self.profiles[path]

    def _list(self, _path: str) -> tuple[str, list[Any]]:
        return "ao", [list(self.profiles)]

    def _get(self, path: str) -> tuple[str, list[Any]]:
        groups = {
            name: {key: _variant(key, one) for key, one in group.items() if key != "psk"}
            for name, group in self._known(path).items()
        }
        return "a{sa{sv}}", [groups]

    def _secrets(self, path: str, group: str) -> tuple[str, list[Any]]:
        return "a{sa{sv}}", [{group: {"psk": Variant("s", self._known(path)[group]["psk"])}}]

    def _update(self, path: str, groups: dict[str, dict[str, Any]]) -> tuple[str, list[Any]]:
        self._known(path)
        self._keep(path, groups)
        return "", []

    def _delete(self, path: str) -> tuple[str, list[Any]]:
        wifi = "802-11-wireless" in self._known(path)
        del self.profiles[path]
        self._file(path).unlink()
        if wifi and self._profile_of(wifi=True) == "/":
            self.wifi |= {"State": 30, "Reason": 0, "Point": "/"}
        return "", []

    # Wi-Fi -------------------------------------------------------------------------------------

    def _scan(self, _path: str, _options: dict[str, Any]) -> tuple[str, list[Any]]:
        self._loop.call_later(0.05, lambda: self.wifi.update(LastScan=self.wifi["LastScan"] + 5000))
        return "", []

    def _all_points(self, _path: str) -> tuple[str, list[Any]]:
        count = len(self.points) + len(self.company)
        return "ao", [[self._at(f"AccessPoint/{number}") for number in range(count)]]

    def _join(self, _path: str, groups: dict[str, dict[str, Any]], device: str, _point: str) -> tuple[str, list[Any]]:
        profile = self.add_profile(str(groups["connection"]["id"]), groups)
        number = device.rpartition("/")[2]
        if number == "2":
            self.wifi |= {"State": 50, "Reason": 0}
            self._loop.call_later(0.1, lambda: self._decide(groups))
        return "oo", [profile, self._at(f"ActiveConnection/{number}")]

    def _decide(self, groups: dict[str, dict[str, Any]]) -> None:
        name = bytes(groups["802-11-wireless"]["ssid"]).decode()
        if name not in self.points:
            self.wifi |= {"State": 120, "Reason": 53, "Point": "/"}
        elif groups.get("802-11-wireless-security", {}).get("psk", "") != self.points[name][1]:
            self.wifi |= {"State": 120, "Reason": 7, "Point": "/"}
        elif not self.gives_addresses:
            self.wifi |= {"State": 120, "Reason": 17, "Point": "/"}
        else:
            point = self._at(f"AccessPoint/{list(self.points).index(name)}")
            self.wifi |= {"State": 100, "Reason": 0, "Point": point}

    def _activate(self, _path: str, profile: str, device: str, _point: str) -> tuple[str, list[Any]]:
        self._known(profile)
        return "o", [self._at(f"ActiveConnection/{device.rpartition('/')[2]}")]

    # Time and power ----------------------------------------------------------------------------

    def _set_time(self, _path: str, _utc_us: int, _relative: bool, _ask: bool) -> tuple[str, list[Any]]:
        if self.time["NTP"]:
            raise Refusal("org.freedesktop.timedate1.AutomaticTimeSyncEnabled", "Automatic time sync is enabled")
        self.time["NTPSynchronized"] = False
        return "", []

    def _set_ntp(self, _path: str, on: bool, _ask: bool) -> tuple[str, list[Any]]:
        self.time["NTP"] = on
        return "", []

    def _set_zone(self, _path: str, zone: str, _ask: bool) -> tuple[str, list[Any]]:
        self.time["Timezone"] = zone
        return "", []

    def _nothing(self, _path: str, _ask: bool) -> tuple[str, list[Any]]:
        if not self.obeys:
            raise Refusal("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "not allowed")
        return "", []


def _variant(key: str, value: Any) -> Variant:  # noqa: ANN401 - whatever a profile holds
    if key == "ssid":
        return Variant("ay", bytes(value))
    if key == "address-data":
        typed = [{name: Variant("u" if name == "prefix" else "s", one) for name, one in each.items()} for each in value]
        return Variant("aa{sv}", typed)
    if key == "dns":
        return Variant("au", value)
    return Variant("b" if isinstance(value, bool) else "s", value)
