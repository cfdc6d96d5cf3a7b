"""What can go wrong with a reader, in sentences that say what to check."""

from __future__ import annotations

import errno

from drivers.interfaces import DriverError

GONE = (errno.ENODEV, errno.EIO, errno.ENXIO, errno.ENOENT, errno.EPIPE, errno.EBADF)  # what a pulled device says


def unplugged(reader: object) -> DriverError:
    """The device is not there, or no more."""
    return DriverError(
        "unplugged", "The reader {reader} is not there: check its plug and cable, and its address.", reader=str(reader)
    )


def unavailable(reader: object, detail: object) -> DriverError:
    """The device is there and cannot be had."""
    return DriverError(
        "unavailable",
        "The reader {reader} cannot be used ({detail}): check that no other program uses it and that this one may.",
        reader=str(reader), detail=str(detail).strip("'"),
    )  # fmt: skip


def silent(reader: object) -> DriverError:
    """The device does not answer."""
    return DriverError(
        "silent", "The reader {reader} does not answer: check its supply, wiring and mode switches.", reader=str(reader)
    )


def garbled(reader: object, detail: object) -> DriverError:
    """Something came that is no card."""
    return DriverError(
        "garbled",
        "The reader {reader} sends what is no card number ({detail}): check its wiring and its settings.",
        reader=str(reader), detail=str(detail),
    )  # fmt: skip


def flooding(reader: object) -> DriverError:
    """More cards than people can hold to it."""
    return DriverError(
        "garbled", "The reader {reader} sends without end: check what lies on it, and its wiring.", reader=str(reader)
    )


def of(reader: object, error: OSError) -> DriverError:
    """What a refusal of the kernel means."""
    return unplugged(reader) if error.errno in GONE else unavailable(reader, error.strerror or error)
