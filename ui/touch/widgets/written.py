"""A text is drawn once, white, and no larger than its words: all places that show the same share one picture."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from weakref import WeakValueDictionary

from kivy.core.text import Label as CoreLabel
from kivy.graphics.texture import Texture
from kivy.metrics import dp

KEPT = 150  # pictures, seen or not: keys and icons of the next page are mostly those of the last
OVERHANG = 4  # units by which the empty room above and below a line may leave its place


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks, but for its colour."""

    font_name: str
    font_size: float
    bold: bool = False
    halign: str = "left"
    line_height: float = 1.0
    shorten: bool = False
    shorten_from: str = "right"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Picture:
    """A text as it was drawn, white."""

    texture: Texture
    width: int
    height: int


Key = tuple[str, Style, int | None, int | None, str]
_shown: WeakValueDictionary[Key, Picture] = WeakValueDictionary()
_kept: OrderedDict[Key, Picture] = OrderedDict()  # those used last, whether seen or not


def picture(text: str, style: Style, wide: int | None = None, high: int | None = None, valign: str = "") -> Picture:
    """The picture of a text, broken into lines where it is wider than `wide`, cut where it is higher than `high`."""
    key = (text, style, wide, high, valign)
    found = _shown.get(key)
    if found is None:
        found = _shown[key] = _draw(*key)
    _keep(key, found)
    return found


def _keep(key: Key, found: Picture) -> None:
    """Remember it as the last one used; those used longest ago make room."""
    _kept.pop(key, None)
    _kept[key] = found
    while len(_kept) > KEPT:
        _kept.popitem(last=False)


def _draw(text: str, style: Style, wide: int | None, high: int | None, valign: str) -> Picture:
    label = CoreLabel(
        text=text,
        font_name=style.font_name,
        font_size=style.font_size,
        bold=style.bold,
        halign=style.halign,
        line_height=style.line_height,
    )
    size = label.render()
    if wide is not None and size[0] > wide:
        label.options |= {"shorten": style.shorten, "shorten_from": style.shorten_from, "split_str": ""}  # by letters
        label.text_size = (wide, None)
        size = label.render()
    if wide is not None and high is not None and size[1] > high + dp(OVERHANG):
        label.options["valign"] = valign
        label.text_size = (wide, high)
    label.refresh()
    return Picture(label.texture, *label.texture.size)
