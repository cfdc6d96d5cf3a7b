"""The other way round: for a meter whose current transformers point the wrong way and cannot be turned.

What was taken is what was delivered, and the reverse; voltages, currents and
frequency stay. Counters of the two directions change places, so who turns a
meter that has been read for a while sees its counters begin anew, as with
another meter; no energy is invented.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from drivers.interfaces import Meter, Reading

SIGNED = ("power_", "reactive_")  # quantities whose sign is the direction; power factors among them


def turned(values: Mapping[str, float]) -> dict[str, float]:
    """The values of a meter as if its current transformers pointed the other way."""
    return {_opposite(name): -value if name.startswith(SIGNED) else value for name, value in values.items()}


def _opposite(name: str) -> str:
    if name.startswith("import_"):
        return name.replace("import_", "export_", 1)
    return name.replace("export_", "import_", 1) if name.startswith("export_") else name


class Turned:
    """A meter read the other way round (drivers.interfaces.Meter)."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    async def read(self) -> Reading:
        """See Meter."""
        reading = await self._meter.read()
        return dataclasses.replace(reading, values=turned(reading.values))

    async def close(self) -> None:
        """See Meter."""
        await self._meter.close()
