"""A question that must be answered before anything else: what will happen, Cancel, and the verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from ui.touch.widgets import basic

assert basic  # noqa: S101 - its rules are used by question.kv


class Question(FloatLayout):
    """Covers everything. A tap beside it answers nothing."""

    title = StringProperty("")
    text = StringProperty("")
    verb = StringProperty("")

    def __init__(self, order: Callable[[], None], **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._order = order

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ANN401 - Kivy's touch
        super().on_touch_down(touch)
        return True

    def yes(self) -> None:
        """Do it."""
        self.no()
        self._order()

    def no(self) -> None:
        """Go away."""
        if self.parent is not None:
            self.parent.remove_widget(self)


Builder.load_file(__file__.removesuffix("py") + "kv")
