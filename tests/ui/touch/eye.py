"""What a person sees and can touch, measured: every visible widget with its text, box, size and colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.metrics import dp
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from ui.touch.widgets.basic import Icon

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels from the top left


def look(root: Widget, window: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - Kivy's window
    """All that is seen, what lies behind first."""
    return list(_walk(root, window, (0.0, 0.0, float(window.width), float(window.height)), [], 1.0))


def _walk(widget: Widget, window: Any, seen_box: Box, path: list[str], opacity: float) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    opacity *= widget.opacity
    box = _box(widget, window)
    cut = _cut(box, seen_box)
    if opacity == 0 or (cut[2] - cut[0] < 1 or cut[3] - cut[1] < 1) and not isinstance(widget, Label):
        if not widget.children or opacity == 0:
            return
    yield _describe(widget, box, cut, path)
    inside = cut if isinstance(widget, ScrollView) else seen_box
    for child in reversed(widget.children):
        yield from _walk(child, window, inside, [*path, type(widget).__name__], opacity)


def _box(widget: Widget, window: Any) -> Box:  # noqa: ANN401 - Kivy's window
    left, bottom = widget.to_window(widget.x, widget.y)
    right, top = widget.to_window(widget.right, widget.top)
    return (left, window.height - top, right, window.height - bottom)


def _cut(box: Box, seen: Box) -> Box:
    return (max(box[0], seen[0]), max(box[1], seen[1]), min(box[2], seen[2]), min(box[3], seen[3]))


def _describe(widget: Widget, box: Box, cut: Box, path: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(widget).__name__, "box": box, "cut": cut, "path": path, "unit": dp(1)}
    if isinstance(widget, Icon):
        found |= {"icon": widget.name, "color": list(widget.color)}
    elif isinstance(widget, Label):
        found |= {
            "text": widget.text,
            "font_units": widget.font_size / dp(1),
            "color": list(widget.color),
            "texture": list(widget.texture_size),
            "shortened": widget.shorten and widget.is_shortened,
            "missing": missing_glyphs(widget.text, widget.font_name),
        }
    if isinstance(widget, ButtonBehavior):
        found |= {"target": True, "enabled": getattr(widget, "enabled", True) and not widget.disabled}
    surface = getattr(widget, "surface", None) or (
        None if isinstance(widget, Label) else getattr(widget, "color", None)
    )
    if surface is not None:
        found["surface"] = list(surface)
    return found


@cache
def _picture(character: str, font: str) -> tuple[tuple[int, int], bytes]:
    label = CoreLabel(text=character, font_name=font, font_size=24)
    label.refresh()
    return tuple(label.texture.size), bytes(label.texture.pixels)


@cache
def _is_missing(character: str, font: str) -> bool:
    """Tell whether a font draws the same box for it as for a character no font has."""
    return _picture(character, font) == _picture("\U0010fffd", font)


def missing_glyphs(text: str, font: str) -> list[str]:
    """Characters of `text` that the font does not have."""
    return sorted({one for one in text if not one.isspace() and _is_missing(one, font)})
