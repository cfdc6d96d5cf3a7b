"""Measurement: the meters and how they are, add one, and reset the energy counters (A003-27)."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, NumericProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.settings import measurement_data
from ui.touch.screens.settings.counters import ResetCountersScreen
from ui.touch.screens.settings.measurement_data import MeterSeen, MetersSeen
from ui.touch.screens.settings.measurement_found import FoundScreen
from ui.touch.screens.settings.measurement_search import SearchScreen
from ui.touch.screens.settings.meters import MeterScreen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

ICONS = {"grid": "grid", "pv": "solar", "charger": "station", "battery": "battery"}
TINTS = {"grid": "GRID", "pv": "SOLAR", "charger": "CAR", "battery": "BATTERY"}


class MeterLine(basic.Tap):
    """One meter."""

    meter_id = NumericProperty(0)
    icon = StringProperty("meter")
    tint = ColorProperty(theme.NOTHING)
    title = StringProperty("")
    model = StringProperty("")
    power = StringProperty("")
    health = StringProperty("")
    health_icon = StringProperty("good")


class MeasurementScreen(SettingPage):
    """The list."""

    def sight(self) -> Sight:
        """The meters."""
        return Sight(measurement_data.look, every_s=0.9)

    def show(self, status: Status) -> None:
        """Rows stay where they are while their values change."""
        seen = self.seen(status, MetersSeen)
        if seen is None:
            return
        box = self.ids.rows
        if [line.meter_id for line in reversed(box.children)] != [one.meter.id for one in seen.meters]:
            box.clear_widgets()
            for one in seen.meters:
                line = MeterLine(meter_id=one.meter.id)
                line.bind(on_release=lambda line: self._open(line.meter_id))
                box.add_widget(line)
        for line, one in zip(reversed(box.children), seen.meters, strict=True):
            _paint(line, one, status.language)
        self.ids.empty.text = "" if seen.meters else _("No meter is set up yet.")
        self.ids.counters.disabled = not seen.meters

    def _open(self, meter_id: int) -> None:
        page: Any = self.app.root.manager.get_screen("measurement_meter")
        page.open(int(meter_id))
        self.app.go("measurement_meter")


def _paint(line: MeterLine, one: MeterSeen, language: str) -> None:
    role = one.meter.role
    line.icon, line.tint = ICONS.get(role, "meter"), getattr(theme, TINTS.get(role, "ACCENT"))
    line.title = one.meter.name
    line.model = f"{sentences.role(catalog.current(), role)} · {one.model}"
    line.power = numbers.power(one.power_w, language)
    line.health_icon, line.health = how(one, language)


def how(one: MeterSeen, language: str) -> tuple[str, str]:
    """How a meter is, as icon and words."""
    if one.power_w is None and one.age_s is None:
        return "silent", _("no data")
    if one.power_w is None:
        return "silent", _("no data for {time}").format(time=numbers.wait(one.age_s or 0.0))
    failing = one.errors_percent
    if failing is not None and failing >= 1:
        return "late", _("{percent} % errors").format(percent=numbers.decimal(failing, 0, language))
    return "good", _("answers")


SCREENS: dict[str, type[Page]] = {
    "measurement": MeasurementScreen,
    "measurement_meter": MeterScreen,
    "measurement_search": SearchScreen,
    "measurement_found": FoundScreen,
    "reset_counters": ResetCountersScreen,
}
Builder.load_file(__file__.removesuffix("py") + "kv")
