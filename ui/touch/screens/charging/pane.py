"""One charging point on one pane: its state as a big sentence, and beside it what one can do now.

What stands on the right follows the state: a keypad, who are you, what runs with
Stop, or nothing. With privacy on, names and values of what runs are seen only by
who has just typed the PIN for it, until the page is left.
"""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, StringProperty

from appliance.charging import why
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import face, theme
from ui.touch.screens.charging import asking, telling
from ui.touch.screens.charging.now import ChargingNow
from ui.touch.status import PointNow, Status
from ui.touch.widgets import basic

ROOMY = 20  # the largest SMALL letters with which everything has room
RUNS = ("authorized", "waiting", "charging", "paused")


class WhyLine(basic.Tap):
    """Why, in one line; it leads to the story."""

    text = StringProperty("")


class NearButton(basic.Tap):
    """Asks a reader to look for a phone or tag; its words may take two lines."""

    text = StringProperty("")


class FirstButton(basic.TextButton):
    """Leads to where the first charging point is set up."""


class PointPane(asking.AskingPane):
    """One point. Its page hands it every Status by `show`."""

    big = StringProperty("")  # the rest of the start window, or the energy so far
    power = StringProperty("")
    tint = ColorProperty(theme.NOTHING)
    hidden = BooleanProperty(False)  # privacy: no names and no values
    user = StringProperty("")
    begin = StringProperty(numbers.DASH)
    duration = StringProperty(numbers.DASH)
    cost = StringProperty(numbers.DASH)
    card = StringProperty("")  # what to hold to a reader
    near = StringProperty("")  # the button for a phone or tag that is near
    why = StringProperty("")
    empty = BooleanProperty(False)  # there is no point yet
    tight = BooleanProperty(False)  # more stands here than usual: the title is smaller
    back_to = StringProperty("")  # the page with all points, where there are several
    point_name = StringProperty("")
    tell_why = ObjectProperty(lambda _point_id: None)  # what a tap on the line asks for

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._ran = False
        self._near = NearButton()
        self._near.bind(on_release=lambda *_: self.ask_near())
        self._why = WhyLine()
        self._why.bind(on_release=lambda *_: self.tell_why(self.point_id))
        self._first = FirstButton()
        self._first.bind(on_release=lambda *_: self.add_first())

    # Showing -------------------------------------------------------------------------------

    def show(self, point: PointNow | None, seen: ChargingNow | None, status: Status) -> None:
        """Paint a point, and what was looked at beside it."""
        self.empty = point is None
        if point is None:
            self._show_none()
            return
        seen = seen if seen is not None and seen.point_id == point.id else None
        runs = point.state in RUNS
        if self._ran and not runs:
            self._known, self._who = False, None  # what comes next may be somebody else's
        self._ran = runs
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
        self.detail = _("Its relay must be wired before. The settings PIN is asked for.")
        self.icon, self.tint, self.big, self.power, self.mode = "station", theme.QUIET, "", "", "none"
        self.card = self.near = self.why = ""
        side = self._sides["none"]
        side.icon, side.tint, side.text = "plug", theme.QUIET, ""
        self._put_feet()

    def add_first(self) -> None:
        """Set the first point up, behind the settings PIN."""
        form: Any = self.app.root.manager.get_screen("point_form")
        form.begin(0)
        self.app.go("point_form")

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

    def _put_feet(self) -> None:
        """What is wanted of the button for a phone and the line that says why; without a point the way to the first."""
        self._near.text, self._why.text = self.near, self.why
        feet: tuple[basic.Tap, ...] = (self._first,) if self.empty else (self._near, self._why)
        wanted = [foot for foot in feet if foot.text and not (foot is self._near and self.answer)]
        if theme.SMALL > ROOMY:
            wanted = wanted[:1]  # large letters have no room for both
        box = self.ids.feet
        if list(reversed(box.children)) != wanted:
            box.clear_widgets()
            for foot in wanted:
                box.add_widget(foot)


Builder.load_file(__file__.removesuffix("py") + "kv")
