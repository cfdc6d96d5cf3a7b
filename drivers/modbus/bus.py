"""One line to Modbus devices: a TCP connection, an RTU gateway or a serial port.

The only module that imports the pymodbus client, and the owner of its traps: a
dead host starts no reconnect there, a closed connection leaves the request
waiting, short answers pass, and on RTU a late answer is taken for the next one.
So here a connection that failed in any way is thrown away whole, a serial line
is left quiet until a late answer has passed, every answer is checked against
its request, and no request in flight is ever cancelled.

Requests on one bus wait for each other. A unit that stays silent is left alone
for a while, so that it costs its neighbours at most one short time-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from drivers.interfaces import DriverError

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # what matters becomes a DriverError

CONNECT_S = 2.0  # a host that has not answered by then is not there
TCP_ANSWER_S = 0.5
SERIAL_ANSWER_S = 0.6  # ORNO under load needs 0.6, most meters 0.05
LATE_S = 0.4  # how much later than that an answer may still come; the line stays quiet so long
RETRY_CONNECT_S = (0.5, 1.0, 2.0, 5.0, 10.0)  # pauses between attempts to connect
LEAVE_ALONE_S = (0.0, 1.0, 2.0, 4.0, 8.0)  # pauses for a silent unit, by consecutive silences
CHARACTER_BITS = 11  # start, 8 data, parity or second stop, stop
DEFAULT_PORT = 502

MODBUS_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}


class BadAddress(ValueError):
    """A meter's URL cannot be understood. The message shows the three forms."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bus is: `tcp` and `rtutcp` have host and port, `rtu` has device, baud and parity."""

    transport: str
    host: str = ""
    port: int = DEFAULT_PORT
    device: str = ""
    baud: int = 9600
    parity: str = "N"

    def __str__(self) -> str:
        return self.device if self.transport == "rtu" else f"{self.host}:{self.port}"


def parse_url(url: str) -> Address:
    """Understand `tcp://host:port`, `rtutcp://host:port`, `rtu:///dev/ttyUSB0?baud=9600`. Raises BadAddress."""
    parts = urlsplit(url.strip())
    try:
        if parts.scheme in ("tcp", "rtutcp") and parts.hostname:
            return Address(parts.scheme, host=parts.hostname, port=parts.port or DEFAULT_PORT)
        if parts.scheme == "rtu" and parts.path.startswith("/") and not parts.netloc:
            asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
            if set(asked) <= {"baud", "parity"} and (asked.get("parity", ["N"])[0].upper() in ("N", "E", "O")):
                baud, parity = int(asked.get("baud", ["9600"])[0]), asked.get("parity", ["N"])[0].upper()
                if 300 <= baud <= 921_600:
                    return Address("rtu", device=parts.path, baud=baud, parity=parity)
    except ValueError:
        pass
    raise BadAddress(
        "A meter's address is tcp://HOST:PORT, rtutcp://HOST:PORT or rtu:///dev/ttyUSB0?baud=9600&parity=N"
        f" (parity N, E or O), not {url!r}."
    )


@dataclass(slots=True)
class _Silence:
    """How a unit has been doing."""

    times: int = 0
    until: float = 0.0
    error: DriverError | None = None


@dataclass(slots=True)
class _Line:
    """One open connection. `lost` is set when the peer closed it."""

    client: AsyncModbusTcpClient | AsyncModbusSerialClient
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Bus:
    """One line. It opens itself at the first request and again after every failure."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._serial = address.transport == "rtu"
        self._rtu = address.transport in ("rtu", "rtutcp")
        self._lock = asyncio.Lock()
        self._line: _Line | None = None
        self._connect_failures = 0
        self._connect_at = 0.0
        self._quiet_until = 0.0
        self._silences: dict[int, _Silence] = {}
        self._orphans: set[asyncio.Task[ModbusPDU]] = set()
        self.answer_s = SERIAL_ANSWER_S if self._rtu else TCP_ANSWER_S

    async def read(self, unit: int, function: int, start: int, count: int, gap_s: float = 0.0) -> list[int]:
        """Read `count` registers from `start` (0-based) of one unit. Raises DriverError."""
        async with self._lock:
            silence = self._silences.setdefault(unit, _Silence())
            if silence.error is not None and time.monotonic() < silence.until:
                raise silence.error
            try:
                registers = await self._read_twice(unit, function, start, count)
            except DriverError as error:
                self._remember(silence, error)
                raise
            finally:
                self._quiet_until = time.monotonic() + self._gap_s(gap_s)
            silence.times, silence.error = 0, None
            return registers

    def _gap_s(self, gap_s: float) -> float:
        """Silence after an answer: the map's, and on a serial line at least 3.5 characters (1.75 ms above 19200)."""
        if not self._serial:
            return gap_s if self._rtu else 0.0
        return max(gap_s, 0.00175, 3.5 * CHARACTER_BITS / self.address.baud)

    @staticmethod
    def _remember(silence: _Silence, error: DriverError) -> None:
        """Leave a silent unit alone for longer each time."""
        if error.code == "silent":
            pause_s = LEAVE_ALONE_S[min(silence.times, len(LEAVE_ALONE_S) - 1)]
            silence.times += 1
            silence.until, silence.error = time.monotonic() + pause_s, error

    async def _read_twice(self, unit: int, function: int, start: int, count: int) -> list[int]:
        """Try again once when the connection had gone or the answer was garbled; silence is not asked twice."""
        try:
            return await self._read_once(unit, function, start, count)
        except DriverError as error:
            if error.code != "garbled":
                raise
        return await self._read_once(unit, function, start, count)

    async def _read_once(self, unit: int, function: int, start: int, count: int) -> list[int]:
        line = await self._open()
        await asyncio.sleep(max(0.0, self._quiet_until - time.monotonic()))
        answer = await self._exchange(line, unit, function, start, count)
        if isinstance(answer, ExceptionResponse) or answer.isError():
            raise self._refusal(unit, start, answer)
        registers = list(answer.registers)
        if (answer.dev_id, answer.function_code, len(registers)) != (unit, function, count):
            await self._drop()
            raise self._error(
                "garbled",
                "The answer of unit {unit} at {address} is not to this question: check wiring, termination and that no"
                " second master uses the line.",
                unit=unit,
            )
        return registers

    async def _exchange(self, line: _Line, unit: int, function: int, start: int, count: int) -> ModbusPDU:
        """Send one request and wait for its answer or for the end of the connection."""
        ask = line.client.read_holding_registers if function == 3 else line.client.read_input_registers
        request = asyncio.ensure_future(ask(start, count=count, device_id=unit))
        lost = asyncio.ensure_future(line.lost.wait())
        try:
            await asyncio.wait({request, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            if not request.done():  # also when we are cancelled: the request ends by itself, on a line nobody uses
                self._orphans.add(request)
                request.add_done_callback(self._forget)
                self._throw_away(line)
        if not request.done():
            raise self._error(
                "garbled", "The connection to {address} was closed: check the device and its other users."
            )
        try:
            return request.result()
        except ModbusException as error:
            await self._drop()
            raise self._silent(unit) from error

    def _forget(self, request: asyncio.Task[ModbusPDU]) -> None:
        self._orphans.discard(request)
        if not request.cancelled():
            request.exception()

    async def _open(self) -> _Line:
        """The open line; opens it when the time has come. Raises DriverError(`unreachable`)."""
        if self._line is not None and self._line.client.connected:
            return self._line
        now = time.monotonic()
        if now < self._connect_at:
            raise self._unreachable()
        client = self._client()
        line = _Line(client)
        client.ctx.trace_connect = lambda up: None if up else line.lost.set()
        try:
            async with asyncio.timeout(CONNECT_S):
                connected = await client.connect()
        except (TimeoutError, OSError, ModbusException):
            connected = False
        if not connected:
            client.close()
            pause_s = RETRY_CONNECT_S[min(self._connect_failures, len(RETRY_CONNECT_S) - 1)]
            self._connect_failures += 1
            self._connect_at = time.monotonic() + pause_s
            raise self._unreachable()
        self._connect_failures, self._connect_at = 0, 0.0
        self._line = line
        return line

    def _client(self) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
        at = self.address
        if self._serial:
            return AsyncModbusSerialClient(
                at.device, framer=FramerType.RTU, baudrate=at.baud, parity=at.parity, timeout=self.answer_s, retries=0,
                reconnect_delay=0,
            )  # fmt: skip
        framer = FramerType.RTU if self._rtu else FramerType.SOCKET
        return AsyncModbusTcpClient(
            at.host, port=at.port, framer=framer, timeout=self.answer_s, retries=0, reconnect_delay=0
        )

    async def _drop(self) -> None:
        """Throw the connection away, and on RTU wait until a late answer has passed."""
        if self._line is not None:
            self._throw_away(self._line)
        if self._rtu:
            await asyncio.sleep(LATE_S)

    def _throw_away(self, line: _Line) -> None:
        if self._line is line:
            self._line = None
        with contextlib.suppress(OSError):
            line.client.close()

    async def close(self) -> None:
        """Close the line; a later `read` opens it again."""
        async with self._lock:
            if self._line is not None:
                self._throw_away(self._line)

    def _error(self, code: str, message: str, **values: object) -> DriverError:
        return DriverError(code, message, address=str(self.address), **values)

    def _unreachable(self) -> DriverError:
        if self._serial:
            return self._error(
                "unreachable", "The serial port {address} cannot be opened: check adapter, cable and group 'dialout'."
            )
        return self._error(
            "unreachable", "Nothing answers at {address}: check power, network cable, address, port and firewall."
        )

    def _silent(self, unit: int) -> DriverError:
        if self._rtu:
            return self._error(
                "silent",
                "Unit {unit} at {address} does not answer: check A/B wiring, termination, unit id, baud and parity.",
                unit=unit,
            )
        return self._error(
            "silent",
            "Unit {unit} at {address} does not answer: check the unit id and that Modbus is enabled.",
            unit=unit,
        )

    def _refusal(self, unit: int, start: int, answer: ModbusPDU) -> DriverError:
        code = int(getattr(answer, "exception_code", 0))
        return self._error(
            "refused",
            "Unit {unit} at {address} refuses register {register} ({reason}): check model and unit id.",
            unit=unit, register=start, reason=MODBUS_EXCEPTIONS.get(code, f"exception {code}"),
        )  # fmt: skip
