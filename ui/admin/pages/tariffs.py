"""Tariffs: what a kWh costs and since when. A price is never taken back; a later one replaces it from its day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.billing import prices, tariffs
from appliance.billing.prices import Band
from appliance.billing.tariffs import Tariff
from appliance.charging import identifications
from appliance.errors import N_, BadInput
from appliance.store import settings
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("tariffs", __name__, url_prefix="/charging/tariffs")
FIELDS = ("name", "kind", "basis", "valid_from", "per_kwh", "bands")
KINDS = {
    "fixed": N_("One price"),
    "by_time": N_("By time of day"),
    "employer": N_("Employer's flat rate for a calendar year"),
}


@pages.get("", endpoint="tariffs")
@guard.needs("operator")
def show() -> str:
    """The list with all prices."""
    return _page()


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("admin")
def new() -> Response | str | tuple[str, int]:
    """A tariff with its first price."""
    opened, actor = guard.appliance(), guard.who().actor
    form = forms.sent() if request.method == "POST" else forms.blank(kind="fixed")
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            valid_from, per_kwh, bands = _price(form)
            tariffs.check_price(form.get("kind"), valid_from, bands)  # first: a name is given once
            made = tariffs.add(
                opened.store, opened.clock, form.get("name"), form.get("kind"), basis=form.get("basis"), actor=actor
            )
            tariffs.set_price(opened.store, opened.clock, made.id, valid_from, per_kwh, bands, actor=actor)
            return forms.done(_("{name} is saved.").format(name=made.name), "tariffs.tariffs")
    page = _page(form=form, tariff=None)
    return (page, 422) if form.wrong else page


@pages.route("/<int:tariff_id>", methods=["GET", "POST"])
@guard.needs("admin")
def edit(tariff_id: int) -> Response | str | tuple[str, int]:
    """Another price from a day on."""
    opened, actor = guard.appliance(), guard.who().actor
    tariff, form = _get(tariff_id), forms.sent()
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            tariffs.set_price(opened.store, opened.clock, tariff_id, *_price(form), actor=actor)
            return forms.done(_("{name} is saved.").format(name=tariff.name), "tariffs.tariffs")
    page = _page(form=form, tariff=tariff)
    return (page, 422) if form.wrong else page


@pages.post("/<int:tariff_id>/archive")
@guard.needs("admin")
def archive(tariff_id: int) -> Response:
    """Put it out of use; what was charged keeps its price."""
    opened, tariff = guard.appliance(), _get(tariff_id)
    tariffs.archive(opened.store, opened.clock, tariff_id, actor=guard.who().actor)
    return forms.done(_("{name} is not used any more.").format(name=tariff.name), "tariffs.tariffs")


def _page(**values: object) -> str:
    store = guard.appliance().store
    return render_template(
        "tariffs.html",
        tariffs=tariffs.all(store),
        kinds={key: _(name) for key, name in KINDS.items()},
        currency=settings.text(store, "billing.currency"),
        usual=settings.text(store, "billing.tariff"),
        band_text=prices.band_text,
        **values,
    )


def _get(tariff_id: int) -> Tariff:
    with guard.appliance().store.read() as db:
        return tariffs.row(db, tariff_id)


def _price(form: forms.Form) -> tuple[date, Decimal, list[Band]]:
    """First day, price and bands as typed. Raises BadInput at their fields."""
    try:
        valid_from = identifications.parse_date(form.get("valid_from"))
    except BadInput as error:
        raise BadInput(error.message, field="valid_from", **error.values) from error
    if valid_from is None:
        raise BadInput(N_("Say from which day on this price holds."), field="valid_from")
    bands = [prices.band(line.strip()) for line in form.get("bands").splitlines() if line.strip()]
    return valid_from, prices.amount(form.get("per_kwh")), bands
