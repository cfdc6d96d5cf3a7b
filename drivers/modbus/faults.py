"""What can go wrong on a Modbus line, in sentences that tell an installer what to check.

The code names the fault (drivers.interfaces.DriverError), the sentence fits
the transport: who has no serial line need not look for a termination. Each
names the meter: here as a device, by its model where one is known, and by its
own name where somebody gave it one (`DriverError.named`). A search knows of
no meter yet (`searched`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drivers.interfaces import DriverError
from drivers.sentences import N_

if TYPE_CHECKING:
    from drivers.modbus.address import Address

# Modbus Application Protocol V1.1b3, 7: what a device says when it refuses.
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge",
    6: "device busy",
    8: "memory parity error",
}
GATEWAY_EXCEPTIONS = (10, 11)  # a gateway that has no way to the unit, or no answer from it


DEVICE = N_("Modbus device")  # what a meter is called where nobody knows more

NO_ANSWER = N_("Nothing answers for {meter} at {address}: check power, network cable, address, port and firewall.")
NO_PORT = N_("There is no serial port {address} for {meter}: check that the adapter is plugged in.")
TAKEN_PORT = N_(
    "The serial port {address} of {meter} cannot be opened: check that no other program uses it"
    " and that this one may (group dialout)."
)
GONE_PORT = N_("The serial port {address} of {meter} went away: check that the adapter is plugged in.")
CUT_OFF = N_(
    "{address} closes the connection to {meter}: check that Modbus is enabled there"
    " and that not too many programs are connected."
)
SEARCHED = {
    NO_ANSWER: N_("Nothing answers at {address}: check power, network cable, address, port and firewall."),
    NO_PORT: N_("There is no serial port {address}: check that the adapter is plugged in."),
    TAKEN_PORT: N_(
        "The serial port {address} cannot be opened: check that no other program uses it"
        " and that this one may (group dialout)."
    ),
    GONE_PORT: N_("The serial port {address} went away: check that the adapter is plugged in."),
    CUT_OFF: N_(
        "{address} closes the connection: check that Modbus is enabled there"
        " and that not too many programs are connected."
    ),
}


class Closed(DriverError):
    """The connection ended while an answer was awaited. Opening it again may help."""


class Refused(DriverError):
    """The device answered with a Modbus exception. Asking for less, or in other pieces, may help."""

    exception = 0  # the Modbus exception, of EXCEPTIONS


class Overasked(DriverError):
    """The unit answers a short question, but not this one. Asking for less may help."""


def unreachable(address: Address) -> DriverError:
    """No connection came about."""
    message = NO_ANSWER
    if address.transport == "rtu":
        message = TAKEN_PORT if Path(address.device).exists() else NO_PORT
    return DriverError("unreachable", message, address=str(address), meter=DEVICE)


def closed(address: Address) -> Closed:
    """The peer ended the connection, or the adapter was pulled."""
    message = GONE_PORT if address.transport == "rtu" else CUT_OFF
    return Closed("unreachable", message, address=str(address), meter=DEVICE)


def searched(error: DriverError) -> DriverError:
    """The same fault, said to who looks for meters there and knows none yet."""
    return DriverError(error.code, SEARCHED.get(error.message, error.message), **error.values)


def other_speed(address: Address, baud: int, parity: str) -> DriverError:
    """Two meters on one serial line disagree about its speed."""
    message = N_(
        "The serial port {address} is already used with {baud} baud and parity {parity}:"
        " set all meters on it to the same, and their addresses here too."
    )
    return DriverError("unreachable", message, address=str(address), baud=baud, parity=parity)


def silent(address: Address, unit: int) -> DriverError:
    """Nothing at all was heard in time."""
    if address.numbered:
        message = N_(
            "{meter} does not answer (unit {unit} at {address}): check the unit id"
            " and that Modbus is enabled in the meter."
        )
    else:
        message = N_(
            "{meter} does not answer (unit {unit} at {address}): check A/B wiring, termination,"
            " unit id, baud rate and parity."
        )
    return DriverError("silent", message, address=str(address), unit=unit, meter=DEVICE)


def garbled(address: Address, unit: int) -> DriverError:
    """Something was heard that cannot be the answer."""
    if address.numbered:
        message = N_(
            "What answers for {meter} at {address} is not unit {unit} of a Modbus meter:"
            " check address, port, unit id and model."
        )
    else:
        message = N_(
            "{meter} (unit {unit} at {address}) cannot be understood: check baud rate, parity, termination, A/B wiring,"
            " and that no two devices have this unit id and no other program asks on this line."
        )
    return DriverError("garbled", message, address=str(address), unit=unit, meter=DEVICE)


def refused(address: Address, unit: int, register: int, exception: int) -> DriverError:
    """The device answered with a Modbus exception; a gateway's own ones mean that the unit is silent."""
    if exception in GATEWAY_EXCEPTIONS:
        message = N_(
            "The gateway {address} gets no answer from {meter} (unit {unit}):"
            " check A/B wiring, termination, unit id, baud rate and parity."
        )
        return DriverError("silent", message, address=str(address), unit=unit, meter=DEVICE)
    message = N_("{meter} (unit {unit} at {address}) refuses register {register} ({reason}): check model and unit id.")
    reason = EXCEPTIONS.get(exception, f"exception {exception}")
    error = Refused("refused", message, address=str(address), unit=unit, register=register, reason=reason, meter=DEVICE)
    error.exception = exception
    return error


def overasked(error: DriverError) -> Overasked:
    """What became of a question whose unit had just answered a shorter one."""
    return Overasked(error.code, error.message, **error.values)


def implausible(address: Address, title: str, quantity: str, value: float) -> DriverError:
    """The meter answers, but as another model would."""
    message = N_(
        "{meter} at {address} says {quantity} = {value}: check that the model is right and that L1 is connected."
        " Its values are not used."
    )
    return DriverError(
        "implausible", message, meter=title, address=str(address), quantity=quantity, value=f"{value:.6g}"
    )


def empty(address: Address, title: str) -> DriverError:
    """The meter answers, but has neither a voltage nor a frequency."""
    message = N_("{meter} at {address} answers without voltage and frequency: check that the model is right.")
    return DriverError("implausible", message, meter=title, address=str(address))
