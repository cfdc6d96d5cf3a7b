"""How this appliance is protected now: each door and lock with its state, honestly."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from appliance.access import posture
from appliance.access.posture import Line
from appliance.opened import Opened
from ui.text import catalog
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets.basic import Surface


@dataclass(frozen=True, slots=True)
class Posture:
    """All lines."""

    lines: tuple[Line, ...]


def look(it: Opened, _status: Status) -> Posture:
    """Look at every door and lock."""
    return Posture(tuple(posture.look(it)))


class DoorRow(Surface):
    """One door or lock."""

    icon = StringProperty("good")
    tint = ColorProperty((1, 1, 1, 1))  # set with the icon
    title = StringProperty("")
    sentence = StringProperty("")
    word = StringProperty("")


class SecurityOverviewScreen(Page):
    """The list."""

    def sight(self) -> Sight:
        """Doors and locks change seldom."""
        return Sight(look, every_s=5.0)

    def show(self, status: Status) -> None:
        """Paint the lines when they changed."""
        found = self.seen(status, Posture)
        if found is None:
            return
        box = self.ids.lines
        if len(box.children) != len(found.lines):
            box.clear_widgets()
            for _line in found.lines:
                box.add_widget(DoorRow())
        for row, line in zip(reversed(box.children), found.lines, strict=True):
            row.icon, row.tint, row.word = {
                posture.GOOD: ("good", theme.GOOD, _("protected")),
                posture.OPEN: ("info", theme.ACCENT, _("open")),
                posture.WEAK: ("warning", theme.WARN, _("to look at")),
            }[line.state]
            row.title = _(line.title)
            row.sentence = _sentence(line)


def _sentence(line: Line) -> str:
    values = {key: _(str(value)) if key == "name" else value for key, value in line.values.items()}
    return catalog.current().filled(line.sentence, **values)


Builder.load_file(__file__.removesuffix("py") + "kv")
