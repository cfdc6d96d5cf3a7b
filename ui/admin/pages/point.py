"""One charging point: who may charge there and when, and what hangs where (`point_form` changes that)."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.charging import points, why, windows
from appliance.errors import N_
from ui.admin import forms, guard
from ui.admin.pages import point_form
from ui.admin.words import gettext as _

pages = Blueprint("point", __name__, url_prefix="/charging/points")
FIELDS = ("name", "mode", "plan")
MODES = {
    "authorized": N_("Only with a PIN or card"),
    "free": N_("Anybody: plug in and charge"),
    "time": N_("By the weekly plan"),
    "locked": N_("Nobody"),
}
STEPS = 50  # of the timeline


@pages.route("/<int:point_id>", methods=["GET", "POST"])
@guard.needs("operator")
def edit(point_id: int) -> Response | str | tuple[str, int]:
    """Name, mode, weekly plan, card and PIN; and why it charges or does not."""
    opened, actor = guard.appliance(), guard.who().actor
    point = points.get(opened.store, point_id)
    form = forms.stored(
        name=point.name, mode=point.mode, plan="\n".join(map(str, point.plan)), second_factor=point.second_factor
    )
    if request.method == "POST":
        form = forms.sent(form)
        with forms.checked(form, FIELDS):
            plan = windows.parse([line for line in form.get("plan").splitlines() if line.strip()], "plan", plan=True)
            points.check_mode(form.get("mode"))
            if form.get("name") != point.name:
                points.edit(opened.store, opened.clock, point_id, name=form.get("name"), actor=actor)
            if (plan, form.ticked("second_factor")) != (point.plan, point.second_factor):
                points.set_rules(
                    opened.store, opened.clock, point_id, plan=plan, second_factor=form.ticked("second_factor"),
                    actor=actor,
                )  # fmt: skip
            points.set_mode(opened.store, opened.clock, point_id, form.get("mode"), actor=actor)
            return forms.done(_("{name} is saved.").format(name=form.get("name")), "charging.charging")
    page = render_template(
        "point.html", form=form, point=point, modes={key: _(name) for key, name in MODES.items()},
        why=None if point.archived else why.tell(opened, point_id, reasons=True, limit=STEPS),
        wiring=point_form.wiring_of(point),
    )  # fmt: skip
    return (page, 422) if form.wrong else page
