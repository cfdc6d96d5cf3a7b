"""Charge a car: one big sentence, a keypad, who are you, the running session, stop."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from appliance import audit, errors
from appliance.charging import grants, points
from appliance.charging.grants import Decision
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import face, theme
from ui.touch.screens.base import Page
from ui.touch.status import TERMINAL, PointNow, Status
from ui.touch.widgets import basic
from ui.touch.widgets.keypad import Keypad

ANSWER_S = 8.0  # how long an answer is shown


class Running(BoxLayout):
    """Who charges, how much, how long; and Stop."""

    page = ObjectProperty(rebind=True)


class People(BoxLayout):
    """Who are you?"""

    page = ObjectProperty()


class Busy(basic.Surface):
    """The code is being looked at."""


class NoPad(basic.Surface):
    """No code helps now."""

    icon = StringProperty("lock")
    tint = ColorProperty(theme.QUIET)


class ChargingScreen(Page):
    """One charging point at a time; several are chosen by tabs."""

    mode = StringProperty("")  # what stands on the right: 'keypad', 'who', 'busy', 'running', 'none'
    title = StringProperty("")
    detail = StringProperty("")
    big = StringProperty("")  # the rest of the start window, or the energy so far
    icon = StringProperty("station")
    tint = ColorProperty(theme.ACCENT)
    answer = StringProperty("")
    answer_icon = StringProperty("bad")
    answer_tint = ColorProperty(theme.BAD)
    typed = NumericProperty(0)
    point_id = NumericProperty(0)
    has_session = BooleanProperty(False)
    user = StringProperty("")
    begin = StringProperty(numbers.DASH)
    duration = StringProperty(numbers.DASH)
    point_name = StringProperty("")
    power = StringProperty(numbers.DASH)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._code = ""
        self._question = 0  # answers to older questions are not shown
        self._waits = False
        self._silence = Clock.create_trigger(lambda _dt: self._say(""), ANSWER_S)
        self.pad = Keypad(least=4, on_code=lambda _pad, code: self.try_code(code))
        self.pad.bind(typed=lambda pad, _typed: setattr(self, "typed", pad.length))
        self._sides: dict[str, Widget] = {
            "keypad": self.pad,
            "who": People(page=self),
            "busy": Busy(),
            "running": Running(page=self),
            "none": NoPad(),
        }
        self.mode = "keypad"

    def on_mode(self, _page: object, mode: str) -> None:
        """Put what the mode needs on the right."""
        self.ids.side.clear_widgets()
        self.ids.side.add_widget(self._sides[mode])

    def enter(self) -> None:
        """Begin with the keypad."""
        self.forget()
        self._say("")

    def forget(self) -> None:
        """Drop typed digits and a code that waits for a name."""
        self._code = ""
        self._question += 1
        self.pad.clear()
        if self.mode in ("who", "busy"):
            self.mode = "keypad"

    # Showing -------------------------------------------------------------------------------

    def show(self, status: Status) -> None:
        """Paint the chosen point."""
        point = next((one for one in status.points if one.id == self.point_id), None)
        if point is None and status.points:
            point, self.point_id = status.points[0], status.points[0].id
        self._show_choice(status)
        if point is None:
            self.title = _("No charging point is set up.")
            self.detail = _("To add one: wattward points add")
            self.icon, self.tint, self.big, self.mode = "station", theme.QUIET, "", "none"
            self._sides["none"].icon, self._sides["none"].tint = "plug", theme.QUIET
            return
        self._show_point(point, status)
        self._show_wait(status.keypad_wait_s)

    def _show_point(self, point: PointNow, status: Status) -> None:
        runs = point.state in ("authorized", "waiting", "charging", "paused")
        closed = point.state in ("locked", "fault")
        if runs:
            self.mode = "running"
        elif closed:
            self.mode = "none"
            self._sides["none"].icon, self._sides["none"].tint = face.icon(point), face.tint(point)
        elif self.mode in ("running", "none"):
            self.mode = "keypad"
        self.title = sentences.point_state(catalog.current(), point.state)
        self.icon, self.tint = face.icon(point), face.tint(point)
        self.detail = _(face.next_step(point))
        self.big = "" if point.window_left_s is None else numbers.minutes(point.window_left_s)
        if runs:
            self._show_session(point, status)

    def _show_session(self, point: PointNow, status: Status) -> None:
        self.has_session = point.began_at is not None
        self.user = point.user or _("Without authorization")
        self.begin = self.duration = numbers.DASH
        if point.began_at is not None:
            self.begin = numbers.clock_time(point.began_at.astimezone(status.now.tzinfo), status.language)
            self.duration = numbers.duration((status.now - point.began_at).total_seconds())
            self.big = "" if point.energy_wh is None else numbers.energy(point.energy_wh, status.language)
        self.point_name = point.name
        self.power = numbers.power(point.power_w, status.language)

    def _show_choice(self, status: Status) -> None:
        """Tabs for several points; the chosen one is marked by colour and by a bolt."""
        wanted = list(status.points) if len(status.points) > 1 else []
        bar = self.ids.choice
        if [button.text for button in reversed(bar.children)] != [point.name for point in wanted]:
            bar.clear_widgets()
            bar.height = dp(56) if wanted else 0
            for point in wanted:
                button = basic.TextButton(text=point.name, font_units=theme.SMALL)
                button.bind(on_release=partial(self._choose, point.id))
                bar.add_widget(button)
        for button, point in zip(reversed(bar.children), wanted, strict=True):
            chosen = point.id == self.point_id
            button.color, button.text_color = (theme.ACCENT, theme.ON_ACCENT) if chosen else (theme.RAISED, theme.TEXT)
            button.icon = "check" if chosen else ""

    def _choose(self, point_id: int, *_args: object) -> None:
        self.point_id = point_id
        self.enter()
        self.show(self.app.status)

    def _show_wait(self, wait_s: float) -> None:
        """While one has to wait, the pad is off and says how long."""
        waits = wait_s > 0 and self.mode == "keypad"
        if waits:
            self._silence.cancel()
            self._put_answer(
                _("Too many wrong codes. Wait {time}.").format(time=numbers.wait(wait_s)), "wait", theme.WARN
            )
        elif self._waits:
            self._say("")
        self._waits = self.pad.disabled = waits

    # Asking --------------------------------------------------------------------------------

    def try_code(self, code: str, named_user_id: int | None = None) -> None:
        """Ask whether this code may charge here."""
        self._say("")
        self.mode, self._code = "busy", code
        self._question += 1
        it, point_id, question = self.app.it, int(self.point_id), self._question

        def ask() -> Decision:
            return grants.authorize(
                it, code, points.get(it.store, point_id), TERMINAL, named_user_id, actor=audit.TOUCH
            )

        self.app.do(ask, lambda decision, error: self._answered(question, decision, error))

    def _answered(self, question: int, decision: Decision | None, error: errors.WattwardError | None) -> None:
        if question != self._question:
            return  # the person left meanwhile
        self.mode = "keypad"
        if decision is None:
            self._say(self.app.sentence(error) if error else "")
        elif decision.result == "name_needed":
            self._list_people()
            self.mode = "who"
            return
        elif decision.result != "accepted":
            self._say(_("This code is not accepted here."))
            self._show_wait(decision.wait_s)
        self._code = ""

    def _list_people(self) -> None:
        """One button a user."""
        box = self._sides["who"].ids.rows
        box.clear_widgets()
        for number, name in self.app.status.people:
            row = basic.Row(icon="person", title=name, leads=False, color=theme.RAISED)
            row.bind(on_release=partial(self._named, number))
            box.add_widget(row)

    def _named(self, user_id: int, *_args: object) -> None:
        self.try_code(self._code, user_id)

    def not_me(self) -> None:
        """Back to the keypad."""
        self.forget()

    def stop(self) -> None:
        """Stop charging, or take an authorization back that no car used yet."""
        it, point_id, had_session = self.app.it, int(self.point_id), self.has_session

        def stopped(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self._say(self.app.sentence(error))
            elif had_session:
                self._say(_("Charging was stopped."), good=True)

        self.app.do(lambda: grants.stop(it, point_id, audit.TOUCH), stopped)

    def _say(self, sentence: str, *, good: bool = False) -> None:
        """Show an answer for a while."""
        self._silence.cancel()
        self._put_answer(sentence, "good" if good else "refused", theme.GOOD if good else theme.BAD)
        if sentence:
            self._silence()

    def _put_answer(self, sentence: str, icon: str, tint: theme.Colour) -> None:
        self.answer, self.answer_icon, self.answer_tint = sentence, icon, tint


Builder.load_file(__file__.removesuffix("py") + "kv")
