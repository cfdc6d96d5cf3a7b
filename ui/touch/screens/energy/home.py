"""What is my power now: the flow between grid, roof, house, battery and car, and today's curve."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.energy import local_day, powers
from ui.touch.screens.energy.living_picture import LivingPicture
from ui.touch.status import Status
from ui.touch.widgets import chart

assert chart  # noqa: S101 - used by home.kv


class ColourKey(BoxLayout):
    """Which colour of the curve means what."""

    text = StringProperty("")
    tint = ColorProperty(theme.TEXT)


class EnergyScreen(LivingPicture):
    """Home."""

    def show(self, status: Status) -> None:
        """Paint powers, sums and the curve."""
        super().show(status)
        self._draw(status)

    def open_history(self) -> None:
        """Today, closely."""
        self.app.root.manager.get_screen("history").begin()
        self.app.go("history")

    def _draw(self, status: Status) -> None:
        """Give the chart its curves, and name their colours."""
        ids, known = self.ids, powers.curves(status)
        ids.chart.language = status.language
        ids.chart.ticks = local_day.hours(status.now.date(), status.now.tzinfo)
        ids.chart.now_share = local_day.share(status.now) if known else 0.0
        ids.empty.text = "" if known else _("The curve begins with the first readings.")
        series: list[Any] = [(colour, values) for colour, _text, values in known]
        if ids.chart.series != series:
            ids.chart.series = series
            ids.colours.clear_widgets()
            for colour, text, _values in known:
                ids.colours.add_widget(ColourKey(text=text, tint=colour))


Builder.load_file(__file__.removesuffix("py") + "kv")
