"""Where a meter is: the four forms of URL, and which of them share a line."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from drivers.modbus.rules import BAUDS, PARITIES
from drivers.sentences import N_, BadAddress

DEFAULT_PORT = 502
MALFORMED = N_(
    "A meter's address is tcp://HOST:PORT, udp://HOST:PORT, rtutcp://HOST:PORT"
    " or rtu:///dev/ttyUSB0?baud=9600&parity=N, not {url}."
)
UNKNOWN_OPTION = N_("A serial address takes baud ({bauds}) and parity (N, E or O), not {option}.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bus is: `tcp`, `udp` and `rtutcp` have host and port, `rtu` has device, baud and parity."""

    transport: str
    host: str = ""
    port: int = DEFAULT_PORT
    device: str = ""
    baud: int = 9600
    parity: str = "N"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.device if self.transport == "rtu" else f"{host}:{self.port}"

    @property
    def numbered(self) -> bool:
        """Frames bear a number there, by which an answer is known; on serial lines they do not."""
        return self.transport in ("tcp", "udp")

    @property
    def line(self) -> str:
        """What must not be opened twice: a serial port under whatever name, or a network address."""
        return os.path.realpath(self.device) if self.device else f"{self.transport}://{self}"


def parse_url(url: str, baud: int = 9600, parity: str = "N") -> Address:
    """Understand a meter's URL; `baud` and `parity` are for a serial one that names none. Raises BadAddress."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadAddress(MALFORMED, url=url) from error
    if parts.scheme in ("tcp", "udp", "rtutcp"):
        plain = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
        if plain and port != 0 and re.fullmatch(r"[\w.:%-]+", parts.hostname or ""):
            return Address(parts.scheme, host=parts.hostname or "", port=port or DEFAULT_PORT)
    elif parts.scheme == "rtu" and not parts.netloc and re.fullmatch(r"/[^\0]*[^\0/]", parts.path):
        return _serial(parts.path, parts.query, baud, parity)
    raise BadAddress(MALFORMED, url=url)


def _serial(device: str, query: str, baud: int, parity: str) -> Address:
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key == "baud" and value.isascii() and value.isdecimal() and int(value) in BAUDS:
            baud = int(value)
        elif key == "parity" and value.upper() in PARITIES:
            parity = value.upper()
        else:
            raise BadAddress(UNKNOWN_OPTION, bauds=", ".join(map(str, BAUDS)), option=f"{key}={value}")
    return Address("rtu", device=device, baud=baud, parity=parity)
