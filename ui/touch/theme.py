"""Colours and sizes of the touchscreen, in one place, without Kivy.

A calm surface, dark or light; each energy has its colour and keeps it everywhere,
darker on light. Text reaches at least 4.5:1 on every surface it stands on, graphics
3:1; a test computes it for both palettes.

`use` assigns the names of this module, so `theme.TEXT` is right where it is read
while screens are made (in .kv rules, in methods), never at import.
"""

from __future__ import annotations

Colour = tuple[float, float, float, float]


def rgb(code: str, alpha: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


COLOURS = {  # name -> dark, light
    "BACKGROUND": ("#090D12", "#EDF1F5"),
    "SURFACE": ("#131A22", "#FFFFFF"),
    "RAISED": ("#1E2833", "#E2E9F0"),
    "PRESSED": ("#304357", "#C4D4E4"),
    "LINE": ("#26313D", "#D3DCE5"),
    "TEXT": ("#F2F6FA", "#101820"),
    "QUIET": ("#A5B4C3", "#47586A"),
    "ACCENT": ("#62B5FF", "#0A57A8"),
    "ON_ACCENT": ("#05121F", "#FFFFFF"),
    "GOOD": ("#55E0A3", "#0A5E3C"),
    "WARN": ("#FFC861", "#7A4300"),
    "BAD": ("#FF9187", "#A81E17"),
    "STOP": ("#BF3B38", "#B3261E"),
    "ON_STOP": ("#FFFFFF", "#FFFFFF"),
    "CALLING": ("#33280F", "#FBE9C8"),  # behind a fault in the header
    "PAPER": ("#FFFFFF", "#FFFFFF"),  # behind a QR code
    "GRID": ("#74B6FF", "#1459A6"),
    "SOLAR": ("#FFD36E", "#775000"),
    "HOUSE": ("#C8AEFF", "#6238AE"),
    "CAR": ("#55E0A3", "#0A5E3C"),
    "BATTERY": ("#7FE3D9", "#075E5A"),
}
SIZES = {  # name -> normal, large; in units of the 800 x 480 layout (ISO 9241: 20 is 16 arc minutes at 60 cm)
    "AXIS": (18, 20),
    "SMALL": (20, 23),
    "BODY": (24, 28),
    "TITLE": (28, 32),
    "KEY": (34, 40),
    "VALUE": (46, 52),
    "HUGE": (72, 80),
}
INKS = ("TEXT", "QUIET", "ACCENT", "GOOD", "WARN", "BAD", "GRID", "SOLAR", "HOUSE", "CAR", "BATTERY")
GRAPHICS = ("GRID", "SOLAR", "HOUSE", "CAR", "BATTERY", "ACCENT", "GOOD", "WARN", "BAD")
SURFACES = ("BACKGROUND", "SURFACE", "RAISED")
ON = [("ON_ACCENT", "ACCENT"), ("ON_STOP", "STOP"), ("TEXT", "PRESSED"), ("QUIET", "PRESSED"), ("WARN", "CALLING")]
NOTHING: Colour = (0.0, 0.0, 0.0, 0.0)

BACKGROUND: Colour
SURFACE: Colour
RAISED: Colour
PRESSED: Colour
LINE: Colour
TEXT: Colour
QUIET: Colour
ACCENT: Colour
ON_ACCENT: Colour
GOOD: Colour
WARN: Colour
BAD: Colour
STOP: Colour
ON_STOP: Colour
CALLING: Colour
PAPER: Colour
GRID: Colour
SOLAR: Colour
HOUSE: Colour
CAR: Colour
BATTERY: Colour

AXIS: int
SMALL: int
BODY: int
TITLE: int
KEY: int
VALUE: int
HUGE: int

in_use = (False, False)  # light, large


def palette(*, light: bool) -> dict[str, Colour]:
    """All colours of one palette."""
    return {name: rgb(codes[light]) for name, codes in COLOURS.items()}


def use(*, light: bool, large: bool) -> bool:
    """Put a palette and a type size in force; tell whether that changed something. Screens are made anew then."""
    before = in_use
    if before == (light, large) and "TEXT" in globals():
        return False
    globals().update(palette(light=light))
    globals().update({name: sizes[large] for name, sizes in SIZES.items()})
    globals()["in_use"] = (light, large)
    return before != (light, large)


def faint(colour: Colour, share: float = 0.16) -> Colour:
    """A colour as a breath over the surface below it: for badges and areas, never for text."""
    return (*colour[:3], share)


def ink(colour: Colour) -> Colour:
    """What is written with on a button of this colour."""
    text: Colour = globals()["TEXT"]
    return text if colour[3] < 1 else max(text, globals()["ON_ACCENT"], key=lambda one: contrast(one, colour))


def pairs() -> list[tuple[str, str]]:
    """Which text stands on which surface, by name: what the contrast test walks."""
    return [(text, surface) for text in INKS for surface in SURFACES] + ON


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def over(colour: Colour, below: Colour) -> Colour:
    """What is seen of a translucent colour over a solid one."""
    share = colour[3]
    red, green, blue = (one * share + other * (1 - share) for one, other in zip(colour[:3], below[:3], strict=True))
    return (red, green, blue, 1.0)


use(light=False, large=False)
