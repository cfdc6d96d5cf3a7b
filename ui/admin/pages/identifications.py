"""The identifications of one user: the list dialog, adding one by hand, viewing and editing one.

A code is never sent back into a form. An administrator may see it after typing
the own password again, which is noted in the events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.access import web_sign_in
from appliance.charging import identifications, users
from appliance.charging.identifications import Extras, Identification
from appliance.errors import N_, BadInput
from ui.admin import forms, guard
from ui.admin.pages.sign_in import refusal
from ui.admin.pages.users import listed
from ui.admin.words import gettext as _

pages = Blueprint(
    "identifications", __name__, url_prefix="/configuration/user/local-users/<int:user_id>/identifications"
)
FIELDS = ("type", "status", "code", "expires_on", "name")
NAMES = {"pin": N_("PIN code"), "rfid": N_("RFID card"), "ble": N_("Phone nearby"), "app": N_("App")}


@dataclass(frozen=True, slots=True)
class Row:
    """One identification as the list shows it."""

    id: int
    type: str
    active: bool
    expired: bool
    expires_on: date | None
    name: str  # what the household calls it, or its last characters


@pages.get("", endpoint="identifications")
@guard.needs("operator")
def show_list(user_id: int) -> str:
    """The dialog with all identifications of one user."""
    opened = guard.appliance()
    known = [
        Row(
            one.id,
            one.type,
            one.active,
            identifications.is_past(opened.store, opened.clock, one.expires_on),
            one.expires_on,
            one.extras.name or (one.masked if one.tail else ""),
        )
        for one in identifications.all(opened.store, user_id)
    ]
    return _dialog(user_id, mode="list", known=known)


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("operator")
def new(user_id: int) -> Response | str | tuple[str, int]:
    """Add one by hand: type, status, code, expiration date."""
    opened = guard.appliance()
    form = forms.sent()
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            expires_on = identifications.parse_date(form.get("expires_on"))
            identifications.add(
                opened.store,
                opened.key(),
                opened.clock,
                users.get(opened.store, user_id).id,
                type=form.get("type"),
                code=form.get("code"),
                active=_is_active(form.get("status")),
                expires_on=expires_on,
                extras=Extras(name=form.get("name"), stop_only=form.ticked("stop_only")),
                actor=guard.who().actor,
            )
            return _saved(user_id, expires_on)
    page = _dialog(user_id, mode="new", form=form)
    return (page, 422) if form.wrong else page


@pages.route("/<int:identification_id>", methods=["GET", "POST"])
@guard.needs("operator")
def edit(user_id: int, identification_id: int) -> Response | str | tuple[str, int]:
    """View one, change code, status or expiration date; all of it works at once."""
    opened = guard.appliance()
    known = _of_user(user_id, identification_id)
    form = _filled(known)
    if request.method == "POST":
        form = forms.sent(form)
        form.typed["type"] = known.type
        with forms.checked(form, FIELDS):
            expires_on = identifications.parse_date(form.get("expires_on"))
            identifications.edit(
                opened.store,
                opened.key(),
                opened.clock,
                known.id,
                code=form.get("code") or None,
                active=_is_active(form.get("status")),
                expires_on=expires_on,
                extras=replace(known.extras, name=form.get("name"), stop_only=form.ticked("stop_only")),
                actor=guard.who().actor,
            )
            return _saved(user_id, expires_on)
    page = _dialog(user_id, mode="edit", form=form, known_id=known.id)
    return (page, 422) if form.wrong else page


@pages.post("/<int:identification_id>/show")
@guard.needs("admin")
def show(user_id: int, identification_id: int) -> str | tuple[str, int]:
    """Show the code after the own password was typed again."""
    opened = guard.appliance()
    known = _of_user(user_id, identification_id)
    again = web_sign_in.confirm(opened, guard.who(), request.form.get("own_password", ""))
    if again is None:
        code = identifications.show(opened.store, opened.key(), opened.clock, known.id, actor=guard.who().actor)
        return _dialog(user_id, mode="edit", form=_filled(known), known_id=known.id, shown_code=code)
    show_form = forms.blank()
    show_form.refuse(refusal(again), "own_password")
    return _dialog(user_id, mode="edit", form=_filled(known), known_id=known.id, show_form=show_form), 422


@pages.post("/<int:identification_id>/remove")
@guard.needs("operator")
def remove(user_id: int, identification_id: int) -> Response:
    """Remove one for good."""
    opened = guard.appliance()
    known = _of_user(user_id, identification_id)
    identifications.remove(opened.store, opened.clock, known.id, actor=guard.who().actor)
    return forms.done(_("The identification is removed."), "identifications.identifications", user_id=user_id)


def _dialog(user_id: int, **values: object) -> str:
    user = users.get(guard.appliance().store, user_id)
    types = {key: _(NAMES[key]) for key in identifications.TYPES}  # only what this appliance can read
    values = {"show_form": forms.blank(), "may_show": guard.who().may("admin")} | values
    return render_template("identifications.html", users=listed(), user=user, types=types, **values)


def _of_user(user_id: int, identification_id: int) -> Identification:
    """One identification of this user; anybody else's is not found."""
    found = (one for one in identifications.all(guard.appliance().store, user_id) if one.id == identification_id)
    known = next(found, None)
    if known is None:
        abort(404)
    return known


def _filled(known: Identification) -> forms.Form:
    return forms.stored(
        type=known.type,
        status="active" if known.active else "inactive",
        expires_on=known.expires_on,
        name=known.extras.name,
        stop_only=known.extras.stop_only,
    )


def _saved(user_id: int, expires_on: date | None) -> Response:
    opened = guard.appliance()
    if identifications.is_past(opened.store, opened.clock, expires_on):
        flash(_("The expiration date has passed: this identification does not open anything."), "warning")
    flash(_("The identification is saved."), "success")
    return redirect(url_for("identifications.identifications", user_id=user_id), 303)


def _is_active(text: str) -> bool:
    if text not in ("active", "inactive"):
        raise BadInput(N_("Choose a status."), field="status")
    return text == "active"
