"""All figures of a period: energies, shares and money, beside those of the period before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from appliance.billing.grid_money import Money
from appliance.metering.balance import Energies
from ui.text import numbers, spans
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.energy import powers
from ui.touch.screens.energy.history_data import Album, History, Wanted
from ui.touch.screens.energy.history_words import used_wh
from ui.touch.sight import Sight
from ui.touch.status import Status

Line = tuple[str, theme.Colour, str, str, str, str]  # icon, colour, name, now, before, change


class FigureRow(BoxLayout):
    """One figure, now and before."""

    icon = StringProperty("info")
    tint = ColorProperty(theme.TEXT)
    name = StringProperty("")
    now = StringProperty("")
    before = StringProperty("")
    change = StringProperty("")


class FiguresScreen(Page):
    """A table of what a period came to."""

    title = StringProperty("")
    compares = BooleanProperty(False)  # there is a period before
    gap = StringProperty("")
    note = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.wanted = Wanted(Album(), "day", None)
        self._shown: object = None

    def sight(self) -> Sight:
        """The period the history showed."""
        return Sight(self.wanted.look, self.wanted.every_s, (self.wanted.kind, self.wanted.day))

    def show(self, status: Status) -> None:
        """Paint the table, once for each look."""
        found = self.seen(status, History)
        if found is None or found is self._shown:
            return
        self._shown = found
        period = found.period
        self.title = spans.title(period.kind, period.first, period.last, status.language)
        rows = lines(found, status.language)
        box = self.ids.rows
        while len(box.children) < len(rows):
            box.add_widget(FigureRow())
        while len(box.children) > len(rows):
            box.remove_widget(box.children[0])
        for row, (icon, tint, name, now, before, change) in zip(reversed(box.children), rows, strict=True):
            row.icon, row.tint, row.name, row.now, row.before, row.change = icon, tint, name, now, before, change
        self.compares = found.before is not None
        self.gap = _("For some of this time no meter was read: the sums are right, the curve between is not known.")
        if not found.sums.gap:
            self.gap = ""
        self.note = _notes(found)


def _notes(found: History) -> str:
    """What the columns are, and what is missing for money."""
    said = []
    if found.before is not None:
        whole = _("Grey: the period before.")
        said.append(whole if found.is_over else _("Grey: the period before, up to the same moment."))
    if found.money.cost is None and found.measured:
        said.append(_("With a tariff, costs are shown here too (web admin, Billing)."))
    return " ".join(said)


UNKNOWN = Energies(None, None, None, None, None, None, None, 0, None, None, (), gap=False)


def lines(found: History, language: str) -> list[Line]:
    """The rows of the table; only what the house has."""
    now, then = found.sums, found.before or UNKNOWN
    money, money_then = found.money, found.before_money or Money(None, None, found.money.currency)
    roles, owns = found.roles, bool({"pv", "battery"} & found.roles)
    rows: list[Line | None] = [
        _energy("house", "house", _("House"), now.house_wh, then.house_wh, language),
        _energy("car", "charger", _("Car"), now.car_wh, then.car_wh, language) if "charger" in roles else None,
        _energy("grid", "grid", _("From the grid"), now.grid_import_wh, then.grid_import_wh, language),
        _money(_("Cost"), money.cost, money_then.cost, money.currency, language),
    ]
    if owns:
        rows += [
            _energy("grid", "grid", _("Fed into the grid"), now.grid_export_wh, then.grid_export_wh, language),
            _money(_("Earned by feed-in"), money.earned, money_then.earned, money.currency, language),
        ]
    if "pv" in roles:
        own, own_then = now.self_consumption, then.self_consumption
        rows += [
            _energy("solar", "pv", _("Solar"), now.pv_wh, then.pv_wh, language),
            _ratio("solar", theme.SOLAR, _("Own use of solar energy"), own, own_then, language),
        ]
    if "battery" in roles:
        into, out = _("Into the battery"), _("Out of the battery")
        rows += [
            _energy("battery", "battery", into, now.battery_charged_wh, then.battery_charged_wh, language),
            _energy("battery", "battery", out, now.battery_given_wh, then.battery_given_wh, language),
        ]
    if owns:
        share, share_then = now.self_sufficiency, then.self_sufficiency
        rows += [
            _ratio("good", theme.GOOD, _("Self-sufficiency"), share, share_then, language),
            _energy("curve", "house", _("Used in all"), used_wh(now), used_wh(then), language),
        ]
    return [row for row in rows if row is not None]


def _energy(icon: str, role: str, name: str, wh: int | None, then: int | None, language: str) -> Line:
    before = "" if then is None else numbers.energy(then, language)
    return icon, powers.tint(role), name, numbers.energy(wh, language), before, spans.change(wh, then)


def _ratio(icon: str, tint: theme.Colour, name: str, part: float | None, then: float | None, language: str) -> Line:
    return icon, tint, name, spans.share(part, language), "" if then is None else spans.share(then, language), ""


def _money(name: str, amount: Decimal | None, then: Decimal | None, currency: str, language: str) -> Line | None:
    """A row of money; none while no tariff says what it would be."""
    if amount is None:
        return None
    before = "" if then is None else numbers.money(then, currency, language)
    change = spans.change(float(amount), None if then is None else float(then))
    return "cost", theme.ACCENT, name, numbers.money(amount, currency, language), before, change


Builder.load_file(__file__.removesuffix("py") + "kv")
