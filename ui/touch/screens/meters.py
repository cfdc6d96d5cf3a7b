"""The meters with their newest power and whether they answer."""

from __future__ import annotations

from kivy.lang import Builder

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.status import MeterNow, Status
from ui.touch.widgets.basic import Row


class MetersScreen(Page):
    """One row a meter."""

    def show(self, status: Status) -> None:
        """Paint the rows; rows stay where they are while their values change."""
        box = self.ids.rows
        titles = [self._title(meter) for meter in status.meters]
        if [row.title for row in reversed(box.children)] != titles:
            box.clear_widgets()
            for title in titles:
                box.add_widget(Row(icon="meter", title=title, leads=False, enabled=True))
        for row, meter in zip(reversed(box.children), status.meters, strict=True):
            power = _("no data") if meter.power_w is None else numbers.power(meter.power_w, status.language)
            row.value = f"{power} · {meter.model}"
        self.ids.empty.text = "" if status.meters else _("No meter is set up. Add one: wattward meters add.")

    @staticmethod
    def _title(meter: MeterNow) -> str:
        return f"{meter.name} ({sentences.role(catalog.current(), meter.role)})"


Builder.load_file(__file__.removesuffix("py") + "kv")
