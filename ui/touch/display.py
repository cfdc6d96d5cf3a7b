"""Prepare Kivy for this display, before it is imported.

One layout of 800 x 480 units is scaled to the panel: at 1280 x 720 everything is
1.5 times as large; a panel that stands upright is turned. Exactly one provider is
left for each kind of input, because Kivy would add more on Linux and every tap
would count twice: the mouse for a mouse, SDL's fingers (`fingers`) for fingers.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

WIDTH, HEIGHT = 800, 480
DRM = Path("/sys/class/drm")
BACKLIGHTS = Path("/sys/class/backlight")
ON, OFF = 0, 4  # of bl_power (FB_BLANK_UNBLANK, FB_BLANK_POWERDOWN)


def panel_size() -> tuple[int, int] | None:
    """Size of the connected panel, as the kernel tells it; None on a desktop or headless."""
    for status in sorted(DRM.glob("card*-*/status")):
        modes = status.with_name("modes")
        if status.read_text().strip() == "connected" and (found := re.match(r"(\d+)x(\d+)", modes.read_text())):
            return int(found[1]), int(found[2])
    return None


def as_size(text: str) -> tuple[int, int]:
    """`1280x720` as width and height. Raises ValueError."""
    width, height = text.lower().split("x")
    return int(width), int(height)


def size(asked: tuple[int, int] | None) -> tuple[int, int]:
    """What was asked for, else the panel's under KMS/DRM, else 800 x 480."""
    if asked:
        return asked
    if os.environ.get("SDL_VIDEODRIVER", "").lower() == "kmsdrm" and (panel := panel_size()):
        return panel
    return WIDTH, HEIGHT


def turned(rotation: str, panel: tuple[int, int]) -> int:
    """By how many degrees the picture is turned. `auto`: a panel that stands upright is laid on its side."""
    return int(rotation) if rotation != "auto" else 90 if panel[0] < panel[1] else 0


def prepare(asked: tuple[int, int] | None, run: Path, rotation: str = "auto") -> tuple[int, int]:
    """Set everything Kivy reads at import; return the size of the window, as the panel has it."""
    width, height = size(asked)
    degrees = turned(rotation, (width, height))
    wide, high = (height, width) if degrees in (90, 270) else (width, height)
    scale = min(wide / WIDTH, high / HEIGHT)
    os.environ |= {
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_CLIPBOARD": "dummy",
        "KIVY_METRICS_DENSITY": f"{scale:.4f}",
        "KIVY_METRICS_FONTSCALE": "1",
        "KIVY_LOG_MODE": "PYTHON",
    }
    os.environ.setdefault("KIVY_HOME", str(run / "kivy"))
    os.environ |= {"SDL_TOUCH_MOUSE_EVENTS": "0", "SDL_MOUSE_TOUCH_EVENTS": "0"}  # nobody plays the other
    kms = os.environ.get("SDL_VIDEODRIVER", "").lower() == "kmsdrm"
    from kivy.config import Config

    for section, key, value in (
        ("graphics", "width", width),
        ("graphics", "height", height),
        ("graphics", "resizable", 0),
        ("graphics", "multisamples", 0),
        ("graphics", "rotation", degrees),
        ("graphics", "maxfps", 30),
        ("graphics", "fullscreen", "auto" if kms else 0),
        ("graphics", "show_cursor", 0 if kms else 1),
        ("kivy", "exit_on_escape", 0),
        ("kivy", "keyboard_mode", ""),
    ):
        Config.set(section, key, str(value))
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    return width, height


def backlight() -> Path | None:
    """The panel's brightness file, discovered; None where there is none (HDMI, desktop)."""
    found = sorted(BACKLIGHTS.glob("*/brightness"))
    return found[0] if found else None


def set_brightness(share: float) -> bool:
    """Set the backlight to a share of its maximum; tell whether there is one that we may set."""
    path = backlight()
    if path is None or not os.access(path, os.W_OK):
        return False
    try:
        most = int(path.with_name("max_brightness").read_text())
        path.write_text(str(max(1, round(most * share)) if share else 0))
        power = path.with_name("bl_power")
        if os.access(power, os.W_OK):
            power.write_text(str(ON if share else OFF))
    except (OSError, ValueError):
        return False
    return True
