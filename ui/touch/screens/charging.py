"""Charge a car: one big sentence, a keypad, who are you, the running session, stop."""

from __future__ import annotations

from functools import partial

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import NumericProperty, StringProperty

from appliance import audit, errors
from appliance.charging import grants, points
from appliance.charging.grants import Decision
from appliance.errors import N_
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import PointNow, Status
from ui.touch.widgets import basic, keypad

assert keypad  # noqa: S101 - used by charging.kv

TERMINAL = "touch"
ANSWER_S = 8.0  # how long an answer is shown
REFUSED = N_("This code is not accepted here.")
LOCKED_OUT = N_("Too many wrong codes. Wait {time}.")
WHO = N_("Who are you?")
ICONS = {
    "locked": "lock",
    "idle": "car",
    "authorized": "clock",
    "charging": "bolt",
    "paused": "clock",
    "fault": "warning",
}
TINTS = {"charging": theme.GOOD, "authorized": theme.ACCENT, "paused": theme.WARN, "fault": theme.BAD}


class ChargingScreen(Page):
    """One charging point at a time; several are chosen by tabs."""

    mode = StringProperty("keypad")  # 'keypad', 'who', 'busy', 'running', 'none'
    answer = StringProperty("")
    point_id = NumericProperty(0)
    user = StringProperty("")
    duration = StringProperty(numbers.DASH)
    energy = StringProperty(numbers.DASH)
    power = StringProperty(numbers.DASH)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._code = ""
        self._wait_until_s = 0.0
        self._silence = Clock.create_trigger(self._say_nothing, ANSWER_S)

    def enter(self) -> None:
        """Begin with the keypad."""
        self.forget()
        self._say_nothing()

    def forget(self) -> None:
        """Drop typed digits and a code that waits for a name."""
        self._code = ""
        self.ids.pad.clear()
        if self.mode in ("who", "busy"):
            self.mode = "keypad"

    def show(self, status: Status) -> None:
        """Paint the chosen point."""
        point = next((one for one in status.points if one.id == self.point_id), None)
        if point is None and status.points:
            point, self.point_id = status.points[0], status.points[0].id
        self._show_choice(status)
        if point is None:
            self.mode = "none"
            self._headline(
                _("No charging point is set up."),
                _("Add one on the command line: wattward points add."),
                "car",
                theme.QUIET,
            )
            return
        self._show_point(point, status)
        self._count_down()

    def _show_point(self, point: PointNow, status: Status) -> None:
        language = status.language
        if point.state in ("authorized", "charging", "paused"):
            self.mode = "running"
        elif self.mode in ("running", "none"):
            self.mode = "keypad"
        title = sentences.point_state(catalog.current(), point.state)
        self._headline(title, self._detail(point, status), ICONS[point.state], TINTS.get(point.state, theme.TEXT))
        if self.mode != "running":
            return
        self.user = point.user or _("Without authorization")
        since = (status.now - point.began_at).total_seconds() if point.began_at else 0.0
        self.duration = numbers.duration(since) if point.began_at else numbers.DASH
        self.energy = numbers.energy(point.energy_wh, language)
        self.power = numbers.power(point.power_w, language)

    def _detail(self, point: PointNow, status: Status) -> str:
        """The sentence under the headline: what happens next."""
        if point.state == "authorized" and point.window_left_s is not None:
            return _("Plug in now. {time} left to start.").format(time=numbers.minutes(point.window_left_s))
        if point.state == "charging" and not point.closed:
            return _("The relay is about to close.")
        if point.state in ("charging", "paused") and point.began_at is not None:
            since = numbers.clock_time(point.began_at.astimezone(status.now.tzinfo), status.language)
            return _("Since {time}.").format(time=since)
        if point.state == "idle":
            return _("Enter your PIN to charge.") if point.mode == "authorized" else _("Plug in and charge.")
        if point.state == "locked":
            return _("Charging is switched off at this point.")
        if point.state == "fault":
            return _("Charging is not possible now; see the fault above.")
        return ""

    def _headline(self, title: str, detail: str, icon: str, tint: theme.Colour) -> None:
        ids = self.ids
        ids.title.text, ids.detail.text, ids.icon.name = title, detail, icon
        ids.title.color = ids.icon.color = tint

    def _show_choice(self, status: Status) -> None:
        """Tabs for several points."""
        wanted = [point.name for point in status.points] if len(status.points) > 1 else []
        bar = self.ids.choice
        if [button.text for button in reversed(bar.children)] == wanted:
            return
        bar.clear_widgets()
        bar.height = dp(56) if wanted else 0
        for point in status.points if wanted else ():
            button = basic.TextButton(text=point.name, font_units=theme.SMALL)
            button.bind(on_release=partial(self._choose, point.id))
            bar.add_widget(button)

    def _choose(self, point_id: int, *_args: object) -> None:
        self.point_id = point_id
        self.enter()
        self.show(self.app.status)

    # Asking --------------------------------------------------------------------------------

    def try_code(self, code: str, named_user_id: int | None = None) -> None:
        """Ask whether this code may charge here."""
        self.mode, self._code = "busy", code
        it, point_id = self.app.it, int(self.point_id)

        def ask() -> Decision:
            point = points.get(it.store, point_id)
            return grants.authorize(it, code, point, TERMINAL, named_user_id, actor=audit.TOUCH)

        self.app.do(ask, self._answered)

    def _answered(self, decision: Decision | None, error: errors.WattwardError | None) -> None:
        self.mode = "keypad"
        if decision is None:
            self._say(self.app.sentence(error) if error else "", theme.BAD)
        elif decision.result == "name_needed":
            self.mode = "who"
            self._list_people()
        elif decision.result == "accepted":
            self._code = ""
            self._say("", theme.GOOD)
        else:
            self._code = ""
            self._wait_until_s = self.app.it.clock.boottime_s() + decision.wait_s
            self._say(_(REFUSED), theme.BAD)
            self._count_down()

    def _list_people(self) -> None:
        """Who are you? One button a user."""
        box = self.ids.people
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
        """Stop charging."""
        it, point_id = self.app.it, int(self.point_id)
        self.app.do(lambda: grants.stop(it, point_id, audit.TOUCH), self._stopped)

    def _stopped(self, _result: object, error: errors.WattwardError | None) -> None:
        self._say(self.app.sentence(error) if error else _("Stopped."), theme.BAD if error else theme.GOOD)

    def _count_down(self) -> None:
        """While one has to wait, the pad is off and says how long."""
        left_s = self._wait_until_s - self.app.it.clock.boottime_s()
        self.ids.pad.disabled = left_s > 0
        if left_s > 0:
            self._say(_(LOCKED_OUT).format(time=numbers.wait(left_s)), theme.BAD)

    def _say(self, sentence: str, tint: theme.Colour) -> None:
        self.answer = sentence
        self.ids.answer.tint = tint
        self.ids.answer.icon = "good" if tint == theme.GOOD else "warning"
        self._silence.cancel()
        self._silence()

    def _say_nothing(self, *_args: object) -> None:
        self.answer = ""


Builder.load_file(__file__.removesuffix("py") + "kv")
