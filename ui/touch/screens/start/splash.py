"""The start-up screen: only after a cold start, with the pads UP and DOWN that clear a forgotten settings PIN."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from appliance import audit, errors
from appliance.access import display_pin
from appliance.errors import N_
from ui.text.catalog import _
from ui.touch.both_held import BothHeld
from ui.touch.status import Status
from ui.touch.widgets import basic

LOOK_S = 0.1  # while it is seen; the countdown needs no more
CLEARED = N_("The settings PIN was deleted. You choose a new one when you open the settings.")
NONE_SET = N_("There is no settings PIN. You choose one when you open the settings.")


class Pad(basic.Surface):
    """One half of the rescue: held as long as a finger is on it, whatever other fingers do."""

    icon = StringProperty("fold_up")
    text = StringProperty("")
    held = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._fingers: set[object] = set()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """A finger more."""
        if not self.collide_point(*touch.pos):
            return False
        self._count(touch, here=True)
        return True

    def on_touch_move(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """A finger that slides off holds nothing."""
        if touch.uid in self._fingers:
            self._count(touch, here=self.collide_point(*touch.pos))
        return False

    def on_touch_up(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """A finger less."""
        self._count(touch, here=False)
        return False

    def _count(self, touch: Any, *, here: bool) -> None:  # noqa: ANN401 - Kivy's touch
        (self._fingers.add if here else self._fingers.discard)(touch.uid)
        self.held = bool(self._fingers)


class Splash(FloatLayout):
    """Covers everything until its time is over and nobody holds anything."""

    count = NumericProperty(0)
    answer = StringProperty("")
    answer_good = BooleanProperty(True)
    version = StringProperty("")
    button_up = BooleanProperty(False)
    button_down = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._it = App.get_running_app().it
        self._rescue = BothHeld(self._it.clock.boottime_s(), self._it.clock.speed)
        self._turning = Clock.schedule_interval(self._turn, LOOK_S)

    def show(self, status: Status) -> None:
        """Take over the board's buttons."""
        self.version = status.version
        self.button_up, self.button_down = status.pressed.up, status.pressed.down

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        super().on_touch_down(touch)
        return True

    def _turn(self, _dt: float) -> None:
        now_s = self._it.clock.boottime_s()
        up = self.ids.up.held or self.button_up
        down = self.ids.down.held or self.button_down
        if self._rescue.feed(now_s, up=up, down=down):
            App.get_running_app().do(self._clear, self._was_cleared)
        self.count = self._rescue.countdown(now_s)
        if self._rescue.is_over(now_s, up=up, down=down):
            self.close()

    def _clear(self) -> bool:
        """Clear the PIN and nothing else; tell whether there was one."""
        if not display_pin.is_set(self._it.store):
            return False
        display_pin.clear(self._it, audit.TOUCH)
        return True

    def _was_cleared(self, was_set: bool | None, error: errors.WattwardError | None) -> None:
        self.answer_good = error is None
        self.answer = App.get_running_app().sentence(error) if error else _(CLEARED) if was_set else _(NONE_SET)

    def close(self) -> None:
        """The start is over."""
        self._turning.cancel()
        App.get_running_app().started()


Builder.load_file(__file__.removesuffix("py") + "kv")
