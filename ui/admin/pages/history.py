"""History: a day as curves, longer as bars, what it came to, and the same as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.billing import lookback
from appliance.billing.grid_money import Money
from appliance.billing.lookback import History
from appliance.errors import N_
from appliance.metering import export, exporting, household, meters
from appliance.metering.balance import Energies
from appliance.metering.periods import KINDS
from appliance.system import tasks
from ui.admin import charts_energy, forms, guard, history_files, words
from ui.admin.charts import Chart
from ui.admin.words import gettext as _
from ui.text import numbers, spans

pages = Blueprint("history", __name__, url_prefix="/history")
NAMES = {"day": N_("Day"), "week": N_("Week"), "month": N_("Month"), "year": N_("Year"), "total": N_("All years")}
STEPS = {
    "quarter": N_("Quarter hours"),
    "minute": N_("Minutes"),
    "second": N_("Seconds"),
    "day": N_("Days"),
    "month": N_("Months"),
    "year": N_("Years"),
}
UNKNOWN = Energies(None, None, None, None, None, None, None, 0, None, None, (), gap=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside that of the period before."""

    key: str
    name: str
    now: str
    before: str
    change: str


@pages.get("", endpoint="history")
@guard.needs("viewer")
def show() -> str:
    """One period; without one, today."""
    opened, zone = guard.appliance(), words.zone()
    now = opened.clock.now()
    kind, day = _asked()
    first, today = household.first_day(opened, zone), now.astimezone(zone).date()
    found = lookback.look_up(opened, lookback.period(kind, day, today, first), now, zone, first)
    chart = (
        charts_energy.of_period(found)
        if found.powers is None
        else charts_energy.of_day(found.powers, found.period.first)
    )
    period = found.period
    return render_template(
        "history.html",
        kind=kind,
        kinds={one: _(NAMES[one]) for one in KINDS},
        found=found,
        title=spans.title(kind, period.first, period.last, words.language()),
        lines=lines(found),
        chart=chart,
        table=_table(found, chart),
        earlier=_earlier(found),
        later=None if period.last >= today else min(period.last + timedelta(days=1), today),
        day=min(max(period.first, day or today), period.last),
        made=tasks.newest(opened.live, exporting.KIND),
        form=forms.blank(
            what="balance", step="day", format="csv",
            begin=period.first.isoformat(), end=min(period.last, today).isoformat(),
        ),
        **_choices(),
    )  # fmt: skip


@pages.get("/file")
@guard.needs("operator")
def file() -> Response | str | tuple[str, int]:
    """The history of a meter or of the household as a file; a long one is asked about first."""
    form = forms.Form(request.args.to_dict())
    with forms.checked(form, history_files.FIELDS):
        wanted = history_files.wanted_of(form)
        if not wanted.takes_long:
            return history_files.answer(wanted)
        return render_template(
            "history_long.html",
            form=form,
            fields=history_files.FIELDS,
            rows=numbers.decimal(wanted.rows, 0, words.language()),
        )
    return render_template("history_file.html", form=form, **_choices()), 422


@pages.post("/file")
@guard.needs("operator")
def make_file() -> Response | tuple[str, int]:
    """Have a long file made, and follow it."""
    form = forms.sent()
    with forms.checked(form, history_files.FIELDS):
        return redirect(url_for("tasks.follow", task_id=history_files.order(history_files.wanted_of(form))), 303)
    return render_template("history_file.html", form=form, **_choices()), 422


def _asked() -> tuple[str, date | None]:
    kind = request.args.get("kind", "day")
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = None
    return (kind if kind in KINDS else "day"), day if day and day.year in forms.YEARS else None


def _earlier(found: History) -> date | None:
    """A day of the period before, as far as anything was measured."""
    if found.first is None or found.period.kind == "total" or found.period.first <= found.first:
        return None
    return found.period.first - timedelta(days=1)


def _choices() -> dict[str, object]:
    """What may be exported, and how."""
    known = meters.all(guard.appliance().store, archived=True)
    return {
        "whats": [("balance", _("Household")), *((str(meter.id), meter.name) for meter in known)],
        "steps": [(step, _(STEPS[step])) for step in export.STEPS],
        "formats": [(key, _(name)) for key, name in history_files.FORMATS.items()],
    }


def _table(found: History, chart: Chart) -> list[tuple[str, list[str]]]:
    """The chart as figures: hours of a day, bars of a longer period."""
    if found.powers is not None:
        return charts_energy.by_hour(chart)
    return [
        (name, [words.energy(one.values[i]) for one in chart.series])
        for i, name in enumerate(chart.names)
        if any(one.values[i] is not None for one in chart.series)
    ]


# Figures -----------------------------------------------------------------------------------------


def lines(found: History) -> list[Line]:
    """The figures of a period; only what the house has."""
    now, then, roles = found.sums, found.before or UNKNOWN, found.roles
    money, money_then = found.money, found.before_money or Money(None, None, found.money.currency)
    rows: list[Line | None] = [
        _energy("used", _("Used in all"), lookback.used_wh(now), lookback.used_wh(then)),
        _energy("house", _("House"), now.house_wh, then.house_wh) if "charger" in roles else None,
        _energy("car", _("Car"), now.car_wh, then.car_wh) if "charger" in roles else None,
        _energy("grid", _("From the grid"), now.grid_import_wh, then.grid_import_wh),
        _money("grid", _("Cost"), money.cost, money_then.cost, money.currency),
    ]
    if "pv" in roles:
        rows += [
            _energy("pv", _("Solar"), now.pv_wh, then.pv_wh),
            _share("pv", _("Own use of solar energy"), now.self_consumption, then.self_consumption),
        ]
    if found.makes:
        rows += [
            _energy("export", _("Fed into the grid"), now.grid_export_wh, then.grid_export_wh),
            _money("export", _("Earned by feed-in"), money.earned, money_then.earned, money.currency),
            _share("share", _("Self-sufficiency"), now.self_sufficiency, then.self_sufficiency),
        ]
    if "battery" in roles:
        rows += [
            _energy("battery", _("Into the battery"), now.battery_charged_wh, then.battery_charged_wh),
            _energy("battery", _("Out of the battery"), now.battery_given_wh, then.battery_given_wh),
        ]
    return [row for row in rows if row is not None]


def _energy(key: str, name: str, wh: int | None, then: int | None) -> Line:
    return Line(key, name, words.energy(wh), "" if then is None else words.energy(then), spans.change(wh, then))


def _share(key: str, name: str, part: float | None, then: float | None) -> Line:
    language = words.language()
    return Line(key, name, spans.share(part, language), "" if then is None else spans.share(then, language), "")


def _money(key: str, name: str, amount: Decimal | None, then: Decimal | None, currency: str) -> Line | None:
    """A row of money; none while no tariff says what it would be."""
    if amount is None:
        return None
    language = words.language()
    before = "" if then is None else numbers.money(then, currency, language)
    change = spans.change(float(amount), None if then is None else float(then))
    return Line(key, name, numbers.money(amount, currency, language), before, change)
