"""Surfaces, texts, icons and things to tap. Sizes and colours come from `theme`."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Ellipse, Line
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from ui.touch import theme
from ui.touch.icons import ICONS

DEBOUNCE_S = 0.05  # a second touch on the same key this soon is the same finger


class Icon(Widget):
    """A line icon."""

    name = StringProperty("info")
    color = ColorProperty(theme.TEXT)
    stroke = NumericProperty(2.0)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        draw = Clock.create_trigger(self._draw)
        self.bind(pos=draw, size=draw, name=draw, color=draw)
        draw()

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        side = min(self.width, self.height)
        scale, left, bottom = side / 24, self.center_x - side / 2, self.center_y - side / 2
        width = max(1.0, self.stroke * scale / 2)
        with self.canvas:
            Color(*self.color)
            for stroke in ICONS[self.name]:
                if isinstance(stroke, tuple):
                    _, x, y, radius = stroke
                    middle = (left + float(x) * scale, bottom + float(y) * scale)
                    self._circle(middle, float(radius) * scale, width)
                    continue
                points = [value for x, y in stroke for value in (left + x * scale, bottom + y * scale)]
                Line(points=points, width=width, cap="round", joint="round")

    @staticmethod
    def _circle(middle: tuple[float, float], radius: float, width: float) -> None:
        if radius < width * 1.2:
            Ellipse(pos=(middle[0] - width, middle[1] - width), size=(2 * width, 2 * width))
        else:
            Line(circle=(*middle, radius), width=width)


class Text(Label):
    """A text; kv sets its style."""


class Fit(Label):
    """A text as wide as its words."""


class Surface(BoxLayout):
    """A rounded area that things stand on."""

    color = ColorProperty(theme.SURFACE)
    radius = NumericProperty(dp(14))


class Tap(ButtonBehavior, BoxLayout):
    """Something to tap: at least 48 units high, brighter while a finger is on it."""

    color = ColorProperty(theme.RAISED)
    pressed_color = ColorProperty(theme.PRESSED)
    radius = NumericProperty(dp(12))
    enabled = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._last_down = -1.0

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if not self.enabled or not self.collide_point(*touch.pos):
            return False
        if 0 <= touch.time_start - self._last_down < DEBOUNCE_S:
            return True
        self._last_down = touch.time_start
        return bool(super().on_touch_down(touch))


class TextButton(Tap):
    """A button with a word."""

    text = StringProperty("")
    icon = StringProperty("")
    text_color = ColorProperty(theme.TEXT)
    font_units = NumericProperty(theme.BODY)


class Row(Tap):
    """A line of a list: icon, title, what it is now, and that it leads somewhere."""

    icon = StringProperty("info")
    title = StringProperty("")
    value = StringProperty("")
    leads = BooleanProperty(True)


class Message(Surface):
    """A sentence with an icon: good, warning or bad."""

    text = StringProperty("")
    icon = StringProperty("warning")
    tint = ColorProperty(theme.WARN)


Builder.load_file(__file__.removesuffix("py") + "kv")
