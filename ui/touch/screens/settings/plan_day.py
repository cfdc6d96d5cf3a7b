"""A day of a weekly plan: its hours, one row each; and one entry: from when to when, and who."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.settings import weekly_plan_data as data
from ui.touch.screens.settings.charging_settings_data import PointSet
from ui.touch.screens.settings.weekly_plan import PlanPage
from ui.touch.screens.settings.weekly_plan_data import DAY_MIN, Span, Week
from ui.touch.status import Status
from ui.touch.widgets import basic


class PlanDayScreen(PlanPage):
    """The hours of one day, one row each."""

    title = StringProperty("")
    empty = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._shown: object = None

    def enter(self) -> None:
        """Begin anew."""
        super().enter()
        self._shown = None

    def paint_plan(self, status: Status, one: PointSet, week: Week) -> None:
        """The day as it is kept."""
        self.title = data.day_name(self.day, status.language)
        spans = week[self.day]
        if self._shown == (self.day, spans, status.language):
            return
        self._shown, self.empty = (self.day, spans, status.language), not spans
        box = self.ids.rows
        box.clear_widgets()
        for span in spans:
            row = basic.Row(
                icon=data.ICONS[span.mode], tint=getattr(theme, data.TINTS[span.mode]), title=data.hours(span),
                value=_(data.WORDS[span.mode]),
            )  # fmt: skip
            row.bind(on_release=lambda _row, span=span: self.open("plan_hours", wanted=span))
            box.add_widget(row)
        self._week = week

    def add(self) -> None:
        """Hours that nobody has yet."""
        self.open("plan_hours", wanted=None)


class PlanHoursScreen(PlanPage):
    """From when to when, and who: four figures that are turned, and two choices."""

    keeps = True
    title = StringProperty("")
    begin_min = NumericProperty(8 * 60)
    end_min = NumericProperty(18 * 60)  # 0 to 1440
    mode = StringProperty("authorized")
    begin = StringProperty("")
    end = StringProperty("")
    told = StringProperty("")
    is_new = BooleanProperty(True)
    wanted: Span | None = None  # the entry that is changed; None: another one

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._week: Week | None = None

    def enter(self) -> None:
        """Begin with the entry as it is."""
        super().enter()
        self._week, self.is_new = None, self.wanted is None
        if self.wanted is not None:
            self.begin_min, self.end_min = self.wanted.begin_min, self.wanted.end_min
            self.mode = self.wanted.mode

    def paint_plan(self, status: Status, one: PointSet, week: Week) -> None:
        """The entry, and the day it is on."""
        if self._week is None and self.wanted is None:
            self.begin_min, self.end_min = data.free_span(week[self.day])
            self.mode = "authorized"
        self._week = week
        self.title = data.day_name(self.day, status.language)
        self._tell(status.language)

    def _tell(self, language: str) -> None:
        self.begin, self.end = data.clock(int(self.begin_min)), data.clock(int(self.end_min))
        over = self.end_min <= self.begin_min
        after = data.day_name((self.day + 1) % 7, language)
        self.told = _("Until {day}, {time}.").format(day=after, time=self.end) if over and self.end_min else ""

    def turn(self, which: str, minutes: int) -> None:
        """An hour or a quarter more or less, round and round."""
        if which == "begin":
            self.begin_min = (self.begin_min + minutes) % DAY_MIN
        else:
            turned = (self.end_min + minutes) % DAY_MIN
            self.end_min = turned or DAY_MIN
        self._tell(self.app.status.language)

    def save(self) -> None:
        """Keep it: what it covers gives way."""
        if self._week is not None:
            end = int(self.end_min)
            begin = int(self.begin_min)
            self.keep(data.put(self._week, self.day, begin, end, self.mode, self.wanted), "plan_day")

    def remove(self) -> None:
        """Nobody charges in these hours."""
        if self._week is not None and self.wanted is not None:
            self.keep(data.without(self._week, self.day, self.wanted), "plan_day")


Builder.load_file(__file__.removesuffix("py") + "kv")
