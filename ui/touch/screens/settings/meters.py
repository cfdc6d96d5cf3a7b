"""The meters with their newest power and whether they answer."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import MeterNow, Status
from ui.touch.widgets.basic import Surface

ICONS = {"grid": "grid", "pv": "solar", "charger": "station", "battery": "battery"}
TINTS = {"grid": theme.GRID, "pv": theme.SOLAR, "charger": theme.CAR, "battery": theme.BATTERY}


class MeterLine(Surface):
    """One meter."""

    icon = StringProperty("meter")
    tint = ColorProperty(theme.ACCENT)
    title = StringProperty("")
    model = StringProperty("")
    power = StringProperty("")
    health = StringProperty("")
    health_icon = StringProperty("good")


class MetersScreen(Page):
    """One row a meter."""

    def show(self, status: Status) -> None:
        """Paint the rows; rows stay where they are while their values change."""
        box = self.ids.rows
        if len(box.children) != len(status.meters):
            box.clear_widgets()
            for _meter in status.meters:
                box.add_widget(MeterLine())
        for line, meter in zip(reversed(box.children), status.meters, strict=True):
            _paint(line, meter, status.language)
        self.ids.empty.text = "" if status.meters else _("No meter is set up. Add one: wattward meters add.")


def _paint(line: MeterLine, meter: MeterNow, language: str) -> None:
    line.icon, line.tint = ICONS.get(meter.role, "meter"), TINTS.get(meter.role, theme.ACCENT)
    line.title = meter.name
    line.model = f"{sentences.role(catalog.current(), meter.role)} · {meter.model}"
    line.power = numbers.power(meter.power_w, language)
    if meter.power_w is not None:
        line.health, line.health_icon = _("answers"), "good"
    elif meter.age_s is None:
        line.health, line.health_icon = _("no data"), "silent"
    else:
        line.health = _("no data for {time}").format(time=numbers.wait(meter.age_s))
        line.health_icon = "silent"


Builder.load_file(__file__.removesuffix("py") + "kv")
