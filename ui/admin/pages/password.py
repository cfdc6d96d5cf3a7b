"""Change one's password. With the default password this is the only page there is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.wrappers import Response

from appliance.access import passwords, web_sign_in
from ui.admin import forms, guard
from ui.admin.pages.sign_in import refusal
from ui.admin.words import gettext as _

pages = Blueprint("password", __name__)
FIELDS = ("current", "password", "again")


@pages.route("/password", methods=["GET", "POST"])
@guard.needs("viewer")
def change() -> Response | str | tuple[str, int]:
    """The form, and its answer: a new session, every other one ended."""
    form = forms.sent()
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            current, new, again = (form.typed.get(name, "") for name in FIELDS)
            answer = web_sign_in.change_password(guard.appliance(), guard.who(), current, new, again)
            if isinstance(answer, str):
                onward = guard.onward()
                session.clear()
                flash(_("The password is changed. Other browsers are signed out."), "success")
                return guard.keep(redirect(onward, 303), answer)
            form.refuse(refusal(answer), "current")
    page = render_template("password.html", form=form, least=passwords.SHORTEST)
    return (page, 422) if form.wrong else page
