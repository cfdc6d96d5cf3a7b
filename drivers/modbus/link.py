"""One open connection to Modbus devices, thrown away whole when it fails.

The only module that imports the pymodbus client, and the owner of its traps: a
dead host starts no reconnect there, a closed connection leaves the request
waiting, and short answers pass. So here the client neither retries nor
reconnects, an `Ear` lets nothing through that does not answer the request in
flight, every answer is checked against its request, and a closed connection
ends the wait at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import struct
import termios
from time import monotonic

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient, AsyncModbusUdpClient
from pymodbus.exceptions import ConnectionException
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from drivers.modbus.address import Address
from drivers.modbus.ear import Ear, RtuEar, TcpEar

logging.getLogger("pymodbus.logging").disabled = True  # all of pymodbus; what matters becomes a DriverError

CONNECT_S = 2.0  # a host that has not answered by then is not there
LOOK_S = 0.05  # how often it is looked whether somebody still talks

WRITE_COIL = 5
READS = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
BITS = (1, 2, WRITE_COIL)

Client = AsyncModbusTcpClient | AsyncModbusUdpClient | AsyncModbusSerialClient


class Unanswered(Exception):
    """No answer in time. `noise`: something was heard that is none."""

    def __init__(self, noise: bool) -> None:
        super().__init__()
        self.noise = noise


class Ended(Exception):
    """The peer closed the connection, or the adapter was pulled."""


class Exceptional(Exception):
    """The device refused, with this Modbus exception."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class Link:
    """One connection; `connect` once, `ask` one at a time, `close`."""

    def __init__(self, address: Address) -> None:
        self.connected_at = 0.0
        self._ear: Ear = TcpEar() if address.numbered else RtuEar()
        self._client = self._client_of(address)

    @property
    def connected(self) -> bool:
        """Tell whether it can be used."""
        return bool(self._client.connected)

    async def connect(self) -> bool:
        """Open it; tell whether that succeeded."""
        try:
            connected = bool(await self._client.connect())
        except (OSError, ValueError, termios.error, ModbusException):  # a device with impossible settings
            connected = False
        if not connected:
            self._client.close()
            if isinstance(self._client, AsyncModbusSerialClient):
                gc.collect()  # pymodbus leaves the port open, and locked, in a half-made transport
        self.connected_at = monotonic()
        return connected

    @property
    def echoes(self) -> bool:
        """Tell whether the line repeats what is sent."""
        return self._ear.echoes

    @echoes.setter
    def echoes(self, known: bool) -> None:
        self._ear.echoes = known

    async def ask(
        self, unit: int, function: int, start: int, count: int, within_s: float, value: int = 0
    ) -> list[int]:  # fmt: skip
        """`count` registers or bits; of a coil that is written, its `value`. Raises Unanswered, Ended, Exceptional."""
        client = self._client
        client.ctx.comm_params.timeout_connect = within_s  # pymodbus has one time-out for connecting and for answers
        try:
            answer: ModbusPDU = await client.execute(False, _request(unit, function, start, count, value))
        except (ModbusException, OSError) as error:
            raise Unanswered(self._ear.noise) if self.connected else Ended from error
        finally:
            self._ear.deafen()
        if isinstance(answer, ExceptionResponse):
            raise Exceptional(answer.exception_code)
        if function in BITS:
            found = [value] if function == WRITE_COIL else [int(bit) for bit in answer.bits[:count]]
        else:
            found = list(answer.registers)
        if (answer.dev_id, answer.function_code, len(found)) != (unit, function, count):
            raise Unanswered(noise=True)
        return found

    async def quiet(self, for_s: float, at_most_s: float) -> float | None:
        """Wait until nobody has talked `for_s`; return when the last byte came meanwhile, if one did."""
        began = monotonic()
        while monotonic() < min(max(began, self._ear.heard_at) + for_s, began + at_most_s):
            await asyncio.sleep(LOOK_S)
        return self._ear.heard_at if self._ear.heard_at > began else None

    def strayed(self) -> bool:
        """Tell whether, since this was asked last, something was heard while nothing was awaited."""
        stray, self._ear.stray = self._ear.stray, False
        return stray

    def close(self) -> None:
        """Close it. Never raises."""
        with contextlib.suppress(OSError):
            self._client.close()

    def _client_of(self, at: Address) -> Client:
        def follow(connected: bool) -> None:
            if not connected:
                _give_up(client)

        client: Client
        if at.transport == "rtu":
            client = AsyncModbusSerialClient(
                at.device, baudrate=at.baud, parity=at.parity, timeout=CONNECT_S, retries=0, reconnect_delay=0,
                trace_packet=self._ear.trace, trace_connect=follow,
            )  # fmt: skip
        else:
            framer = FramerType.SOCKET if at.numbered else FramerType.RTU
            kind = AsyncModbusUdpClient if at.transport == "udp" else AsyncModbusTcpClient
            client = kind(
                at.host, port=at.port, framer=framer, timeout=CONNECT_S, retries=0, reconnect_delay=0,
                trace_packet=self._ear.trace, trace_connect=follow,
            )  # fmt: skip
        return client


class _WriteCoil(WriteSingleCoilRequest):
    """Function 5 with any value: some boards take a time where the protocol has only on and off."""

    value = 0

    def encode(self) -> bytes:
        """The PDU without its function."""
        return struct.pack(">HH", self.address, self.value)


def _request(unit: int, function: int, start: int, count: int, value: int) -> ModbusPDU:
    """What pymodbus sends for a question."""
    if function == WRITE_COIL:
        request = _WriteCoil(address=start, dev_id=unit)
        request.value = value
        return request
    return READS[function](address=start, count=count, dev_id=unit)


def _give_up(client: Client) -> None:
    """End the wait for an answer at once: pymodbus would wait for the time-out although the peer has gone."""
    awaited = client.ctx.response_future
    if not awaited.done():
        awaited.set_exception(ConnectionException("closed by the peer"))
        awaited.exception()  # nobody may be waiting
