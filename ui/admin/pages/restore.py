"""Restore: choose a backup, read what it means, confirm with one's own password; the core does it and starts anew."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import sessions
from appliance.system import restoring
from appliance.system.restoring import Offered
from ui.admin import forms, guard
from ui.admin.pages.accounts import is_me

pages = Blueprint("restore", __name__, url_prefix="/configuration/backups/restore")


@pages.get("", endpoint="restore")
@guard.needs("admin")
def show() -> str:
    """Every file within reach."""
    return page(forms.blank())


def page(form: forms.Form) -> str:
    """The page; `form` is that of the upload."""
    return render_template("restore.html", offered=restoring.offered(guard.appliance()), form=form)


@pages.route("/<any(folder, usb):target>/<filename>", methods=["GET", "POST"])
@guard.needs("admin")
def one(target: str, filename: str) -> Response | str | tuple[str, int]:
    """What it means, and the confirmation."""
    opened, form, chosen = guard.appliance(), forms.sent(), _chosen(target, filename)
    charging = [running.user or running.point for running in sessions.running(opened.store)]
    if request.method == "POST" and is_me(form):
        with forms.checked(form, ("code",)):
            number = restoring.ask(
                opened, guard.who().actor, chosen.path, form.get("code"), even_charging=form.ticked("charging")
            )
            return redirect(url_for("tasks.follow", task_id=number), 303)
    page = render_template("restore_one.html", form=form, chosen=chosen, charging=charging)
    return (page, 422) if form.wrong else page


def _chosen(target: str, filename: str) -> Offered:
    for found in restoring.offered(guard.appliance()):
        if (found.target, found.path.name) == (target, filename):
            return found
    abort(404)
