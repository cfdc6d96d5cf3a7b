"""Local users: the list, and the dialog for a new person or a known one, allowed or blocked.

A form that makes a user carries a token of its own, so that a double click or a
repeated request makes one person, not two.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import identifications, sessions, users
from appliance.charging.users import User
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("users", __name__, url_prefix="/configuration/user/local-users")
FIELDS = ("first_name", "last_name")


@pages.get("", endpoint="users")
@guard.needs("operator")
def show_list() -> str:
    """The list."""
    return render_template("users.html", users=listed())


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("operator")
def new() -> Response | str | tuple[str, int]:
    """The dialog of a new user; saving leads to the identifications."""
    opened, actor = guard.appliance(), guard.who().actor
    form = forms.sent() if request.method == "POST" else forms.blank(form_token=secrets.token_urlsafe(16))
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            user = users.add(
                opened.store,
                opened.clock,
                form.get("first_name"),
                form.get("last_name"),
                form_token=form.get("form_token")[:64] or None,
                actor=actor,
            )
            if form.ticked("blocked"):
                users.block(opened.store, opened.clock, user.id, actor=actor)
            return redirect(url_for("identifications.identifications", user_id=user.id), 303)
    page = render_template("users.html", users=listed(), form=form, user=None)
    return (page, 422) if form.wrong else page


@pages.route("/<int:user_id>", methods=["GET", "POST"])
@guard.needs("operator")
def edit(user_id: int) -> Response | str | tuple[str, int]:
    """The dialog of a known user: name, allowed or blocked."""
    opened = guard.appliance()
    user = users.get(opened.store, user_id)
    form = forms.stored(first_name=user.first_name, last_name=user.last_name, blocked=user.blocked)
    if request.method == "POST":
        form = forms.sent(form)
        with forms.checked(form, FIELDS):
            _save(user, form)
            return forms.done(_("{name} is saved.").format(name=users.get(opened.store, user_id).name), "users.users")
    page = render_template("users.html", users=listed(), form=form, user=user, running=_running(user))
    return (page, 422) if form.wrong else page


def listed() -> list[tuple[User, int]]:
    """The users and how many identifications each has."""
    store = guard.appliance().store
    return [(user, len(identifications.all(store, user.id))) for user in users.all(store)]


def _save(user: User, form: forms.Form) -> None:
    opened, actor = guard.appliance(), guard.who().actor
    first_name, last_name = form.get("first_name"), form.get("last_name")
    if (first_name, last_name) != (user.first_name, user.last_name):
        users.edit(opened.store, opened.clock, user.id, first_name=first_name, last_name=last_name, actor=actor)
    if form.ticked("blocked") != user.blocked:
        change = users.block if form.ticked("blocked") else users.unblock
        change(opened.store, opened.clock, user.id, actor=actor)


def _running(user: User) -> object:
    """The point where this user charges now; blocking alone does not stop that."""
    found = (one for one in sessions.running(guard.appliance().store) if one.user_id == user.id)
    return next(({"id": one.point_id, "name": one.point} for one in found), None)
