"""How relays, contacts and plug inputs are written: each in one spelling, so that none is given away twice.

    gpio:17                        a line of the Pi; 9 to 27, for 0 to 8 are pulled up at reset
    coil:tcp://192.168.1.50/1/0    coil 0 of unit 1 of a board: it stays as it was told last
    pulse:tcp://192.168.1.50/1/0   the same, closed by the board for a few seconds at a time
    input:tcp://192.168.1.50/1/0   an input of such a board

A plug input may end in `:nc`: its contact opens when a car is plugged in.
"""

from __future__ import annotations

import re

from appliance.errors import N_, BadInput
from appliance.metering import models

GPIO = re.compile(r"gpio:([0-9]{1,2})")
FIRST_PIN, LAST_PIN = 9, 27  # pins 0 to 8 are pulled up at reset: a relay there would close during boot
BOARD = re.compile(
    r"(?P<kind>coil|pulse|input):(?P<url>(?:tcp|udp|rtutcp)://(?P<host>[\w.\-\[\]:%]+?)(?P<port>:[0-9]{1,5})?"
    r"|rtu:///[^\s?]+(?:\?[^\s/]*)?)/(?P<unit>[0-9]{1,3})/(?P<number>[0-9]{1,5})",
    re.IGNORECASE,
)
USUAL_PORT = ":502"
WATCHDOG = N_(
    "A coil stays as it was told last when Wattward stops, hangs or loses the line. Switch on the board's own watchdog"
    " (10 seconds or less), or write pulse: for a board that closes for a time."
)
LAST_PULSED = 255  # a pulse's command has one byte for the number
PULSED = N_("A coil that is pulsed has a number from 0 to {last}, not {number}.")
OPENS = ":nc"
RELAY = N_(
    "A relay is written gpio:NUMBER with a pin from {first} to {last}, for example gpio:17; on a Modbus board"
    " coil:ADDRESS/UNIT/NUMBER or pulse:ADDRESS/UNIT/NUMBER."
)
FEEDBACK = N_("A feedback contact is written gpio:NUMBER with a pin from {first} to {last}, for example gpio:22.")
PLUG = N_(
    "A plug input is written gpio:NUMBER with a pin from {first} to {last}, or input:ADDRESS/UNIT/NUMBER; with :nc at"
    " its end if the contact opens when a car is plugged in."
)


def check_relay(spec: str) -> str:
    """The relay as typed, in its one spelling. Raises BadInput naming the rule."""
    return _pin(spec) or _on_board(spec, ("coil", "pulse")) or _refuse(RELAY, "relay")


def check_feedback(spec: str) -> str:
    """The auxiliary contact as typed, in its one spelling; '' is none. Raises BadInput naming the rule."""
    return (_pin(spec) or _refuse(FEEDBACK, "feedback")) if spec.strip() else ""


def check_plug(spec: str) -> str:
    """The plug input as typed, in its one spelling; '' is none. Raises BadInput naming the rule."""
    if not spec.strip():
        return ""
    wire, opens = split_plug(spec.strip())
    return (_pin(wire) or _on_board(wire, ("input",)) or _refuse(PLUG, "plug")) + (OPENS if opens else "")


def split_plug(spec: str) -> tuple[str, bool]:
    """The input of a plug, and whether its contact opens when a car is plugged in."""
    opens = spec.lower().endswith(OPENS)
    return (spec[: -len(OPENS)] if opens else spec), opens


def place(spec: str) -> str:
    """What can be had once only: a line, or a coil or input whichever way it is used."""
    wire, _ = split_plug(spec)
    return f"coil:{wire.removeprefix('pulse:')}" if wire.startswith("pulse:") else wire


def is_on_a_board(spec: str) -> bool:
    """Tell whether it is a coil or input of a Modbus board."""
    return spec.startswith(("coil:", "pulse:", "input:"))


def _pin(spec: str) -> str:
    found = GPIO.fullmatch(spec.strip().lower())
    return f"gpio:{int(found[1])}" if found and FIRST_PIN <= int(found[1]) <= LAST_PIN else ""


def _on_board(spec: str, kinds: tuple[str, ...]) -> str:
    found = BOARD.fullmatch(spec.strip())
    if not found or found["kind"].lower() not in kinds or int(found["number"]) > 65535:
        return ""
    url, serial = found["url"], found["host"] is None
    if not (1 if serial else 0) <= int(found["unit"]) <= (247 if serial else 255):
        return ""
    _require_address(url, "plug" if "input" in kinds else "relay")
    if found["kind"].lower() == "pulse" and int(found["number"]) > LAST_PULSED:
        raise BadInput(PULSED, field="relay", last=LAST_PULSED, number=int(found["number"]))
    if not serial:
        url = url.lower().removesuffix(USUAL_PORT)
    return f"{found['kind'].lower()}:{url}/{int(found['unit'])}/{int(found['number'])}"


def _require_address(url: str, field: str) -> None:
    """Refuse what is no address of a board, as for a meter. Raises BadInput."""
    try:
        models.transport_of(url)
    except BadInput as error:
        raise BadInput(error.message, field=field, **error.values) from error


def _refuse(rule: str, field: str) -> str:
    raise BadInput(rule, field=field, first=FIRST_PIN, last=LAST_PIN)
