"""The last charging sessions, newest first."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import SessionRow, Status
from ui.touch.widgets.basic import Surface


class SessionLine(Surface):
    """One session."""

    who = StringProperty("")
    when = StringProperty("")
    energy = StringProperty("")
    end = StringProperty("")


class SessionsScreen(Page):
    """The list."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._shown: tuple[SessionRow, ...] | None = None

    def show(self, status: Status) -> None:
        """Paint the rows when they changed."""
        if status.sessions == self._shown:
            return
        self._shown = status.sessions
        box = self.ids.rows
        box.clear_widgets()
        for one in status.sessions:
            box.add_widget(_line(one, status.language))
        self.ids.empty.text = "" if status.sessions else _("No session yet. Tap Charging and enter a PIN.")


def _line(one: SessionRow, language: str) -> SessionLine:
    begin = numbers.moment(one.began_at, language)
    until = numbers.clock_time(one.ended_at, language) if one.ended_at else _("now")
    end = sentences.end_reason(catalog.current(), one.end_reason) if one.ended_at else _("charging")
    energy = numbers.energy(one.energy_wh, language) if one.ended_at else "…"
    return SessionLine(
        who=one.user or _("Without authorization"), when=f"{begin} {numbers.DASH} {until}", energy=energy, end=end
    )


Builder.load_file(__file__.removesuffix("py") + "kv")
