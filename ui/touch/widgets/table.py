"""A small table of texts: the first row and column are names. Cells stay while only their texts change."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.metrics import dp
from kivy.properties import NumericProperty
from kivy.uix.gridlayout import GridLayout

from ui.touch import theme
from ui.touch.widgets.basic import Text


class TableView(GridLayout):
    """Rows of texts. The first column is left, the others stand right."""

    names_share = NumericProperty(1.0)  # how wide the first column is, beside one of the others

    _shape = (0, 0)  # columns and cells

    def put(self, rows: Sequence[Sequence[str]], *, head: bool = True) -> None:
        """Show these rows; with `head` the first one names the columns."""
        columns = len(rows[0]) if rows else 1
        cells = [cell for row in rows for cell in row]
        if (columns, len(cells)) != self._shape:
            self._shape = (columns, len(cells))
            self.clear_widgets()
            self.cols = columns
            for number in range(len(cells)):
                self.add_widget(self._cell(number // columns, number % columns, head=head))
        for label, text in zip(reversed(self.children), cells, strict=True):
            label.text = text

    def _cell(self, row: int, column: int, *, head: bool) -> Text:
        quiet = column == 0 or (head and row == 0)
        return Text(
            color=theme.QUIET if quiet else theme.TEXT,
            font_size=dp(theme.SMALL),
            bold=not quiet,
            halign="left" if column == 0 else "right",
            size_hint_x=self.names_share if column == 0 else 1,
        )
