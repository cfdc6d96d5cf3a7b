"""The frame around all screens: header with time, fault and age; tabs; problem and dimming above everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import NoTransition, ScreenManager

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch.screens import SCREENS, TAB_OF
from ui.touch.status import Status
from ui.touch.widgets import basic

assert basic  # noqa: S101 - its rules are used by root.kv

OLD_S = 5.0  # data older than this is said to be old


class Tab(basic.Tap):
    """One of the four tabs."""

    icon = StringProperty("info")
    text = StringProperty("")
    screen = StringProperty("")
    current = StringProperty("")


class Header(BoxLayout):
    """Time, date or the first fault, age of the data, what is open."""

    time = StringProperty("")
    date = StringProperty("")
    fault = StringProperty("")
    fault_count = NumericProperty(0)
    age = StringProperty("")
    age_icon = StringProperty("good")
    age_tint = StringProperty("good")
    web_left = StringProperty("")

    def show(self, status: Status) -> None:
        """Show the frame's part of a Status."""
        texts, language = catalog.current(), status.language
        self.time = numbers.clock_time(status.now, language)
        self.date = numbers.weekday_and_day(status.now, language)
        self.fault_count = len(status.faults)
        self.fault = sentences.fault(texts, status.faults[0]) if status.faults else ""
        self.web_left = numbers.minutes(status.web.remaining_s) if status.web.open else ""
        self._show_age(status)

    def _show_age(self, status: Status) -> None:
        if status.problem or status.age_s is None:
            self.age, self.age_icon, self.age_tint = (_("no data") if status.meters else ""), "warning", "warn"
        elif status.age_s <= OLD_S:
            self.age, self.age_icon, self.age_tint = _("live"), "good", "good"
        else:
            self.age = _("{seconds} s old").format(seconds=numbers.decimal(status.age_s, 0, status.language))
            self.age_icon, self.age_tint = "warning", "warn"


class Root(FloatLayout):
    """Everything on the display."""

    problem = StringProperty("")
    screen = StringProperty("energy")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.manager: ScreenManager | None = None
        self._problem = Problem()

    def rebuild(self) -> None:
        """Make all screens anew, in the language in force."""
        self.clear_widgets()
        self._problem = Problem()
        frame = Frame()
        self.add_widget(frame)
        self.manager = frame.ids.manager
        self.manager.transition = NoTransition()
        for name, kind in SCREENS.items():
            self.manager.add_widget(kind(name=name))
        if self.screen not in SCREENS:
            self.screen = "energy"
        self.manager.current = self.screen
        self.frame = frame

    def show(self, status: Status) -> None:
        """Hand a Status to the header and the screen that is seen."""
        self.problem = catalog.current().filled(status.problem, **status.problem_fields) if status.problem else ""
        self._cover(bool(self.problem))
        self.frame.ids.header.show(status)
        assert self.manager is not None  # noqa: S101 - built before the first Status
        self.manager.current_screen.show(status)

    def _cover(self, wanted: bool) -> None:
        """Put the problem over the screens, or take it away."""
        if wanted and self._problem.parent is None:
            self.add_widget(self._problem)
        elif not wanted and self._problem.parent is not None:
            self.remove_widget(self._problem)

    def go(self, name: str) -> None:
        """Show another screen. Settings need the PIN; leaving them locks them."""
        app = App.get_running_app()
        if TAB_OF[name] == "settings" and name != "pin" and not app.unlocked:
            name = "pin"
        if TAB_OF[name] != "settings" or name == "pin":
            app.unlocked = False
        assert self.manager is not None  # noqa: S101 - built before the first tap
        self.forget_input()
        self.screen, app.tab = name, TAB_OF[name]
        self.manager.current = name
        self.manager.current_screen.enter()
        self.manager.current_screen.show(app.status)

    def forget_input(self) -> None:
        """Forget what was half typed."""
        if self.manager is not None:
            self.manager.current_screen.forget()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """The touch that wakes the display does nothing else."""
        if App.get_running_app().touched():
            return True
        return bool(super().on_touch_down(touch))

    def export_picture(self, path: Path) -> Path:
        """Write what is seen to a PNG file."""
        self.export_to_png(str(path))
        return path


class Problem(basic.Surface):
    """Covers the screens while nothing true can be shown; lets no touch through."""

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        return bool(self.collide_point(*touch.pos))


class Frame(BoxLayout):
    """Header, screens, tabs."""


Builder.load_file(__file__.removesuffix("py") + "kv")
