"""Meters on the same line share one bus: one connection, one request at a time.

A bus belongs to the event loop it was first read in, and lives as long as a
meter uses it. A meter that was dropped without `leave` is noticed, too.
"""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import dataclass, field

from drivers.modbus import faults
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus


@dataclass(slots=True)
class _Shared:
    """A bus and who uses it."""

    bus: Bus
    loop: asyncio.AbstractEventLoop
    users: weakref.WeakSet[object] = field(default_factory=weakref.WeakSet)

    def speaks_as(self, address: Address) -> bool:
        """Tell whether the line is set as `address` wants it."""
        return (self.bus.address.baud, self.bus.address.parity) == (address.baud, address.parity)


_lines: dict[tuple[int, str], _Shared] = {}


def join(address: Address, user: object) -> Bus:
    """The bus of this address in the running loop, used by `user` from now on. Raises DriverError(`unreachable`)."""
    loop = asyncio.get_running_loop()
    wanted = (id(loop), address.line)
    for key, shared in list(_lines.items()):
        unused = not shared.users and not (key == wanted and shared.speaks_as(address))
        if shared.loop.is_closed():
            del _lines[key]
        elif shared.loop is loop and unused:
            shared.bus.abandon()
            del _lines[key]
    if wanted not in _lines:
        _lines[wanted] = _Shared(Bus(address), loop)
    found = _lines[wanted]
    if not found.speaks_as(address):
        raise faults.other_speed(address, found.bus.address.baud, found.bus.address.parity)
    found.users.add(user)
    return found.bus


def held(address: Address) -> Bus | None:
    """The bus that is in use on this line in the running loop, at whatever speed."""
    shared = _lines.get((id(asyncio.get_running_loop()), address.line))
    return shared.bus if shared is not None and shared.users else None


async def leave(bus: Bus, user: object) -> None:
    """`user` needs the bus no more; the last one closes its line."""
    for shared in list(_lines.values()):
        if shared.bus is bus:
            shared.users.discard(user)
            if shared.users:
                return
    await bus.close()
