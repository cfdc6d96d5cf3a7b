"""Hand-made looks at the first minutes: picture name -> screen, status."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.touch import looks
from ui.touch.screens.start.setup import NAMES, Found
from ui.touch.status import Status

FRESH = replace(looks.EMPTY, setup="welcome")
BEGUN = replace(looks.DAY, page=Found("https://192.168.178.42", 3))

LOOKS: dict[str, tuple[str, Status]] = {
    "start-splash": ("splash", looks.DAY),
    "start-welcome": ("welcome", FRESH),
    **{f"start-{name}": ("setup", replace(BEGUN, setup=name)) for name in NAMES},
    "start-nothing-yet": ("setup", replace(FRESH, setup="network")),
    "start-left": ("energy", replace(looks.EMPTY, setup="pin")),
    "start-self-test": ("self_test", looks.DAY),
}
