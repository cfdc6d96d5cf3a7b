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


BACKGROUND = rgb("#0A0E13")
SURFACE = rgb("#141A22")
RAISED = rgb("#1F2832")
PRESSED = rgb("#33475C")
LINE = rgb("#2A3541")
TEXT = rgb("#F1F5F9")
QUIET = rgb("#A3B3C2")
ACCENT = rgb("#5AB0FF")
ON_ACCENT = rgb("#06121F")
GOOD = rgb("#4ADE9B")
WARN = rgb("#FFC45C")
BAD = rgb("#FF8A80")
STOP = rgb("#C43D3A")

GRID = rgb("#6FB1FF")
SOLAR = rgb("#FFD166")
HOUSE = rgb("#C4A7FF")
CAR = rgb("#4ADE9B")
BATTERY = rgb("#7CE0D6")

# Which text stands on which surface: (text, surface) pairs the contrast test walks.
PAIRS = [
    (text, surface)
    for text in (TEXT, QUIET, ACCENT, GOOD, WARN, BAD, GRID, SOLAR, HOUSE, CAR)
    for surface in (BACKGROUND, SURFACE, RAISED)
] + [(ON_ACCENT, ACCENT), (TEXT, PRESSED), (TEXT, STOP)]

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
