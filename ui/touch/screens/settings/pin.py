"""The settings PIN: chosen twice at first, asked at every entry."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import errors
from appliance.access import display_pin
from appliance.errors import N_
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings.board_keys import BoardKeys
from ui.touch.status import Status
from ui.touch.widgets import pin_entry

assert pin_entry  # noqa: S101 - used by pin.kv

STEPS = {  # step -> title and sentence
    "ask": (N_("Settings PIN"), N_("The 4 digits that open the settings.")),
    "first": (N_("Choose a settings PIN"), N_("4 digits that protect the settings. They open nothing else.")),
    "again": (N_("The same PIN again"), N_("So that no slip of the finger locks you out.")),
}


class PinScreen(Page):
    """Asks for four digits; `step` is one of STEPS."""

    step = StringProperty("ask")
    title = StringProperty("")
    detail = StringProperty("")
    answer = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._first = ""
        self._keys = BoardKeys()

    def enter(self) -> None:
        """Begin anew."""
        self.forget()
        self._keys.begin(self.app.it.clock.boottime_s())
        self.answer = ""
        self.step = "ask" if self.app.status.pin_set else "first"

    def forget(self) -> None:
        """Drop typed digits."""
        self._first = ""
        self._keys.rest()
        self.ids.pad.clear()
        if self.step == "again":
            self.step = "first"

    def show(self, status: Status) -> None:
        """Say what is asked, or how long one has to wait."""
        if status.pin_set == (self.step != "ask"):
            self.step = "ask" if status.pin_set else "first"
        title, detail = STEPS[self.step]
        self.title, self.detail = _(title), _(detail)
        waits = status.pin_wait_s > 0
        if waits:
            self._say_wait(status.pin_wait_s)
        elif self.ids.pad.locked:
            self.answer = ""
        self.ids.pad.locked = waits
        self.ids.pad.press_board(self._keys.new(status.pressed))

    def typed(self, pin: str) -> None:
        """Four digits and OK."""
        app = self.app
        if self.step == "first":
            self._first, self.step, self.answer = pin, "again", ""
            self.show(app.status)
        elif self.step == "again":
            first, self._first = self._first, ""
            app.do(lambda: display_pin.set_first(app.it, first, pin), self._was_set)
        else:
            app.do(lambda: display_pin.check(app.it, pin), self._was_checked)

    def _was_set(self, _result: object, error: errors.WattwardError | None) -> None:
        if error is None:
            self._open()
            return
        self.step = "first"
        self.show(self.app.status)
        self.answer = self.app.sentence(error)

    def _was_checked(self, check: display_pin.Check | None, error: errors.WattwardError | None) -> None:
        if check is None:
            self.answer = self.app.sentence(error) if error else ""
        elif check.ok:
            self._open()
        elif check.wait_s > 0:
            self._say_wait(check.wait_s)
        else:
            self.answer = _("Wrong PIN. {count} more before a wait.").format(count=check.tries_left_before_wait)

    def _say_wait(self, wait_s: float) -> None:
        self.answer = _("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(wait_s))

    def _open(self) -> None:
        """Let the person in, if they still stand here."""
        if self.app.root.screen == "pin":
            self.app.root.let_in()


Builder.load_file(__file__.removesuffix("py") + "kv")
