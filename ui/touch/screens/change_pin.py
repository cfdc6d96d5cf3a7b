"""Change the settings PIN: the current one, then the new one twice."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty

from appliance import errors
from appliance.access import display_pin
from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status


class ChangePinScreen(Page):
    """Three times four digits."""

    step = NumericProperty(0)
    answer = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._typed: list[str] = []

    def enter(self) -> None:
        """Begin anew."""
        self.forget()
        self.answer = ""

    def forget(self) -> None:
        """Drop typed digits."""
        self._typed, self.step = [], 0
        self.ids.pad.clear()

    def show(self, _status: Status) -> None:
        """Say what is asked."""
        self.ids.title.text = [_("The current PIN"), _("The new PIN"), _("The new PIN again")][int(self.step)]

    def typed(self, pin: str) -> None:
        """Four digits and OK."""
        self._typed.append(pin)
        self.answer = ""
        if len(self._typed) < 3:
            self.step = len(self._typed)
            self.show(self.app.status)
            return
        current, new, again = self._typed
        self.forget()
        it = self.app.it
        self.app.do(lambda: display_pin.change(it, current, new, again), self._changed)

    def _changed(self, check: display_pin.Check | None, error: errors.WattwardError | None) -> None:
        self.show(self.app.status)
        if error is not None:
            self._say(self.app.sentence(error), good=False)
        elif check is not None and not check.ok:
            wait = _("Too many wrong PINs. Wait {time}.").format(time=numbers.wait(check.wait_s))
            self._say(wait if check.wait_s > 0 else _("The current PIN is wrong. Nothing was changed."), good=False)
        else:
            self._say(_("The PIN is changed."), good=True)

    def _say(self, sentence: str, *, good: bool) -> None:
        self.ids.answer.tint = theme.GOOD if good else theme.BAD
        self.ids.answer.icon = "good" if good else "warning"
        self.answer = sentence


Builder.load_file(__file__.removesuffix("py") + "kv")
