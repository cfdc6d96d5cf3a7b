"""One line to Modbus devices: a TCP connection, an RTU gateway or a serial port.

The only module that imports the pymodbus client, and the owner of its traps: a
dead host starts no reconnect there, a closed connection leaves the request
waiting, short answers pass, and on RTU a late answer is taken for the next one.
So here a connection that failed in any way is thrown away whole, a line is
listened to until a late answer has passed, every answer is checked against its
request, and no request in flight is ever cancelled.

Requests on one bus wait for each other. Nothing runs in the background: a bus
opens itself when somebody reads, and again after every failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from time import monotonic

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from drivers.interfaces import DriverError
from drivers.modbus import faults
from drivers.modbus.address import Address
from drivers.modbus.ear import Ear, RtuEar, TcpEar
from drivers.modbus.pace import Pace

logging.getLogger("pymodbus.logging").disabled = True  # all of pymodbus; what matters becomes a DriverError

CONNECT_S = 2.0  # a host that has not answered by then is not there
CONNECT_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)  # between attempts to connect
LATE_S = 0.4  # how much later than the time-out an answer may still come; the line stays quiet so long
CHATTER_S = 1.0  # and this long when somebody keeps talking
CHARACTER_BITS = 11  # start, 8 data, parity or second stop, stop
GAP_S = 0.00175  # above 19200 baud, instead of 3.5 characters (Modbus over serial line V1.02, 2.5.1.1)
GATEWAY_BAUD = 9600  # what is taken for the speed behind a gateway

Client = AsyncModbusTcpClient | AsyncModbusSerialClient


@dataclass(frozen=True, slots=True)
class Question:
    """Registers wanted from one unit; `gap_s` is the silence it wants afterwards."""

    unit: int
    function: int  # 3 = holding, 4 = input registers
    start: int  # 0-based
    count: int
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Line:
    """One open connection, thrown away at the first failure."""

    client: Client
    ear: Ear


class Bus:
    """One line; see the module."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._rtu = address.transport != "tcp"
        self._lock = asyncio.Lock()
        self._reads: set[asyncio.Task[list[int]]] = set()
        self._line: _Line | None = None
        self._connect_failures = 0
        self._connect_at = 0.0
        self._quiet_until = 0.0
        self._paces: dict[int, Pace] = {}

    async def read(self, question: Question) -> list[int]:
        """The registers asked for. Raises DriverError.

        A read whose caller is cancelled still runs to its end, and the line waits for it.
        """
        task = asyncio.ensure_future(self._in_turn(question))
        self._reads.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[list[int]]) -> None:
        self._reads.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, because the caller may have gone

    async def close(self) -> None:
        """Close the line when the request in flight has ended; a later `read` opens it again."""
        async with self._lock:
            self.abandon()

    def abandon(self) -> None:
        """Close the line at once."""
        if self._line is not None:
            line, self._line = self._line, None
            with contextlib.suppress(OSError):
                line.client.close()

    async def _in_turn(self, question: Question) -> list[int]:
        """Wait for the line, leave a silent unit alone, ask again once where that can help."""
        async with self._lock:
            pace = self._paces.setdefault(question.unit, Pace())
            if (fault := pace.rest(monotonic())) is not None:
                raise fault
            was_well = pace.is_well
            try:
                try:
                    return await self._ask(question, pace)
                except DriverError as error:
                    if not (isinstance(error, faults.Closed) or (error.code == "garbled" and was_well)):
                        raise
                    return await self._ask(question, pace)
            except DriverError as error:
                if error.code in ("silent", "garbled"):
                    pace.failed(error, monotonic(), alone=len(self._paces) == 1)
                raise
            except asyncio.CancelledError:  # the loop ends
                self.abandon()
                raise

    async def _ask(self, question: Question, pace: Pace) -> list[int]:
        """One request on the open line, and its checked answer."""
        line = await self._open()
        if (pause_s := self._quiet_until - monotonic()) > 0:
            await asyncio.sleep(pause_s)
        ask = line.client.read_holding_registers if question.function == 3 else line.client.read_input_registers
        wire_s = self._wire_s(question.count)
        # pymodbus has one time-out for connecting and for answers
        line.client.ctx.comm_params.timeout_connect = pace.patience_s(self.address.transport) + wire_s
        began = monotonic()
        try:
            answer = await ask(question.start, count=question.count, device_id=question.unit)
        except (ModbusException, OSError) as error:
            raise await self._failure(line, question.unit, pace, began + wire_s) from error
        finally:
            line.ear.deafen()
            self._quiet_until = monotonic() + self._gap_s(question.gap_s)
        registers = self._registers(answer, question)
        pace.answered(monotonic() - began - wire_s)
        return registers

    def _registers(self, answer: ModbusPDU, question: Question) -> list[int]:
        """What the answer holds, if it answers this question."""
        if isinstance(answer, ExceptionResponse):
            raise faults.refused(self.address, question.unit, question.start, answer.exception_code)
        registers = list(answer.registers)
        found = (answer.dev_id, answer.function_code, len(registers))
        if found != (question.unit, question.function, question.count):
            self.abandon()
            raise faults.garbled(self.address, question.unit)
        return registers

    async def _failure(self, line: _Line, unit: int, pace: Pace, expected_at: float) -> DriverError:
        """Listen until a late answer has passed, throw the line away, say what happened."""
        if not line.client.connected:
            self.abandon()
            return faults.closed(self.address)
        understood_nothing = line.ear.noise
        line.ear.deafen()
        late_from = monotonic()
        while self._rtu and monotonic() < min(max(late_from, line.ear.heard_at) + LATE_S, late_from + CHATTER_S):
            await asyncio.sleep(LATE_S / 8)
        if line.ear.heard_at > late_from and not understood_nothing:
            pace.answered_late(line.ear.heard_at - expected_at)
        self.abandon()
        return faults.garbled(self.address, unit) if understood_nothing else faults.silent(self.address, unit)

    async def _open(self) -> _Line:
        """The open line; opens it when the time has come. Raises DriverError(`unreachable`)."""
        if self._line is not None and self._line.client.connected:
            return self._line
        self.abandon()
        if monotonic() < self._connect_at:
            raise faults.unreachable(self.address)
        line = self._connection()
        try:
            connected = await line.client.connect()
        except (OSError, ValueError, ModbusException):  # ValueError: a device with impossible settings
            connected = False
        if not connected:
            line.client.close()
            pause_s = CONNECT_PAUSES_S[min(self._connect_failures, len(CONNECT_PAUSES_S) - 1)]
            self._connect_failures += 1
            self._connect_at = monotonic() + pause_s
            raise faults.unreachable(self.address)
        self._connect_failures = 0
        self._line = line
        return line

    def _connection(self) -> _Line:
        """A client that neither retries nor reconnects by itself, and what listens to it."""
        at = self.address
        ear: Ear = RtuEar() if self._rtu else TcpEar()
        client: Client

        def follow(connected: bool) -> None:
            if not connected:
                _give_up(client)

        if at.transport == "rtu":
            client = AsyncModbusSerialClient(
                at.device, baudrate=at.baud, parity=at.parity, timeout=CONNECT_S, retries=0, reconnect_delay=0,
                trace_packet=ear.trace, trace_connect=follow,
            )  # fmt: skip
        else:
            client = AsyncModbusTcpClient(
                at.host, port=at.port, framer=FramerType.RTU if self._rtu else FramerType.SOCKET, timeout=CONNECT_S,
                retries=0, reconnect_delay=0, trace_packet=ear.trace, trace_connect=follow,
            )  # fmt: skip
        return _Line(client, ear)

    def _wire_s(self, count: int) -> float:
        """How long request and answer take on the wire: 8 and 5 + 2n characters."""
        baud = self.address.baud if self.address.transport == "rtu" else GATEWAY_BAUD
        return (8 + 5 + 2 * count) * CHARACTER_BITS / baud if self._rtu else 0.0

    def _gap_s(self, gap_s: float) -> float:
        """Silence after an answer: the meter's, and on a serial line at least 3.5 characters."""
        if self.address.transport != "rtu":
            return gap_s
        return max(gap_s, GAP_S, 3.5 * CHARACTER_BITS / self.address.baud)


def _give_up(client: Client) -> None:
    """End the wait for an answer at once: pymodbus would wait for the time-out although the peer has gone."""
    awaited = client.ctx.response_future
    if not awaited.done():
        awaited.set_exception(ConnectionException("closed by the peer"))
        awaited.exception()  # nobody may be waiting
