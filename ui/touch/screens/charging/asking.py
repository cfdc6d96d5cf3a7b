"""Asking the gate at a charging point: a keypad, who are you, one moment, the answer; and Stop.

Answers to a code say only yes or no; reasons and names stand behind the settings
PIN. What was typed is forgotten when somebody leaves or the display darkens.
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from appliance import audit, errors
from appliance.charging import grants, points
from appliance.charging.grants import Decision
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.charging import now, sides
from ui.touch.status import TERMINAL
from ui.touch.widgets.keypad import Keypad

ANSWER_S = 8.0  # how long an answer is shown
NAME_S = 60.0  # how long a code waits for a name, however long the display stays bright


class AskingPane(BoxLayout):
    """What all of a point's pane is that asks and answers. Its .kv has a place `side` on the right."""

    mode = StringProperty("")  # what stands on the right: 'keypad', 'who', 'number', 'busy', 'running', 'none'
    title = StringProperty("")
    detail = StringProperty("")
    icon = StringProperty("station")
    answer = StringProperty("")
    answer_icon = StringProperty("bad")
    answer_tint = ColorProperty(theme.NOTHING)
    typed = NumericProperty(0)
    has_session = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.point_id = 0
        self._code = ""
        self._question = 0  # answers to older questions are not shown
        self._waits = False
        self._known = False  # who stands here has typed the PIN of what runs
        self._who: int | None = None  # and is this user
        self._silence = Clock.create_trigger(lambda _dt: self.say(""), ANSWER_S)
        self._nobody = Clock.create_trigger(lambda _dt: self.not_me(), NAME_S)
        self.pad = Keypad(least=4, on_code=lambda _pad, code: self.try_code(code))
        self.numbers = Keypad(least=1, most=6, with_hash=False, on_code=lambda _pad, number: self._named(int(number)))
        for pad in (self.pad, self.numbers):
            pad.bind(typed=lambda pad, _typed: setattr(self, "typed", pad.length))
        self._sides: dict[str, Widget] = {
            "keypad": self.pad,
            "number": self.numbers,
            "who": sides.People(pane=self),
            "busy": sides.Busy(),
            "running": sides.Running(pane=self),
            "none": sides.NoPad(),
        }

    @property
    def app(self) -> App:
        """The application."""
        return App.get_running_app()

    def on_kv_post(self, _base: object) -> None:
        """Begin with the keypad."""
        self.mode = "keypad"

    def on_mode(self, _pane: object, mode: str) -> None:
        """Put what the mode needs on the right."""
        self.ids.side.clear_widgets()
        self.ids.side.add_widget(self._sides[mode])

    def begin_anew(self, point_id: int) -> None:
        """Another point, or another person before it."""
        self.point_id = point_id
        self.forget()
        self.say("")

    def forget(self) -> None:
        """Drop typed digits, a code that waits for a name, and that somebody typed the right one."""
        self._code, self._known, self._who = "", False, None
        self._question += 1
        self._nobody.cancel()
        self.pad.clear()
        self.numbers.clear()
        if self.mode in ("who", "busy", "number"):
            self.mode = "keypad"

    # Asking --------------------------------------------------------------------------------

    def try_code(self, code: str, named_user_id: int | None = None) -> None:
        """Ask whether this code may charge here."""
        self.say("")
        self._nobody.cancel()
        self.mode, self._code = "busy", code
        self._question += 1
        it, point_id, question = self.app.it, self.point_id, self._question

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
            self.say(self.app.sentence(error) if error else "")
        elif decision.result == "name_needed":
            self._ask_name()
            return
        elif decision.result == "accepted":
            self._known, self._who = True, None if decision.user is None else decision.user.id
        else:
            self.say(_("This code is not accepted here."))
            self._show_wait(decision.wait_s)
        self._code = ""

    def _ask_name(self) -> None:
        """By one button a user, or with privacy on by their number."""
        self._nobody()
        if self.app.status.private:
            self.mode = "number"
            self._say_number()
        else:
            self._sides["who"].list(self.app.status.people, self._named)
            self.mode = "who"

    def _say_number(self) -> None:
        self.title, self.icon = _("Who are you?"), "person"
        self.detail = _("Type your user number.")

    def _named(self, user_id: int) -> None:
        self.try_code(self._code, user_id)

    def not_me(self) -> None:
        """Back to the keypad."""
        self.forget()

    def stop(self) -> None:
        """Stop charging, or take an authorization back that no car used yet: by who typed a PIN here, or by anybody."""
        it, point_id, had_session, who = self.app.it, self.point_id, self.has_session, self._who

        def stopped(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error))
            elif had_session:
                self.say(_("Charging was stopped."), good=True)

        self.app.do(lambda: grants.stop(it, point_id, audit.TOUCH, who), stopped)

    def ask_near(self) -> None:
        """Look for the person's phone or tag for a while."""
        it, point_id = self.app.it, self.point_id
        self.app.do(lambda: now.ask_near(it, point_id), self._asked_near)

    def _asked_near(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.say(self.app.sentence(error))
        self.app.look()

    # Answering -----------------------------------------------------------------------------

    def _show_wait(self, wait_s: float) -> None:
        """While one has to wait, the pad is off and says how long."""
        waits = wait_s > 0 and self.mode == "keypad"
        if waits:
            self._silence.cancel()
            self._put_answer(
                _("Too many wrong codes. Wait {time}.").format(time=numbers.wait(wait_s)), "wait", theme.WARN
            )
        elif self._waits:
            self.say("")
        self._waits = self.pad.disabled = waits

    def say(self, sentence: str, *, good: bool = False) -> None:
        """Show an answer for a while."""
        self._silence.cancel()
        self._put_answer(sentence, "good" if good else "refused", theme.GOOD if good else theme.BAD)
        if sentence:
            self._silence()

    def _put_answer(self, sentence: str, icon: str, tint: theme.Colour) -> None:
        self.answer, self.answer_icon, self.answer_tint = sentence, icon, tint
