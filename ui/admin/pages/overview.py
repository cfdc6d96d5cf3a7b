"""The overview: what flows now, today's curve, charging points and faults.

The page is complete as it comes; a script then puts new figures into it every
two seconds. A value that is too old is "no data", never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, jsonify, render_template
from werkzeug.wrappers import Response

from appliance import faults, heartbeat
from appliance.access import tokens
from appliance.charging import overview as charging_overview
from appliance.metering import balance, history, meters, readings
from appliance.opened import Opened
from ui.admin import curve, guard, words
from ui.admin.words import gettext as _
from ui.text import sentences

pages = Blueprint("overview", __name__)
SLOT = timedelta(minutes=15)
BUSY = ("authorized", "waiting", "charging", "paused")
IDLE_W = 20.0  # below this nothing flows worth naming


@dataclass(frozen=True, slots=True)
class Card:
    """One of the four big figures."""

    key: str
    label: str
    figure: str
    note: str
    known: bool


@pages.get("/")
@guard.needs("viewer")
def overview() -> str:
    """The page."""
    opened = guard.appliance()
    drawing, table = _today(opened)
    return render_template(
        "overview.html",
        cards=cards(opened),
        points=points(opened),
        faults=fault_sentences(opened),
        waiting=tokens.counts(opened.store)["pending"] if guard.who().may("admin") else 0,
        drawing=drawing,
        table=table,
        width=curve.WIDTH,
        height=curve.HEIGHT,
    )


@pages.get("/live.json")
@guard.needs("viewer")
def live() -> Response:
    """New figures for the page."""
    opened = guard.appliance()
    return jsonify(
        cards={card.key: {"figure": card.figure, "note": card.note, "known": card.known} for card in cards(opened)},
        points=points(opened),
        faults=fault_sentences(opened),
    )


@pages.get("/curve.json")
@guard.needs("viewer")
def today() -> Response:
    """New paths for the curve."""
    drawing, _table = _today(guard.appliance())
    return jsonify(
        lines=drawing.lines,
        areas=drawing.areas,
        zero_y=drawing.zero_y,
        values=[words.axis(watts) for watts in drawing.values_w],
    )


def cards(opened: Opened) -> list[Card]:
    """Grid, solar, car and house as far as there are meters for them."""
    known = readings.newest(opened.live)
    by_role: dict[str, list[float | None]] = {}
    for meter in meters.all(opened.store):
        reading = known.get(meter.id)
        fresh = reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s)
        power = reading.values.get("power_w") if reading is not None and fresh else None
        by_role.setdefault(meter.role, []).append(power)
    now = balance.balance(by_role)
    found: list[Card] = []
    if "grid" in by_role:
        found.append(
            _card("grid", _("Grid"), now.grid_w, _direction(now.grid_w, _("from the grid"), _("into the grid")))
        )
        found.append(
            _card("house", _("House"), now.house_w, _("without the car") if "charger" in by_role else _("in use"))
        )
    if "charger" in by_role:
        found.append(_card("car", _("Car"), now.car_w, _direction(now.car_w, _("is charging"), _("gives back"))))
    if "pv" in by_role:
        found.append(_card("pv", _("Solar"), now.pv_w, _direction(now.pv_w, _("from the sun"), _("own use"))))
    return found


def points(opened: Opened) -> list[dict[str, object]]:
    """The charging points in words, for page and script."""
    return [
        {
            "id": one.point.id,
            "name": one.point.name,
            "state": one.state,
            "state_text": sentences.point_state(words.texts(), one.state),
            "power": words.power(one.power_w) if one.power_w is not None and one.state in BUSY else "",
            "energy": "" if one.session_energy_wh is None else words.energy(one.session_energy_wh),
            "user": one.user or "",
            "stoppable": one.state in BUSY or one.session is not None,
        }
        for one in charging_overview.points_now(opened)
    ]


def fault_sentences(opened: Opened) -> list[str]:
    """What is wrong, in the language of this request."""
    found = [sentences.fault(words.texts(), fault) for fault in faults.active(opened.live)]
    if not heartbeat.core_runs(opened.live, opened.clock):
        found.insert(0, _("The core does not run: nothing is measured and nothing may charge. See 'wattward doctor'."))
    return found


def _card(key: str, label: str, watts: float | None, note: str) -> Card:
    if watts is None:
        return Card(key, label, _("no data"), _("the meter does not answer"), known=False)
    return Card(key, label, words.power(abs(watts)), note, known=True)


def _direction(watts: float | None, positive: str, negative: str) -> str:
    if watts is None:
        return ""
    if abs(watts) < IDLE_W:
        return _("at rest")
    return positive if watts > 0 else negative


def _today(opened: Opened) -> tuple[curve.Curve, list[tuple[str, list[str]]]]:
    """The curve of the local day, and its hours as a table."""
    zone = words.zone()
    day = opened.clock.now().astimezone(zone).date()
    begin, end = history.bounds(day, zone)
    roles: dict[str, dict[datetime, list[float | None]]] = {}
    for meter in meters.all(opened.store):
        for point in history.day(opened.store, opened.live, meter.id, day, zone):
            roles.setdefault(meter.role, {}).setdefault(point.start.astimezone(UTC), []).append(point.mean_w)
    starts = sorted({start for points_of in roles.values() for start in points_of})
    series: dict[str, list[tuple[datetime, float | None]]] = {"house": [], "car": [], "pv": []}
    for start in starts:
        then = balance.balance({role: points_of.get(start, [None]) for role, points_of in roles.items()})
        middle = start + SLOT / 2
        for key, watts in (("house", then.house_w), ("car", then.car_w), ("pv", then.pv_w)):
            series[key].append((middle, watts))
    shown = {"house": True, "car": "charger" in roles, "pv": "pv" in roles}
    kept = {key: values for key, values in series.items() if shown[key]}
    return curve.draw(kept, begin, end), _by_hour(kept)


def _by_hour(series: dict[str, list[tuple[datetime, float | None]]]) -> list[tuple[str, list[str]]]:
    """Mean power of each hour and series, as text."""
    zone = words.zone()
    hours: dict[str, dict[str, list[float]]] = {}
    for key, values in series.items():
        for at, watts in values:
            hour = hours.setdefault(f"{at.astimezone(zone):%H}:00", {})
            if watts is not None:
                hour.setdefault(key, []).append(watts)
    return [(hour, [_mean(found.get(key, [])) for key in series]) for hour, found in sorted(hours.items()) if found]


def _mean(values: Sequence[float]) -> str:
    return words.power(sum(values) / len(values)) if values else "–"
