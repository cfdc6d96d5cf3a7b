"""A button for what cannot be undone: it is held until it is full. Lifting the finger, or sliding off, empties it."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import NumericProperty, StringProperty

from ui.touch.widgets import basic

HOLD_S = 3.0
STEP_S = 0.1  # ten pictures a second, and only while it is held


class HoldButton(basic.Tap):
    """`on_held` is dispatched once, when it was held for `hold_s`."""

    text = StringProperty("")
    hold_s = NumericProperty(HOLD_S)
    share = NumericProperty(0.0)  # how full it is, 0 to 1

    __events__ = ("on_held",)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._filling = None

    def on_state(self, _button: object, state: str) -> None:
        """A finger came or went."""
        self._empty()
        if state == "down":
            self._filling = Clock.schedule_interval(self._fill, STEP_S)

    def on_touch_move(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """A finger that slides off holds nothing."""
        if touch.grab_current is self and not self.collide_point(*touch.pos):
            self._empty()
        return bool(super().on_touch_move(touch))

    def _fill(self, dt: float) -> None:
        self.share = min(1.0, self.share + dt / self.hold_s)
        if self.share >= 1.0:
            self._empty()
            self.dispatch("on_held")

    def _empty(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
        self._filling = None
        self.share = 0.0

    def on_held(self) -> None:
        """Default handler."""


Builder.load_file(__file__.removesuffix("py") + "kv")
