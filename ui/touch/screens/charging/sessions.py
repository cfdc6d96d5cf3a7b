"""The last charging sessions, newest first."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import ColorProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import SessionRow, Status
from ui.touch.widgets.basic import Surface


class SessionLine(Surface):
    """One session."""

    icon = StringProperty("station")
    tint = ColorProperty(theme.QUIET)
    who = StringProperty("")
    when = StringProperty("")
    energy = StringProperty("")
    end = StringProperty("")


class SessionsScreen(Page):
    """The list."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
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
    runs = one.ended_at is None
    until = _("now") if one.ended_at is None else numbers.clock_time(one.ended_at, language)
    return SessionLine(
        icon="bolt" if runs else "station",
        tint=theme.GOOD if runs else theme.QUIET,
        who=one.user or _("Without authorization"),
        when=f"{numbers.moment(one.began_at, language)} {numbers.DASH} {until}",
        energy="…" if runs else numbers.energy(one.energy_wh, language),
        end=_("charging") if runs else sentences.end_reason(catalog.current(), one.end_reason),
    )


Builder.load_file(__file__.removesuffix("py") + "kv")
