"""From a reader's address to its driver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivers.interfaces import Reader
from drivers.readers.address import Address
from drivers.readers.hid import HidReader
from drivers.readers.pn532 import Pn532Reader
from drivers.readers.pn532_links import I2c, Polled, SpiBus, Uart
from drivers.readers.rc522 import Rc522Reader
from drivers.readers.serial_line import SerialReader
from drivers.readers.wiegand import WiegandReader


def driver(address: Address, gpio: Callable[[], Any]) -> Reader:
    """The driver for an address. `gpio` is asked for only by who needs lines; it may raise DriverError."""
    match address.kind:
        case "hid":
            return HidReader(address)
        case "serial":
            return SerialReader(address)
        case "pn532+uart":
            return Pn532Reader(address, Uart(address))
        case "pn532+i2c":
            return Pn532Reader(address, Polled(address, I2c(address.device)))
        case "pn532+spi":
            return Pn532Reader(address, Polled(address, SpiBus(address.device)))
        case "rc522+spi":
            return Rc522Reader(address, gpio() if address.reset_line is not None else None)
        case "wiegand":
            return WiegandReader(address, gpio())
        case _:
            return _on_bluetooth(address)


def _on_bluetooth(address: Address) -> Reader:
    """Only who has such a reader pays for the library."""
    from drivers.readers.ble_reader import BleReader
    from drivers.readers.ble_tag import TagReader

    return TagReader(address) if address.kind == "ble-tag" else BleReader(address)
