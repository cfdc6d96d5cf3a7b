"""Real or simulated hardware, chosen by name, once, at the start.

`pi` is the Raspberry Pi this runs on; `simulated:/path/house.sock` are the
pins of a simulated house. Meters are the same in both: real Modbus. Whatever
cannot be had is a `DriverError`, and only for who asks for it: a machine
without GPIO lines still reads its meters.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from drivers import gpio
from drivers.gpio import GpioModule, GpioRelay
from drivers.interfaces import DriverError, Meter
from drivers.modbus import meter as modbus
from drivers.modbus.address import BadAddress
from drivers.simulated.wires import HouseGpio


class Hardware:
    """Builds drivers. Every relay it built is released by `close`."""

    def __init__(self, module: Callable[[], GpioModule]) -> None:
        self._find_module = module
        self._module: GpioModule | None = None
        self._relays: dict[int, GpioRelay] = {}

    def relay(self, spec: str) -> GpioRelay:
        """The relay `gpio:17`, always the same one. Raises DriverError(`unavailable`)."""
        try:
            line = gpio.line_of(spec)
        except ValueError as error:
            raise DriverError(
                "unavailable",
                "A relay is gpio:N with N from {first} to {last}, not {spec}: correct the charging point.",
                first=gpio.FIRST_LINE, last=gpio.LAST_LINE, spec=spec,
            ) from error  # fmt: skip
        if self._module is None:
            self._module = self._find_module()
        return self._relays.setdefault(line, GpioRelay(self._module, line))

    def meter(self, model: str, url: str, unit: int | None) -> Meter:
        """A meter on Modbus that connects when it is read. Raises DriverError(`unavailable`)."""
        try:
            return modbus.open_meter(model, url, unit)
        except KeyError as error:
            raise DriverError(
                "unavailable", "This program cannot read meter model {model}: update it.", model=model
            ) from error
        except BadAddress as error:
            raise DriverError("unavailable", error.message, **error.values) from error

    def close(self) -> None:
        """Open all relays. Never raises."""
        for relay in self._relays.values():
            relay.release()


def choose(name: str) -> Hardware:
    """The hardware called `pi` or `simulated:PATH`. Raises ValueError for another name."""
    kind, _, path = name.partition(":")
    if name == "pi":
        return Hardware(raspberry_pi)
    if kind == "simulated" and path:
        return Hardware(lambda: HouseGpio(path))
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
