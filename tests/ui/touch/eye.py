"""What a person sees and can touch, measured: every visible widget with its text, box, size and colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from ui.touch import theme
from ui.touch.screens.base import TitleBar
from ui.touch.widgets.basic import Badge, Icon, Surface, Tap
from ui.touch.widgets.words import Words
from ui.touch.widgets.written import OVERHANG

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels from the top left
OPAQUE = ("Problem", "Idle", "Splash")  # layers of the frame that hide what is below them
LIDS = ("Question",)  # layers that take every touch
SLIPS = ("Toast",)  # layers that take the touches on them
HOMES = (Surface, Tap, TitleBar)  # what words and icons stand on must be as large as they are
ENDLESS = (-1e9, -1e9, 1e9, 1e9)
BLACK = theme.rgb("#000000")
NO_FONT_HAS = "\U0010fffd"


def look(root: Widget, window: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - Kivy's window
    """All that is seen, what lies behind first, without what an opaque layer hides.

    `covered` is what lies below a question, or below a toast with some part of it.
    """
    whole = (0.0, 0.0, float(window.width), float(window.height))
    layers = list(reversed(root.children))  # the lowest first
    lowest = max((place for place, one in enumerate(layers) if type(one).__name__ in OPAQUE), default=0)
    lid = max((place for place, one in enumerate(layers) if type(one).__name__ in LIDS), default=0)
    slips = [(place, _box(one, window)) for place, one in enumerate(layers) if type(one).__name__ in SLIPS]
    frame = {"scrolls": False, "faint": False, "covered": False, "home": whole}
    found = [_describe(root, whole, whole, theme.BACKGROUND) | frame]
    for place, layer in enumerate(layers[lowest:], lowest):
        for one in _walk(layer, window, whole, whole, theme.BACKGROUND, scrolls=False, faint=False):
            below = [box for above, box in slips if place < above and _cut(one["cut"], box)]
            found.append(one | {"covered": place < lid or bool(below)})
    return found


def _walk(
    widget: Widget,
    window: Any,  # noqa: ANN401 - Kivy's window
    seen: Box,
    home: Box,
    below: theme.Colour,
    *,
    scrolls: bool,
    faint: bool,
) -> Iterator[dict[str, Any]]:
    box = _box(widget, window)
    cut = _cut(box, seen)
    if widget.opacity == 0 or cut is None:
        return
    below = _below(widget, below)
    faint = faint or widget.opacity < 1  # a key that is off need not stand out
    yield _describe(widget, box, cut, below) | {"scrolls": scrolls, "faint": faint, "home": home}
    inside = cut if isinstance(widget, ScrollView) else seen
    home = box if isinstance(widget, HOMES) else ENDLESS if isinstance(widget, ScrollView) else home
    scrolls = scrolls or isinstance(widget, ScrollView)
    for child in reversed(widget.children):
        yield from _walk(child, window, inside, home, below, scrolls=scrolls, faint=faint)


def _box(widget: Widget, window: Any) -> Box:  # noqa: ANN401 - Kivy's window
    left, bottom = widget.to_window(widget.x, widget.y)
    right, top = widget.to_window(widget.right, widget.top)
    return (left, window.height - top, right, window.height - bottom)


def _cut(box: Box, seen: Box) -> Box | None:
    """The part that is seen; None when that is nothing."""
    cut = (max(box[0], seen[0]), max(box[1], seen[1]), min(box[2], seen[2]), min(box[3], seen[3]))
    return cut if cut[2] - cut[0] >= 1 and cut[3] - cut[1] >= 1 else None


def _below(widget: Widget, below: theme.Colour) -> theme.Colour:
    """The colour that what stands on this widget has behind it."""
    if isinstance(widget, (Surface, Tap)):
        return theme.over(tuple(widget.color), below)
    if type(widget).__name__ == "Idle":
        return BLACK
    if isinstance(widget, Badge):
        return theme.over(theme.faint(widget.tint), below)
    return below


def _describe(widget: Widget, box: Box, cut: Box, below: theme.Colour) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(widget).__name__, "box": box, "cut": cut, "unit": dp(1)}
    if isinstance(widget, Words):
        found["contrast"] = theme.contrast(widget.color, below)
    if isinstance(widget, Icon):
        found["icon"] = widget.name
    elif isinstance(widget, Words):
        found |= {
            "text": widget.text,
            "font_units": widget.font_size / dp(1),
            "fits": _fits(widget),
            "missing": missing_glyphs(widget.text, widget.font_name, bold=widget.bold),
            "shortens": widget.shorten,
        }
    if isinstance(widget, ButtonBehavior):
        found |= {"target": True, "enabled": getattr(widget, "enabled", True) and not widget.disabled}
    return found


def _fits(label: Words) -> bool:
    """Tell whether the whole text is seen: measured anew, without the bounds of its place."""
    if label.shorten or not label.text:
        return True
    style = {"font_name": label.font_name, "font_size": label.font_size, "bold": label.bold}
    widest = max(_size(word, **style)[0] for word in label.text.split() or [""])
    high = _size(label.text, text_size=(label.width, None), line_height=label.line_height, **style)[1]
    return bool(widest <= label.width + 1 and high <= label.height + dp(OVERHANG))  # so much is drawn whole


def _size(text: str, **style: Any) -> tuple[int, int]:  # noqa: ANN401 - Kivy's text options
    label = CoreLabel(text=text, **style)
    label.refresh()
    width, height = label.texture.size
    return width, height


@cache
def _picture(character: str, font: str, *, bold: bool) -> tuple[tuple[int, int], bytes]:
    label = CoreLabel(text=character, font_name=font, font_size=24, bold=bold)
    label.refresh()
    return tuple(label.texture.size), bytes(label.texture.pixels)


@cache
def _is_missing(character: str, font: str, *, bold: bool) -> bool:
    """Tell whether a font draws the same box for it as for a character no font has."""
    return _picture(character, font, bold=bold) == _picture(NO_FONT_HAS, font, bold=bold)


def missing_glyphs(text: str, font: str, *, bold: bool) -> list[str]:
    """Characters of `text` that the font does not have."""
    return sorted({one for one in text if one not in " \n" and _is_missing(one, font, bold=bold)})
