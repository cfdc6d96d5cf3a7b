"""Serve the house's meters on Modbus TCP, speaking the same register maps as the driver.

The only module that imports the pymodbus server. Registers are made when they
are asked for; registers no map names inside a block read 0, outside a block
they are refused with exception 2, as the real meters do.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Mapping
from typing import cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.modbus import plan, registers
from drivers.modbus.registers import RegisterMap

TRIES = 50  # ports looked at from the wanted one upwards

Show = Callable[[], Mapping[str, float]]


class Unit:
    """One meter on the server. `mood`: 'well', 'silent' (never answers) or 'sick' (exception 4)."""

    def __init__(self, number: int, model: str, show: Show) -> None:
        self.number = number
        self.mood = "well"
        self._map = registers.load(model)
        self._show = show

    def device(self) -> SimDevice:
        """This unit for the server."""
        blocks = [
            SimData(block.start, count=block.count, values=0, datatype=DataType.REGISTERS)
            for block in plan.blocks(self._map)
        ]
        return SimDevice(id=self.number, simdata=blocks, action=self._answer)

    async def _answer(
        self, function: int, start: int, _address: int, _count: int, current: list[int], written: object
    ) -> ExcCodes | None:
        while self.mood == "silent":
            await asyncio.sleep(0.05)
        if self.mood == "sick":
            return ExcCodes.DEVICE_FAILURE
        if function != self._map.function or written is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        for address, register in image(self._map, self._show()).items():
            current[address - start] = register
        return None


def image(of: RegisterMap, values: Mapping[str, float]) -> dict[int, int]:
    """All registers of a meter that shows `values`. Raises KeyError when a quantity of the map is missing."""
    found: dict[int, int] = {}
    for point in of.points:
        try:
            found |= registers.encode(point, values[point.quantity])
        except struct.error as error:
            raise ValueError(f"{point.quantity}={values[point.quantity]} does not fit {point.type}") from error
    return found


async def serve(units: list[Unit], host: str, port: int) -> tuple[ModbusTcpServer, int]:
    """Listen on `port`, or the next free one; return the server and its port. Raises OSError when none is free."""
    for candidate in [0] if port == 0 else range(port, port + TRIES):
        server = ModbusTcpServer([unit.device() for unit in units], address=(host, candidate))
        try:
            await server.serve_forever(background=True)
        except (OSError, RuntimeError):
            continue
        listener = cast(asyncio.Server, server.transport)
        return server, int(listener.sockets[0].getsockname()[1])
    raise OSError(f"no free port from {port} to {port + TRIES - 1}")
