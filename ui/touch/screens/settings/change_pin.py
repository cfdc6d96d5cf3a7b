"""Change the settings PIN: the current one, then the new one twice."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty

from appliance import errors
from appliance.access import display_pin
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings.board_keys import BoardKeys
from ui.touch.status import Status
from ui.touch.widgets import pin_entry

assert pin_entry  # noqa: S101 - used by change_pin.kv


class ChangePinScreen(Page):
    """Three times four digits."""

    step = NumericProperty(0)
    title = StringProperty("")
    detail = StringProperty("")
    answer = StringProperty("")
    answer_icon = StringProperty("bad")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._typed: list[str] = []
        self._keys = BoardKeys()

    def enter(self) -> None:
        """Begin anew."""
        self._begin()
        self._keys.begin(self.app.it.clock.boottime_s())
        self.answer = ""

    def forget(self) -> None:
        """Drop typed digits: nobody is there."""
        self._begin()
        self._keys.rest()

    def _begin(self) -> None:
        self._typed, self.step = [], 0
        self.ids.pad.clear()

    def show(self, status: Status) -> None:
        """Say what is asked, or how long one has to wait."""
        step = int(self.step)
        self.title = [_("The current PIN"), _("The new PIN"), _("The new PIN again")][step]
        self.detail = _("Step {step} of {steps}").format(step=step + 1, steps=3)
        waits = status.pin_wait_s > 0
        if self.ids.pad.locked and not waits:
            self.answer = ""
        self.ids.pad.locked = waits
        self.ids.pad.press_board(self._keys.new(status.pressed))
        if waits:
            self._say(_("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(status.pin_wait_s)))

    def typed(self, pin: str) -> None:
        """Four digits and OK."""
        self._typed.append(pin)
        self.answer = ""
        if len(self._typed) < 3:
            self.step = len(self._typed)
            self.show(self.app.status)
            return
        current, new, again = self._typed
        self._begin()
        it = self.app.it
        self.app.do(lambda: display_pin.change(it, current, new, again), self._changed)

    def _changed(self, check: display_pin.Check | None, error: errors.WattwardError | None) -> None:
        self.show(self.app.status)
        if error is not None:
            self._say(self.app.sentence(error))
        elif check is not None and check.ok:
            self._say(_("The PIN is changed."), "good")
        elif check is not None and check.wait_s > 0:
            self._say(_("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(check.wait_s)))
        else:
            self._say(_("The current PIN is wrong. Nothing was changed."))

    def _say(self, sentence: str, icon: str = "bad") -> None:
        self.answer_icon, self.answer = icon, sentence


Builder.load_file(__file__.removesuffix("py") + "kv")
