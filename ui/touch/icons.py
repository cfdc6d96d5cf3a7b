"""The icons' names and where they are in `fonts/icons.ttf` (Material Design Icons, see fonts/README.md)."""

from __future__ import annotations

from pathlib import Path

FONTS = Path(__file__).parent / "fonts"

ICONS = {
    "grid": "\U000f0d3e",  # transmission-tower
    "house": "\U000f1903",  # home-lightning-bolt
    "car": "\U000f0b6c",  # car-electric
    "station": "\U000f05f1",  # ev-station
    "solar": "\U000f1a73",  # solar-power-variant
    "battery": "\U000f0079",
    "curve": "\U000f0127",  # chart-areaspline
    "bolt": "\U000f140b",  # lightning-bolt
    "history": "\U000f02da",
    "gear": "\U000f0493",  # cog
    "lock": "\U000f033e",
    "unlock": "\U000f0fc6",  # lock-open-variant
    "warning": "\U000f0026",  # alert
    "bad": "\U000f0028",  # alert-circle
    "good": "\U000f05e0",  # check-circle
    "refused": "\U000f0159",  # close-circle
    "dot": "\U000f09de",  # circle-medium
    "back": "\U000f0141",  # chevron-left
    "next": "\U000f0142",  # chevron-right
    "erase": "\U000f0b5c",  # backspace-outline
    "check": "\U000f012c",
    "close": "\U000f0156",
    "web": "\U000f059f",
    "key": "\U000f030b",  # key-variant
    "language": "\U000f05ca",  # translate
    "save": "\U000f0aa9",  # database-check
    "shield": "\U000f0bc4",  # shield-key
    "reset": "\U000f0773",  # lock-reset
    "meter": "\U000f1a57",  # meter-electric
    "info": "\U000f02fd",  # information-outline
    "person": "\U000f0004",  # account
    "plug": "\U000f06a5",  # power-plug
    "stop": "\U000f04db",
    "pause": "\U000f03e5",  # pause-circle
    "wait": "\U000f051f",  # timer-sand
    "clock": "\U000f0150",  # clock-outline
    "late": "\U000f05ce",  # clock-alert-outline
    "down": "\U000f19b3",  # arrow-down-thin
    "up": "\U000f19b2",  # arrow-up-thin
    "phone": "\U000f011c",  # cellphone
    "fingerprint": "\U000f0237",
    "refresh": "\U000f0450",
    "silent": "\U000f0319",  # lan-disconnect
    "store": "\U000f18c1",  # store-alert
}
