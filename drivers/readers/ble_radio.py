"""The Bluetooth radio, by bleak over BlueZ: listen for a while, or stay connected to one device.

Everything bleak is in here, and its many errors become `DriverError`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError, BleakDeviceNotFoundError, BleakError

from drivers.interfaces import DriverError
from drivers.readers import faults

CONNECT_S = 15.0
APPLE, PROXIMITY = 0x004C, b"\x02\x15"  # company identifier, and the head of a proximity beacon's data


@dataclass(frozen=True, slots=True)
class Advert:
    """What a device sent to everybody, as its ways to be called: canonical hex of an address or a UUID."""

    names: frozenset[str]
    rssi_dbm: int


def _advert(device: BLEDevice, data: AdvertisementData) -> Advert:
    names = {device.address.replace(":", "").upper()} | {one.replace("-", "").upper() for one in data.service_uuids}
    beacon = data.manufacturer_data.get(APPLE, b"")
    if beacon.startswith(PROXIMITY) and len(beacon) >= 18:
        names.add(beacon[2:18].hex().upper())
    return Advert(frozenset(names), data.rssi)


async def check(reader: object) -> None:
    """See that there is a radio that is switched on. Raises DriverError(`unavailable`)."""
    with translated(reader):
        await BleakAdapter.get()


@contextlib.asynccontextmanager
async def listening(reader: object, on_advert: Callable[[Advert], None]) -> AsyncIterator[None]:
    """Listen to everybody near, as long as this lasts. Raises DriverError(`unavailable`)."""
    scanner = BleakScanner(
        lambda device, data: on_advert(_advert(device, data)),
        bluez={"filters": {"DuplicateData": True}},  # every advert, not only the first of each device
    )
    with translated(reader):
        await scanner.start()
    try:
        yield
    finally:
        with contextlib.suppress(BleakError, OSError, EOFError):
            await scanner.stop()


class Connection:
    """One device that sends notifications of one characteristic."""

    def __init__(self, reader: object, on_lost: Callable[[], None]) -> None:
        self._reader, self._on_lost = reader, on_lost
        self._client: BleakClient | None = None

    async def open(self, name: str, characteristic: str, on_bytes: Callable[[bytes], None]) -> None:
        """Find a device by name or address, connect, subscribe. Raises DriverError."""
        with translated(self._reader):
            device = await BleakScanner.find_device_by_filter(
                lambda device, data: name in (device.address.upper(), data.local_name), timeout=CONNECT_S
            )
            if device is None:
                raise faults.unplugged(self._reader)
            self._client = BleakClient(device, disconnected_callback=lambda _client: self._on_lost(), timeout=CONNECT_S)
            await self._client.connect()
            await self._client.start_notify(characteristic, lambda _characteristic, data: on_bytes(bytes(data)))

    async def close(self) -> None:
        """Disconnect. Never raises."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(BleakError, OSError, EOFError, TimeoutError):
                await client.disconnect()


@contextlib.contextmanager
def translated(reader: object) -> Iterator[None]:
    """bleak's errors as ours."""
    try:
        yield
    except (BleakDeviceNotFoundError, TimeoutError) as error:
        raise faults.unplugged(reader) from error
    except BleakBluetoothNotAvailableError as error:
        raise no_radio(error.args[0]) from error
    except BleakDBusError as error:
        raise no_radio(error.dbus_error_details or error.dbus_error) from error
    except BleakError as error:
        raise faults.unavailable(reader, error) from error
    except (OSError, EOFError) as error:  # no bus, or the bus went away
        raise no_radio(error) from error


def no_radio(detail: object) -> DriverError:
    """Nobody can listen on this machine now."""
    return DriverError(
        "unavailable",
        "Bluetooth does not work ({detail}): check that it is switched on and that this program may use it.",
        detail=str(detail),
    )
