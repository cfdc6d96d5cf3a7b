"""A short message above the tabs that goes by itself, perhaps with a way to take back what was just done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from ui.touch.widgets import basic

SAID_S = 5.0
UNDO_S = 10.0  # as long can it be taken back


class Toast(basic.Surface):
    """One message. The frame shows one at a time and counts its seconds down."""

    text = StringProperty("")
    icon = StringProperty("good")
    left = StringProperty("")  # seconds to undo it

    def __init__(self, undo: Callable[[], None] | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._undo = undo
        self.left_s = UNDO_S if undo else SAID_S
        self._tell()

    def tick(self, seconds: float) -> None:
        """Time passed; at the end it goes."""
        self.left_s -= seconds
        self._tell()
        if self.left_s <= 0:
            self.close()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        """A finger on it never reaches what lies below; what cannot be taken back goes at a touch."""
        if not self.collide_point(*touch.pos):
            return False
        if not super().on_touch_down(touch) and self._undo is None:
            self.close()
        return True

    def _tell(self) -> None:
        self.left = str(max(1, round(self.left_s))) if self._undo else ""

    def undo(self) -> None:
        """Take it back, once."""
        order, self._undo = self._undo, None
        self.close()
        if order is not None:
            order()

    def close(self) -> None:
        """Go away."""
        if self.parent is not None:
            self.parent.remove_widget(self)


Builder.load_file(__file__.removesuffix("py") + "kv")
