"""The frame around all screens: header, tabs; above them toasts, questions, problems, the idle value, the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import NoTransition

from appliance import errors
from ui.text import catalog
from ui.touch import header, theme, works
from ui.touch.pages import Screens
from ui.touch.screens import SCREENS, TAB_OF
from ui.touch.screens.base import TitleBar
from ui.touch.screens.living.idle import Idle
from ui.touch.screens.start.splash import Splash
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.question import Question
from ui.touch.widgets.toast import Toast

assert header  # noqa: S101 - used by root.kv

OPEN = ("pin",)  # under the settings tab, but it is the one that asks for the PIN
SETTINGS = ("settings", "")


class Tab(basic.Tap):
    """One of the four tabs."""

    icon = StringProperty("info")
    text = StringProperty("")
    screen = StringProperty("")
    current = StringProperty("")


class Tabs(BoxLayout):
    """The way between the four parts; the settings have a way back instead."""

    wanted = BooleanProperty(True)


class Problem(BoxLayout):
    """Over everything: why nothing can be shown. Never an old value below it."""

    text = StringProperty("")
    todo = StringProperty("")

    def on_touch_down(self, _touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        return True


class Frame(BoxLayout):
    """Header, screens, tabs."""


class Root(FloatLayout):
    """Everything on the display."""

    screen = StringProperty("energy")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.frame: Frame | None = None
        self._problem: Problem | None = None
        self._toast: Toast | None = None
        self._idle: Idle | None = None
        self._detour: tuple[str, str] | None = None  # a page's own way back, and where it leads instead
        self._wanted = SETTINGS  # the page that waits for the PIN, and where its way back leads (empty: its own)
        self.may_lend = False  # the assistant may open pages of the settings: no PIN is set, or it was given
        self.splash: Splash | None = None

    @property
    def manager(self) -> Screens:
        """All screens. Only there after the first `rebuild`."""
        assert self.frame is not None  # noqa: S101 - built before the first Status
        found: Screens = self.frame.ids.manager
        return found

    def rebuild(self) -> None:
        """Make all screens anew, in the language, colours and sizes in force; the page that is seen stays."""
        before = self.manager.current_screen if self.frame is not None else None
        outlines = self.manager.outlines() if self.frame is not None else {}
        idled = self._idle is not None
        toast = self._toast if self._toast is not None and self._toast.parent is self else None
        self.clear_widgets()
        self._problem = self._toast = self._idle = None
        self.frame = Frame()
        self.add_widget(self.frame)
        self.manager.transition = NoTransition()
        self.manager.know(outlines)
        Window.clearcolor = theme.BACKGROUND
        self._turn_to(self.screen)
        if before is not None:
            self.manager.current_screen.take_over(before)
            self.manager.current_screen.enter()
        if self.splash is not None:
            self.add_widget(self.splash)
        if toast is not None:  # what it says can still be taken back
            self.add_widget(toast)
            self._toast = toast
        self.rest(idle=idled)

    def show(self, status: Status) -> None:
        """Hand a Status to the header and the screen that is seen, or say why there is nothing to show."""
        assert self.frame is not None  # noqa: S101 - built before the first Status
        self.frame.ids.header.show(status)
        self._show_problem(status)
        if self.splash is not None:
            self.splash.show(status)
        elif self._idle is not None:
            self._idle.show(status)
        elif not status.problem:
            self.manager.current_screen.show(status)

    def grow_old(self, seconds: float) -> None:
        """Nothing was looked at for so long."""
        assert self.frame is not None  # noqa: S101 - built before the first Status
        status = App.get_running_app().status
        self.frame.ids.header.show(replace(status, age_s=(status.age_s or 0.0) + seconds))

    def _show_problem(self, status: Status) -> None:
        if not status.problem:
            if self._problem is not None:
                self.remove_widget(self._problem)
                self._problem = None
            return
        if self._problem is None:
            self._close_questions()
            if not self.keeps_input:
                self.manager.current_screen.forget()
            self._problem = Problem()
            self.add_widget(self._problem)
        self._problem.text = catalog.current().filled(status.problem, **status.problem_fields)
        self._problem.todo = works.meanwhile(status.tasks)

    def go(self, name: str) -> None:
        """Show another screen. Settings need the PIN; leaving them locks them."""
        app = App.get_running_app()
        if self._detour is not None and name == self._detour[0]:
            name = self._detour[1]
        if TAB_OF[name] == "settings" and name not in OPEN and not app.unlocked:
            name, self._wanted = "pin", (name, "")
        if TAB_OF[name] == "start":
            self.may_lend = self.may_lend or app.unlocked
        elif TAB_OF[name] != "settings":
            self._detour, self.may_lend, self._wanted = None, False, SETTINGS
        if TAB_OF[name] != "settings" or name in OPEN:
            app.unlocked = False
        self.forget_input()
        self._turn_to(name)
        self.manager.current_screen.enter()
        app.look()
        if not app.status.problem:
            self.manager.current_screen.show(app.status)

    def lend(self, name: str, back: str) -> None:
        """Show a page of the settings whose way back leads to `back` this time."""
        app = App.get_running_app()
        name = name if name in SCREENS else "web_admin"
        if app.status.pin_set and not self.may_lend:
            self.behind_pin(name, back)
            return
        self.may_lend = app.unlocked = True
        bars = [one for one in self.manager.get_screen(name).walk() if isinstance(one, TitleBar)]
        self._detour = (bars[0].back if bars else "settings", back)
        self.go(name)

    def behind_pin(self, name: str, back: str) -> None:
        """Ask for the settings PIN (choose one, where there is none), then show a page whose way back is `back`."""
        self._detour, self._wanted = None, (name, back)
        self.go("pin")

    def let_in(self) -> None:
        """The PIN was given: go on to what was asked for."""
        (name, back), self._wanted = self._wanted, SETTINGS
        App.get_running_app().unlocked = True
        if not back:
            self.go(name)
        elif name in OPEN:
            self.go(back)
        else:
            self.may_lend = True
            self.lend(name, back)

    def _turn_to(self, name: str) -> None:
        assert self.frame is not None  # noqa: S101 - built before the first tap
        self.screen = name
        App.get_running_app().tab = TAB_OF[name]
        self.manager.current = name
        self.manager.forget_old()
        self.frame.ids.tabs.wanted = TAB_OF[name] not in ("settings", "start") or name in OPEN

    # What lies above ---------------------------------------------------------------------------

    def ask(self, title: str, text: str, verb: str, order: Callable[[], None]) -> None:
        """Ask before something that cannot be undone."""
        self.add_widget(Question(order, title=title, text=text, verb=verb))

    def toast(self, text: str, undo: Callable[[], object] | None = None, icon: str = "good") -> None:
        """Say something short; with `undo`, an order that runs in the worker, it can be taken back for 10 s."""
        app = App.get_running_app()
        if self._toast is not None:
            self._toast.close()
        take_back = None if undo is None else lambda: app.do(undo, self._was_undone)
        self._toast = Toast(take_back, text=text, icon=icon)
        self._toast.pos = (dp(20), dp(90))  # above the buttons at the bottom
        self.add_widget(self._toast)

    def _was_undone(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.toast(App.get_running_app().sentence(error), icon="bad")
        App.get_running_app().look()

    def tick(self, seconds: float) -> None:
        """Time passed for what goes by itself."""
        if self._toast is not None and self._toast.parent is not None:
            self._toast.tick(seconds)

    def rest(self, *, idle: bool) -> None:
        """Show the idle value, or go back to the page."""
        if idle == (self._idle is not None):
            return
        if self._idle is not None:
            self.remove_widget(self._idle)
            self._idle = None
            if not App.get_running_app().status.problem:
                self.manager.current_screen.show(App.get_running_app().status)
        elif self._problem is None and self.splash is None:
            self._idle = Idle()
            self._idle.show(App.get_running_app().status)
            self.add_widget(self._idle)

    def begin(self) -> None:
        """Show the start-up screen."""
        self.splash = Splash()
        self.splash.show(App.get_running_app().status)
        self.add_widget(self.splash)

    def begun(self) -> None:
        """The start-up screen has had its time."""
        if self.splash is not None:
            self.remove_widget(self.splash)
            self.splash = None

    @property
    def idles(self) -> bool:
        """Tell whether the idle value is seen."""
        return self._idle is not None

    def clear(self) -> None:
        """Take away what lies above the page."""
        self.forget_input()
        if self._toast is not None:
            self._toast.close()

    @property
    def keeps_input(self) -> bool:
        """Tell whether what is typed or chosen on the page that is seen waits until somebody leaves it."""
        return self.frame is not None and bool(self.manager.current_screen.keeps)

    def keeps_looks(self, *, dimmed: bool) -> bool:
        """Tell whether other colours, letters or words wait: somebody types, or another page waits for an answer."""
        return self.keeps_input and (not dimmed or bool(self.manager.current_screen.answers))

    def forget_input(self) -> None:
        """Forget what was half typed or asked."""
        self._close_questions()
        if self.frame is not None:
            self.manager.current_screen.forget()

    def _close_questions(self) -> None:
        for child in list(self.children):
            if isinstance(child, Question):
                child.no()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """The touch that wakes the display does nothing else."""
        if App.get_running_app().touched():
            return True
        return bool(super().on_touch_down(touch))

    @staticmethod
    def export_picture(path: Path) -> Path:
        """Write what is seen to a PNG file."""
        width, height = Window.system_size
        Window.dispatch("on_draw")
        pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        Window._win.save_bytes_in_png(str(path), pixels, width, height)
        return path


Builder.load_file(__file__.removesuffix("py") + "kv")
