"""D-Bus itself. The only module that speaks it; nothing of its library leaves here.

A bus that went away is opened anew by the next call.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, DBusError, InvalidAddressError

from appliance.errors import N_
from appliance.system.bus import Absent, BusError, Object, Typed

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
            signature=signature, body=[_variants(one) for one in arguments],
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


def _variants(value: object) -> Any:  # noqa: ANN401 - as the library wants it
    """Our typed values as the library's."""
    if isinstance(value, Typed):
        return Variant(value.signature, _variants(value.value))
    if isinstance(value, dict):
        return {key: _variants(one) for key, one in value.items()}
    return [_variants(one) for one in value] if isinstance(value, list) else value
