"""One page on which any other page of the settings lets a text be typed: `ask(app, Wanted(…))`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from ui.touch.screens.base import Page
from ui.touch.widgets import entry

assert entry  # noqa: S101 - used by text_entry.kv


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be typed. `done` gets it after the page `back` is seen again; going back types nothing."""

    title: str
    back: str
    done: Callable[[str], None]
    hint: str = ""
    wrong: str = ""  # in place of the hint: what is wrong with `text`
    text: str = ""
    empty_word: str = ""
    verb: str = "OK"
    secret: bool = False
    least: int = 1
    most: int = 64
    digits: bool = False  # begin with digits and signs
    stays: bool = False  # `done` itself goes elsewhere


def ask(app: Any, wanted: Wanted) -> None:  # noqa: ANN401 - Kivy's App, as pages hold it
    """Let somebody type."""
    page: TextEntryScreen = app.root.manager.get_screen("text_entry")
    page.wanted = wanted
    app.go("text_entry")


class TextEntryScreen(Page):
    """Title, field, keyboard."""

    keeps = answers = True
    title = StringProperty("")
    back = StringProperty("settings")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.wanted: Wanted | None = None

    def enter(self) -> None:
        """Begin anew."""
        wanted = self.wanted
        if wanted is None:
            return
        self.title, self.back = wanted.title, wanted.back
        entry = self.ids.entry
        entry.hint, entry.hint_is_bad = wanted.hint, False
        entry.empty_word, entry.done_word = wanted.empty_word, wanted.verb
        entry.least, entry.most = wanted.least, wanted.most
        entry.begin(wanted.text, secret=wanted.secret, page="signs" if wanted.digits else "letters")
        if wanted.wrong:
            entry.complain(wanted.wrong)

    def forget(self) -> None:
        """Drop what was typed."""
        self.ids.entry.forget()

    def done(self, text: str) -> None:
        """Go back and hand it over."""
        wanted, self.wanted = self.wanted, None
        if wanted is not None:
            if not wanted.stays:
                self.app.go(wanted.back)
            wanted.done(text)


Builder.load_file(__file__.removesuffix("py") + "kv")
