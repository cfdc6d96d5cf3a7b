"""The weekly plan of a charging point: the week as a picture, and a day that is copied to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from appliance import audit
from appliance.charging import points
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.charging import telling
from ui.touch.screens.settings import weekly_plan_data as data
from ui.touch.screens.settings.charging_page import PointPage
from ui.touch.screens.settings.charging_settings_data import PointSet
from ui.touch.screens.settings.weekly_plan_data import DAY_MIN, Day, Week
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.words import Words

TALL, LOW = 90, 20  # units from which a span bears its times; or its icon at least


class HourTick(Words):
    """An hour beside the days."""


class SpanBlock(basic.Surface):
    """Some hours of a day, as high as they are long."""

    icon = StringProperty("key")
    tint = ColorProperty(theme.NOTHING)
    begin = StringProperty("")
    end = StringProperty("")


class DayColumn(basic.Tap):
    """One day from midnight at the top to midnight at the bottom."""

    title = StringProperty("")
    today = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.spans: Day = ()

    def paint(self, spans: Day) -> None:
        """Put the spans at their hours."""
        if spans == self.spans:
            return
        self.spans = spans
        box = self.ids.hours
        box.clear_widgets()
        for span in spans:
            share = (span.end_min - span.begin_min) / DAY_MIN
            block = SpanBlock(icon=data.ICONS[span.mode], tint=getattr(theme, data.TINTS[span.mode]))
            block.begin, block.end = data.clock(span.begin_min), data.clock(span.end_min)
            block.size_hint_y, block.pos_hint = share, {"x": 0, "top": 1 - span.begin_min / DAY_MIN}
            box.add_widget(block)


class PlanPage(PointPage):
    """A page about the plan of one point, or one of its days."""

    day = 0

    def open(self, screen: str, **fields: object) -> None:
        """Go to another page about the same plan."""
        page: Any = self.app.root.manager.get_screen(screen)
        for name, value in {"point_id": self.point_id, "day": self.day, **fields}.items():
            setattr(page, name, value)
        self.app.go(screen)

    def take_over(self, before: Page) -> None:
        """The same plan in other colours."""
        super().take_over(before)
        if isinstance(before, PlanPage):
            self.day = before.day

    def paint_point(self, status: Status, one: PointSet) -> None:
        """Paint the point's plan."""
        self.paint_plan(status, one, data.week_of(one.point.plan))

    def paint_plan(self, status: Status, one: PointSet, week: Week) -> None:
        """Paint a page's part of it."""

    def keep(self, week: Week, back: str) -> None:
        """Write the plan down, and offer to take that back; `back` is shown once it is written."""
        it, point_id = self.app.it, self.point_id

        def write() -> None:
            plan = data.plan_of(week)
            before = points.get(it.store, point_id).plan
            points.set_rules(it.store, it.clock, point_id, plan=plan, actor=audit.TOUCH)
            self._before = before

        def undo() -> None:
            points.set_rules(it.store, it.clock, point_id, plan=self._before, actor=audit.TOUCH)

        def done(_result: object, error: Any) -> None:  # noqa: ANN401 - a WattwardError or None
            if error is not None:
                self.say(self.app.sentence(error), good=False)
                return
            self.app.root.toast(_("The weekly plan is changed."), undo)
            if self.app.root.screen != back:
                self.open(back)
            self.app.look()

        self.app.do(write, done)


class WeekScreen(PlanPage):
    """The week: seven columns, each a day to tap; and whether the plan is in force."""

    title = StringProperty("")
    in_force = BooleanProperty(True)
    empty = BooleanProperty(False)

    def on_kv_post(self, _base: object) -> None:
        """Make the columns."""
        for day in range(7):
            column = DayColumn()
            column.bind(on_release=lambda _column, day=day: self.open("plan_day", day=day))
            self.ids.days.add_widget(column)

    def paint_plan(self, status: Status, one: PointSet, week: Week) -> None:
        """The week as it is kept."""
        self.title = _("Weekly plan of {point}").format(point=one.point.name)
        self.in_force, self.empty = one.point.mode == "time", week == data.NOBODY
        for day, column in enumerate(reversed(self.ids.days.children)):
            column.title = data.day_name(day, status.language, short=True)
            column.today = day == status.now.weekday()
            column.paint(week[day])

    def put_in_force(self) -> None:
        """From now on the plan says who may charge."""
        it, point_id = self.app.it, self.point_id
        self.do(lambda: points.set_mode(it.store, it.clock, point_id, "time", actor=audit.TOUCH))


class CopyDayScreen(PlanPage):
    """On which other days the same hours hold."""

    keeps = True
    title = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._chosen: set[int] = set()
        self._week: Week | None = None

    def on_kv_post(self, _base: object) -> None:
        """One button a day."""
        for day in range(7):
            button = basic.TextButton(font_units=theme.BODY, padding=(0, 0), size_hint_y=None, height=dp(72))
            button.bind(on_release=lambda _button, day=day: self.toggle(day))
            self.ids.days.add_widget(button)

    def enter(self) -> None:
        """Begin with no other day."""
        super().enter()
        self._chosen, self._week = set(), None
        self.paint_days()

    def paint_plan(self, status: Status, one: PointSet, week: Week) -> None:
        """The days, and which are chosen."""
        self._week = week
        self.title = _("Copy {day} to …").format(day=data.day_name(self.day, status.language))
        self.paint_days()

    def paint_days(self) -> None:
        """Mark what is chosen."""
        for day, button in enumerate(reversed(self.ids.days.children)):
            chosen = day in self._chosen
            button.text = data.day_name(day, self.app.status.language, short=True)
            button.icon = "check" if chosen else ""
            button.color = theme.ACCENT if chosen else theme.RAISED
            button.text_color = theme.ON_ACCENT if chosen else theme.TEXT
            button.enabled = day != self.day
        self.ids.do_copy.enabled = bool(self._chosen)

    def toggle(self, day: int) -> None:
        """This day, too, or not."""
        self._chosen ^= {day}
        self.paint_days()

    def choose_all(self, days: Iterable[int]) -> None:
        """All of these."""
        self._chosen = set(days) - {self.day}
        self.paint_days()

    def copy(self) -> None:
        """Do it, and show the week."""
        if self._week is not None and self._chosen:
            self.keep(data.copied(self._week, self.day, self._chosen), "weekly_plan")


def in_words(one: PointSet, status: Status) -> str:
    """What a plan does now, for the row that leads to it."""
    if not one.point.plan:
        return _("none yet")
    return telling.planned(one.mode, one.until, status.now, status.language) if one.point.mode == "time" else _("off")


Builder.load_file(__file__.removesuffix("py") + "kv")
