"""One source or user of power: its power, its phases, its energies, and how well its meter answers."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.energy import source_words as words
from ui.touch.screens.energy.source_data import EVERY_S, Asked, MeterSeen, Source
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import table
from ui.touch.widgets.flow import figure

assert table  # noqa: S101 - used by source.kv


class SourceScreen(Page):
    """All about one role; with several meters one after the other."""

    role = StringProperty("grid")
    title = StringProperty("")
    which = StringProperty("")  # 2 / 3
    number = StringProperty(numbers.DASH)
    unit = StringProperty("")
    reason = StringProperty("")
    whole = StringProperty("")
    blank = StringProperty("")  # why there are no phases
    health = StringProperty("")
    is_well = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._at = 0

    def sight(self) -> Sight:
        """The role that was tapped."""
        return Sight(Asked(self.role).look, EVERY_S, self.role)

    def enter(self) -> None:
        """Begin with the first meter, and with nothing of another role."""
        self._at = 0
        self.title, self.which, self.health, self.reason = _name(self.role), "", "", ""
        self.whole = self.blank = ""
        self.number, self.unit = numbers.DASH, ""
        self.ids.phases.put([])
        self.ids.energies.put([])

    def take_over(self, before: Page) -> None:
        """The same role, in other colours or words."""
        assert isinstance(before, SourceScreen)  # noqa: S101 - it was this page
        self.role = before.role

    def next_meter(self) -> None:
        """The next meter of the same role."""
        self._at += 1
        self.show(self.app.status)

    def show(self, status: Status) -> None:
        """Paint what was looked up."""
        found = self.seen(status, Source)
        if found is None:
            return
        self.role = found.role
        if self.role == "house":
            self._show_house(found, status.language)
        elif found.meters:
            count = len(found.meters)
            self.which = f"{self._at % count + 1} / {count}" if count > 1 else ""
            self._show_meter(found.meters[self._at % count], status.language)
        else:
            self.title, self.reason = _name(self.role), _("no meter")

    def _show_meter(self, one: MeterSeen, language: str) -> None:
        watts = one.values.get("power_w")
        said = words.direction(one.meter.role, watts)
        self.title = f"{_name(self.role)} · {said}" if said else _name(self.role)
        self.number, self.unit = figure(watts, language)
        self.is_well, self.health = words.health(one, language)
        self.reason = "" if self.is_well else _("no data")
        self.whole = words.whole(one.values, language)
        phases = words.phases(one.values, language)
        self.blank = "" if phases else _("This meter shows no single phases.")
        if not one.values:
            self.blank = _("The last values are too old to be shown.")
        self.ids.phases.put(phases)
        self.ids.energies.put(words.energies(one, language))

    def _show_house(self, found: Source, language: str) -> None:
        watts = None if found.balance is None else found.balance.house_w
        self.title, self.which, self.whole, self.blank = _name(self.role), "", "", ""
        self.number, self.unit = figure(watts, language)
        self.reason = _("no data") if watts is None else ""
        self.health = _("The house has no meter of its own: its power is what the others leave.")
        self.is_well = watts is not None
        self.ids.phases.put(words.house_rows(found, language), head=False)
        self.ids.energies.put(words.house_energies(found, language))


def _name(role: str) -> str:
    return _("House") if role == "house" else sentences.role(catalog.current(), role)


Builder.load_file(__file__.removesuffix("py") + "kv")
