"""One charging point on one pane: its state as a big sentence, and beside it what one can do now.

What stands on the right follows the state: a keypad, who are you, what runs with
Stop, or nothing. Answers to a code say only yes or no; reasons and names stand
behind the settings PIN. With privacy on, names and values of what runs are seen
only by who has just typed the PIN for it, until the page is left.
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from appliance import audit, errors
from appliance.charging import grants, points, why
from appliance.charging.grants import Decision
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import face, theme
from ui.touch.screens.charging import now, sides, telling
from ui.touch.screens.charging.now import ChargingNow
from ui.touch.status import TERMINAL, PointNow, Status
from ui.touch.widgets import basic
from ui.touch.widgets.keypad import Keypad

ANSWER_S = 8.0  # how long an answer is shown
RUNS = ("authorized", "waiting", "charging", "paused")


class WhyLine(basic.Tap):
    """Why, in one line; it leads to the story."""

    text = StringProperty("")


class PointPane(BoxLayout):
    """One point. Its page hands it every Status by `show`."""

    mode = StringProperty("")  # what stands on the right: 'keypad', 'who', 'number', 'busy', 'running', 'none'
    title = StringProperty("")
    detail = StringProperty("")
    big = StringProperty("")  # the rest of the start window, or the energy so far
    power = StringProperty("")
    icon = StringProperty("station")
    tint = ColorProperty(theme.NOTHING)
    answer = StringProperty("")
    answer_icon = StringProperty("bad")
    answer_tint = ColorProperty(theme.NOTHING)
    typed = NumericProperty(0)
    has_session = BooleanProperty(False)
    hidden = BooleanProperty(False)  # privacy: no names and no values
    user = StringProperty("")
    begin = StringProperty(numbers.DASH)
    duration = StringProperty(numbers.DASH)
    cost = StringProperty(numbers.DASH)
    card = StringProperty("")  # what to hold to a reader
    near = StringProperty("")  # the button for a phone or tag that is near
    why = StringProperty("")
    back_to = StringProperty("")  # the page with all points, where there are several
    point_name = StringProperty("")
    tell_why = ObjectProperty(lambda _point_id: None)  # what a tap on the line asks for

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.point_id = 0
        self._code = ""
        self._question = 0  # answers to older questions are not shown
        self._waits = False
        self._known = False  # who stands here has typed the PIN of what runs
        self._silence = Clock.create_trigger(lambda _dt: self.say(""), ANSWER_S)
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

        self._near = basic.TextButton(icon="phone", font_units=theme.SMALL, size_hint_y=None, height=dp(52))
        self._near.bind(on_release=lambda *_: self.ask_near())
        self._why = WhyLine()
        self._why.bind(on_release=lambda *_: self.tell_why(self.point_id))

    def on_kv_post(self, _base: object) -> None:
        """Begin with the keypad."""
        self.mode = "keypad"

    def _put_feet(self) -> None:
        """What is wanted of the button for a phone and the line that says why."""
        self._near.text, self._why.text = self.near, self.why
        wanted = [foot for foot in (self._near, self._why) if foot.text and not (foot is self._near and self.answer)]
        box = self.ids.feet
        if list(reversed(box.children)) != wanted:
            box.clear_widgets()
            for foot in wanted:
                box.add_widget(foot)

    @property
    def app(self) -> App:
        """The application."""
        return App.get_running_app()

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
        self._code, self._known = "", False
        self._question += 1
        self.pad.clear()
        self.numbers.clear()
        if self.mode in ("who", "busy", "number"):
            self.mode = "keypad"

    # Showing -------------------------------------------------------------------------------

    def show(self, point: PointNow | None, seen: ChargingNow | None, status: Status) -> None:
        """Paint a point, and what was looked at beside it."""
        if point is None:
            self._show_none()
            return
        seen = seen if seen is not None and seen.point_id == point.id else None
        self.hidden = status.private and not self._known
        self._choose_side(point)
        self.title = sentences.point_state(catalog.current(), point.state)
        self.icon, self.tint = face.icon(point), face.tint(point)
        self.detail = _(face.next_step(point))
        self.big = "" if point.window_left_s is None else numbers.minutes(point.window_left_s)
        self.power = ""
        self.has_session = point.began_at is not None and point.state in RUNS
        if point.state in RUNS:
            self._show_running(point, seen, status)
        self._show_asked(point, seen)
        self._show_why(point, seen, status)
        self._show_wait(0.0 if seen is not None and seen.pin_left else status.keypad_wait_s)
        self._put_feet()

    def _show_none(self) -> None:
        self.title = _("No charging point is set up.")
        self.detail = _("To add one: wattward points add")
        self.icon, self.tint, self.big, self.power, self.mode = "station", theme.QUIET, "", "", "none"
        self.card = self.near = self.why = ""
        side = self._sides["none"]
        side.icon, side.tint, side.text = "plug", theme.QUIET, ""
        self._put_feet()

    def _choose_side(self, point: PointNow) -> None:
        free = point.mode == "free" and point.began_at is None
        if free or point.state in ("locked", "fault"):
            self.mode, side = "none", self._sides["none"]
            side.icon, side.tint = ("plug", theme.GOOD) if free else (face.icon(point), face.tint(point))
            side.text = _("No PIN is needed.") if free and point.state != "fault" else ""
        elif point.state in RUNS:
            self.mode = "running"
        elif self.mode in ("running", "none"):
            self.mode = "keypad"

    def _show_running(self, point: PointNow, seen: ChargingNow | None, status: Status) -> None:
        language, began = status.language, point.began_at
        self.user = _("Hidden") if self.hidden else point.user or _("Without authorization")
        self.begin = self.duration = self.cost = numbers.DASH
        if began is None:
            self._sides["running"].draw((), "", "", language)
            return
        begin = began.astimezone(status.now.tzinfo)
        self.begin = numbers.clock_time(begin, language)
        if self.hidden:
            self.detail = _("Names and values are hidden here.")
        self.big = "" if self.hidden or point.energy_wh is None else numbers.energy(point.energy_wh, language)
        if not self.hidden:
            self.power = numbers.power(point.power_w, language)
            self.duration = numbers.duration((status.now - began).total_seconds())
            if seen is not None:
                self.cost = numbers.money(seen.cost, seen.currency, language)
        row = () if seen is None or self.hidden else seen.curve
        self._sides["running"].draw(row, self.begin, numbers.clock_time(status.now, language), language)

    def _show_asked(self, point: PointNow, seen: ChargingNow | None) -> None:
        """Whether a card is wanted, too, or now the PIN, and who listens."""
        self.card = self.near = ""
        if seen is None or self.mode != "keypad":
            if self.mode == "number":
                self._say_number()
            return
        if seen.pin_left:
            self.title, self.icon = _("Now the PIN"), "card"
            self.detail = _("The card is good: {left} left.").format(left=seen.pin_left)
            return
        held = [one.name for one in seen.readers if not one.near]
        if held and seen.card_and_pin:
            self.detail = _("First hold your card to the reader, then enter your PIN.")
        elif held:
            self.card = _("Hold your card to the reader.")
        near = [one for one in seen.readers if one.near]
        listens_s = max((one.listens_s for one in near), default=0.0)
        if listens_s > 0:
            self.near = _("Looking for your phone … {left}").format(left=numbers.minutes(listens_s))
        elif near:
            self.near = _("My phone or tag is here")

    def _show_why(self, point: PointNow, seen: ChargingNow | None, status: Status) -> None:
        """The one line that says why, or when it was charged last."""
        self.why = ""
        if seen is None or seen.pin_left:
            return
        language, told = status.language, seen.why
        idle = point.state == "idle" and told.message in (why.NOW["idle"], why.NOW["free"])
        if seen.setting == "time":
            self.why = telling.planned(seen.mode, seen.until, status.now, language)
        elif idle and seen.last is not None and not status.private:
            ended = (seen.last.ended_at or seen.last.began_at).astimezone(status.now.tzinfo)
            self.why = _("Last charge: {energy}, {when}").format(
                energy=numbers.energy(seen.last.energy_wh, language), when=telling.when(ended, status.now, language)
            )
        elif not idle:
            self.why = telling.told(told, status.now, language)
        else:
            self.why = _("What happened here")

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

    # Asking --------------------------------------------------------------------------------

    def try_code(self, code: str, named_user_id: int | None = None) -> None:
        """Ask whether this code may charge here."""
        self.say("")
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
            self._known = True
        else:
            self.say(_("This code is not accepted here."))
            self._show_wait(decision.wait_s)
        self._code = ""

    def _ask_name(self) -> None:
        """By one button a user, or with privacy on by their number."""
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
        """Stop charging, or take an authorization back that no car used yet."""
        it, point_id, had_session = self.app.it, self.point_id, self.has_session

        def stopped(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error))
            elif had_session:
                self.say(_("Charging was stopped."), good=True)

        self.app.do(lambda: grants.stop(it, point_id, audit.TOUCH), stopped)

    def ask_near(self) -> None:
        """Look for the person's phone or tag for a while."""
        it, point_id = self.app.it, self.point_id
        self.app.do(lambda: now.ask_near(it, point_id), self._asked_near)

    def _asked_near(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is not None:
            self.say(self.app.sentence(error))
        self.app.look()

    # Answering -----------------------------------------------------------------------------

    def say(self, sentence: str, *, good: bool = False) -> None:
        """Show an answer for a while."""
        self._silence.cancel()
        self._put_answer(sentence, "good" if good else "refused", theme.GOOD if good else theme.BAD)
        if sentence:
            self._silence()

    def _put_answer(self, sentence: str, icon: str, tint: theme.Colour) -> None:
        self.answer, self.answer_icon, self.answer_tint = sentence, icon, tint


Builder.load_file(__file__.removesuffix("py") + "kv")
