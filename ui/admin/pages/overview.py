"""The overview: what flows now, today's curves and sums, charging points and faults.

The page is complete as it comes; a script then puts new figures into it every
two seconds. A value that is too old is "no data", never a number.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import Blueprint, jsonify, render_template
from werkzeug.wrappers import Response

from appliance import faults, heartbeat
from appliance.access import tokens
from appliance.charging import overview as charging_overview
from appliance.metering import household, meters
from appliance.metering.balance import Balance
from appliance.opened import Opened
from ui.admin import flow, guard, today, words
from ui.admin.flow import IDLE_W
from ui.admin.words import gettext as _
from ui.text import sentences

pages = Blueprint("overview", __name__)
BUSY = ("authorized", "waiting", "charging", "paused")


@dataclass(frozen=True, slots=True)
class Card:
    """One of the big figures of the picture."""

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
    roles, now = _now(opened)
    return render_template(
        "overview.html",
        cards={card.key: card for card in cards(roles, now)},
        sides=flow.keys(roles),
        wires={wire.key: wire for wire in flow.wires(now, roles)},
        ring=flow.ring(now),
        points=points(opened),
        faults=fault_sentences(opened),
        waiting=tokens.counts(opened.store)["pending"] if guard.who().may("admin") else 0,
        today=today.look(opened).html if roles else "",
    )


@pages.get("/live.json")
@guard.needs("viewer")
def live() -> Response:
    """New figures for the page."""
    opened = guard.appliance()
    roles, now = _now(opened)
    return jsonify(
        cards={card.key: {"figure": card.figure, "note": card.note, "known": card.known} for card in cards(roles, now)},
        wires=[asdict(wire) for wire in flow.wires(now, roles)],
        ring=[asdict(part) for part in flow.ring(now)],
        points=points(opened),
        faults=fault_sentences(opened),
    )


@pages.get("/curve.json")
@guard.needs("viewer")
def curve() -> Response:
    """New curves and sums of today."""
    found = today.look(guard.appliance())
    sums = {one.key: one.figure for one in found.sums}
    return jsonify(data=found.chart.data(), sums=sums, **found.chart.paths())


def _now(opened: Opened) -> tuple[set[str], Balance]:
    return {meter.role for meter in meters.all(opened.store)}, household.now(opened).balance


def cards(roles: set[str], now: Balance) -> list[Card]:
    """Grid, house, car, roof and battery as far as there are meters for them."""
    found: list[Card] = []
    if "grid" in roles:
        found.append(
            _card("grid", _("Grid"), now.grid_w, _direction(now.grid_w, _("from the grid"), _("into the grid")))
        )
        found.append(
            _card("house", _("House"), now.house_w, _("without the car") if "charger" in roles else _("in use"))
        )
    if "charger" in roles:
        found.append(_card("car", _("Car"), now.car_w, _direction(now.car_w, _("is charging"), _("gives back"))))
    if "pv" in roles:
        found.append(_card("pv", _("Solar"), now.pv_w, _direction(now.pv_w, _("from the sun"), _("own use"))))
    if "battery" in roles:
        found.append(
            _card("battery", _("Battery"), now.battery_w, _direction(now.battery_w, _("is filled"), _("gives power")))
        )
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
    if watts is None:  # why, the meters' own cards say; the house has none
        note = "" if key == "house" else _("the meter does not answer")
        return Card(key, label, _("no data"), note, known=False)
    return Card(key, label, words.power(abs(watts)), note, known=True)


def _direction(watts: float | None, positive: str, negative: str) -> str:
    if watts is None:
        return ""
    if abs(watts) < IDLE_W:
        return _("at rest")
    return positive if watts > 0 else negative
