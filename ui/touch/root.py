"""The frame around all screens: header with time, fault and age; tabs; above them questions, problems and dimming."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label
from kivy.uix.screenmanager import NoTransition, Screen, ScreenManager

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens import SCREENS, TAB_OF
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.question import Question

OLD_S = 5.0  # data older than this is said to be old


class Tab(basic.Tap):
    """One of the four tabs."""

    icon = StringProperty("info")
    text = StringProperty("")
    screen = StringProperty("")
    current = StringProperty("")


class Tabs(BoxLayout):
    """The way between the four parts; the settings have a way back instead."""

    wanted = BooleanProperty(True)


class FaultPill(basic.Tap):
    """What is wrong, in a few words; it leads to all of it."""

    text = StringProperty("")
    more = StringProperty("")


class Header(BoxLayout):
    """Time, date or the first fault, age of the data, what is open."""

    time = StringProperty("")
    date = StringProperty("")
    fault_count = NumericProperty(0)
    age = StringProperty("")
    age_icon = StringProperty("good")
    age_is_good = BooleanProperty(True)
    web_left = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._date: Label | None = None  # kept here, because ids alone would let go of it
        self._pill = FaultPill()
        self._pill.bind(on_release=lambda *_: App.get_running_app().go("faults"))

    def show(self, status: Status) -> None:
        """Show the frame's part of a Status."""
        language = status.language
        self.time = numbers.clock_time(status.now, language)
        self.date = numbers.weekday_and_day(status.now, language)
        self.web_left = numbers.minutes(status.web.remaining_s) if status.web.open else ""
        self._show_fault(status)
        self._show_age(status)

    def _show_fault(self, status: Status) -> None:
        """The first fault takes the place of the date."""
        seen, wanted = self._pill.parent is not None, bool(status.faults)
        if wanted:
            whole = sentences.fault(catalog.current(), status.faults[0])
            self._pill.text = whole.partition(": ")[0]
            self._pill.more = f"+{len(status.faults) - 1}" if len(status.faults) > 1 else ""
        if self._date is None:
            self._date = self.ids.date.__self__
        if wanted != seen:
            self.ids.middle.clear_widgets()
            self.ids.middle.add_widget(self._pill if wanted else self._date)

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


class Problem(BoxLayout):
    """Over everything: why nothing can be shown. Never an old value below it."""

    text = StringProperty("")

    def on_touch_down(self, _touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        return True


class Frame(BoxLayout):
    """Header, screens, tabs."""


class Screens(ScreenManager):
    """All screens; each is made when it is first asked for."""

    def get_screen(self, name: str) -> Screen:
        """A screen by its name."""
        if not self.has_screen(name):
            self.add_widget(SCREENS[name](name=name))
        return super().get_screen(name)


class Root(FloatLayout):
    """Everything on the display."""

    screen = StringProperty("energy")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.frame: Frame | None = None
        self._problem: Problem | None = None

    @property
    def manager(self) -> ScreenManager:
        """All screens. Only there after the first `rebuild`."""
        assert self.frame is not None  # noqa: S101 - built before the first Status
        return self.frame.ids.manager

    def rebuild(self) -> None:
        """Make all screens anew, in the language, colours and sizes in force; the page that is seen stays."""
        before = self.manager.current_screen if self.frame is not None else None
        self.clear_widgets()
        self._problem = None
        self.frame = Frame()
        self.add_widget(self.frame)
        self.manager.transition = NoTransition()
        Window.clearcolor = theme.BACKGROUND
        self._turn_to(self.screen)
        if before is not None:
            self.manager.current_screen.take_over(before)
            self.manager.current_screen.enter()

    def show(self, status: Status) -> None:
        """Hand a Status to the header and the screen that is seen, or say why there is nothing to show."""
        assert self.frame is not None  # noqa: S101 - built before the first Status
        self.frame.ids.header.show(status)
        self._show_problem(status)
        if not status.problem:
            self.manager.current_screen.show(status)

    def _show_problem(self, status: Status) -> None:
        if not status.problem:
            if self._problem is not None:
                self.remove_widget(self._problem)
                self._problem = None
            return
        if self._problem is None:
            self.forget_input()
            self._problem = Problem()
            self.add_widget(self._problem)
        self._problem.text = catalog.current().filled(status.problem, **status.problem_fields)

    def go(self, name: str) -> None:
        """Show another screen. Settings need the PIN; leaving them locks them."""
        app = App.get_running_app()
        if TAB_OF[name] == "settings" and name != "pin" and not app.unlocked:
            name = "pin"
        if TAB_OF[name] != "settings" or name == "pin":
            app.unlocked = False
        self.forget_input()
        self._turn_to(name)
        self.manager.current_screen.enter()
        app.look()
        if not app.status.problem:
            self.manager.current_screen.show(app.status)

    def _turn_to(self, name: str) -> None:
        assert self.frame is not None  # noqa: S101 - built before the first tap
        self.screen = name
        App.get_running_app().tab = TAB_OF[name]
        self.manager.current = name
        self.frame.ids.tabs.wanted = TAB_OF[name] != "settings" or name == "pin"

    def ask(self, title: str, text: str, verb: str, order: Callable[[], None]) -> None:
        """Ask before something that cannot be undone."""
        self.add_widget(Question(order, title=title, text=text, verb=verb))

    def forget_input(self) -> None:
        """Forget what was half typed or asked."""
        for child in list(self.children):
            if isinstance(child, Question):
                child.no()
        if self.frame is not None:
            self.manager.current_screen.forget()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """The touch that wakes the display does nothing else."""
        if App.get_running_app().touched():
            return True
        return bool(super().on_touch_down(touch))

    @staticmethod
    def export_picture(path: Path) -> Path:
        """Write what is seen to a PNG file."""
        width, height = Window.size
        Window.dispatch("on_draw")
        pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        Window._win.save_bytes_in_png(str(path), pixels, width, height)
        return path


Builder.load_file(__file__.removesuffix("py") + "kv")
