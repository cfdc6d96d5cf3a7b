"""The small things all screens are made of: texts, icons, surfaces, things to tap."""

from __future__ import annotations

from typing import Any

from kivy.core.text import LabelBase
from kivy.graphics import Color, SmoothRoundedRectangle
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from ui.touch import theme
from ui.touch.icons import FONTS
from ui.touch.widgets.words import Fit as Fit
from ui.touch.widgets.words import Icon as Icon
from ui.touch.widgets.words import Para as Para
from ui.touch.widgets.words import Text as Text
from ui.touch.widgets.words import Words

OFF_OPACITY = 0.38  # of what cannot be tapped now
DEBOUNCE_S = 0.05  # a second touch on the same key this soon is the same finger

# Kivy's own name is taken over, so that whatever draws text draws it with our faces.
LabelBase.register("Roboto", str(FONTS / "Roboto-Regular.ttf"), fn_bold=str(FONTS / "Roboto-Medium.ttf"))
LabelBase.register("Light", str(FONTS / "Roboto-Light.ttf"))
LabelBase.register("Icons", str(FONTS / "icons.ttf"))


class Badge(Icon):
    """An icon on a breath of its own colour."""

    share = 0.64

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        kwargs = {"size_hint": (None, None), "size": (dp(40), dp(40)), "color": theme.ACCENT} | kwargs
        kwargs["color"] = kwargs.pop("tint", kwargs["color"])
        self._ground: Ground | None = None
        super().__init__(**kwargs)
        self._ground = Ground(self, 0, theme.faint(self.color))
        self._put()

    @property
    def tint(self) -> theme.Colour:
        """The colour of the icon, and of the breath below it."""
        return self.color

    @tint.setter
    def tint(self, tint: theme.Colour) -> None:
        self.color = tint
        if self._ground is not None:
            self._ground.tint(theme.faint(tint))

    def _put(self, *_args: object) -> None:
        super()._put()
        if self._ground is not None:
            self._ground.lie(self, self.height * 0.3)


class Ground:
    """The rounded area below a widget, drawn by the same two instructions."""

    def __init__(self, widget: Widget, radius: float, tint: theme.Colour) -> None:
        self._ink = Color(*tint)
        self._area = SmoothRoundedRectangle(radius=[radius])
        widget.canvas.before.insert(0, self._area)  # below what the widget's own rules draw
        widget.canvas.before.insert(0, self._ink)

    def tint(self, tint: theme.Colour) -> None:
        """Colour it."""
        self._ink.rgba = tint

    def lie(self, widget: Widget, radius: float) -> None:
        """Lie below the widget."""
        self._area.radius = [radius]
        self._area.pos, self._area.size = widget.pos, widget.size


class Surface(BoxLayout):
    """A rounded area that things stand on."""

    color = ColorProperty()
    radius = NumericProperty(dp(16))

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._ground = Ground(self, self.radius, self.color)
        for name in ("pos", "size", "radius"):
            self.fbind(name, self._lie)
        self.fbind("color", lambda _me, tint: self._ground.tint(tint))
        self._lie()

    def _lie(self, *_args: object) -> None:
        self._ground.lie(self, self.radius)


class Tap(ButtonBehavior, BoxLayout):
    """Something to tap: at least 48 units high, brighter while a finger is on it."""

    color = ColorProperty()
    pressed_color = ColorProperty()
    radius = NumericProperty(dp(14))
    enabled = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._last_down = -1.0
        self._ground = Ground(self, self.radius, self.color)
        for name in ("pos", "size", "radius"):
            self.fbind(name, self._lie)
        for name in ("state", "color", "pressed_color"):
            self.fbind(name, self._tint)
        for name in ("enabled", "disabled"):
            self.fbind(name, self._dim)
        self._lie()
        if not self.enabled or self.disabled:
            self._dim()

    def _lie(self, *_args: object) -> None:
        self._ground.lie(self, self.radius)

    def _tint(self, *_args: object) -> None:
        self._ground.tint(self.pressed_color if self.state == "down" else self.color)

    def _dim(self, *_args: object) -> None:
        if self.opacity:  # what a page hides stays hidden
            self.opacity: float = 1.0 if self.enabled and not self.disabled else OFF_OPACITY

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if not self.enabled or self.disabled or not self.collide_point(*touch.pos):
            return False
        if 0 <= touch.time_start - self._last_down < DEBOUNCE_S:
            return True
        self._last_down = touch.time_start
        return bool(super().on_touch_down(touch))


class Lettered(Tap):
    """Something to tap with an icon or a word or both in its middle; they are made when there is one to show."""

    icon = StringProperty("")
    text = StringProperty("")
    text_color = ColorProperty()
    word_kind: type[Words] = Fit  # Words: as wide as the button, however long

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        self._sign: Icon | None = None
        self._word: Words | None = None
        super().__init__(**kwargs)
        for name in ("icon", "text", "text_color"):
            self.fbind(name, self._letter)
        self._letter()

    @property
    def icon_size(self) -> float:
        """How large the icon is."""
        return float(dp(28))

    @property
    def letter_style(self) -> dict[str, Any]:
        """How the word is written."""
        return {"bold": True, "font_size": dp(theme.BODY)}

    def _letter(self, *_args: object) -> None:
        """Make and colour what is shown."""
        if self.icon and self._sign is None:
            self._sign = Icon(size_hint=(None, None))
            self._join(self._sign, len(self.children))
        if self.text and self._word is None:
            self._word = self.word_kind(**self.letter_style)
            self._join(self._word, 0)
        if self._sign is not None:
            self._sign.name, self._sign.color = self.icon or "info", self.text_color
            self._sign.opacity = 1.0 if self.icon else 0.0
        if self._word is not None:
            self._word.text, self._word.color = self.text, self.text_color
        self._trigger_layout()

    def _join(self, one: Words, index: int) -> None:
        """A child that nothing but its size can move."""
        Widget.add_widget(self, one, index)
        one.fbind("size", self._trigger_layout)

    def do_layout(self, *_args: object) -> None:
        """Both side by side in the middle."""
        shown = [one for one in (self._sign if self.icon else None, self._word) if one is not None]
        if self._sign is not None:
            self._sign.size = (self.icon_size, self.icon_size)
        left, top, right, bottom = self.padding
        if self._word is not None:
            self._word.height = max(0, self.height - top - bottom)
            if self.word_kind is Words:
                self._word.width = max(0, self.width - left - right)
        wide = sum(one.width for one in shown) + dp(10) * (len(shown) - 1)
        x = self.x + left + (self.width - left - right - wide) / 2
        middle = self.y + bottom + (self.height - top - bottom) / 2
        for one in shown:
            one.pos = x, middle - one.height / 2
            x += one.width + dp(10)


class TextButton(Lettered):
    """A button with a word, and perhaps an icon before it."""

    font_units = NumericProperty(24)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.fbind("font_units", self._size_letters)

    @property
    def letter_style(self) -> dict[str, Any]:
        """How the word is written."""
        return {"bold": True, "font_size": dp(self.font_units)}

    def _size_letters(self, *_args: object) -> None:
        if self._word is not None:
            self._word.font_size = dp(self.font_units)


class IconButton(Lettered):
    """A button with an icon alone."""

    icon = StringProperty("back")
    icon_units = NumericProperty(32)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.fbind("icon_units", self._trigger_layout)

    @property
    def icon_size(self) -> float:
        """How large the icon is."""
        return float(dp(self.icon_units))


class Row(Tap):
    """A line of a list: icon, title, what it is now, and that it leads somewhere."""

    icon = StringProperty("info")
    tint = ColorProperty()
    title = StringProperty("")
    value = StringProperty("")
    leads = BooleanProperty(True)


class Message(Surface):
    """A sentence with an icon: good, warning or bad. Takes no room while it is empty, nor that beside it."""

    text = StringProperty("")
    icon = StringProperty("warning")
    tint = ColorProperty()
    beside = NumericProperty(0.0)  # room its place leaves between it and the next

    def on_parent(self, _me: Widget, place: Widget | None) -> None:
        if isinstance(place, BoxLayout):
            place.fbind("spacing", lambda _place, room: setattr(self, "beside", room))
            self.beside = place.spacing


Builder.load_file(__file__.removesuffix("py") + "kv")
