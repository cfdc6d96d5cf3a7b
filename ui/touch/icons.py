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
    "wifi": "\U000f05a9",
    "wifi1": "\U000f091f",  # wifi-strength-1
    "wifi2": "\U000f0922",  # wifi-strength-2
    "wifi3": "\U000f0925",  # wifi-strength-3
    "wifi4": "\U000f0928",  # wifi-strength-4
    "no_wifi": "\U000f05aa",  # wifi-off
    "ethernet": "\U000f0200",
    "display": "\U000f0379",  # monitor
    "bright": "\U000f00df",  # brightness-6
    "night": "\U000f0594",  # weather-night
    "power": "\U000f0425",
    "restart": "\U000f0709",
    "usb": "\U000f129e",  # usb-flash-drive
    "update": "\U000f06b0",
    "support": "\U000f087e",  # lifebuoy
    "time": "\U000f19bb",  # clock-edit-outline
    "eye": "\U000f0208",
    "hidden": "\U000f0209",  # eye-off
    "shift": "\U000f0636",  # apple-keyboard-shift
    "theme": "\U000f050e",  # theme-light-dark
    "letters": "\U000f027f",  # format-size
    "still": "\U000f1592",  # motion-pause-outline
    "delete": "\U000f01b4",
    "plus": "\U000f0415",
    "minus": "\U000f0374",
    "services": "\U000f048d",  # server-network
    "help": "\U000f0625",  # help-circle-outline
    "licence": "\U000f1188",  # certificate-outline
    "token": "\U000f1574",  # key-chain
    "factory": "\U000f020f",
    "safe": "\U000f0565",  # shield-check
    "space": "\U000f1050",  # keyboard-space
    "people": "\U000f0849",  # account-group
    "tune": "\U000f062e",
    "fold_up": "\U000f0143",  # chevron-up
    "fold_down": "\U000f0140",  # chevron-down
    "tap": "\U000f0741",  # gesture-tap
    "calendar": "\U000f00ed",
    "edit": "\U000f03eb",  # pencil
    "network": "\U000f0318",  # lan-connect
    "download": "\U000f01da",
    "restore": "\U000f006f",  # backup-restore
    "document": "\U000f09ee",  # file-document-outline
    "idle": "\U000f1a12",  # home-clock
    "zone": "\U000f0d1e",  # map-clock
    "card": "\U000f0398",  # nfc-variant
    "counter": "\U000f04a0",  # sigma
    "cost": "\U000f0114",  # cash
    "flow": "\U000f0fe3",  # swap-vertical-circle
    "sign_out": "\U000f0343",  # logout
    "privacy": "\U000f05f9",  # incognito
    "search": "\U000f0349",  # magnify
    "bell": "\U000f009a",
    "bell_ring": "\U000f009e",  # bell-ring
    "undo": "\U000f054c",
    "hand": "\U000f02c7",  # hand-pointing-right
    "tasks": "\U000f0996",  # progress-clock
    "welcome": "\U000f1821",  # hand-wave
    "large": "\U000f0293",  # fullscreen
}
