"""How one coil or one input of a Modbus board is written: `coil:tcp://192.168.1.50/1/0`.

Kind, a meter's address (`address`), the board's unit id, and the number of the
coil or input, from 0. Kinds of relay: `coil` stays as it was told last; `pulse`
closes for a few seconds at a time by the board's own "flash on" command.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.modbus.address import Address, parse_url
from drivers.sentences import N_, BadAddress

RELAYS = ("coil", "pulse")
INPUTS = ("input",)
LAST_NUMBER, LAST_PULSED = 65535, 255  # a pulse's command has one byte for the number
MALFORMED = N_(
    "A coil or input of a Modbus board is {kind}:ADDRESS/UNIT/NUMBER, as {kind}:tcp://192.168.1.50/1/0, with a number"
    " from 0 to {last}, not {spec}."
)
UNIT = N_("A unit id on {url} is {first} to {last}, not {unit}.")


@dataclass(frozen=True, slots=True)
class Bit:
    """One coil or input of a board."""

    kind: str
    address: Address
    unit: int
    number: int  # 0-based

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of unit {self.unit} at {self.address}"

    @property
    def place(self) -> tuple[str, int, int]:
        """Which one it is, however it is written."""
        return self.address.line, self.unit, self.number


def is_on_a_board(spec: str) -> bool:
    """Tell whether this names something on a Modbus board, rightly or not."""
    return spec.partition(":")[0] in (*RELAYS, *INPUTS)


def parse(spec: str, kinds: tuple[str, ...]) -> Bit:
    """Understand a coil or input of one of `kinds`. Raises BadAddress with the rule."""
    kind, _, rest = spec.partition(":")
    url, _, place = rest.rpartition("/")
    url, _, unit = url.rpartition("/")
    last = LAST_PULSED if kind == "pulse" else LAST_NUMBER
    if kind not in kinds or not url or not (_is_number(unit) and _is_number(place)) or int(place) > last:
        raise BadAddress(MALFORMED, kind=kind if kind in kinds else kinds[0], last=last, spec=spec)
    address = parse_url(url)
    lowest, highest = (0, 255) if address.numbered else (1, 247)
    if not lowest <= int(unit) <= highest:
        raise BadAddress(UNIT, url=url, first=lowest, last=highest, unit=unit)
    return Bit(kind, address, int(unit), int(place))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5
