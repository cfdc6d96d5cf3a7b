"""A number pad with keys of at least 80 units, and the masked row of what was typed."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, SmoothEllipse, SmoothLine
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from ui.touch import theme
from ui.touch.widgets import basic

FORGET_S = 15.0  # what was typed is forgotten when nothing follows
DOT, GAP = 18, 16  # size and distance of the dots, in units


class Dots(Widget):
    """One dot a typed digit, rings for the digits still expected."""

    count = NumericProperty(0)
    places = NumericProperty(6)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        draw = Clock.create_trigger(self._draw)
        self.bind(pos=draw, size=draw, count=draw, places=draw)
        draw()

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        size, gap = dp(DOT), dp(GAP)
        with self.canvas:
            for number in range(int(max(self.places, self.count))):
                left = self.x + number * (size + gap)
                if number < self.count:
                    Color(*theme.TEXT)
                    SmoothEllipse(pos=(left, self.center_y - size / 2), size=(size, size))
                else:
                    Color(*theme.QUIET[:3], 0.7)
                    SmoothLine(circle=(left + size / 2, self.center_y, size / 2 - dp(1)), width=dp(1))


class PadKey(basic.TextButton):
    """One key."""


class Keypad(BoxLayout):
    """Digits, optionally `#`, erase and OK. `on_code` is dispatched with what was typed."""

    typed = StringProperty("")
    least = NumericProperty(4)
    most = NumericProperty(8)
    with_hash = BooleanProperty(True)
    enough = BooleanProperty(False)  # as many digits as a code has at least

    __events__ = ("on_code",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._forget = Clock.create_trigger(lambda _dt: self.clear(), FORGET_S)

    @property
    def length(self) -> int:
        """Digits typed, without the `#`."""
        return len(self.typed.lstrip("#"))

    def on_typed(self, _pad: object, _typed: str) -> None:
        """OK comes with enough digits."""
        self.enough = self.length >= self.least

    def press(self, key: str) -> None:
        """A digit or `#` was tapped; `#` only leads."""
        if (key == "#" and not self.typed) or (key.isdecimal() and self.length < self.most):
            self.typed += key
        self._forget.cancel()
        self._forget()

    def erase(self) -> None:
        """Take the last key back."""
        self.typed = self.typed[:-1]

    def enter(self) -> None:
        """Hand over what was typed, and forget it."""
        if self.length >= self.least:
            code, self.typed = self.typed, ""
            self._forget.cancel()
            self.dispatch("on_code", code)

    def clear(self) -> None:
        """Forget what was typed."""
        self._forget.cancel()
        self.typed = ""

    def on_code(self, code: str) -> None:
        """Default handler."""


Builder.load_file(__file__.removesuffix("py") + "kv")
