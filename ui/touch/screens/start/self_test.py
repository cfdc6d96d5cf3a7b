"""Does every tap count once? Nine fields to tap, and the count of all touches beside the count of taps."""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from ui.text.catalog import _
from ui.touch import display
from ui.touch.screens.base import Page
from ui.touch.widgets import basic

FIELDS = 9


class Field(basic.Tap):
    """One field."""

    count = NumericProperty(0)


class SelfTestScreen(Page):
    """Counts."""

    taps = NumericProperty(0)
    touches = NumericProperty(0)
    most = NumericProperty(0)  # fingers at once
    verdict = StringProperty("")
    panel = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._fingers: set[object] = set()

    def enter(self) -> None:
        """Begin at nought."""
        self.taps = self.touches = self.most = 0
        self._fingers.clear()
        light = _("light: {name}") if display.backlight() else _("light: none that can be set")
        name = display.backlight()
        found = light.format(name=name.parent.name if name else "")
        self.panel = f"{Window.width} × {Window.height} · {found}"
        grid = self.ids.fields
        grid.clear_widgets()
        for _number in range(FIELDS):
            field = Field()
            field.bind(on_release=self._count)
            grid.add_widget(field)
        self._judge()

    def _count(self, field: Widget) -> None:
        field.count += 1
        self.taps += 1
        self._judge()

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Every touch on the fields is counted, wanted or not."""
        if self.ids.fields.collide_point(*touch.pos):
            self.touches += 1
            self._fingers.add(touch.uid)
            self.most = max(self.most, len(self._fingers))
        return bool(super().on_touch_down(touch))

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """A finger less."""
        self._fingers.discard(touch.uid)
        return bool(super().on_touch_up(touch))

    def _judge(self) -> None:
        if self.taps < FIELDS:
            self.verdict = _("Tap each field once.")
        elif self.touches == self.taps:
            self.verdict = _("Good: every tap was one touch.")
        else:
            self.verdict = _("Not good: taps and touches differ. Two inputs report the same finger.")


Builder.load_file(__file__.removesuffix("py") + "kv")
