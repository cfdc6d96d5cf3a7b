"""Words on the display, and icons, which are letters of a font.

Kivy's own label keeps more than three hundred objects and a picture as large as
its place. Here a text keeps its style in plain attributes, its picture is shared
(`written`), and it is coloured where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.metrics import dp
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from ui.touch import theme
from ui.touch.icons import ICONS
from ui.touch.widgets.written import Picture, Style, picture


class _Look:
    """An attribute of style: plain, and drawn anew when it is another."""

    def __init__(self, default: object) -> None:
        self._default = default

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, words: Words | None, _owner: type) -> Any:  # noqa: ANN401 - whatever the style holds
        return self if words is None else vars(words).get(self._name, self._default)

    def __set__(self, words: Words, value: object) -> None:
        if vars(words).get(self._name, self._default) != value:
            words.__dict__[self._name] = value
            words.draw_soon()


class Words(Widget):
    """A text in the middle of its place, as large as it is. `texture_size` is its size with what surrounds it."""

    text = StringProperty("")
    texture_size = ObjectProperty((0, 0))

    font_name = _Look("Roboto")
    font_size = _Look(0.0)
    bold = _Look(False)
    halign = _Look("left")
    valign = _Look("middle")
    line_height = _Look(1.0)
    shorten = _Look(False)
    shorten_from = _Look("right")
    padding = _Look((0.0,))  # all sides; sides and ends; or left, top, right, bottom

    wraps = False  # whether it is broken into lines of the width of its place
    ends = False  # whether it is cut where its place ends

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        own = self.__dict__
        own["font_size"], self._tint = dp(theme.BODY), theme.TEXT
        for name in [name for name in kwargs if isinstance(getattr(type(self), name, None), _Look)]:
            own[name] = kwargs.pop(name)
        if "color" in kwargs:
            self._tint = as_colour(kwargs.pop("color"))
        self._picture: Picture | None = None
        super().__init__(**kwargs)
        with self.canvas:
            self._ink = Color(*self._tint)
            self._paper = Rectangle(size=(0, 0))
        self.fbind("text", self.draw_soon)
        self.fbind("size", self._resized)
        self.fbind("pos", self._put)
        self.draw_soon()

    @property
    def color(self) -> theme.Colour:
        """What it is written with."""
        return self._tint

    @color.setter
    def color(self, tint: theme.Colour) -> None:
        if as_colour(tint) != self._tint:
            self._tint = as_colour(tint)
            self._ink.rgba = self._tint

    @property
    def margins(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        sides = tuple(self.padding) if isinstance(self.padding, (tuple, list)) else (self.padding,)
        left, top, right, bottom = sides if len(sides) == 4 else sides * (4 // len(sides))
        return left, top, right, bottom

    def draw_soon(self, *_args: object) -> None:
        """Draw it before the next frame."""
        _due[self] = None
        _draw_due()

    def _resized(self, *_args: object) -> None:
        if self.wraps or self.ends:
            self.draw_soon()
        else:
            self._put()

    def draw(self) -> None:
        """Find the picture of what is written now, and put it in its place."""
        left, top, right, bottom = self.margins
        wide = int(self.width - left - right) if self.wraps else None
        high = int(self.height - top - bottom) if self.ends else None
        if not self.text or (wide is not None and wide < 1):
            self._picture, size = None, (0, 0)
            self._paper.size = (0, 0)
        else:
            self._picture = picture(self.text, self.style, wide, high, self.valign if self.ends else "")
            self._paper.texture = self._picture.texture
            self._paper.size = (self._picture.width, self._picture.height)
            size = (int(self._picture.width + left + right), int(self._picture.height + top + bottom))
        self._fit(size)
        self.texture_size = size
        self._put()

    @property
    def style(self) -> Style:
        """How it is written."""
        return Style(
            self.font_name,
            self.font_size,
            self.bold,
            self.halign,
            self.line_height,
            self.shorten,
            self.shorten_from,
        )

    def _fit(self, _size: tuple[int, int]) -> None:
        """Take the room the text needs."""

    def _put(self, *_args: object) -> None:
        if self._picture is None:
            return
        left, top, right, bottom = self.margins
        wide, high = self._picture.width, self._picture.height
        free = int(self.width) - wide - left - right
        middle_x, middle_y = self.x + self.width / 2, self.y + self.height / 2  # Kivy's own centers come later
        x = int(middle_x - (wide + left + right) / 2) + left
        y = int(middle_y - (high + top + bottom) / 2) + bottom
        if self.wraps:
            x = int(middle_x - int(self.width) / 2) + left
            x += 0 if self.halign == "left" else int(free / 2) if self.halign == "center" else free
        if self.ends:
            spare = int(self.height) - high - top - bottom
            y = int(middle_y - int(self.height) / 2) + bottom
            y += 0 if self.valign == "bottom" else spare if self.valign == "top" else spare - int(spare / 2)
        self._paper.pos = (x, y)


def as_colour(tint: Sequence[float]) -> theme.Colour:
    """A colour as Kivy's properties hold it, as a plain one."""
    red, green, blue, alpha = tint
    return (red, green, blue, alpha)


_due: dict[Words, None] = {}


def _draw_all(_dt: float) -> None:
    due = list(_due)
    _due.clear()
    for words in due:
        words.draw()


_draw_due = Clock.create_trigger(_draw_all, -1)


class Text(Words):
    """A text as wide as its place; it wraps."""

    wraps = ends = True


class Para(Words):
    """A paragraph: it wraps, and is as high as it needs."""

    wraps = True

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(size_hint_y=None, height=0, **kwargs)

    def _fit(self, size: tuple[int, int]) -> None:
        self.height = size[1]


class Fit(Words):
    """A short text that is as wide as it is."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        kwargs = {"font_size": dp(theme.SMALL), "color": theme.QUIET, "size_hint_x": None} | kwargs
        super().__init__(**kwargs)

    def _fit(self, size: tuple[int, int]) -> None:
        self.width = size[0]


class Icon(Words):
    """An icon by its name, as large as its place."""

    name = StringProperty("info")
    share = 1.0  # how much of its place it fills

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(font_name="Icons", **kwargs)
        self._resized()
        self.text = ICONS[self.name]
        self.fbind("name", lambda _me, name: setattr(self, "text", ICONS[name]))

    def _resized(self, *_args: object) -> None:
        self.font_size = int(min(self.width, self.height) * self.share)
        self._put()
