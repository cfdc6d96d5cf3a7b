"""The system bus, on which the operating system's services take orders.

A service that is not there, refuses or does not answer is a `BusError`.
`system()` is the real one; the D-Bus library (4 MB) is loaded by its first
call. `nowhere()` is that of a demo: it has no services, so that nobody
restarts the machine a demo runs on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.errors import N_, WattwardError


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


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its D-Bus type, where a method takes any."""

    signature: str
    value: object


def typed_settings(groups: Mapping[str, Mapping[str, tuple[str, object]]]) -> dict[str, dict[str, Typed]]:
    """Groups of settings, each with its type, as `a{sa{sv}}` wants them."""
    return {group: {key: Typed(*value) for key, value in of.items()} for group, of in groups.items()}


def _load() -> Bus:
    from appliance.system.wire import SystemBus

    return SystemBus()


class _System:
    """The real one, opened by its first call."""

    def __init__(self) -> None:
        self._wire: Bus | None = None

    async def _opened(self) -> Bus:
        if self._wire is None:
            self._wire = await asyncio.to_thread(_load)  # a tenth of a second and more: the core's loops go on
        return self._wire

    async def call(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        return await (await self._opened()).call(of, method, signature, *arguments)

    async def call_typed(self, of: Object, method: str, signature: str = "", *arguments: object) -> list[Any]:
        return await (await self._opened()).call_typed(of, method, signature, *arguments)

    async def properties(self, of: Object) -> dict[str, Any]:
        return await (await self._opened()).properties(of)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()


def system() -> Bus:
    """The real bus (or the one that DBUS_SYSTEM_BUS_ADDRESS names)."""
    return _System()


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
