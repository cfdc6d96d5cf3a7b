"""What is wrong now, each with what to check."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.metrics import dp

from appliance.faults import Fault
from ui.text import catalog, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets.basic import Message


class FaultsScreen(Page):
    """The list of faults."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._shown: tuple[Fault, ...] | None = None

    def show(self, status: Status) -> None:
        """Paint the faults when they changed."""
        if status.faults == self._shown:
            return
        self._shown = status.faults
        box = self.ids.rows
        box.clear_widgets()
        for fault in status.faults:
            text = sentences.fault(catalog.current(), fault)
            box.add_widget(Message(text=text, size_hint_y=None, height=dp(88)))
        if not status.faults:
            good = Message(
                text=_("Everything is in order."), icon="good", tint=theme.GOOD, size_hint_y=None, height=dp(72)
            )
            box.add_widget(good)


Builder.load_file(__file__.removesuffix("py") + "kv")
