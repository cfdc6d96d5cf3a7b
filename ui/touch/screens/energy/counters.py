"""The energy counters of all meters, in all and by phase, and since when they count."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import ColorProperty, NumericProperty, StringProperty

from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.energy import powers
from ui.touch.screens.energy.source_data import Counters, MeterSeen, counters
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets.basic import Surface

EVERY_S = 5.0


class CounterBox(Surface):
    """One meter."""

    icon = StringProperty("meter")
    tint = ColorProperty(theme.ACCENT)
    title = StringProperty("")
    since = StringProperty("")
    rows = NumericProperty(2)


class CountersScreen(Page):
    """One box a meter."""

    hint = StringProperty("")

    def sight(self) -> Sight:
        """All meters."""
        return Sight(counters, EVERY_S)

    def show(self, status: Status) -> None:
        """Paint the boxes; they stay while their values change."""
        found = self.seen(status, Counters)
        if found is None:
            return
        box = self.ids.rows
        if len(box.children) != len(found.meters):
            box.clear_widgets()
            for _meter in found.meters:
                box.add_widget(CounterBox())
        for one, meter in zip(reversed(box.children), found.meters, strict=True):
            _paint(one, meter, status)
        self.hint = "" if found.meters else _("Counters begin with the first meter.")


def _paint(box: CounterBox, one: MeterSeen, status: Status) -> None:
    language = status.language
    box.icon, box.tint = powers.KINDS[one.meter.role], powers.tint(one.meter.role)
    box.title = f"{one.meter.name} · {sentences.role(catalog.current(), one.meter.role)}"
    reset_at = one.counters.reset_at
    if reset_at is None:
        box.since = _("from the start")
    else:
        box.since = _("since {moment}").format(moment=numbers.moment(reset_at.astimezone(status.now.tzinfo), language))
    rows = table(one, language)
    box.rows = len(rows)
    box.ids.table.put(rows)


def table(one: MeterSeen, language: str) -> list[list[str]]:
    """In and out, in all and by phase; only what the meter counts."""
    values = one.counters.values_wh
    phases = [phase for phase in (1, 2, 3) if f"import_l{phase}_wh" in values or f"export_l{phase}_wh" in values]
    rows = [["", _("Total"), *(f"L{phase}" for phase in phases)]]
    for name, direction in ((_("in"), "import"), (_("out"), "export")):
        keys = [f"{direction}_wh", *(f"{direction}_l{phase}_wh" for phase in phases)]
        if any(key in values for key in keys):
            rows.append([name, *(numbers.energy(values.get(key), language) for key in keys)])
    return rows if len(rows) > 1 else [["", _("Total")], [_("in"), numbers.DASH]]


Builder.load_file(__file__.removesuffix("py") + "kv")
