"""One page on which any other page of the settings lets somebody choose: `ask(app, Wanted(…))`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty

from ui.touch.screens.base import Page
from ui.touch.widgets import basic


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be chosen: (value, words) pairs. `done` gets the value after the page `back` is seen again."""

    title: str
    back: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    done: Callable[[str], None]
    hint: str = ""
    in_two: bool = False  # short words: two beside each other


def ask(app: Any, wanted: Wanted) -> None:  # noqa: ANN401 - Kivy's App, as pages hold it
    """Let somebody choose."""
    page: ChoiceScreen = app.root.manager.get_screen("choice")
    page.wanted = wanted
    app.go("choice")


class OptionRow(basic.Tap):
    """One of several."""

    text = StringProperty("")
    value = StringProperty("")
    chosen = BooleanProperty(False)


class ChoiceScreen(Page):
    """Title and options; the one in force bears a mark."""

    keeps = answers = True
    title = StringProperty("")
    back = StringProperty("settings")
    hint = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.wanted: Wanted | None = None

    def enter(self) -> None:
        """Show the options."""
        wanted = self.wanted
        if wanted is None:
            return
        self.title, self.back, self.hint = wanted.title, wanted.back, wanted.hint
        grid = self.ids.options
        grid.clear_widgets()
        grid.cols = 2 if wanted.in_two else 1
        for value, words in wanted.options:
            row = OptionRow(value=value, text=words, chosen=value == wanted.chosen)
            row.bind(on_release=lambda row: self.choose(row.value))
            grid.add_widget(row)
        self.ids.scroll.scroll_y = 1
        Clock.schedule_once(self._show_chosen, 0)

    def _show_chosen(self, _dt: float) -> None:
        """Scroll to what is in force, once the rows have their places."""
        grid, scroll = self.ids.options, self.ids.scroll
        chosen = next((row for row in grid.children if row.chosen), None)
        if chosen is not None and grid.height > scroll.height:
            scroll.scroll_to(chosen, padding=dp(80), animate=False)

    def choose(self, value: str) -> None:
        """Go back and hand it over."""
        wanted, self.wanted = self.wanted, None
        if wanted is not None:
            self.app.go(wanted.back)
            wanted.done(value)


Builder.load_file(__file__.removesuffix("py") + "kv")
