"""Signed-in browsers: who is in now, from where, and out with one or all others."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.access import web_sessions
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("browsers", __name__, url_prefix="/system/browsers")


@pages.get("", endpoint="browsers")
@guard.needs("viewer")
def show() -> str:
    """One's own; an administrator sees everybody's."""
    return render_template("browsers.html", browsers=_mine(), me=guard.who().id)


@pages.post("/<int:session_id>/end")
@guard.needs("viewer")
def end(session_id: int) -> Response:
    """Sign one browser out."""
    if session_id not in {one.id for one in _mine()}:
        abort(404)
    web_sessions.end(guard.appliance(), session_id, guard.who().actor)
    if session_id == guard.who().id:
        return guard.forget(redirect(url_for("sign_in.sign_in"), 303))
    return forms.done(_("That browser is signed out."), "browsers.browsers")


@pages.post("/end-all")
@guard.needs("admin")
def end_all() -> Response:
    """Sign every browser out but this one."""
    web_sessions.end_all(guard.appliance(), guard.who().actor, but=guard.who().id)
    return forms.done(_("All other browsers are signed out."), "browsers.browsers")


def _mine() -> list[web_sessions.Browser]:
    who = guard.who()
    return [
        one for one in web_sessions.all_of(guard.appliance()) if who.may("admin") or one.account_id == who.account_id
    ]
