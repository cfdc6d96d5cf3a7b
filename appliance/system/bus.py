"""The system bus, on which the operating system's services take orders. The only module that speaks D-Bus.

A service that is not there, refuses or does not answer is a `BusError`; nothing
of the D-Bus library leaves here. A bus that went away is opened anew by the
next call. `nowhere()` is the bus of a demo: it has no services, so that nobody
restarts the machine a demo runs on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dbus_fast import BusType, Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, DBusError, InvalidAddressError

from appliance.errors import N_, WattwardError

ANSWER_S = 20.0  # activating a service that sleeps takes some seconds
ABSENT = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
)
FORBIDDEN = (
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    "org.freedesktop.PolicyKit1.Error.NotAuthorized",
    "org.freedesktop.NetworkManager.PermissionDenied",
    "org.freedesktop.NetworkManager.Settings.PermissionDenied",
)


class BusError(WattwardError):
    """The operating system did not do it. `name` is D-Bus' own name of the error."""

    def __init__(self, message: str, name: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.name = name


class Absent(BusError):
    """There is no such service on this machine."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a service, seen through one interface."""

    service: str
    path: str
    interface: str

    def at(self, path: str, interface: str) -> Object:
        """Another object of the same service."""
        return Object(self.service, path, interface)


class Bus(Protocol):
    """Calls methods and reads properties."""

    async def call(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        """Call a method; its answer, with plain values. Raises BusError."""
        ...

    async def call_typed(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        """The same; its answer keeps D-Bus' types, so that it can be handed back. Raises BusError."""
        ...

    async def properties(self, of: Object) -> dict[str, Any]:
        """All properties, with plain values. Raises BusError."""
        ...

    def close(self) -> None:
        """Leave the bus."""
        ...


def typed(signature: str, value: object) -> Variant:
    """A value with its D-Bus type, where a method takes any."""
    return Variant(signature, value)


def typed_settings(groups: Mapping[str, Mapping[str, tuple[str, object]]]) -> dict[str, dict[str, Variant]]:
    """Groups of settings, each with its type, as `a{sa{sv}}` wants them."""
    return {group: {key: Variant(*value) for key, value in of.items()} for group, of in groups.items()}


class SystemBus:
    """The real one (or the one that DBUS_SYSTEM_BUS_ADDRESS names)."""

    def __init__(self) -> None:
        self._bus: MessageBus | None = None

    async def _connected(self) -> MessageBus:
        if self._bus is None or not self._bus.connected:
            try:
                self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            except (OSError, EOFError, AuthError, InvalidAddressError, DBusError) as error:
                raise Absent(N_("This machine has no system bus: nothing of it can be set from here.")) from error
        return self._bus

    async def call(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        return list(unpack_variants(await self.call_typed(of, method, signature, *arguments)))

    async def call_typed(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        bus = await self._connected()
        message = Message(
            destination=of.service, path=of.path, interface=of.interface, member=method,
            signature=signature, body=list(arguments),
        )  # fmt: skip
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await bus.call(message)
        except (TimeoutError, OSError, EOFError) as error:
            self.close()
            raise BusError(N_("The operating system did not answer; try again."), name=str(error)) from error
        if answer is None or answer.message_type is MessageType.ERROR:
            raise _error(answer, of.service)
        return list(answer.body)

    async def properties(self, of: Object) -> dict[str, Any]:
        there = of.at(of.path, "org.freedesktop.DBus.Properties")
        found: dict[str, Any] = (await self.call(there, "GetAll", "s", of.interface))[0]
        return found

    def close(self) -> None:
        if self._bus is not None:
            with contextlib.suppress(OSError):
                self._bus.disconnect()
        self._bus = None


def _error(answer: Message | None, service: str) -> BusError:
    name = str(answer.error_name) if answer is not None else ""
    detail = str(answer.body[0]) if answer is not None and answer.body else name
    if name in ABSENT:
        return Absent(N_("This machine has no service {service}: set it with its own tools."), name, service=service)
    if name in FORBIDDEN:
        return BusError(
            N_("The operating system does not allow Wattward to do this: 'sudo ./setup.sh install' sets its rights."),
            name,
        )
    return BusError(N_("The operating system could not do this: {detail}"), name, detail=detail)


class _Nowhere:
    """A bus without services."""

    async def call(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        raise Absent(N_("This is a simulated house: the machine it runs on is left alone."))

    async def call_typed(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        return await self.call(of, method)

    async def properties(self, of: Object) -> dict[str, Any]:
        return {"": await self.call(of, "")}

    def close(self) -> None:
        pass


def nowhere() -> Bus:
    """The bus of a demo."""
    return _Nowhere()
