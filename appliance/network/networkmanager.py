"""NetworkManager, which owns cable and Wi-Fi of this machine: what it says about them.

Names and numbers are those of its D-Bus interface (networkmanager.dev, version
1.42 and later). It keeps profiles with their passwords itself, readable by root
only; what is deleted here is deleted from its disk.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from appliance.errors import N_
from appliance.network import links
from appliance.network.links import Address, Link, Network
from appliance.system.bus import Absent, Bus, BusError, Object

NAME = "org.freedesktop.NetworkManager"
ROOT = Object(NAME, "/org/freedesktop/NetworkManager", NAME)
SETTINGS = ROOT.at("/org/freedesktop/NetworkManager/Settings", f"{NAME}.Settings")
DEVICE, WIRELESS, ACCESS_POINT = f"{NAME}.Device", f"{NAME}.Device.Wireless", f"{NAME}.AccessPoint"
PROFILE, IP4, IP6 = f"{NAME}.Settings.Connection", f"{NAME}.IP4Config", f"{NAME}.IP6Config"
WIFI_PROFILE, SECURITY = "802-11-wireless", "802-11-wireless-security"
KINDS = {1: links.WIRED, 2: links.WIFI}  # NMDeviceType
NOTHING = "/"  # the path of no object

# NMDeviceState
UNMANAGED, UNAVAILABLE, DISCONNECTED, ACTIVATED, DEACTIVATING, FAILED = 10, 20, 30, 100, 110, 120
CONNECTING = range(40, 100)


@dataclass(frozen=True, slots=True)
class Device:
    path: str
    kind: str
    fields: dict[str, Any]


async def look(bus: Bus) -> Network:
    """Cable and Wi-Fi as they are now. Raises BusError."""
    try:
        devices = await devices_of(bus)
    except Absent:
        return Network(managed=False)
    profiles = await profiles_of(bus)
    known = any(WIFI_PROFILE in one for one in profiles.values())
    return Network(True, tuple([await _link(bus, one, profiles, known=known) for one in devices]))


async def devices_of(bus: Bus) -> list[Device]:
    """The cable and the Wi-Fi that NetworkManager may use, one of each kind, the one in use first."""
    found = []
    for path in (await bus.properties(ROOT)).get("Devices", []):
        fields = await bus.properties(ROOT.at(path, DEVICE))
        kind = KINDS.get(int(fields.get("DeviceType", 0)))
        if kind is not None and fields.get("State") != UNMANAGED:
            found.append(Device(path, kind, fields))
    found.sort(key=lambda one: (one.kind != links.WIRED, -int(one.fields["State"]), one.path))
    return [next(one for one in found if one.kind == kind) for kind in dict.fromkeys(one.kind for one in found)]


async def device_of(bus: Bus, kind: str) -> Device:
    """The device of a kind. Raises BusError."""
    for one in await devices_of(bus):
        if one.kind == kind:
            return one
    raise BusError(N_("This machine has no Wi-Fi.") if kind == links.WIFI else N_("This machine has no network cable."))


async def profiles_of(bus: Bus) -> dict[str, dict[str, Any]]:
    """All stored connections with their settings, without passwords."""
    paths: list[str] = (await bus.call(SETTINGS, "ListConnections"))[0]
    found = {}
    for path in paths:
        with contextlib.suppress(BusError):  # one that was deleted meanwhile
            found[path] = (await bus.call(ROOT.at(path, PROFILE), "GetSettings"))[0]
    return found


async def _link(bus: Bus, device: Device, profiles: dict[str, dict[str, Any]], *, known: bool) -> Link:
    fields = device.fields
    name, strength = "", 0
    if device.kind == links.WIFI:
        name, strength = await _joined(bus, device)
    profile = await profile_in_use(bus, device, profiles)
    return Link(
        kind=device.kind,
        device=str(fields.get("Interface", "")),
        state=_state(device, known=known),
        name=name,
        strength=strength,
        mac=str(fields.get("HwAddress", "")),
        addresses=await _addresses(bus, fields),
        wanted=_wanted(profiles.get(profile, {}).get("ipv4", {})),
    )


def _state(device: Device, *, known: bool) -> str:
    state = int(device.fields["State"])
    if state == ACTIVATED:
        return links.CONNECTED
    if state in CONNECTING:
        return links.CONNECTING
    if device.kind == links.WIFI and not known:
        return links.NOT_CONFIGURED
    if state <= UNAVAILABLE:
        return links.UNPLUGGED if device.kind == links.WIRED else links.OFF
    return links.FAILED if state == FAILED else links.OFF


async def _joined(bus: Bus, device: Device) -> tuple[str, int]:
    """Name and strength of the Wi-Fi in use."""
    path = (await bus.properties(ROOT.at(device.path, WIRELESS))).get("ActiveAccessPoint", NOTHING)
    if path == NOTHING:
        return "", 0
    try:
        point = await bus.properties(ROOT.at(path, ACCESS_POINT))
    except BusError:
        return "", 0  # it went out of reach just now
    return text(point.get("Ssid", b"")), int(point.get("Strength", 0))


async def _addresses(bus: Bus, fields: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for key, interface in (("Ip4Config", IP4), ("Ip6Config", IP6)):
        path = fields.get(key, NOTHING)
        if path != NOTHING:
            with contextlib.suppress(BusError):
                data = (await bus.properties(ROOT.at(path, interface))).get("AddressData", [])
                found += [str(one["address"]) for one in data if not str(one["address"]).startswith("fe80")]
    return tuple(found)


async def profile_in_use(bus: Bus, device: Device, profiles: dict[str, dict[str, Any]]) -> str:
    """Path of the stored connection a device uses, or would use; empty when there is none."""
    active = device.fields.get("ActiveConnection", NOTHING)
    if active != NOTHING:
        with contextlib.suppress(BusError):
            there = await bus.properties(ROOT.at(active, f"{NAME}.Connection.Active"))
            return str(there.get("Connection", ""))
    kind = WIFI_PROFILE if device.kind == links.WIFI else "802-3-ethernet"
    return next((path for path, one in profiles.items() if one.get("connection", {}).get("type") == kind), "")


def _wanted(ipv4: dict[str, Any]) -> Address:
    if ipv4.get("method") != "manual":
        return Address()
    first: dict[str, Any] = next(iter(ipv4.get("address-data", [])), {})
    return Address(
        automatic=False,
        address=str(first.get("address", "")),
        prefix=int(first.get("prefix", 24)),
        gateway=str(ipv4.get("gateway", "")),
        dns=tuple(dotted(one) for one in ipv4.get("dns", [])),
    )


def dotted(number: int) -> str:
    return ".".join(str(byte) for byte in int(number).to_bytes(4, "little"))


def text(ssid: Iterable[int]) -> str:
    return bytes(ssid).decode("utf-8", "replace")
