"""What this appliance is made of: model and serial number of the board, temperature; and how long it is supported."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

DEVICE_TREE = Path("/proc/device-tree")  # of every Raspberry Pi; other boards may lack it
DMI = Path("/sys/devices/virtual/dmi/id/product_name")
THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")

DESIGNATION = "Wattward"  # model of the appliance, as it stands on its label
# Security updates until then: five years, the least that Regulation (EU) 2024/2847, article 13(8), asks for.
SUPPORTED_UNTIL = date(2031, 12, 31)


def model() -> str:
    """What the board calls itself; empty when it does not say."""
    return _line(DEVICE_TREE / "model") or _line(DMI)


def serial() -> str:
    """The board's serial number; empty when it has none."""
    return _line(DEVICE_TREE / "serial-number").lstrip("0")


def temperature_c() -> float | None:
    """Of the processor; None where it is not measured."""
    text = _line(THERMAL)
    return int(text) / 1000 if text.lstrip("-").isdecimal() else None


def _line(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_bytes().decode("utf-8", "replace").strip("\0 \n")
    return ""
