"""What is my power now: grid, house, car and roof as big numbers, and today's curve."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets import chart
from ui.touch.widgets.basic import Surface

assert chart  # noqa: S101 - used by energy.kv

STILL_W = 15.0  # below this nothing is said to flow


class PowerCard(Surface):
    """One source or user of power."""

    icon = StringProperty("grid")
    title = StringProperty("")
    tint = ColorProperty(theme.TEXT)
    number = StringProperty(numbers.DASH)
    unit = StringProperty("")
    note = StringProperty("")
    there = BooleanProperty(True)

    def put(self, watts: float | None, note: str, language: str) -> None:
        """Show a power, or a dash with the reason."""
        if watts is None:
            self.number, self.unit, self.note = numbers.DASH, "", _("no data")
            return
        self.number, self.unit = numbers.power_parts(abs(watts), language)
        self.note = note


class ColourKey(BoxLayout):
    """Which colour of the curve means what."""

    text = StringProperty("")
    tint = ColorProperty(theme.TEXT)


class EnergyScreen(Page):
    """Home."""

    def show(self, status: Status) -> None:
        """Paint powers, sums and the curve."""
        ids, language = self.ids, status.language
        export = status.grid_w is not None and status.grid_w < -STILL_W
        ids.grid.title = _("Feed-in") if export else _("Grid")
        grid_wh = status.today.export_wh if export else status.today.import_wh
        ids.grid.put(status.grid_w, _today(grid_wh, language), language)
        ids.house.put(status.house_w, _today(status.today.house_wh, language), language)
        ids.car.put(status.car_w, self._car_note(status), language)
        ids.solar.put(status.pv_w, _today(status.today.pv_wh, language), language)
        self._arrange("charger" in status.roles, "pv" in status.roles)
        self._draw(status)

    def _car_note(self, status: Status) -> str:
        """Who charges, else today's energy."""
        charging = next(
            (point for point in status.points if point.user and point.state in ("charging", "paused")), None
        )
        if charging is not None:
            return str(charging.user).split(" ", 1)[0] + " · " + numbers.energy(charging.energy_wh, status.language)
        return _today(status.today.car_wh, status.language)

    def _arrange(self, car: bool, solar: bool) -> None:
        """Only what is there has a card."""
        ids = self.ids
        wanted = [ids.grid, ids.house, *([ids.car] if car else []), *([ids.solar] if solar else [])]
        if list(reversed(ids.cards.children)) != wanted:
            ids.cards.clear_widgets()
            for card in wanted:
                ids.cards.add_widget(card)

    def _draw(self, status: Status) -> None:
        ids, curve = self.ids, status.curve
        series = [(theme.SOLAR, True, curve.pv)] if any(curve.pv) else []
        series += [(theme.CAR, False, curve.car)] if any(curve.car) else []
        series += [(theme.HOUSE, False, curve.house)] if curve.house else []
        ids.chart.language = status.language
        if ids.chart.series != series:
            ids.chart.series = series
        midnight = status.now.replace(hour=0, minute=0, second=0, microsecond=0)
        ids.chart.now_share = round((status.now - midnight).total_seconds() / 86400, 3)
        ids.empty.text = (
            "" if any(any(values) for _c, _f, values in series) else _("The curve begins with the first readings.")
        )
        ids.key_solar.opacity = 1 if any(curve.pv) else 0
        ids.key_car.opacity = 1 if any(curve.car) else 0


def _today(wh: int | None, language: str) -> str:
    return _("today {energy}").format(energy=numbers.energy(wh, language))


Builder.load_file(__file__.removesuffix("py") + "kv")
