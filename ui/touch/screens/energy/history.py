"""What was: a day as curves, longer as bars; a finger reads values, a flick or an arrow turns to the period before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from appliance import errors
from ui.text import spans
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.energy import history_words as words
from ui.touch.screens.energy import local_day
from ui.touch.screens.energy.history_data import Album, History, Wanted
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets.bars import Bars
from ui.touch.widgets.chart import Chart


class InlineKey(BoxLayout):
    """Which colour means what, in a row of them."""

    text = StringProperty("")
    tint = ColorProperty(theme.TEXT)


class FigureColumn(BoxLayout):
    """One figure with its name."""

    tint = ColorProperty(theme.TEXT)
    value = StringProperty("")
    label = StringProperty("")


class HistoryScreen(Page):
    """One period at a time."""

    kind = StringProperty("day")
    title = StringProperty("")
    unit = StringProperty("")
    hint = StringProperty("")
    has_before = BooleanProperty(False)
    has_after = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.day: date | None = None  # a day of the period; None: the newest
        self.album = Album()
        self._history: History | None = None
        self._awaits = False  # another period was asked for and is not there yet
        self._language = "en"
        self._chart, self._bars = Chart(reads=True), Bars(reads=True)
        for one in (self._chart, self._bars):
            one.bind(cursor=lambda *_: self._figures(), on_flick=lambda _one, way: self.turn(way))

    # What is wanted ----------------------------------------------------------------------------

    def sight(self) -> Sight:
        """The period that is chosen."""
        wanted = Wanted(self.album, self.kind, self.day)
        return Sight(wanted.look, wanted.every_s, (self.kind, self.day))

    def choose(self, kind: str) -> None:
        """Another length of time, around the same day; the newest stays the newest."""
        self.kind = kind
        self._ask()

    def turn(self, way: int) -> None:
        """To the period before (-1) or after (1), where there is one."""
        if self._history is None or not (self.has_before if way < 0 else self.has_after):
            return
        period = self._history.period
        day = period.first - timedelta(days=1) if way < 0 else period.last + timedelta(days=1)
        self.day = None if day >= self._history.today else day
        self._ask()

    def _ask(self) -> None:
        self._chart.cursor = self._bars.cursor = -1.0
        self._awaits = True
        self.app.look()

    def begin(self) -> None:
        """With today: somebody comes from the power of now."""
        self.kind, self.day, self._awaits = "day", None, True

    def take_over(self, before: Page) -> None:
        """The same period, in other colours or words."""
        assert isinstance(before, HistoryScreen)  # noqa: S101 - it was this page
        self.kind, self.day = before.kind, before.day

    def forget(self) -> None:
        """Nobody reads any more."""
        self._chart.cursor = self._bars.cursor = -1.0

    def open_figures(self) -> None:
        """All figures of this period."""
        page = self.app.root.manager.get_screen("figures")
        page.wanted = Wanted(self.album, self.kind, self.day)
        self.app.go("figures")

    # What is shown -----------------------------------------------------------------------------

    def show(self, status: Status) -> None:
        """Paint the period that was looked up, once."""
        found = self.seen(status, History)
        if isinstance(status.page, errors.WattwardError):
            self.hint = self.app.sentence(status.page)
        if found is None or (self._awaits and found.period.kind != self.kind):
            return
        self._awaits, self.kind = False, found.period.kind
        self._language = status.language
        if found is not self._history:
            self._history = found
            self.has_before = found.first is not None and found.period.first > found.first and self.kind != "total"
            self.has_after = not (found.period.last >= found.today)
            self._draw(found)
            self._figures()
        self.hint = "" if found.measured else _("Nothing was measured then.")
        if found.first is None:
            self.hint = _("The curve begins with the first readings.")
        if found.powers is not None:
            grows = found.period.last == found.today and found.measured
            self._chart.now_share = local_day.share(status.now) if grows else 0.0

    def _draw(self, found: History) -> None:
        """Hand over curves or bars, and name their colours."""
        is_day = found.powers is not None
        wanted, other = (self._chart, self._bars) if is_day else (self._bars, self._chart)
        place = self.ids.place
        if other.parent:
            place.remove_widget(other)
        if not wanted.parent:
            place.add_widget(wanted, index=len(place.children))
        wanted.language = self._language
        if is_day:
            known = words.curves(found)
            self._chart.ticks = local_day.hours(found.period.first, found.zone)
            self._chart.series = [(colour, values) for (colour, _text), values in known]
            self._chart.gaps = words.gaps(found)
            keys, has_gap = [key for key, _values in known], bool(self._chart.gaps)
        else:
            self._bars.bars = words.bars(found, self._language)
            keys, has_gap = words.keys(found), any(bar.gap for bar in self._bars.bars)
        if has_gap:
            keys = [*keys, (theme.QUIET, _("gaps"))]
        self.unit = words.unit(found, self._bars.bars)
        self.ids.colours.clear_widgets()
        for colour, text in keys if found.measured else ():
            self.ids.colours.add_widget(InlineKey(text=text, tint=colour))

    def _figures(self) -> None:
        """What is read under the finger, else what the period came to."""
        found = self._history
        if found is None:
            return
        period = found.period
        chart = self._chart if found.powers is not None else self._bars
        if chart.cursor >= 0:
            self.title, figures = words.read_at(found, chart.cursor, self._language)
        else:
            self.title = spans.title(period.kind, period.first, period.last, self._language, found.today)
            figures = words.figures(found, self._language)
        box = self.ids.figures
        while len(box.children) < len(figures):
            box.add_widget(FigureColumn())
        while len(box.children) > len(figures):
            box.remove_widget(box.children[0])
        for column, figure in zip(reversed(box.children), figures, strict=True):
            column.tint, column.value, column.label = figure.tint, figure.value, figure.label


Builder.load_file(__file__.removesuffix("py") + "kv")
