"""The line above all screens: time, date or first fault or long work, age of the data, notifications."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import works
from ui.touch.status import Status
from ui.touch.widgets import basic

OLD_S = 5.0  # data older than this is said to be old


class FaultPill(basic.Tap):
    """What is wrong, in a few words; it leads to all of it."""

    text = StringProperty("")
    more = StringProperty("")


class WorkPill(basic.Tap):
    """Long work that is under way; it leads to how far it is."""

    icon = StringProperty("tasks")
    text = StringProperty("")


class Bell(basic.Tap):
    """How many notifications nobody has read; it leads to them."""

    count = StringProperty("")


class Header(BoxLayout):
    """The line above all screens."""

    time = StringProperty("")
    date = StringProperty("")
    age = StringProperty("")
    age_icon = StringProperty("good")
    age_is_good = BooleanProperty(True)
    web_left = StringProperty("")
    unread = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._date: Widget | None = None  # kept here, because ids alone would let go of it
        self._fault = FaultPill()
        self._fault.bind(on_release=lambda *_: App.get_running_app().go("faults"))
        self._setup = WorkPill(text=_("Go on with the set-up"), icon="welcome")
        self._setup.bind(on_release=lambda *_: App.get_running_app().set_up())
        self._work = WorkPill()
        self._work.bind(on_release=lambda *_: App.get_running_app().go("tasks"))

    def show(self, status: Status) -> None:
        """Show the frame's part of a Status."""
        language = status.language
        self.time = numbers.clock_time(status.now, language)
        self.date = numbers.weekday_and_day(status.now, language)
        self.web_left = numbers.minutes(status.web.remaining_s) if status.web.open else ""
        self.unread = status.unread
        self._show_middle(status)
        self._show_age(status)

    def _show_middle(self, status: Status) -> None:
        """The first fault takes the place of the date; long work comes before both."""
        if self._date is None:
            self._date = self.ids.date.__self__
        wanted: Widget = self._date
        if status.tasks:
            self._work.text = works.name(status.tasks[0])
            wanted = self._work
        elif status.setup and App.get_running_app().tab != "start":
            wanted = self._setup
        elif status.faults:
            self._fault.text, _todo = sentences.fault_parts(catalog.current(), status.faults[0])
            self._fault.more = f"+{len(status.faults) - 1}" if len(status.faults) > 1 else ""
            wanted = self._fault
        if wanted.parent is None:
            self.ids.middle.clear_widgets()
            self.ids.middle.add_widget(wanted)

    def _show_age(self, status: Status) -> None:
        if status.problem or not status.meters:
            self.age = ""
        elif status.age_s is None:
            self.age, self.age_icon, self.age_is_good = _("no data"), "silent", False
        elif status.age_s <= OLD_S:
            self.age, self.age_icon, self.age_is_good = _("live"), "good", True
        else:
            seconds = numbers.decimal(round(status.age_s), 0, status.language)
            self.age, self.age_icon, self.age_is_good = _("{seconds} s old").format(seconds=seconds), "late", False


Builder.load_file(__file__.removesuffix("py") + "kv")
