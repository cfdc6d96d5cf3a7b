"""What is seen while nobody uses the display: one large value, legible from the corridor, elsewhere each minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from ui.text import numbers
from ui.text.catalog import _
from ui.touch import rest
from ui.touch.status import Status
from ui.touch.widgets import basic

assert basic  # noqa: S101 - its rules are used by idle.kv

QUIET_W = 50.0  # below this nothing flows worth a word


@dataclass(frozen=True, slots=True)
class Large:
    """The one value: its icon, the number, its unit, and what it is."""

    icon: str
    number: str
    unit: str
    words: str


def largest(status: Status) -> Large:
    """What matters most now: a car that charges, else the grid, else the house, else the time."""
    if any(point.state == "charging" for point in status.points) and status.car_w is not None:
        return Large("car", *numbers.power_parts(status.car_w, status.language), _("The car is charging"))
    if status.grid_w is not None:
        number, unit = numbers.power_parts(abs(status.grid_w), status.language)
        if status.grid_w < -QUIET_W:
            return Large("grid", number, unit, _("goes into the grid"))
        return Large("grid", number, unit, _("comes from the grid"))
    if status.house_w is not None:
        return Large("house", *numbers.power_parts(status.house_w, status.language), _("is used in the house"))
    return Large("clock", numbers.clock_time(status.now, status.language), "", "")


class Idle(FloatLayout):
    """Covers everything. The frame shows it while the display is dimmed."""

    time = StringProperty("")
    icon = StringProperty("clock")
    number = StringProperty("")
    unit = StringProperty("")
    words = StringProperty("")
    warning = StringProperty("")
    across = NumericProperty(0.5)
    up = NumericProperty(0.5)

    def show(self, status: Status) -> None:
        """Paint a Status."""
        found = largest(status)
        self.icon, self.number, self.unit, self.words = found.icon, found.number, found.unit, found.words
        date = numbers.weekday_and_day(status.now, status.language)
        self.time = f"{numbers.clock_time(status.now, status.language)}  ·  {date}" if found.icon != "clock" else date
        count = len(status.faults)
        self.warning = (_("{count} faults") if count > 1 else _("One fault")).format(count=count) if count else ""
        self.across, self.up = rest.place(status.now.hour * 60 + status.now.minute)

    def on_touch_down(self, _touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        return True


Builder.load_file(__file__.removesuffix("py") + "kv")
