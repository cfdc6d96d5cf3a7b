"""What NetworkManager is told to do: look for Wi-Fis, join one, forget all, give a link another address."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterable
from typing import Any

from appliance.errors import N_
from appliance.network import links
from appliance.network.links import Address, Found
from appliance.network.networkmanager import (
    ACCESS_POINT,
    ACTIVATED,
    CONNECTING,
    DEVICE,
    DISCONNECTED,
    FAILED,
    NOTHING,
    PROFILE,
    ROOT,
    SECURITY,
    WIFI_PROFILE,
    WIRELESS,
    device_of,
    profile_in_use,
    profiles_of,
    text,
)
from appliance.system.bus import Bus, BusError, Typed, typed_settings

# NMDeviceStateReason: why joining a Wi-Fi ended
WRONG_PASSWORD, NO_ADDRESS, GONE = (7, 8, 9, 10, 11), (5, 15, 16, 17), (53,)
# NM80211ApSecurityFlags
PSK, SAE, OWE = 0x100, 0x400, 0x800
PRIVACY = 0x1  # NM80211ApFlags

SCAN_S, JOIN_S, LOOK_S = 12.0, 45.0, 0.3


async def find(bus: Bus) -> list[Found]:
    """The Wi-Fis in reach, the strongest first. Raises BusError."""
    device = await device_of(bus, links.WIFI)
    wireless = ROOT.at(device.path, WIRELESS)
    before = (await bus.properties(wireless)).get("LastScan", -1)
    with contextlib.suppress(BusError):  # it scanned a moment ago, or does so now
        await bus.call(wireless, "RequestScan", "a{sv}", {})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SCAN_S):
            while (await bus.properties(wireless)).get("LastScan", -1) == before:
                await asyncio.sleep(LOOK_S)
    found: dict[str, Found] = {}
    for path in (await bus.call(wireless, "GetAllAccessPoints"))[0]:
        with contextlib.suppress(BusError):  # it went out of reach just now
            point = _found(await bus.properties(ROOT.at(path, ACCESS_POINT)))
            if point.name and point.strength > found.get(point.name, Found("", -1, False, False)).strength:
                found[point.name] = point
    return sorted(found.values(), key=lambda one: -one.strength)


def _found(point: dict[str, Any]) -> Found:
    security = int(point.get("WpaFlags", 0)) | int(point.get("RsnFlags", 0))
    secured = bool(security & ~OWE) or bool(int(point.get("Flags", 0)) & PRIVACY)
    return Found(
        name=text(point.get("Ssid", b"")),
        strength=int(point.get("Strength", 0)),
        secured=secured,
        supported=not secured or bool(security & (PSK | SAE)),
        sae=bool(security & SAE) and not security & PSK,
    )


async def join(bus: Bus, name: str, password: str, *, sae: bool, hidden: bool) -> None:
    """Join a Wi-Fi; once that worked, forget every other. Raises BusError, and then all is as before."""
    device = await device_of(bus, links.WIFI)
    others = await _wifi_profiles(bus)
    groups: dict[str, dict[str, tuple[str, object]]] = {
        "connection": {"id": ("s", name), "uuid": ("s", str(uuid.uuid4())), "type": ("s", WIFI_PROFILE)},
        WIFI_PROFILE: {"ssid": ("ay", name.encode()), "mode": ("s", "infrastructure"), "hidden": ("b", hidden)},
        "ipv4": {"method": ("s", "auto")},
        "ipv6": {"method": ("s", "auto")},
    }
    if password:
        groups[SECURITY] = {"key-mgmt": ("s", "sae" if sae else "wpa-psk"), "psk": ("s", password)}
    profile, _active = await bus.call(
        ROOT, "AddAndActivateConnection", "a{sa{sv}}oo", typed_settings(groups), device.path, NOTHING
    )
    try:
        await _await_connected(bus, device.path)
    except BusError:
        await _delete(bus, [profile])
        raise
    await _delete(bus, [path for path in others if path != profile])


async def _await_connected(bus: Bus, path: str) -> None:
    """Wait until a device has an address. Raises BusError with the reason."""
    reason, begun = 0, False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(JOIN_S):
            while True:
                state, reason = (await bus.properties(ROOT.at(path, DEVICE))).get("StateReason", (0, 0))
                if state == ACTIVATED:
                    return
                begun = begun or state in CONNECTING
                if state == FAILED or (begun and state <= DISCONNECTED):
                    break
                await asyncio.sleep(LOOK_S)
    if reason in WRONG_PASSWORD:
        raise BusError(N_("The Wi-Fi did not accept the password."))
    if reason in GONE:
        raise BusError(N_("This Wi-Fi is not in reach: go nearer to the router, or check its name."))
    if reason in NO_ADDRESS:
        raise BusError(N_("The Wi-Fi gave no address: restart the router, or set an address by hand."))
    raise BusError(N_("The Wi-Fi could not be joined: check password and router, and try again."))


async def forget(bus: Bus) -> int:
    """Delete every Wi-Fi with its password from the disk; return how many. Raises BusError."""
    profiles = await _wifi_profiles(bus)
    await _delete(bus, profiles)
    return len(profiles)


async def _wifi_profiles(bus: Bus) -> list[str]:
    return [path for path, one in (await profiles_of(bus)).items() if WIFI_PROFILE in one]


async def _delete(bus: Bus, profiles: Iterable[str]) -> None:
    for path in profiles:
        await bus.call(ROOT.at(path, PROFILE), "Delete")


async def set_address(bus: Bus, kind: str, wanted: Address) -> None:
    """Let a link get its address so, now and from now on. Raises BusError."""
    device = await device_of(bus, kind)
    profiles = await profiles_of(bus)
    path = await profile_in_use(bus, device, profiles)
    ipv4 = _ipv4(wanted)
    if not path:
        if kind == links.WIFI:
            raise BusError(N_("Set up the Wi-Fi first."))
        groups: dict[str, dict[str, tuple[str, object]]] = {
            "connection": {"id": ("s", "Wattward"), "uuid": ("s", str(uuid.uuid4())), "type": ("s", "802-3-ethernet")},
            "802-3-ethernet": {}, "ipv4": ipv4, "ipv6": {"method": ("s", "auto")},
        }  # fmt: skip
        await bus.call(ROOT, "AddAndActivateConnection", "a{sa{sv}}oo", typed_settings(groups), device.path, NOTHING)
        return
    await bus.call(ROOT.at(path, PROFILE), "Update", "a{sa{sv}}", await _changed(bus, path, ipv4))
    await bus.call(ROOT, "ActivateConnection", "ooo", path, device.path, NOTHING)


async def _changed(bus: Bus, path: str, ipv4: dict[str, tuple[str, object]]) -> dict[str, dict[str, Any]]:
    """A stored connection with another `ipv4`; what else it says is kept, the Wi-Fi's password, too."""
    there = ROOT.at(path, PROFILE)
    groups: dict[str, dict[str, Any]] = (await bus.call_typed(there, "GetSettings"))[0]
    if SECURITY in groups:
        groups[SECURITY] |= (await bus.call_typed(there, "GetSecrets", "s", SECURITY))[0][SECURITY]
    return groups | typed_settings({"ipv4": ipv4})


def _ipv4(wanted: Address) -> dict[str, tuple[str, object]]:
    """The group `ipv4` of a stored connection."""
    if wanted.automatic:
        return {"method": ("s", "auto")}
    address = {"address": Typed("s", wanted.address), "prefix": Typed("u", wanted.prefix)}
    fields: dict[str, tuple[str, object]] = {"method": ("s", "manual"), "address-data": ("aa{sv}", [address])}
    if wanted.gateway:
        fields["gateway"] = ("s", wanted.gateway)
    if wanted.dns:
        fields["dns"] = ("au", [_number(one) for one in wanted.dns])
    return fields


def _number(dotted: str) -> int:
    """An IPv4 address as NetworkManager writes name servers: a number in network byte order, read as a native one."""
    return int.from_bytes(bytes(int(part) for part in dotted.split(".")), "little")
