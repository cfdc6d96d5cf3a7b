"""What today has come to: sums, curves and their table, kept for some seconds because many may look at once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flask import current_app, render_template
from markupsafe import Markup

from appliance.billing import grid_money, lookback
from appliance.metering import household, meters
from appliance.opened import Opened
from ui.admin import charts_energy, words
from ui.admin.charts import Chart
from ui.admin.words import gettext as _
from ui.text import numbers, spans

KEPT_S = 10.0  # of the appliance's clock


@dataclass(frozen=True, slots=True)
class Sum:
    """One figure of the day."""

    key: str
    label: str
    figure: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """All of it, in one language; `html` is the section of the overview, the same for everybody."""

    made_s: float
    roles: frozenset[str]
    chart: Chart
    sums: list[Sum]
    html: Markup


def look(opened: Opened) -> Today:
    """Today, at most KEPT_S old. Raises StoreError."""
    kept: dict[str, Today] = current_app.extensions.setdefault("wattward-today", {})
    now_s, roles = opened.clock.boottime_s(), frozenset(meter.role for meter in meters.all(opened.store))
    key = f"{words.language()} {words.zone()}"
    found = kept.get(key)
    if found is None or found.roles != roles or not 0 <= now_s - found.made_s < KEPT_S:
        found = kept[key] = _made(opened, now_s, roles)
    return found


def _made(opened: Opened, now_s: float, roles: frozenset[str]) -> Today:
    chart, shown = charts_energy.today(opened), _sums(opened, roles)
    html = render_template("today.html", chart=chart, sums=shown, table=charts_energy.by_hour(chart))
    return Today(now_s, roles, chart, shown, Markup(html))  # noqa: S704 - our own template


def _sums(opened: Opened, roles: frozenset[str]) -> list[Sum]:
    """What today has come to so far, and what it cost."""
    zone, language = words.zone(), words.language()
    day = opened.clock.now().astimezone(zone).date()
    found, money = household.between(opened, day, day, zone), grid_money.between(opened, day, day, zone)

    def price(amount: Decimal | None) -> str:
        return "" if amount is None else numbers.money(amount, money.currency, language)

    shown = [Sum("used", _("Used"), words.energy(lookback.used_wh(found)))] if "grid" in roles else []
    if "grid" in roles:
        shown.append(Sum("import", _("From the grid"), words.energy(found.grid_import_wh), price(money.cost)))
    if "pv" in roles:
        shown.append(Sum("pv", _("Solar"), words.energy(found.pv_wh)))
    if lookback.MAKERS & roles and "grid" in roles:
        shown.append(Sum("export", _("Fed into the grid"), words.energy(found.grid_export_wh), price(money.earned)))
        shown.append(Sum("share", _("Self-sufficiency"), spans.share(found.self_sufficiency, language)))
    if "charger" in roles:
        shown.append(Sum("car", _("Car"), words.energy(found.car_wh)))
    return shown
