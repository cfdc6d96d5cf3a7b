"""The small things all screens are made of: texts, icons, surfaces, things to tap."""

from __future__ import annotations

from typing import Any

from kivy.core.text import LabelBase
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from ui.touch.icons import FONTS, ICONS

DEBOUNCE_S = 0.05  # a second touch on the same key this soon is the same finger

# Kivy's own name is taken over, so that whatever draws text draws it with our faces.
LabelBase.register("Roboto", str(FONTS / "Roboto-Regular.ttf"), fn_bold=str(FONTS / "Roboto-Medium.ttf"))
LabelBase.register("Light", str(FONTS / "Roboto-Light.ttf"))
LabelBase.register("Icons", str(FONTS / "icons.ttf"))


class Text(Label):
    """A text as wide as its place; it wraps."""


class Para(Label):
    """A paragraph: it wraps, and is as high as it needs."""


class Fit(Label):
    """A short text that is as wide as it is."""


class Icon(Label):
    """An icon by its name, as large as its place."""

    name = StringProperty("info")

    @staticmethod
    def glyph(name: str) -> str:
        """The character of an icon."""
        return ICONS[name]


class Badge(AnchorLayout):
    """An icon on a breath of its own colour."""

    name = StringProperty("info")
    tint = ColorProperty()


class Surface(BoxLayout):
    """A rounded area that things stand on."""

    color = ColorProperty()
    radius = NumericProperty(dp(16))


class Tap(ButtonBehavior, BoxLayout):
    """Something to tap: at least 48 units high, brighter while a finger is on it."""

    color = ColorProperty()
    pressed_color = ColorProperty()
    radius = NumericProperty(dp(14))
    enabled = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._last_down = -1.0

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if not self.enabled or self.disabled or not self.collide_point(*touch.pos):
            return False
        if 0 <= touch.time_start - self._last_down < DEBOUNCE_S:
            return True
        self._last_down = touch.time_start
        return bool(super().on_touch_down(touch))


class TextButton(Tap):
    """A button with a word, and perhaps an icon before it."""

    text = StringProperty("")
    icon = StringProperty("")
    text_color = ColorProperty()
    font_units = NumericProperty(24)


class IconButton(Tap):
    """A button with an icon alone."""

    icon = StringProperty("back")
    icon_units = NumericProperty(32)


class Row(Tap):
    """A line of a list: icon, title, what it is now, and that it leads somewhere."""

    icon = StringProperty("info")
    tint = ColorProperty()
    title = StringProperty("")
    value = StringProperty("")
    leads = BooleanProperty(True)


class Message(Surface):
    """A sentence with an icon: good, warning or bad. Takes no room while it is empty."""

    text = StringProperty("")
    icon = StringProperty("warning")
    tint = ColorProperty()


Builder.load_file(__file__.removesuffix("py") + "kv")
