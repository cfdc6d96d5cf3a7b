"""A long list that is made only as far as somebody scrolls: hundreds of rows at once would hold the screen for seconds.

The first rows are made at once. When one scrolls near the last one and lifts the
finger, more are made below it, and what is seen stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.clock import Clock
from kivy.uix.layout import Layout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

FIRST, MORE = 16, 24  # rows
SOON_S = 0.05  # after a movement; while a finger holds the list it waits
NEAR = 1.5  # so many heights of the view below what is seen


class Growing:
    """The rows of one layout that lies in a ScrollView."""

    def __init__(self, rows: Layout) -> None:
        self._rows = rows
        self._count = 0
        self._make: Callable[[int], Widget] | None = None
        self._scroll: ScrollView | None = None
        self._soon = Clock.create_trigger(self._look, SOON_S)

    def put(self, count: int, make: Callable[[int], Widget]) -> None:
        """List so many rows anew, from the top; `make` makes the one of a number."""
        if self._scroll is None and isinstance(self._rows.parent, ScrollView):
            self._scroll = self._rows.parent
            self._scroll.fbind("scroll_y", self._moved)
        self._rows.clear_widgets()
        self._count, self._make = count, make
        self._add(FIRST)

    def _moved(self, *_args: object) -> None:
        if len(self._rows.children) < self._count:
            self._soon()

    def _look(self, _dt: float) -> None:
        scroll = self._scroll
        if scroll is None or len(self._rows.children) >= self._count:
            return
        if scroll._touch is not None:  # a finger holds it
            self._soon()
            return
        hidden = self._rows.height - scroll.height
        if hidden * scroll.scroll_y < NEAR * scroll.height:
            above = hidden * (1 - scroll.scroll_y)
            self._add(MORE)
            self._rows.do_layout()
            Clock.schedule_once(lambda _dt: self._stay(above), 0)

    def _stay(self, above: float) -> None:
        """What is seen stays where it is, although more lies below it now."""
        assert self._scroll is not None  # noqa: S101 - it was scrolled
        hidden = self._rows.height - self._scroll.height
        if hidden > 0:
            self._scroll.scroll_y = min(1.0, max(0.0, 1 - above / hidden))
            self._scroll._update_effect_bounds()  # or the next finger went on from where this was in the shorter list

    def _add(self, count: int) -> None:
        assert self._make is not None  # noqa: S101 - set by `put`
        begin = len(self._rows.children)
        for number in range(begin, min(self._count, begin + count)):
            self._rows.add_widget(self._make(number))
