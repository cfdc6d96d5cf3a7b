"""Factory reset: what goes, what stays, and the word that is typed by whoever means it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import sessions
from appliance.system import factory
from ui.admin import forms, guard
from ui.admin.pages import accounts
from ui.admin.words import gettext as _

pages = Blueprint("factory", __name__, url_prefix="/system/machine/factory-reset")


@pages.route("", methods=["GET", "POST"], endpoint="factory")
@guard.needs("admin")
def reset() -> Response | str | tuple[str, int]:
    """The question with the word and one's own password, and its answer."""
    opened = guard.appliance()
    word, charging = _(factory.WORD), [one.user or one.point for one in sessions.running(opened.store)]
    form = forms.sent() if request.method == "POST" else forms.blank()
    if request.method == "POST" and accounts.is_me(form):
        with forms.checked(form, ("word",)):
            number = factory.ask(
                opened, guard.who().actor, form.get("word"), word, even_charging=form.ticked("charging")
            )
            return redirect(url_for("tasks.follow", task_id=number), 303)
    page = render_template("factory.html", form=form, word=word, charging=charging)
    return (page, 422) if form.wrong else page
