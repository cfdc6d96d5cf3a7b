"""The settings PIN: chosen twice at first, asked at every entry."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import errors
from appliance.access import display_pin
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets import keypad

assert keypad  # noqa: S101 - used by pin.kv


class PinScreen(Page):
    """Asks for four digits; `step` is 'ask', 'first' or 'again'."""

    step = StringProperty("ask")
    answer = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._first = ""

    def enter(self) -> None:
        """Begin anew."""
        self.forget()
        self.answer = ""
        self.step = "ask" if self.app.status.pin_set else "first"

    def forget(self) -> None:
        """Drop typed digits."""
        self._first = ""
        self.ids.pad.clear()
        if self.step == "again":
            self.step = "first"

    def show(self, status: Status) -> None:
        """Say what is asked, or how long one has to wait."""
        if status.pin_set == (self.step != "ask"):
            self.step = "ask" if status.pin_set else "first"
        self.ids.title.text = {
            "ask": _("Settings PIN"),
            "first": _("Choose a settings PIN"),
            "again": _("The same PIN again"),
        }[self.step]
        self.ids.detail.text = {
            "ask": _("The 4 digits that open the settings."),
            "first": _("4 digits that protect the settings. They open nothing else."),
            "again": _("So that no slip of the finger locks you out."),
        }[self.step]
        self.ids.pad.disabled = status.pin_wait_s > 0
        if status.pin_wait_s > 0:
            self._say(_("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(status.pin_wait_s)))

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
        if error is not None:
            self.step = "first"
            self._say(self.app.sentence(error))
            self.show(self.app.status)
            return
        self._open()

    def _was_checked(self, check: display_pin.Check | None, error: errors.WattwardError | None) -> None:
        if check is not None and check.ok:
            self._open()
        elif error is not None:
            self._say(self.app.sentence(error))
        elif check is not None and check.wait_s > 0:
            self._say(_("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(check.wait_s)))
        elif check is not None:
            left = check.tries_left_before_wait
            self._say(_("Wrong PIN. {count} more before a wait.").format(count=left))

    def _open(self) -> None:
        self.app.unlocked = True
        self.app.go("settings")

    def _say(self, sentence: str) -> None:
        self.answer = sentence
        self.ids.answer.tint = theme.BAD


Builder.load_file(__file__.removesuffix("py") + "kv")
