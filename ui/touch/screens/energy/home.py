"""What is my power now: grid, house, car and roof as big numbers, and today's curve."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets import chart
from ui.touch.widgets.basic import Surface

assert chart  # noqa: S101 - used by home.kv

STILL_W = 15.0  # below this nothing is said to flow out
LONG_S = 3600.0  # a card has no room for more than minutes


class PowerCard(Surface):
    """One source or user of power."""

    icon = StringProperty("grid")
    title = StringProperty("")
    tint = ColorProperty(theme.TEXT)
    number = StringProperty(numbers.DASH)
    unit = StringProperty("")
    note = StringProperty("")
    no_value = numbers.DASH

    def put(self, watts: float | None, note: str, reason: str, language: str) -> None:
        """Show a power, or a dash with the reason."""
        if watts is None:
            self.number, self.unit, self.note = numbers.DASH, "", reason
            return
        self.number, self.unit = numbers.power_parts(abs(watts), language)
        self.note = note


class ColourKey(BoxLayout):
    """Which colour of the curve means what."""

    text = StringProperty("")
    tint = ColorProperty(theme.TEXT)


class EnergyScreen(Page):
    """Home."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        ids = self.ids
        self._grid, self._house, self._car, self._solar = (
            card.__self__ for card in (ids.grid, ids.house, ids.car, ids.solar)
        )  # kept here, because ids alone would let go of a card that is not shown

    def show(self, status: Status) -> None:
        """Paint powers, sums and the curve."""
        language = status.language
        export = status.grid_w is not None and status.grid_w < -STILL_W
        self._grid.title = _("Feed-in") if export else _("Grid")
        grid_wh = status.today.export_wh if export else status.today.import_wh
        self._grid.put(status.grid_w, _today(grid_wh, language), _reason(status, "grid"), language)
        self._house.put(status.house_w, _today(status.today.house_wh, language), _("no data"), language)
        self._car.put(status.car_w, _car_note(status), _reason(status, "charger"), language)
        self._solar.put(status.pv_w, _today(status.today.pv_wh, language), _reason(status, "pv"), language)
        self._arrange("charger" in status.roles, "pv" in status.roles)
        self._draw(status)

    def _arrange(self, car: bool, solar: bool) -> None:
        """Only what is there has a card."""
        wanted = [self._grid, self._house, *([self._car] if car else []), *([self._solar] if solar else [])]
        box = self.ids.cards
        if list(reversed(box.children)) != wanted:
            box.clear_widgets()
            for card in wanted:
                box.add_widget(card)

    def _draw(self, status: Status) -> None:
        """Give the chart its curves, the largest areas behind, and name their colours."""
        ids, curve = self.ids, status.curve
        known = [(theme.SOLAR, _("Solar"), curve.pv), (theme.CAR, _("Car"), curve.car)]
        known = [one for one in known if any(one[2])] + [(theme.HOUSE, _("House"), curve.house)]
        seen = any(watts is not None for _c, _t, values in known for watts in values)
        series = [(colour, values) for colour, _text, values in known] if seen else []
        ids.chart.language = status.language
        midnight = status.now.replace(hour=0, minute=0, second=0, microsecond=0)
        ids.chart.now_share = round((status.now - midnight).total_seconds() / 86400, 3) if seen else 0.0
        ids.empty.text = "" if seen else _("The curve begins with the first readings.")
        if ids.chart.series != series:
            ids.chart.series = series
            ids.colours.clear_widgets()
            for colour, text, _values in known if seen else ():
                ids.colours.add_widget(ColourKey(text=text, tint=colour))


def _today(wh: int | None, language: str) -> str:
    return _("today {energy}").format(energy=numbers.energy(wh, language))


def _reason(status: Status, role: str) -> str:
    """Why a value is not there: since when its meter says nothing."""
    ages = [meter.age_s for meter in status.meters if meter.role == role and meter.power_w is None]
    if not ages or None in ages:
        return _("no data")
    oldest_s = max(age for age in ages if age is not None)
    if oldest_s >= LONG_S:
        return _("no data")
    return _("no data for {time}").format(time=numbers.wait(oldest_s))


def _car_note(status: Status) -> str:
    """Who charges, else today's energy."""
    for point in status.points:
        if point.user and point.state in ("charging", "paused"):
            return f"{point.user.split(' ', 1)[0]} · {numbers.energy(point.energy_wh, status.language)}"
    return _today(status.today.car_wh, status.language)


Builder.load_file(__file__.removesuffix("py") + "kv")
