"""A line of text and the keyboard that types it: what is asked, what was typed, OK.

A secret is shown as dots until somebody taps *Show*, and never longer than the
page is seen. `on_done(text)` hands the text over and forgets it.
"""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stencilview import StencilView

from ui.text import catalog
from ui.touch.widgets import basic, keyboard
from ui.touch.widgets.keyboard import LETTERS

assert basic, keyboard  # noqa: S101 - used by entry.kv
DOT = "\u2022"
HINT_DP, LONG_HINT_DP = 26, 56  # of one line and of two: with more the keys would be too small
HINT_LETTERS = 72  # that surely fit into a line


class Slit(StencilView):
    """Shows the end of a text that is too long."""


class TextEntry(BoxLayout):
    """Field and keyboard. `least` characters are needed, `most` are taken."""

    text = StringProperty("")
    hint = StringProperty("")  # what may be typed, or why it was not taken
    hint_is_bad = BooleanProperty(False)
    empty_word = StringProperty("")  # in the field while nothing is typed
    done_word = StringProperty("OK")
    secret = BooleanProperty(False)
    masked = BooleanProperty(False)
    least = NumericProperty(1)
    most = NumericProperty(64)
    shown = StringProperty("")

    hint_height = NumericProperty(HINT_DP)

    __events__ = ("on_done",)

    def on_hint(self, *_args: object) -> None:
        """Make room for it; a complaint has two lines, so that keys seldom move."""
        self.hint_height = LONG_HINT_DP if self.hint_is_bad or len(self.hint) > HINT_LETTERS else HINT_DP

    on_hint_is_bad = on_hint

    def begin(self, text: str = "", *, secret: bool = False, page: str = "letters") -> None:
        """Begin anew, with a text to change or none."""
        board = self.ids.board
        board.clear()
        board.layout = catalog.current().language if catalog.current().language in LETTERS else "en"
        board.text, board.page = text, page
        self.secret = self.masked = secret
        self._paint()

    def forget(self) -> None:
        """Drop what was typed."""
        self.ids.board.clear()

    def on_text(self, *_args: object) -> None:
        """Paint what was typed."""
        self.hint_is_bad = False
        self._paint()

    def on_masked(self, *_args: object) -> None:
        """Paint dots or letters."""
        self._paint()

    def _paint(self) -> None:
        self.shown = DOT * len(self.text) if self.masked else self.text
        self.ids.board.enough = len(self.text) >= self.least

    def complain(self, sentence: str) -> None:
        """Say why it was not taken."""
        self.hint, self.hint_is_bad = sentence, True

    def done(self, text: str) -> None:
        """The last key was tapped."""
        self.dispatch("on_done", text)

    def on_done(self, text: str) -> None:
        """Default handler."""


Builder.load_file(__file__.removesuffix("py") + "kv")
