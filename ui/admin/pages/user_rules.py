"""What one person may: hours of the week, card and PIN, energy per period, a tariff of their own, their cars."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.billing import tariffs
from appliance.charging import allowances, users, vehicles, windows
from appliance.charging.users import User
from appliance.errors import N_, BadInput
from ui.admin import forms, guard
from ui.admin.pages.users import listed
from ui.admin.words import gettext as _

pages = Blueprint("user_rules", __name__, url_prefix="/configuration/user/local-users/<int:user_id>/rules")
PERIODS = {"day": N_("Energy per day"), "week": N_("Energy per week"), "month": N_("Energy per month")}
FIELDS = ("hours", "tariff", *PERIODS)


@pages.route("", methods=["GET", "POST"], endpoint="rules")
@guard.needs("operator")
def edit(user_id: int) -> Response | str | tuple[str, int]:
    """All of it or nothing."""
    user, form = users.get(guard.appliance().store, user_id), _filled(user_id)
    if request.method == "POST":
        form = forms.sent(form)
        with forms.checked(form, FIELDS):
            _save(user_id, form)
            return forms.done(_("{name} is saved.").format(name=user.name), "users.users")
    page = _page(user, form, forms.blank())
    return (page, 422) if form.wrong else page


@pages.post("/vehicles")
@guard.needs("operator")
def add_vehicle(user_id: int) -> Response | tuple[str, int]:
    """A car of this person."""
    opened, car = guard.appliance(), forms.sent()
    user = users.get(opened.store, user_id)
    with forms.checked(car, ("name", "plate")):
        vehicles.add(opened.store, opened.clock, user_id, car.get("name"), car.get("plate"), actor=guard.who().actor)
        return forms.done(_("The vehicle is saved."), "user_rules.rules", user_id=user_id)
    return _page(user, _filled(user_id), car), 422


@pages.post("/vehicles/<int:vehicle_id>/archive")
@guard.needs("operator")
def archive_vehicle(user_id: int, vehicle_id: int) -> Response:
    """A car that is gone; its sessions stay."""
    opened = guard.appliance()
    if vehicle_id not in {one.id for one in vehicles.all(opened.store, user_id)}:
        raise BadInput(N_("This vehicle belongs to somebody else."), field="vehicle")
    vehicles.archive(opened.store, opened.clock, vehicle_id, actor=guard.who().actor)
    return forms.done(_("The vehicle is not used any more."), "user_rules.rules", user_id=user_id)


def _page(user: User, rules: forms.Form, car: forms.Form) -> str:
    store = guard.appliance().store
    return render_template(
        "user_rules.html",
        users=listed(),
        user=user,
        rules=rules,
        car=car,
        periods=[(key, _(name)) for key, name in PERIODS.items()],
        tariffs=[(str(one.id), one.name) for one in tariffs.all(store)],
        vehicles=vehicles.all(store, user.id),
    )


def _filled(user_id: int) -> forms.Form:
    opened = guard.appliance()
    user = users.get(opened.store, user_id)
    granted = {one.period: f"{one.wh / 1000:g}" for one in allowances.look(opened.store, opened.clock, user_id)}
    return forms.stored(
        hours="\n".join(map(str, user.hours)),
        second_factor=user.second_factor,
        tariff=tariffs.own(opened.store, user_id),
        **granted,
    )


def _save(user_id: int, form: forms.Form) -> None:
    """Check everything, then change what differs. Raises BadInput at the field."""
    opened, actor, before = guard.appliance(), guard.who().actor, _filled(user_id)
    hours = windows.parse([line for line in form.get("hours").splitlines() if line.strip()])
    wanted = {period: _wh(form, period) for period in PERIODS}
    chosen, known = form.get("tariff"), {str(one.id): one.id for one in tariffs.all(opened.store)}
    if chosen and chosen not in known:
        raise BadInput(N_("Choose a tariff from the list."), field="tariff")
    users.edit(
        opened.store, opened.clock, user_id, hours=hours, second_factor=form.ticked("second_factor"), actor=actor
    )
    for period, wh in wanted.items():
        if wh != _wh(before, period):
            allowances.put(opened.store, opened.clock, user_id, period, wh, actor=actor)
    if chosen != before.get("tariff"):
        tariffs.give(opened.store, opened.clock, user_id, known.get(chosen), actor=actor)


def _wh(form: forms.Form, field: str) -> int | None:
    """kWh as typed; None: as much as they like. Raises BadInput."""
    text = form.get(field)
    if not text:
        return None
    try:
        wh = Decimal(text.replace(",", ".")) * 1000
    except ArithmeticError:  # no number, or one beyond all bounds
        wh = Decimal("NaN")
    if not wh.is_finite() or wh != wh.to_integral_value() or not 0 <= wh <= allowances.WH_MAX:
        raise BadInput(N_("An allowance is from 0 to {most} kWh."), field=field, most=allowances.WH_MAX // 1000)
    return int(wh)
