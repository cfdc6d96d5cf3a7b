"""Charging points: what each does, start with a person's code, stop.

Starting goes the same way as at the keypad: the code decides, counted and
noted like there, so the web admin opens no second way around the rules.
"""

from __future__ import annotations

import math

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from appliance.charging import grants, points, users
from appliance.charging.grants import Decision
from ui.admin import forms, guard, words
from ui.admin.forms import Form
from ui.admin.pages import overview
from ui.admin.words import gettext as _

pages = Blueprint("charging", __name__, url_prefix="/charging")


@pages.get("", endpoint="charging")
@guard.needs("viewer")
def show() -> str:
    """All points."""
    return _page({})


@pages.post("/<int:point_id>/start")
@guard.needs("operator")
def start(point_id: int) -> Response | tuple[str, int]:
    """Authorize with the code of the chosen person."""
    opened = guard.appliance()
    form = forms.sent()
    point = points.get(opened.store, point_id)
    named = form.get("user")
    with forms.checked(form, ()):
        decision = grants.authorize(
            opened,
            form.get("code"),
            point,
            "web",
            named_user_id=int(named) if named.isdecimal() and len(named) < 10 else None,
            actor=guard.who().actor,
        )
        if decision.result == "accepted":
            said = _("Charging is released at {point}. The car may start now.").format(point=point.name)
            return forms.done(said, "charging.charging")
        form.refuse(_refusal(decision))
    return _page({point_id: form}), 422


@pages.post("/<int:point_id>/stop")
@guard.needs("operator")
def stop(point_id: int) -> Response:
    """Open the relay and end the session."""
    opened = guard.appliance()
    point = points.get(opened.store, point_id)
    grants.stop(opened, point.id, actor=guard.who().actor)
    return forms.done(_("Charging is stopped at {point}.").format(point=point.name), "charging.charging")


def _page(typed: dict[int, Form]) -> str:
    opened = guard.appliance()
    shown = overview.points(opened)
    kept = points.all(opened.store, archived=True) if guard.who().may("operator") else []
    return render_template(
        "charging.html",
        points=shown,
        archived=[point for point in kept if point.archived],
        users=users.all(opened.store),
        forms={point["id"]: typed.get(int(str(point["id"])), forms.blank()) for point in shown},
    )


def _refusal(decision: Decision) -> str:
    """Why not. Behind a sign-in the reason may be told."""
    if decision.wait_s > 0:
        seconds = math.ceil(decision.wait_s / guard.appliance().clock.speed)
        return _("Too many wrong codes. Wait {seconds} seconds, then try again.").format(seconds=seconds)
    return words.refusal(decision.result)
