"""Real or simulated hardware, chosen by name, once, at the start.

`pi` is the Raspberry Pi this runs on; `simulated:/path/house.sock` are the
pins of a simulated house. Meters are the same in both: real Modbus.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable

from drivers import gpio
from drivers.gpio import GpioModule, GpioRelay
from drivers.interfaces import DriverError, Meter
from drivers.modbus import meter as modbus
from drivers.simulated.wires import HousePins


class Hardware:
    """Builds drivers. Every relay it built is released by `close`."""

    def __init__(self, pins: Callable[[], GpioModule]) -> None:
        self._pins = pins
        self._module: GpioModule | None = None
        self._relays: list[GpioRelay] = []

    def relay(self, spec: str) -> GpioRelay:
        """The relay `gpio:17`. Raises DriverError(`unavailable`)."""
        try:
            line = gpio.line_of(spec)
        except ValueError as error:
            raise DriverError("unavailable", "{detail}", detail=str(error)) from error
        if self._module is None:
            self._module = self._pins()
        relay = GpioRelay(self._module, line)
        self._relays.append(relay)
        return relay

    def meter(self, model: str, url: str, unit: int) -> Meter:
        """A meter on Modbus. Raises DriverError(`unavailable`) for a model this program has no map for."""
        try:
            return modbus.open_meter(model, url, unit)
        except KeyError as error:
            raise DriverError(
                "unavailable", "This program cannot read meter model {model}: update it.", model=model
            ) from error

    def close(self) -> None:
        """Open all relays."""
        for relay in self._relays:
            relay.release()


def choose(name: str) -> Hardware:
    """The hardware called `pi` or `simulated:PATH`. Raises ValueError for another name."""
    kind, _, path = name.partition(":")
    if name == "pi":
        return Hardware(_raspberry_pi)
    if kind == "simulated" and path:
        return Hardware(lambda: HousePins(path))
    raise ValueError(f"WATTWARD_HARDWARE is 'pi' or 'simulated:PATH', not {name!r}")


def _raspberry_pi() -> GpioModule:
    """The RPi.GPIO module, which rpi-lgpio provides. Raises DriverError(`unavailable`) elsewhere."""
    os.environ.setdefault("LG_WD", tempfile.gettempdir())  # lgpio makes a FIFO in its working directory
    try:
        module: GpioModule = importlib.import_module("RPi.GPIO")
    except (RuntimeError, OSError) as error:
        raise DriverError(
            "unavailable", "This machine has no GPIO lines ({detail}): a relay needs a Raspberry Pi.", detail=str(error)
        ) from error
    return module
