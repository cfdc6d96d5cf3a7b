"""A stand-in for BlueZ on a D-Bus of its own: an adapter, devices that advertise, one that sends cards.

It speaks D-Bus as bluetoothd does, as far as scanning, connecting and
notifications go; the library under test is the real one.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

ADAPTER = "/org/bluez/hci0"
NUS = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
NUS_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""


@contextlib.contextmanager
def private_bus(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A D-Bus daemon that this test alone has, in the system bus's place. Skips where there is none."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    config, socket = folder / "bus.conf", folder / "bus.sock"
    config.write_text(CONFIG.format(socket=socket))
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert daemon.stdout is not None
        daemon.stdout.readline()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={socket}")
        yield
    finally:
        daemon.terminate()
        daemon.wait()


@dataclass
class Device:
    """Somebody on the air."""

    address: str
    name: str = ""
    uuids: tuple[str, ...] = ()
    beacon: bytes = b""  # an Apple proximity beacon's data
    connected: bool = False
    resolved: bool = False
    notifying: bool = False
    there: bool = True
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"{ADAPTER}/dev_{self.address.replace(':', '_')}"

    def properties(self, rssi: int | None = None) -> dict[str, Variant]:
        """What Device1 shows."""
        found = {
            "Address": Variant("s", self.address), "AddressType": Variant("s", "random"),
            "Alias": Variant("s", self.name or self.address.replace(":", "-")), "Adapter": Variant("o", ADAPTER),
            "Connected": Variant("b", self.connected), "ServicesResolved": Variant("b", self.resolved),
            "Paired": Variant("b", False), "UUIDs": Variant("as", list(self.uuids)),
        }  # fmt: skip
        if self.name:
            found["Name"] = Variant("s", self.name)
        if self.beacon:
            found["ManufacturerData"] = Variant("a{qv}", {0x004C: Variant("ay", self.beacon)})
        if rssi is not None:
            found["RSSI"] = Variant("n", rssi)
        return found


class Bluez:
    """The daemon. Belongs to the loop it was started in."""

    def __init__(self) -> None:
        self._bus = MessageBus(bus_type=BusType.SYSTEM)
        self._devices: dict[str, Device] = {}
        self.known: set[str] = set()  # device paths announced
        self.powered = True
        self.scans = 0  # how often listening began
        self.scanning = False
        self.calls: list[str] = []

    async def start(self) -> None:
        """Come to the bus."""
        await self._bus.connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.request_name("org.bluez")

    def stop(self) -> None:
        """Leave it, as a daemon that crashed."""
        self._bus.disconnect()

    def add(self, device: Device) -> Device:
        """Somebody new."""
        self._devices[device.path] = device
        return device

    async def advertise(self, device: Device, rssi: int) -> None:
        """One advert; heard only while somebody scans."""
        if not self.scanning or not device.there:
            return
        if device.path in self.known:
            self._changed(device.path, "org.bluez.Device1", {"RSSI": Variant("n", rssi)})
        else:
            self.known.add(device.path)
            self._added(device.path, "org.bluez.Device1", device.properties(rssi))
        await asyncio.sleep(0.001)

    async def keep_advertising(self, device: Device, rssi: int = -50) -> None:
        """Advertise until cancelled."""
        while True:
            await self.advertise(device, rssi)
            await asyncio.sleep(0.02)

    def notify(self, device: Device, data: bytes) -> None:
        """The device sends on its UART."""
        if device.notifying:
            self._changed(f"{device.path}/service0001/char0002", "org.bluez.GattCharacteristic1",
                          {"Value": Variant("ay", data)})  # fmt: skip

    def drop(self, device: Device) -> None:
        """Its connection breaks."""
        device.connected = device.resolved = device.notifying = False
        self._changed(device.path, "org.bluez.Device1",
                      {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)})  # fmt: skip

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface is None:
            return None
        if not message.interface.startswith(("org.bluez", "org.freedesktop.DBus.ObjectManager")):
            return None
        self.calls.append(str(message.member))
        return self._answer(message)

    def _answer(self, message: Message) -> Message:
        device = self._devices.get("/".join(str(message.path).split("/")[:5]))
        match message.member:
            case "GetManagedObjects":
                return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects()])
            case "StartDiscovery":
                self.scanning = True
                self.scans += 1
            case "StopDiscovery":
                self.scanning = False
            case "Connect" if device is not None:
                if not device.there:
                    return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-failed")
                self._connect(device)
            case "Disconnect" if device is not None:
                self.drop(device)
            case ("StartNotify" | "StopNotify") as verb if device is not None:
                device.notifying = verb == "StartNotify"
            case "SetDiscoveryFilter" | "RemoveDevice":
                pass
            case _:
                return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "unknown")
        return Message.new_method_return(message)

    def _connect(self, device: Device) -> None:
        device.connected = device.resolved = True
        self._changed(device.path, "org.bluez.Device1", {"Connected": Variant("b", True)})
        service, characteristic = f"{device.path}/service0001", f"{device.path}/service0001/char0002"
        self._added(service, "org.bluez.GattService1",
                    {"UUID": Variant("s", NUS), "Primary": Variant("b", True),
                     "Device": Variant("o", device.path)})  # fmt: skip
        self._added(characteristic, "org.bluez.GattCharacteristic1",
                    {"UUID": Variant("s", NUS_TX), "Service": Variant("o", service), "Value": Variant("ay", b""),
                     "Notifying": Variant("b", False), "Flags": Variant("as", ["notify"]),
                     "MTU": Variant("q", 247)})  # fmt: skip
        self._changed(device.path, "org.bluez.Device1", {"ServicesResolved": Variant("b", True)})

    def _objects(self) -> dict[str, dict[str, dict[str, Variant]]]:
        adapter = {
            "Address": Variant("s", "00:11:22:33:44:55"), "Name": Variant("s", "stand-in"),
            "Powered": Variant("b", self.powered), "Discovering": Variant("b", self.scanning),
            "Roles": Variant("as", ["central", "peripheral"]),
        }  # fmt: skip
        devices = {
            path: {"org.bluez.Device1": one.properties()} for path, one in self._devices.items() if path in self.known
        }
        return {ADAPTER: {"org.bluez.Adapter1": adapter}, **devices}

    def _added(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}",
                     [path, {interface: properties}])  # fmt: skip

    def _changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        self._signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as",
                     [interface, properties, []])  # fmt: skip

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._bus.send(
            Message(message_type=MessageType.SIGNAL, path=path, interface=interface, member=member,
                    signature=signature, body=body)
        )  # fmt: skip
