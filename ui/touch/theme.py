"""Colours and sizes of the touchscreen, in one place, without Kivy.

A calm dark surface; each energy has its colour and keeps it everywhere. Text
reaches at least 4.5:1 on every surface it stands on, graphics 3:1; a test
computes it.
"""

from __future__ import annotations

Colour = tuple[float, float, float, float]


def rgb(code: str, alpha: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


def faint(colour: Colour, share: float = 0.16) -> Colour:
    """A colour as a breath over the surface below it: for badges and areas, never for text."""
    return (*colour[:3], share)


NOTHING: Colour = (0.0, 0.0, 0.0, 0.0)
BACKGROUND = rgb("#090D12")
SURFACE = rgb("#131A22")
RAISED = rgb("#1E2833")
PRESSED = rgb("#34495F")
LINE = rgb("#26313D")
TEXT = rgb("#F2F6FA")
QUIET = rgb("#A5B4C3")
ACCENT = rgb("#62B5FF")
ON_ACCENT = rgb("#05121F")
GOOD = rgb("#55E0A3")
WARN = rgb("#FFC861")
BAD = rgb("#FF9187")
STOP = rgb("#BF3B38")
CALLING = rgb("#33280F")  # behind a fault in the header
PAPER = rgb("#FFFFFF")  # behind a QR code

GRID = rgb("#74B6FF")
SOLAR = rgb("#FFD36E")
HOUSE = rgb("#C8AEFF")
CAR = rgb("#55E0A3")
BATTERY = rgb("#7FE3D9")

# Which text stands on which surface: (text, surface) pairs the contrast test walks.
PAIRS = [
    (text, surface)
    for text in (TEXT, QUIET, ACCENT, GOOD, WARN, BAD, GRID, SOLAR, HOUSE, CAR, BATTERY)
    for surface in (BACKGROUND, SURFACE, RAISED)
] + [(ON_ACCENT, ACCENT), (TEXT, PRESSED), (TEXT, STOP), (WARN, CALLING)]

# Type in units of the 800 x 480 layout (ISO 9241: 20 is 16 arc minutes at 60 cm).
SMALL, BODY, TITLE, KEY, VALUE, HUGE = 20, 24, 28, 34, 46, 72
AXIS = 18


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
