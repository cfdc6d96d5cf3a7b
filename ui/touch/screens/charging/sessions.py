"""The charging sessions, month by month, with what they come to. With privacy on they stand behind the settings PIN."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from appliance.opened import Opened
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page, TitleBar
from ui.touch.screens.charging import session_data
from ui.touch.screens.charging.session_data import Line, Month
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic
from ui.touch.widgets.growing import Growing


class SessionLine(basic.Tap):
    """One session."""

    session_id = NumericProperty(0)
    icon = StringProperty("station")
    tint = ColorProperty(theme.NOTHING)
    who = StringProperty("")
    when = StringProperty("")
    energy = StringProperty("")
    end = StringProperty("")


class SessionsScreen(Page):
    """A month's list; arrows lead to the months around it."""

    open_page = "session"  # where one session is seen closely
    month_text = StringProperty("")
    sums = StringProperty("")
    has_earlier = BooleanProperty(False)
    has_later = BooleanProperty(False)
    hidden = BooleanProperty(False)
    titled = BooleanProperty(False)  # with a title and a way back, before the month

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.first: date | None = None  # None: the month of today
        self._shown: object = None
        self._rows = Growing(self.ids.rows)

    def enter(self) -> None:
        """Begin with this month, or where one came back from."""
        self.hidden = self._hides(self.app.status)

    def take_over(self, before: Page) -> None:
        """The same month in other colours."""
        if isinstance(before, SessionsScreen):
            self.first = before.first

    def _hides(self, status: Status) -> bool:
        return status.private

    def sight(self) -> Sight | None:
        """The month that is seen."""
        if self._hides(self.app.status):
            return None
        first = self.first

        def look(it: Opened, status: Status) -> Month:
            return session_data.month(it, status, first or status.now.date().replace(day=1))

        return Sight(look, every_s=3.0, key=first)

    def turn(self, months: int) -> None:
        """To the month before or after."""
        first = self.first or self.app.status.now.date().replace(day=1)
        self.first = session_data.later(first) if months > 0 else session_data.earlier(first)
        self.has_earlier = self.has_later = False  # until it is known
        self.app.look()

    def show(self, status: Status) -> None:
        """Paint the rows when they changed."""
        self.hidden = self._hides(status)
        seen = self.seen(status, Month)
        if self.hidden or seen is None:
            if self.hidden:
                self._clear()
            return
        language = status.language
        self.month_text = numbers.month(seen.first, language)
        self.has_earlier, self.has_later = seen.has_earlier, seen.has_later
        self.sums = _sums(seen, language)
        if (seen.lines, language) != self._shown:
            self._shown = (seen.lines, language)
            self._list(seen, language)
        nothing = _("No session yet. Tap Charging and enter a PIN.")
        self.ids.empty.text = "" if seen.lines else _("No session in this month.") if seen.has_earlier else nothing

    def _list(self, seen: Month, language: str) -> None:
        def make(number: int) -> SessionLine:
            one = seen.lines[number]
            line = _line(one, seen.currency, language)
            line.bind(on_release=partial(self._open, one.id))
            return line

        self._rows.put(len(seen.lines), make)

    def _clear(self) -> None:
        self._shown, self.sums, self.month_text, self.ids.empty.text = None, "", "", ""
        self.has_earlier = self.has_later = False
        self.ids.rows.clear_widgets()

    def _open(self, session_id: int, *_args: object) -> None:
        page: Any = self.app.root.manager.get_screen(self.open_page)
        page.session_id = session_id
        self.app.go(self.open_page)


class AllSessionsScreen(SessionsScreen):
    """The same behind the settings PIN: nothing is hidden there."""

    open_page = "session_behind_pin"

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.titled = True
        self.ids.head.add_widget(
            TitleBar(title=_("All sessions"), back="charging_settings", pos_hint={"center_y": 0.5})
        )

    def _hides(self, status: Status) -> bool:
        return False


def _sums(seen: Month, language: str) -> str:
    """How many, how much, what it cost."""
    count = len(seen.lines)
    if not count:
        return ""
    words = [_("1 session") if count == 1 else _("{count} sessions").format(count=count)]
    if seen.energy_wh is not None:
        words.append(numbers.energy(seen.energy_wh, language))
    if seen.cost is not None:
        words.append(numbers.money(seen.cost, seen.currency, language))
    return " · ".join(words)


def _line(one: Line, currency: str, language: str) -> SessionLine:
    runs = one.ended_at is None
    until = _("now") if one.ended_at is None else numbers.clock_time(one.ended_at, language)
    end = _("charging") if runs else sentences.end_reason(catalog.current(), one.end_reason)
    cost = "" if one.cost is None else numbers.money(one.cost, currency, language)
    return SessionLine(
        session_id=one.id,
        icon="bolt" if runs else "station",
        tint=theme.GOOD if runs else theme.QUIET,
        who=one.user or _("Without authorization"),
        when=f"{numbers.weekday_and_day(one.began_at, language)}  {numbers.clock_time(one.began_at, language)}"
        f" {numbers.DASH} {until}",
        energy="…" if runs else numbers.energy(one.energy_wh, language),
        end=cost or end,
    )


Builder.load_file(__file__.removesuffix("py") + "kv")
