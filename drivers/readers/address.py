"""Where a reader is: one line of text like a meter's URL, understood or refused with the rule.

    hid:/dev/input/by-id/usb-…-event-kbd?code=decimal      a USB reader that types like a keyboard
    serial:/dev/ttyUSB0?baud=9600&frame=line&code=hex       frame: line, stx (RDM6300, ID-12) or raw
    pn532+uart:/dev/ttyAMA0    pn532+i2c:1    pn532+spi:0.0
    rc522+spi:0.0?reset=gpio:25
    wiegand:gpio:5,gpio:6                                   D0, D1
    ble-tag:AA:BB:CC:DD:EE:FF?rssi=-60                      several, with commas; or the UUID a phone sends
    ble-reader:NAME-or-address

Every one but the tags takes `order=normal` or `order=reversed` (drivers.readers.codes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from drivers.modbus.rules import BAUDS
from drivers.readers import codes
from drivers.sentences import N_, BadAddress

FRAMES = ("line", "stx", "raw")
LINES = range(2, 28)  # on the 40-pin header
RSSI = range(-100, -19)  # dBm
MAC = r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
MALFORMED = N_(
    "A reader's address is one of hid:/dev/input/by-id/…, serial:/dev/ttyUSB0, pn532+uart:/dev/ttyAMA0, pn532+i2c:1,"
    " pn532+spi:0.0, rc522+spi:0.0, wiegand:gpio:5,gpio:6, ble-tag:AA:BB:CC:DD:EE:FF and ble-reader:NAME, not {url}."
)
DEVICE = N_("A reader's address names its device as in {example}, not {device}.")
TWO_LINES = N_("A Wiegand reader's address is wiegand:gpio:A,gpio:B with two different lines from 2 to 27, not {url}.")
TAGS = N_("A tag's address is six bytes as in AA:BB:CC:DD:EE:FF or a UUID, not {tag}.")
OPTION = N_("A reader of the kind {kind} takes no option {option}.")
VALUE = N_("The option {option} of a reader is {allowed}, not {value}.")


@dataclass(frozen=True, slots=True)
class Address:
    """One reader. Which fields mean something depends on `kind`."""

    kind: str  # the part of the URL before the first colon
    device: str = ""  # a path, a bus number, or a BLE reader's name or address
    lines: tuple[int, ...] = ()  # D0 and D1
    tags: tuple[str, ...] = ()  # canonical: hex digits only
    reset_line: int | None = None
    baud: int = 9600
    frame: str = "line"
    code: str = "hex"
    order: str = "normal"
    rssi_dbm: int = -60

    def __str__(self) -> str:
        if self.lines:
            return ", ".join(f"GPIO {line}" for line in self.lines)
        return self.device or "Bluetooth"  # a tag is as secret as a card's number


Options = Mapping[str, Callable[[Address, str], Address]]


def parse_url(url: str) -> Address:
    """Understand a reader's address. Raises BadAddress."""
    head, _, query = url.strip().partition("?")
    kind, _, body = head.partition(":")
    if kind not in KINDS or not body:
        raise BadAddress(MALFORMED, url=url)
    read_body, options = KINDS[kind]
    address = read_body(kind, body)
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        if name not in options:
            raise BadAddress(OPTION, kind=kind, option=part)
        address = options[name](address, value)
    return address


def _path(kind: str, body: str) -> Address:
    if not re.fullmatch(r"/[^\0]*[^\0/]", body):
        raise BadAddress(DEVICE, example=EXAMPLES[kind], device=body)
    return Address(kind, device=body, baud=BAUD[kind], code="decimal" if kind == "hid" else "hex")


def _bus(kind: str, body: str) -> Address:
    rule = r"[0-9]{1,2}" if kind.endswith("i2c") else r"[0-9]{1,2}\.[0-9]"
    if not re.fullmatch(rule, body):
        raise BadAddress(DEVICE, example=EXAMPLES[kind], device=body)
    path = f"/dev/i2c-{body}" if kind.endswith("i2c") else f"/dev/spidev{body}"
    return Address(kind, device=path)


def _two_lines(kind: str, body: str) -> Address:
    lines = tuple(line_of(part) for part in body.split(","))
    if len(lines) != 2 or None in lines or lines[0] == lines[1]:
        raise BadAddress(TWO_LINES, url=f"{kind}:{body}")
    return Address(kind, lines=tuple(line for line in lines if line is not None))


def _tags(kind: str, body: str) -> Address:
    for tag in body.split(","):
        if not re.fullmatch(f"{MAC}|{UUID}", tag):
            raise BadAddress(TAGS, tag=tag)
    return Address(kind, tags=tuple(dict.fromkeys(re.sub("[:-]", "", tag).upper() for tag in body.split(","))))


def _named(kind: str, body: str) -> Address:
    name = unquote(body)
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise BadAddress(DEVICE, example=EXAMPLES[kind], device=body)
    return Address(kind, device=name.upper() if re.fullmatch(MAC, name) else name)


def line_of(text: str) -> int | None:
    """The line in `gpio:25`."""
    found = re.fullmatch(r"gpio:([0-9]{1,2})", text)
    return int(found[1]) if found and int(found[1]) in LINES else None


def _baud(address: Address, value: str) -> Address:
    if value not in map(str, BAUDS):
        raise BadAddress(VALUE, option="baud", allowed=", ".join(map(str, BAUDS)), value=value)
    return replace(address, baud=int(value))


def _one_of(option: str, allowed: tuple[str, ...], put: Callable[[Address, str], Address]) -> Options:
    def read(address: Address, value: str) -> Address:
        if value not in allowed:
            raise BadAddress(VALUE, option=option, allowed=", ".join(allowed), value=value)
        return put(address, value)

    return {option: read}


def _reset(address: Address, value: str) -> Address:
    line = line_of(value)
    if line is None:
        raise BadAddress(VALUE, option="reset", allowed=f"gpio:N, N {LINES[0]}–{LINES[-1]}", value=value)
    return replace(address, reset_line=line)


def _rssi(address: Address, value: str) -> Address:
    if not re.fullmatch(r"-[0-9]{1,3}", value) or int(value) not in RSSI:
        raise BadAddress(VALUE, option="rssi", allowed=f"{RSSI[0]} … {RSSI[-1]}", value=value)
    return replace(address, rssi_dbm=int(value))


ORDER = _one_of("order", codes.ORDERS, lambda address, value: replace(address, order=value))
CODE = _one_of("code", codes.FORMS, lambda address, value: replace(address, code=value))
FRAME = _one_of("frame", FRAMES, lambda address, value: replace(address, frame=value))
SERIAL: Options = {"baud": _baud}
BAUD = {"hid": 9600, "serial": 9600, "pn532+uart": 115200}  # PN532: always (user manual UM0701-02, 6.1.1)
EXAMPLES = {
    "hid": "hid:/dev/input/by-id/usb-…-event-kbd", "serial": "serial:/dev/ttyUSB0",
    "pn532+uart": "pn532+uart:/dev/ttyAMA0", "pn532+i2c": "pn532+i2c:1", "pn532+spi": "pn532+spi:0.0",
    "rc522+spi": "rc522+spi:0.0", "ble-reader": "ble-reader:NAME",
}  # fmt: skip
KINDS: Mapping[str, tuple[Callable[[str, str], Address], Options]] = {
    "hid": (_path, {**CODE, **ORDER}),
    "serial": (_path, {**SERIAL, **FRAME, **CODE, **ORDER}),
    "pn532+uart": (_path, ORDER),
    "pn532+i2c": (_bus, ORDER),
    "pn532+spi": (_bus, ORDER),
    "rc522+spi": (_bus, {"reset": _reset, **ORDER}),
    "wiegand": (_two_lines, ORDER),
    "ble-tag": (_tags, {"rssi": _rssi}),
    "ble-reader": (_named, {**CODE, **ORDER}),
}
