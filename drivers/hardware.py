"""Real or simulated hardware, chosen by name, once, at the start.

`pi` is the Raspberry Pi this runs on; `simulated:/path/house.sock` are the
pins and the readers of a simulated house. Meters are the same in both: real
Modbus. Whatever cannot be had is a `DriverError`, and only for who asks for it:
a machine without GPIO lines still reads its meters.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from drivers import feedback, gpio
from drivers.feedback import GpioFeedback
from drivers.gpio import GpioInput, GpioModule, GpioRelay
from drivers.interfaces import (
    Contact,
    DriverError,
    Feedback,
    Inspection,
    Meter,
    Reader,
    Relay,
    ScanStep,
    ScanWanted,
)
from drivers.modbus import bits, inspection, scan
from drivers.modbus import meter as modbus
from drivers.modbus.coil import CoilRelay
from drivers.modbus.input import BoardInput
from drivers.readers import address as readers
from drivers.readers import kinds
from drivers.sentences import BadAddress
from drivers.simulated import visitor
from drivers.simulated.wires import HouseGpio


class Hardware:
    """Builds drivers. Every relay it built is released by `close`; what is released and open is others' again."""

    def __init__(self, module: Callable[[], GpioModule], house: str = "") -> None:
        self._find_module = module
        self._house = house  # the socket of a simulated one
        self._module: GpioModule | None = None
        self._relays: dict[int, GpioRelay] = {}
        self._coils: dict[tuple[str, int, int], tuple[str, CoilRelay]] = {}  # place -> how it was written, and it
        self.changed: Callable[[], None] = lambda: None  # called when a relay on a slow line did what it was told
        self._lent: dict[int, str] = {}  # lines of readers and lamps -> their address

    def relay(self, spec: str) -> Relay:
        """The relay `gpio:17` or `coil:tcp://…/1/0`, always the same one. Raises DriverError(`unavailable`)."""
        if bits.is_on_a_board(spec):
            return self._coil(spec)
        try:
            line = gpio.line_of(spec)
        except ValueError as error:
            raise DriverError(
                "unavailable",
                "A relay is gpio:N with N from {first} to {last}, not {spec}: correct the charging point.",
                first=gpio.FIRST_LINE, last=gpio.LAST_LINE, spec=spec,
            ) from error  # fmt: skip
        if line in self._lent:
            raise _taken(line, self._lent[line])
        if line not in self._relays:
            self._relays[line] = GpioRelay(self._gpio(), line, lambda: self._forget(line))
        return self._relays[line]

    def _coil(self, spec: str) -> Relay:
        try:
            at = bits.parse(spec, bits.RELAYS)
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error
        if at.place not in self._coils:
            self._coils[at.place] = spec, CoilRelay(at, lambda: self.changed(), lambda: self._forget_coil(at.place))
        written, relay = self._coils[at.place]
        if written != spec:
            raise DriverError(
                "unavailable", "{spec} is in use already, as {other}: choose another relay.", spec=spec, other=written
            )
        return relay

    def input(self, spec: str, *, mirror: bool = True) -> Contact:
        """The contact at `gpio:22` or `input:tcp://…/1/0`; others' again when it is released. Raises DriverError.

        `mirror`: an auxiliary contact, open when its contactor is closed; on lines only.
        """
        if bits.is_on_a_board(spec):
            try:
                return BoardInput(bits.parse(spec, bits.INPUTS))
            except BadAddress as error:
                raise DriverError("unavailable", error.message, **error.values) from error
        try:
            line = gpio.line_of(spec)
        except ValueError as error:
            raise DriverError(
                "unavailable",
                "A contact is gpio:N with N from {first} to {last}, not {spec}: correct the charging point.",
                first=gpio.FIRST_LINE, last=gpio.LAST_LINE, spec=spec,
            ) from error  # fmt: skip
        holder = f"contact {spec}"
        self._lend(holder, (line,))
        return GpioInput(self._gpio(), line, lambda: self.let_go(holder), mirror=mirror)

    def meter(self, model: str, url: str, unit: int | None, every_s: float = 1.0) -> Meter:
        """A meter on Modbus that connects when it is read, every `every_s`. Raises DriverError(`unavailable`)."""
        try:
            return modbus.open_meter(model, url, unit, every_s)
        except KeyError as error:
            raise DriverError(
                "unavailable", "This program cannot read meter model {model}: update it.", model=model
            ) from error
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error

    async def scan(self, wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
        """Look for meters. Raises DriverError(`unavailable`, `unreachable`)."""
        try:
            async with aclosing(scan.scan(wanted)) as steps:
                async for step in steps:
                    yield step
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error

    async def inspect(self, model: str, url: str, unit: int) -> Inspection:
        """Read everything a meter has, registers included. Raises DriverError."""
        try:
            return await inspection.inspect(model, url, unit)
        except KeyError as error:
            raise DriverError(
                "unavailable", "This program cannot read meter model {model}: update it.", model=model
            ) from error
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error

    def reader(self, url: str) -> Reader:
        """A new reader at an address of `drivers.readers.address`. Raises DriverError(`unavailable`)."""
        try:
            at = readers.parse_url(url)
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error
        if self._house:
            return visitor.reader(self._house, at)
        self._lend(url, (*at.lines, *(() if at.reset_line is None else (at.reset_line,))))
        return kinds.driver(at, self._gpio)

    def feedback(self, spec: str) -> Feedback:
        """New lamps, as `drivers.feedback.parse_lamps` names them. Raises DriverError(`unavailable`)."""
        try:
            lamps = feedback.parse_lamps(spec)
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error
        self._lend(spec, tuple(lamps.lines.values()))
        return GpioFeedback(lamps, self._gpio())

    def let_go(self, address: str) -> None:
        """A reader or lamps that were closed are not wanted any more: others may have their lines."""
        self._lent = {line: holder for line, holder in self._lent.items() if holder != address}

    def _gpio(self) -> GpioModule:
        if self._module is None:
            self._module = self._find_module()
        return self._module

    def _lend(self, address: str, lines: tuple[int, ...]) -> None:
        """Note who has which lines. Raises DriverError for a line that a relay or somebody else has."""
        for line in lines:
            if line in self._relays or self._lent.get(line, address) != address:
                raise _taken(line, self._lent.get(line, f"gpio:{line}"))
        self._lent |= dict.fromkeys(lines, address)

    def _forget(self, line: int) -> None:
        self._relays.pop(line, None)

    def _forget_coil(self, place: tuple[str, int, int]) -> None:
        self._coils.pop(place, None)

    def close(self) -> None:
        """Open all relays. Never raises."""
        for relay in list(self._relays.values()):
            relay.release()
        for _, coil in list(self._coils.values()):
            coil.release()

    async def settled(self, within_s: float) -> None:
        """Wait until the relays on slow lines did what they were told or failed, at most so long. Raises nothing."""
        await asyncio.gather(*(coil.settled(within_s) for _, coil in self._coils.values()))


def _taken(line: int, holder: str) -> DriverError:
    return DriverError(
        "unavailable", "GPIO {line} is in use already, by {holder}: choose another line.", line=line, holder=holder
    )


def choose(name: str) -> Hardware:
    """The hardware called `pi` or `simulated:PATH`. Raises ValueError for another name."""
    kind, _, path = name.partition(":")
    if name == "pi":
        return Hardware(raspberry_pi)
    if kind == "simulated" and path:
        return Hardware(lambda: HouseGpio(path), house=path)
    raise ValueError(f"WATTWARD_HARDWARE is 'pi' or 'simulated:PATH', not {name!r}")


def raspberry_pi() -> GpioModule:
    """The RPi.GPIO module, which rpi-lgpio provides. Raises DriverError(`unavailable`) elsewhere.

    lgpio makes a FIFO in the folder LG_WD when it is imported, and goes there: the working
    directory is put back, or every relative path of this process would lead elsewhere.
    """
    os.environ.setdefault("LG_WD", os.environ.get("WATTWARD_RUN", tempfile.gettempdir()))
    before = Path.cwd()
    try:
        module: GpioModule = importlib.import_module("RPi.GPIO")
    except (RuntimeError, OSError, ImportError) as error:
        raise DriverError(
            "unavailable", "This machine has no GPIO lines ({detail}): a relay needs a Raspberry Pi.", detail=str(error)
        ) from error
    finally:
        os.chdir(before)
    return module
