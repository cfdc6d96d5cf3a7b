"""Meters: how each is doing, add, edit, archive, activate, remove; and is it wired right?

The check page judges the newest reading at once; the registers are read by the
core when somebody asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance import errors, faults, heartbeat
from appliance.errors import N_, BadInput
from appliance.faults import Fault
from appliance.metering import checks, direction, health, inspections, meters, models, readings, totals
from appliance.metering.health import Health
from appliance.metering.inspections import Inspection
from appliance.metering.meters import Meter
from appliance.metering.readings import Live
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _

pages = Blueprint("meters", __name__, url_prefix="/configuration/meters")
FIELDS = ("name", "model", "url", "unit", "role", "interval_s")
ROLE_NOTES = {
    "grid": N_("Grid: what the house takes and feeds in"),
    "pv": N_("Solar: what the inverter delivers"),
    "charger": N_("Car: what the charging point takes"),
    "battery": N_("Battery"),
    "submeter": N_("Submeter: a part of the house"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One meter and how it is doing."""

    meter: Meter
    fault: Fault | None
    reading: Live | None
    fresh: bool
    age_s: float | None
    health: Health | None

    @property
    def errors_percent(self) -> float | None:
        """Share of attempts in the last hour that brought no reading; None before the first."""
        if self.health is None or not (tried := self.health.readings + self.health.errors):
            return None
        return 100 * self.health.errors / tried


@pages.get("", endpoint="meters")
@guard.needs("operator")
def show_list() -> str:
    """The list."""
    opened = guard.appliance()
    core_runs = heartbeat.core_runs(opened.live, opened.clock)
    return render_template("meters.html", rows=rows(archived=True), core_runs=core_runs, roles=role_options())


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("admin")
def new() -> Response | str | tuple[str, int]:
    """The form of a new meter; a find of a search comes with the address."""
    opened = guard.appliance()
    prefilled = {key: request.args.get(key, "")[:200] for key in ("model", "url", "unit")}
    form = forms.blank(**{"role": "grid", "interval_s": 1, **{k: v for k, v in prefilled.items() if v}})
    if request.method == "POST":
        form = forms.sent()
        with forms.checked(form, FIELDS):
            meter = meters.add(opened.store, opened.clock, actor=guard.who().actor, **_typed(form))
            said = _("{name} is set up. Its values are here within seconds.").format(name=meter.name)
            return forms.done(said, "meters.check", meter_id=meter.id)
    return _form_page(form, None)


@pages.route("/<int:meter_id>/edit", methods=["GET", "POST"])
@guard.needs("admin")
def edit(meter_id: int) -> Response | str | tuple[str, int]:
    """The form of a meter there is."""
    opened = guard.appliance()
    meter = get(meter_id)
    form = forms.stored(
        name=meter.name, model=meter.model, url=meter.url, unit=meter.unit, role=meter.role,
        interval_s=f"{meter.interval_s:g}", inverted=meter.inverted,
    )  # fmt: skip
    if request.method == "POST":
        form = forms.sent(form)
        with forms.checked(form, FIELDS):
            changed = meters.edit(opened.store, opened.clock, meter.id, actor=guard.who().actor, **_typed(form))
            return forms.done(_("{name} is saved.").format(name=changed.name), "meters.check", meter_id=meter.id)
    return _form_page(form, meter)


@pages.post("/<int:meter_id>/archive")
@guard.needs("admin")
def archive(meter_id: int) -> Response:
    """Stop reading it; its history stays."""
    opened = guard.appliance()
    meter = meters.archive(opened.store, opened.clock, get(meter_id).id, actor=guard.who().actor)
    return forms.done(_("{name} is archived; its history stays.").format(name=meter.name), "meters.meters")


@pages.post("/<int:meter_id>/activate")
@guard.needs("admin")
def activate(meter_id: int) -> Response:
    """Read it again."""
    opened = guard.appliance()
    meter = meters.activate(opened.store, opened.clock, get(meter_id).id, actor=guard.who().actor)
    return forms.done(_("{name} is read again.").format(name=meter.name), "meters.check", meter_id=meter.id)


@pages.post("/<int:meter_id>/remove")
@guard.needs("admin")
def remove(meter_id: int) -> Response:
    """Remove one that nothing refers to; otherwise a page says what does."""
    opened = guard.appliance()
    meter = get(meter_id)
    meters.remove(opened.store, opened.clock, meter.id, actor=guard.who().actor)
    return forms.done(_("{name} is removed.").format(name=meter.name), "meters.meters")


@pages.get("/<int:meter_id>", endpoint="check")
@guard.needs("operator")
def show_check(meter_id: int) -> str:
    """All values, what they show about the wiring, and the registers if somebody asked for them."""
    opened = guard.appliance()
    row = next((one for one in rows(archived=True) if one.meter.id == meter_id), None) or _missing(meter_id)
    inspection, waits, failed = _inspection()
    values = dict(row.reading.values) if row.reading is not None and row.fresh else {}
    if inspection is not None:
        said = {point.quantity: point.value for point in inspection.points if point.value is not None}
        values |= direction.turned(said) if row.meter.inverted else said
    house = {meter.role for meter in meters.all(opened.store)}
    found = checks.findings(values, row.meter.role, house) if values else []
    return render_template(
        "meter.html", row=row, values=values, inspection=inspection, waits=waits, failed=failed,
        findings=[(one.severity, words.filled(one.message, one.values)) for one in found],
        core_runs=heartbeat.core_runs(opened.live, opened.clock), roles=dict(role_options()),
        counted=totals.shown(opened.store, opened.live, opened.clock, row.meter),
    )  # fmt: skip


@pages.post("/<int:meter_id>/registers")
@guard.needs("operator")
def registers(meter_id: int) -> Response:
    """Let the core read the registers; the page shows them when they are there."""
    number = inspections.begin(guard.appliance(), get(meter_id))
    return redirect(url_for("meters.check", meter_id=meter_id, look=number), 303)


def rows(*, archived: bool) -> list[Row]:
    """All meters with how they are doing, those in use first."""
    opened = guard.appliance()
    wrong = {fault.source: fault for fault in faults.active(opened.live)}
    newest, pulses = readings.newest(opened.live), health.all(opened.live)
    found = []
    for meter in meters.all(opened.store, archived=archived):
        reading = newest.get(meter.id)
        fresh = reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s)
        age_s = None if reading is None else readings.age_s(reading, opened.clock)
        fault = None if meter.archived else wrong.get(f"meter:{meter.id}")
        found.append(Row(meter, fault, reading, fresh and not meter.archived, age_s, pulses.get(meter.id)))
    return sorted(found, key=lambda row: row.meter.archived)


def get(meter_id: int) -> Meter:
    """The meter of a page. Raises NotFound."""
    known = {meter.id: meter for meter in meters.all(guard.appliance().store, archived=True)}
    return known.get(meter_id) or _missing(meter_id)


def _missing(meter_id: int) -> NoReturn:
    raise errors.NotFound(N_("There is no meter number {number}."), number=meter_id)


def role_options() -> list[tuple[str, str]]:
    """The roles and what a person calls them."""
    return [(role, _(ROLE_NOTES[role])) for role in meters.ROLES]


def _typed(form: forms.Form) -> dict[str, Any]:
    """The form's fields as the appliance takes them. Raises BadInput."""
    known = models.all(guard.appliance().live)
    unit_text = form.get("unit")
    if unit_text and not (unit_text.isascii() and unit_text.isdecimal() and len(unit_text) < 10):
        raise BadInput(N_("A unit id is a number from 1 to 247."), field="unit")
    try:
        interval_s = float(form.get("interval_s", "1").replace(",", ".") or "1")
    except ValueError as error:
        raise BadInput(N_("Seconds are a number, like 1 or 0.5."), field="interval_s") from error
    model, url = form.get("model"), form.get("url")
    unit = models.check(known, model, url, int(unit_text) if unit_text else None)
    return {
        "name": form.get("name"), "model": model, "url": url, "unit": unit, "role": form.get("role"),
        "interval_s": interval_s, "inverted": form.ticked("inverted"),
    }  # fmt: skip


def _form_page(form: forms.Form, meter: Meter | None) -> str | tuple[str, int]:
    by_vendor = models.by_vendor(models.all(guard.appliance().live))
    page = render_template("meter_form.html", form=form, meter=meter, vendors=by_vendor, roles=role_options())
    return (page, 422) if form.wrong else page


def _inspection() -> tuple[Inspection | None, bool, str]:
    """The registers somebody asked for, whether they are still to come, or why they do not."""
    asked = request.args.get("look", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return None, False, ""
    errand, inspection = inspections.look(guard.appliance(), int(asked))
    if inspection is not None or errand is None:
        return inspection, False, ""
    failed = words.filled(errand.message, errand.values) if errand.message else ""
    return None, not errand.over, failed
