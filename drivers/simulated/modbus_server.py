"""Serve the house's meters on Modbus TCP, speaking the same register maps as the driver.

The only module that imports the pymodbus server. Registers are made when they
are asked for. A meter is as strict as its map: a read outside its registers or
into a hole, an odd start or count where the map says even, too many registers,
a function that no point has, and a unit that is not there are refused with
the Modbus exceptions of real meters. Registers between two values read 0.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.modbus import registers
from drivers.modbus.registers import RegisterMap

logging.getLogger("pymodbus").setLevel(logging.ERROR)  # a taken port is no news: the next one is tried

TRIES = 50  # ports looked at from the wanted one upwards
UNIT_AT = 6  # where the unit id stands in a Modbus TCP frame (Messaging Implementation Guide V1.0b, 3.1.3)
MOODS = ("well", "off", "garbage", "broken")

Show = Callable[[], Mapping[str, float]]


class Unit:
    """One meter on the server.

    `mood`: 'well', 'off' (never answers), 'garbage' (answers nonsense) or 'broken' (exception 4).
    """

    def __init__(self, number: int, model: str, show: Show) -> None:
        self.number = number
        self.mood = "well"
        self._map = registers.load(model)
        self._functions = {point.function for point in self._map.points}
        self._show = show

    def device(self) -> SimDevice:
        """This unit for the server."""
        blocks = [
            SimData(first, count=end - first, values=0, datatype=DataType.REGISTERS)
            for first, end in readable(self._map)
        ]
        return SimDevice(id=self.number, simdata=blocks, action=self._answer)

    async def _answer(
        self, function: int, start: int, address: int, count: int, current: list[int], written: object
    ) -> ExcCodes | None:
        if function not in self._functions or written is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        if self.mood == "broken":
            return ExcCodes.DEVICE_FAILURE
        if count > self._map.max_read or (self._map.even and (address % 2 or count % 2)):
            return ExcCodes.ILLEGAL_VALUE
        if self._disturbs_what_is_read_alone(function, address, count):
            return ExcCodes.ILLEGAL_ADDRESS
        for mark in self._map.identify:
            if (mark.function, mark.address, mark.count) == (function, address, count):
                current[address - start : address - start + count] = mark.example
                return None
        for register, value in registers.image(self._map, self._show(), function).items():
            if start <= register < start + len(current):
                current[register - start] = value
        return None

    def _disturbs_what_is_read_alone(self, function: int, address: int, count: int) -> bool:
        return any(
            point.alone and point.function == function and point.spans != (address, address + count)
            for point in self._map.points
            if address < point.spans[1] and point.spans[0] < address + count
        )

    def colour(self, frame: bytes) -> bytes:
        """The answer as this meter's mood lets it out."""
        if self.mood == "off":
            return b""
        return bytes(byte ^ 0x5A for byte in frame) if self.mood == "garbage" else frame


def readable(of: RegisterMap) -> list[tuple[int, int]]:
    """First register and the one after the last of each range without a hole, and of each mark beside them."""
    first = min(point.spans[0] for point in of.points)
    end = max(point.spans[1] for point in of.points)
    found: list[tuple[int, int]] = []
    for low, high in sorted(of.holes):
        if first < low < end:
            found.append((first, low))
            first = high + 1
    found.append((first, end))
    for start, stop in sorted({(mark.address, mark.address + mark.count) for mark in of.identify}):
        if not any(low < stop and start < high for low, high in found):
            found.append((start, stop))
    return found


async def _nobody(
    _function: int, _start: int, _address: int, _count: int, _current: list[int], _written: object
) -> ExcCodes:
    """What a gateway answers for a unit that is not there."""
    return ExcCodes.GATEWAY_NO_RESPONSE


async def serve(units: list[Unit], host: str, port: int) -> tuple[ModbusTcpServer, int]:
    """Listen on `port`, or the next free one; return the server and its port. Raises OSError when none is free."""
    by_number = {unit.number: unit for unit in units}

    def trace(sending: bool, frame: bytes) -> bytes:
        unit = by_number.get(frame[UNIT_AT]) if sending and len(frame) > UNIT_AT else None
        return unit.colour(frame) if unit else frame

    anybody_else = SimDevice(id=0, simdata=SimData(0, count=0xFFFF, datatype=DataType.REGISTERS), action=_nobody)
    for candidate in [0] if port == 0 else range(port, min(port + TRIES, 0x10000)):
        devices = [*(unit.device() for unit in units), anybody_else]
        server = ModbusTcpServer(devices, address=(host, candidate), trace_packet=trace)
        try:
            await server.serve_forever(background=True)
        except RuntimeError:  # pymodbus: could not listen
            continue
        listener = cast(asyncio.Server, server.transport)
        return server, int(listener.sockets[0].getsockname()[1])
    raise OSError(f"no free port from {port} to {port + TRIES - 1}")
