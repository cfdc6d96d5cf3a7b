"""What the appliance may ask of hardware, and the values that cross that border.

Every driver, real or simulated, keeps one of these Protocols and raises only
`DriverError`. Quantities are SI units with the unit in the name; import from
the grid (and flow into a car) is positive, whatever the device itself says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

# Quantities a Reading may hold, name -> unit. Energy is the meter's own absolute counter.
QUANTITIES: Mapping[str, str] = {
    "power_w": "W",
    "power_l1_w": "W",
    "power_l2_w": "W",
    "power_l3_w": "W",
    "voltage_l1_v": "V",
    "voltage_l2_v": "V",
    "voltage_l3_v": "V",
    "voltage_l1_l2_v": "V",
    "voltage_l2_l3_v": "V",
    "voltage_l3_l1_v": "V",
    "current_l1_a": "A",
    "current_l2_a": "A",
    "current_l3_a": "A",
    "power_factor": "",
    "power_factor_l1": "",
    "power_factor_l2": "",
    "power_factor_l3": "",
    "apparent_va": "VA",
    "apparent_l1_va": "VA",
    "apparent_l2_va": "VA",
    "apparent_l3_va": "VA",
    "reactive_var": "var",
    "reactive_l1_var": "var",
    "reactive_l2_var": "var",
    "reactive_l3_var": "var",
    "frequency_hz": "Hz",
    "import_wh": "Wh",
    "export_wh": "Wh",
    "import_l1_wh": "Wh",
    "import_l2_wh": "Wh",
    "import_l3_wh": "Wh",
    "export_l1_wh": "Wh",
    "export_l2_wh": "Wh",
    "export_l3_wh": "Wh",
}


class DriverError(Exception):
    """A device did not do what was asked. `code` names the fault, `message` says what to check.

    Codes: `unreachable` (no connection), `silent` (no answer in time), `garbled` (an answer that
    cannot be this request's), `refused` (the device answered with a Modbus exception),
    `implausible` (it answers, but as another model would), `stuck` (a relay that will not obey),
    `unplugged` (a reader that is not there, or no more), `unavailable` (this machine lacks the hardware).
    """

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(message.format(**values))
        self.code = code
        self.message = message  # English with {placeholders}: the key of the translation
        self.values = values

    def named(self, meter: str) -> DriverError:
        """The same fault, said of the meter that people call so."""
        return DriverError(self.code, self.message, **(self.values | {"meter": meter}))


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a meter: quantity name -> SI value. A quantity the meter lacks is absent, never 0."""

    values: Mapping[str, float]
    took_s: float = 0.0  # how long the device needed


class Meter(Protocol):
    """A meter that can be read again and again; it connects and reconnects by itself."""

    async def read(self) -> Reading:
        """Read all quantities of the register map. Raises DriverError."""
        ...

    async def close(self) -> None:
        """Let go of the line. A later `read` opens it again."""
        ...


class Relay(Protocol):
    """A normally-open contact that releases a charging station. Closed = charging allowed."""

    def is_closed(self) -> bool | None:
        """Read it back. None: it was asked and has not answered yet. Raises DriverError."""
        ...

    def switch(self, *, closed: bool) -> None:
        """Drive it. Raises DriverError(`stuck`) if it did not follow; where that takes time, `is_closed` raises it."""
        ...

    def release(self) -> None:
        """Open the contact and give the line back to the kernel. Never raises."""
        ...


@runtime_checkable
class Slow(Protocol):
    """A relay or contact on a line that takes time."""

    async def settled(self, within_s: float) -> None:
        """Wait until what it was told last was done or failed, at most so long. Raises nothing."""
        ...


class Contact(Protocol):
    """An input that tells whether something is closed: a contactor, a contact that follows the plug."""

    def is_closed(self) -> bool | None:
        """Read it. None: it was asked and has not answered yet. Raises DriverError."""
        ...

    def release(self) -> None:
        """Give the line back. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class MeterModel:
    """A meter the appliance can read, as its register map describes it."""

    name: str  # "kostal-ksem-g2", what `meters add --model` takes
    vendor: str
    title: str
    transports: tuple[str, ...]  # of "tcp", "udp", "rtu", "rtutcp"
    unit: int  # default Modbus unit id
    baud: int = 9600
    parity: str = "N"
    tested: bool = True  # False: rests on one source; say so wherever it is shown
    quantities: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.vendor} {self.title}"


@dataclass(frozen=True, slots=True)
class ScanWanted:
    """Where to look for meters. What is left open is tried in the order most meters are delivered."""

    url: str
    units: tuple[int, ...] = ()  # none: all
    bauds: tuple[int, ...] = ()  # none: the URL's, else all
    parities: tuple[str, ...] = ()
    answer_s: float = 0.0  # how long to wait for a unit; 0: as long as that line's meters need


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that a unit may be, and what it shows then."""

    model: str
    title: str  # vendor and title
    sure: str  # of SURENESS
    tested: bool
    values: Mapping[str, float]


SURENESS = ("identified", "likely", "possible")  # by its own mark; by values that fit; by some that do not contradict


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that answers, and which models it may be, the likeliest first. None: something else than a meter."""

    url: str
    unit: int
    identity: str  # what it says about itself; "" where it says nothing
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanStep:
    """How far a scan is: `unit` at `url` was asked just now."""

    done: int
    total: int  # as far as is known now: it shrinks when a line's speed is found
    url: str
    unit: int
    found: Found | None = None
    noise: bool = False  # something was heard that nobody can understand


@dataclass(frozen=True, slots=True)
class RawPoint:
    """One quantity as it stands in a meter's registers."""

    quantity: str
    function: int  # 3 = holding, 4 = input registers
    address: int  # 0-based
    registers: tuple[int, ...]
    value: float | None  # SI; None: the meter marks it as not available


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything a meter says, once: for who looks whether it is wired and set up right."""

    identity: str
    points: tuple[RawPoint, ...]
    requests: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody held to a reader or typed into it."""

    code: str  # a card or tag: its number in uppercase hex, two digits a byte; a PIN: its digits
    kind: str  # "rfid", "pin" or "ble"
    at_boottime_s: float  # CLOCK_BOOTTIME when its last byte came


class Reader(Protocol):
    """Something at the charger that tells who is there. A card that is held may be told again and again."""

    async def open(self) -> None:
        """Take the device and make it read. Raises DriverError(`unplugged`, `silent`, `unavailable`)."""
        ...

    async def next(self) -> Presented:
        """Wait for somebody. Raises DriverError; after `garbled` go on, after any other open it again."""
        ...

    async def close(self) -> None:
        """Let go of the device. Never raises; may be called again, also when `open` failed."""
        ...


@runtime_checkable
class Askable(Protocol):
    """A reader that listens only while somebody wants it to, because what it hears passes by all day."""

    def ask(self, for_s: float) -> None:
        """Listen for so long, or until somebody is there; 0: stop listening."""
        ...


SignalName = Literal[
    "dark", "ready", "deciding", "waiting", "charging", "fault",  # states: go on
    "accepted", "refused", "stopped", "learned", "locked",  # once; then the state again
]  # fmt: skip


class Feedback(Protocol):
    """Lamps and a buzzer at the charger."""

    def show(self, signal: SignalName) -> None:
        """Begin a signal of `drivers.feedback.SIGNALS` and return at once. Raises DriverError(`unavailable`)."""
        ...

    def close(self) -> None:
        """All off, and the lines given back. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class ServedMeter:
    """A meter as other programs may read it from us. None: no value now; a quantity the meter lacks is absent."""

    name: str
    serial: str
    version: str
    values: Mapping[str, float | None]


class MeterServer(Protocol):
    """A server at which other programs read our meters, as long as it is open."""

    port: int

    async def close(self) -> None:
        """Let all go and give the port back. Never raises."""
        ...
