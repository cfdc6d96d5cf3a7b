"""What may stand on the right of a charging point: who are you, one moment, what runs, or why no code helps."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import ColorProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.touch import theme
from ui.touch.widgets import basic, chart
from ui.touch.widgets.growing import Growing

assert chart  # noqa: S101 - used by sides.kv


class RunFigure(BoxLayout):
    """A value and what it is."""

    title = StringProperty("")
    text = StringProperty("")


class Running(BoxLayout):
    """Who charges, how long, for how much, and the power since the begin; and Stop."""

    pane = ObjectProperty(rebind=True)

    def draw(self, row: tuple[float | None, ...], begin: str, end: str, language: str) -> None:
        """Show the power of the session; nothing without a meter."""
        curve = self.ids.curve
        curve.language = language
        wanted = [(theme.CAR, row)] if row else []
        ticks = [(0.0, begin), (1.0, end)] if row else []
        if curve.series != wanted or curve.ticks != ticks:
            curve.ticks, curve.series = ticks, wanted


class People(BoxLayout):
    """Who are you? One button a person."""

    pane = ObjectProperty()

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._rows = Growing(self.ids.rows)

    def list(self, people: tuple[tuple[int, str], ...], tapped: Any) -> None:  # noqa: ANN401 - a function of one number
        """One button a user."""

        def make(place: int) -> basic.Row:
            number, name = people[place]
            row = basic.Row(icon="person", title=name, leads=False, color=theme.RAISED)
            row.bind(on_release=lambda _row: tapped(number))
            return row

        self._rows.put(len(people), make)
        Clock.schedule_once(lambda _dt: setattr(self.ids.scroll, "scroll_y", 1), 0)


class Busy(basic.Surface):
    """The code is being looked at."""


class NoPad(basic.Surface):
    """No code helps now, or none is needed."""

    icon = StringProperty("lock")
    tint = ColorProperty(theme.NOTHING)
    text = StringProperty("")


Builder.load_file(__file__.removesuffix("py") + "kv")
