"""What is wrong now: what, why, and what to do, since when."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from appliance.faults import Fault
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets.basic import Surface


class FaultLine(Surface):
    """One fault: what is wrong, what to do, since when."""

    icon = StringProperty("warning")
    tint = ColorProperty()
    what = StringProperty("")
    todo = StringProperty("")
    since = StringProperty("")


class FaultsScreen(Page):
    """The list of faults."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
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
            box.add_widget(_line(fault, status))
        if not status.faults:
            box.add_widget(FaultLine(what=_("Everything is in order."), icon="good", tint=theme.GOOD))


def _line(fault: Fault, status: Status) -> FaultLine:
    what, _colon, todo = sentences.fault(catalog.current(), fault).partition(": ")
    moment = numbers.moment(fault.since.astimezone(status.now.tzinfo), status.language)
    since = _("since {moment}").format(moment=moment)
    return FaultLine(what=what, todo=todo[:1].upper() + todo[1:], since=since)


Builder.load_file(__file__.removesuffix("py") + "kv")
