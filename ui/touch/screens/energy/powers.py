"""The powers of a household as the flow picture shows them: nodes, words, directions. No Kivy here.

Sources stand left, users right; the battery stands right, because it takes as
often as it gives. Only what has a meter has a node.
"""

from __future__ import annotations

from collections.abc import Sequence

from ui.text import numbers
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.status import Status
from ui.touch.widgets.flow import STILL_W, Power

LONGEST_NAME = 10  # that a card has room for beside an energy
LONG_S = 3600.0  # a card has no room for more than minutes


def left(status: Status) -> list[Power]:
    """Roof and grid."""
    return [*([_solar(status)] if "pv" in status.roles else []), _grid(status)]


def right(status: Status) -> list[Power]:
    """Car and battery."""
    car = [_car(status)] if "charger" in status.roles else []
    return [*car, *([_battery(status)] if "battery" in status.roles else [])]


def sources(status: Status) -> list[tuple[theme.Colour, float]]:
    """What all that is used now is made of: roof, battery, grid in W; empty while something is not known."""
    if status.house_w is None or status.grid_w is None:
        return []
    battery_w, pv_w = status.battery_w or 0.0, status.pv_w or 0.0
    gone_w = max(0.0, -status.grid_w) + max(0.0, battery_w)  # fed in and stored comes off the roof first
    return [
        (theme.SOLAR, max(0.0, pv_w - gone_w)),
        (theme.BATTERY, max(0.0, -battery_w)),
        (theme.GRID, max(0.0, status.grid_w)),
    ]


def reason(status: Status, role: str) -> str:
    """Why a value is not there: since when its meter says nothing."""
    ages = [meter.age_s for meter in status.meters if meter.role == role and meter.power_w is None]
    if not ages or None in ages:
        return _("no data")
    oldest_s = max(age for age in ages if age is not None)
    if oldest_s >= LONG_S:
        return _("no data")
    return _("no data for {time}").format(time=numbers.wait(oldest_s))


def house_words(status: Status) -> tuple[str, str]:
    """The house's name, and what it used today or that nobody knows what it uses."""
    note = _("no data") if status.house_w is None else _today(status.today.house_wh, status.language)
    return _("House"), note


def _grid(status: Status) -> Power:
    exports = status.grid_w is not None and status.grid_w < -STILL_W
    wh = status.today.export_wh if exports else status.today.import_wh
    return _power(
        status, "grid", status.grid_w, _("Feed-in") if exports else _("Grid"), _today(wh, status.language), sign=1
    )


def _solar(status: Status) -> Power:
    return _power(status, "pv", status.pv_w, _("Solar"), _today(status.today.pv_wh, status.language), sign=1)


def _battery(status: Status) -> Power:
    watts, today = status.battery_w, status.today
    if watts is not None and abs(watts) >= STILL_W:
        title = _("Battery fills") if watts > 0 else _("Battery gives")
        wh = today.charged_wh if watts > 0 else today.given_wh
        return _power(status, "battery", watts, title, _today(wh, status.language), sign=-1)
    return _power(status, "battery", watts, _("Battery"), _today(today.given_wh, status.language), sign=-1)


def _car(status: Status) -> Power:
    return _power(status, "charger", status.car_w, _("Car"), _car_note(status), sign=-1)


KINDS = {"grid": "grid", "pv": "solar", "battery": "battery", "charger": "car", "house": "house", "submeter": "meter"}


def tint(role: str) -> theme.Colour:
    """The colour a role keeps everywhere."""
    tints = {
        "grid": theme.GRID, "pv": theme.SOLAR, "battery": theme.BATTERY, "charger": theme.CAR, "house": theme.HOUSE,
    }  # fmt: skip
    return tints.get(role, theme.ACCENT)


def _power(status: Status, role: str, watts: float | None, title: str, note: str, *, sign: int) -> Power:
    return Power(
        key=role, icon=KINDS[role], tint=tint(role), title=title, watts=watts,
        note=reason(status, role) if watts is None else note,
        to_house_w=None if watts is None else sign * watts,
    )  # fmt: skip


def _today(wh: int | None, language: str) -> str:
    return _("today {energy}").format(energy=numbers.energy(wh, language))


def _car_note(status: Status) -> str:
    """Who charges, unless that is private; else today's energy."""
    for point in () if status.private else status.points:
        if point.user and point.state in ("charging", "paused"):
            first = point.user.split(" ", 1)[0]
            name = first if len(first) <= LONGEST_NAME else f"{first[: LONGEST_NAME - 1]}…"
            return f"{name} · {numbers.energy(point.energy_wh, status.language)}"
    return _today(status.today.car_wh, status.language)


def curves(status: Status) -> Sequence[tuple[theme.Colour, str, tuple[float | None, ...]]]:
    """Today's curves, the largest areas behind: colour, name, values; empty before the first reading."""
    curve = status.curve
    known = [("pv", _("Solar"), curve.pv), ("charger", _("Car"), curve.car)]
    known = [one for one in known if one[0] in status.roles and any(one[2])] + [("house", _("House"), curve.house)]
    if not any(watts is not None for _role, _name, values in known for watts in values):
        return []
    return [(tint(role), name, values) for role, name, values in known]
