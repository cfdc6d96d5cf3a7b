"""How long registers take on a line: characters, frames, and the silence between them.

On a serial line everything is computed from its speed and parity; a network
line takes no time worth counting, except where a serial line lies behind it.
"""

from __future__ import annotations

from drivers.modbus.address import Address

GATEWAY_BAUD = 9600  # what is taken for the speed behind a gateway that passes frames on
SILENCE_CHARACTERS = 3.5  # between two frames (Modbus over serial line V1.02, 2.5.1.1), of 11 bits each
FAST_SILENCE_S = 0.00175  # instead, above 19200 baud
REQUEST_BYTES = 8  # unit, function, start (2), count (2), check (2)
ANSWER_BYTES = 5  # unit, function, count of bytes, check (2), and 2 a register
MBAP_REQUEST_BYTES = 12
MBAP_ANSWER_BYTES = 9


def character_s(baud: int, parity: str = "N") -> float:
    """Start, 8 data bits, parity if any, stop."""
    return (10 + (parity != "N")) / baud


def silence_s(baud: int, wanted_s: float = 0.0) -> float:
    """Between an answer and the next request: what the meter wants, and at least what the protocol says."""
    return max(wanted_s, FAST_SILENCE_S if baud > 19200 else SILENCE_CHARACTERS * 11 / baud)


def speed_of(address: Address) -> tuple[int, str]:
    """Baud and parity of the serial line at `address`, as far as they are known; (0, "N") for a network line."""
    if address.transport == "rtu":
        return address.baud, address.parity
    return (GATEWAY_BAUD, "N") if address.transport == "rtutcp" else (0, "N")


def gap_s(address: Address, wanted_s: float) -> float:
    """The silence to keep after an answer. A gateway keeps its line's own."""
    return silence_s(address.baud, wanted_s) if address.transport == "rtu" else wanted_s


def exchange_s(address: Address, count: int) -> float:
    """How long a request for `count` registers and its answer take on the wire, without the meter's own time."""
    baud, parity = speed_of(address)
    return (REQUEST_BYTES + ANSWER_BYTES + 2 * count) * character_s(baud, parity) if baud else 0.0


def exchange_bytes(address: Address, count: int) -> int:
    """Bytes of a request for `count` registers and its answer."""
    if address.numbered:
        return MBAP_REQUEST_BYTES + MBAP_ANSWER_BYTES + 2 * count
    return REQUEST_BYTES + ANSWER_BYTES + 2 * count
