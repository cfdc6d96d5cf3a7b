"""Guests: codes that end by themselves, after energy, money, time or a day. A new PIN is shown on the answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.charging import caps, guests, identifications, users
from appliance.charging.identifications import Extras, Identification
from appliance.charging.users import User
from appliance.errors import N_, BadInput
from appliance.store import settings
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _
from ui.text import numbers

pages = Blueprint("guests", __name__, url_prefix="/charging/guests")
FIELDS = ("first_name", "last_name", "kwh", "money", "hours", "expires_on")


@dataclass(frozen=True, slots=True)
class Row:
    """One code: whose, and what is left of it, in the words of the reader."""

    id: int
    user_id: int
    name: str
    left: str
    expires_on: date | None
    state: str
    good: bool


@pages.get("", endpoint="guests")
@guard.needs("operator")
def show() -> str:
    """Codes in use."""
    return _page()


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("operator")
def new() -> Response | str | tuple[str, int]:
    """A new code; its PIN is shown this once without asking for a password."""
    form = forms.sent()
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            made = guests.make(
                guard.appliance(), Extras(cap_wh=_whole(form, "kwh", 1000), cap_cents=_whole(form, "money", 100),
                                          cap_s=_whole(form, "hours", 3600)),
                expires_on=identifications.parse_date(form.get("expires_on")), first_name=form.get("first_name"),
                last_name=form.get("last_name"), actor=guard.who().actor,
            )  # fmt: skip
            return _page(made=made)
    page = _page(form=form)
    return (page, 422) if form.wrong else page


def _page(**values: object) -> str:
    store = guard.appliance().store
    return render_template("guests.html", rows=_rows(), currency=settings.text(store, "billing.currency"), **values)


def _rows() -> list[Row]:
    opened = guard.appliance()
    whose = {user.id: user for user in users.all(opened.store) if user.guest}
    return [_row(one, whose[one.user_id]) for one in identifications.all(opened.store) if one.user_id in whose]


def _row(one: Identification, user: User) -> Row:
    opened, extras, left = guard.appliance(), one.extras, []
    spent = guests.spent(opened, one.id)
    if extras.cap_wh is not None:
        left.append(words.energy(max(0, extras.cap_wh - (spent.energy_wh or 0))))
    if extras.cap_cents is not None and spent.cost is None:
        left.append(_("no price yet"))
    elif extras.cap_cents is not None:
        rest = Decimal(extras.cap_cents) / 100 - (spent.cost or Decimal(0))
        currency = settings.text(opened.store, "billing.currency")
        left.append(f"{numbers.decimal(float(max(Decimal(0), rest)), 2, words.language())}{numbers.SPACE}{currency}")
    if extras.cap_s is not None:
        left.append(numbers.duration(max(0.0, extras.cap_s - spent.lasted_s)))
    over = caps.reached(extras, spent) or identifications.is_past(opened.store, opened.clock, one.expires_on)
    against = ((user.blocked, _("blocked")), (not one.active, _("inactive")), (over, _("used up")))
    state = next((word for holds, word in against if holds), None)
    return Row(one.id, one.user_id, user.name, ", ".join(left), one.expires_on, state or _("works"), state is None)


def _whole(form: forms.Form, field: str, times: int) -> int | None:
    """A number with point or comma, in the smaller unit; None: not given. Raises BadInput."""
    text = form.get(field)
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".")) * times
    except ArithmeticError:  # no number, or one beyond all bounds
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value():
        raise BadInput(N_("{text} is no number: write it like 12 or 7.5."), field=field, text=text)
    return int(value)
