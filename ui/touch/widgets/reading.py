"""A finger on a chart: held it reads values, flicked it turns to the period before or after, tapped it reads."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from ui.touch.widgets.axes import Plot, plot

HOLD_S = 0.15  # a finger down so long without a flick reads
FLICK, STILL, NEAR = 70, 16, 28  # units: a flick is longer, a tap shorter; a tap so near the cursor takes it away


class Readable(Widget):
    """A chart under a finger. `cursor` is the place that is read, from 0 to 1; negative: none."""

    cursor = NumericProperty(-1.0)
    reads = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.register_event_type("on_flick")
        self._down: tuple[float, float] | None = None  # where and when (touch time) the finger came
        self._holds = False
        self._at_x = 0.0

    def on_flick(self, _direction: int) -> None:
        """-1: to what was before, 1: to what comes after."""

    @property
    def area(self) -> Plot:
        """Where values are drawn."""
        return plot(self.x, self.y, self.right, self.top)

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if not self.reads or not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        self._down, self._holds, self._at_x = (touch.x, touch.time_start), False, touch.x
        Clock.schedule_once(self._hold, HOLD_S)
        return True

    def on_touch_move(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        self._at_x = touch.x
        if self._holds:
            self._read(touch.x)
        return True

    def on_touch_up(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        if touch.grab_current is not self or self._down is None:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        Clock.unschedule(self._hold)
        moved = touch.x - self._down[0]
        self._down = None
        if self._holds:
            return True
        if abs(moved) >= dp(FLICK):
            self.dispatch("on_flick", -1 if moved > 0 else 1)
        elif abs(moved) <= dp(STILL):
            near = self.cursor >= 0 and abs(self.area.x(self.cursor) - touch.x) < dp(NEAR)
            if near:
                self.cursor = -1.0
            else:
                self._read(touch.x)
        return True

    def _hold(self, _dt: float) -> None:
        if self._down is not None and abs(self._at_x - self._down[0]) < dp(FLICK) / 2:
            self._holds = True
            self._read(self._at_x)

    def _read(self, x: float) -> None:
        area = self.area
        if area.drawable:
            self.cursor = min(0.9999, max(0.0, (x - area.left) / area.width))
