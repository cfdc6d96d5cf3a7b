"""Four digits, by number pad or by UP, DOWN and OK (A003-09 to -11): masked once chosen, handed over by the last OK.

Touch zones call `up`, `down` and `confirm`; buttons of the board come by `press_board`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.touch.widgets import basic

PLACES = 4
FORGET_S = 15.0  # what was typed is forgotten when nothing follows
MASK = "\u2022"


class PinField(BoxLayout):
    """One digit: empty, chosen now (seen), or chosen before (masked)."""

    shown = StringProperty("")
    selected = BooleanProperty(False)


class DigitKey(basic.TextButton):
    """A key of the number pad."""


class PinEntry(BoxLayout):
    """`on_code(code)` is dispatched with four digits, which are forgotten then."""

    icon = StringProperty("lock")
    title = StringProperty("")
    detail = StringProperty("")
    answer = StringProperty("")
    answer_icon = StringProperty("bad")
    digits = ListProperty([""] * PLACES)
    place = NumericProperty(0)  # the digit that is chosen now; PLACES: all are there
    ready = BooleanProperty(False)  # whether OK does something
    locked = BooleanProperty(False)  # no key does anything: somebody has to wait

    __events__ = ("on_code",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._forget = Clock.create_trigger(lambda _dt: self.clear(), FORGET_S)
        paint = Clock.create_trigger(lambda _dt: self._paint(), -1)
        self.bind(digits=paint, place=paint)
        paint()

    @property
    def typed(self) -> str:
        """The digits so far."""
        return "".join(self.digits)

    def _paint(self) -> None:
        for number, field in enumerate(reversed(self.ids.fields.children)):
            field.selected = number == self.place
            field.shown = self.digits[number] if field.selected else MASK if self.digits[number] else ""

    def _put(self, digit: str, place: int) -> None:
        digits = list(self.digits)
        digits[int(self.place)] = digit
        self.digits, self.place = digits, place
        self.ready = place >= PLACES or bool(digits[place])
        self._forget.cancel()
        self._forget()

    def press(self, digit: str) -> None:
        """A key of the pad: this digit, and on to the next."""
        if self.place < PLACES:
            self._put(digit, int(self.place) + 1)

    def up(self) -> None:
        """0 becomes 1 … 9 becomes 0; an empty one becomes 0."""
        self._turn(1, "0")

    def down(self) -> None:
        """0 becomes 9 … 1 becomes 0; an empty one becomes 9."""
        self._turn(-1, "9")

    def _turn(self, step: int, first: str) -> None:
        if self.place < PLACES:
            now = self.digits[int(self.place)]
            self._put(str((int(now) + step) % 10) if now else first, int(self.place))

    def confirm(self) -> None:
        """OK: on to the next digit; after the last one hand all over."""
        if not self.ready:
            return
        if self.place < PLACES - 1:
            self.place += 1
            self.ready = bool(self.digits[int(self.place)])
            return
        code = self.typed
        self.clear()
        self.dispatch("on_code", code)

    def press_board(self, names: Iterable[str]) -> None:
        """Buttons of the board were pressed, in this order: `up`, `down`, `ok`."""
        for name in names:
            if not self.locked:
                {"up": self.up, "down": self.down, "ok": self.confirm}[name]()

    def erase(self) -> None:
        """Take the last digit back."""
        place = int(self.place)
        if place == PLACES or (place > 0 and not self.digits[place]):
            place -= 1
        self.place = place
        self._put("", place)

    def clear(self) -> None:
        """Forget what was typed."""
        self._forget.cancel()
        self.digits, self.place, self.ready = [""] * PLACES, 0, False

    def on_code(self, code: str) -> None:
        """Default handler."""


Builder.load_file(__file__.removesuffix("py") + "kv")
