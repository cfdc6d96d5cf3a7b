"""Sign in and out.

While the default password is set, the form also asks for the presence code of
the touchscreen; an account with a second factor is asked for its code in a
second step. A refusal never says which part was wrong. After signing in one
lands on the overview, or on the access token an app asked to have confirmed: no
address is taken from the request.
"""

from __future__ import annotations

import math
from dataclasses import astuple

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from appliance.access import web_accounts, web_sign_in
from appliance.access.web_sign_in import HalfWay
from ui.admin import forms, guard
from ui.admin.words import gettext as _

pages = Blueprint("sign_in", __name__)
HALF = "half way in"


@pages.route("/sign-in", methods=["GET", "POST"])
@guard.needs(guard.ANYONE)
def sign_in() -> Response | str | tuple[str, int]:
    """The form, and its answer."""
    opened = guard.appliance()
    form = forms.sent()
    with_code = web_accounts.has_default_password(opened)
    if request.method == "POST":
        answer = web_sign_in.sign_in(
            opened,
            form.get("name"),
            form.typed.get("password", ""),
            form.get("code"),
            _address(),
            _browser(),
        )
        if isinstance(answer, str):
            return _let_in(answer)
        if isinstance(answer, HalfWay):
            session[HALF] = astuple(answer)
            return redirect(url_for("sign_in.code"), 303)
        form.refuse(refusal(answer, with_code=with_code))
    page = render_template("sign_in.html", form=form, with_code=with_code)
    return (page, 403) if form.wrong else page


@pages.route("/sign-in/code", methods=["GET", "POST"])
@guard.needs(guard.ANYONE)
def code() -> Response | str | tuple[str, int]:
    """The second step of an account with a second factor. Half way is kept in a cookie that only we can write."""
    form = forms.sent()
    if HALF not in session:
        return redirect(url_for("sign_in.sign_in"))
    if request.method == "POST":
        with forms.checked(form, ("code",)):
            half = HalfWay(*session[HALF])
            answer = web_sign_in.give_code(guard.appliance(), half, form.get("code"), _address(), _browser())
            if isinstance(answer, str):
                return _let_in(answer)
            form.refuse(refusal(answer) if answer.wait_s else _("This code is wrong or was used already."), "code")
    page = render_template("sign_in_code.html", form=form)
    return (page, 403) if form.wrong else page


@pages.post("/sign-out")
@guard.needs("viewer")
def sign_out() -> Response:
    """End this session."""
    web_sign_in.sign_out(guard.appliance(), guard.who())
    session.clear()
    return guard.forget(redirect(url_for("sign_in.sign_in"), 303))


def refusal(answer: web_sign_in.Refusal, *, with_code: bool = False) -> str:
    """Why it was refused, as a sentence."""
    if answer.wait_s > 0:
        minutes = math.ceil(answer.wait_s / guard.appliance().clock.speed / 60)
        if minutes == 1:
            return _("Too many wrong tries. Wait one minute, then try again.")
        return _("Too many wrong tries. Wait {minutes} minutes, then try again.").format(minutes=minutes)
    if with_code:
        return _("User name, password or code is wrong. The code stands on the touchscreen.")
    return _("User name or password is wrong.")


def _let_in(token: str) -> Response:
    onward, wanted = guard.onward(), session.get(guard.WANTED)
    session.clear()  # a form key from before the sign-in is worth nothing after it
    if wanted is not None:
        session[guard.WANTED] = wanted  # the default password must be changed first
    return guard.keep(redirect(onward, 303), token)


def _browser() -> str:
    """What asks, for the list of signed-in browsers."""
    return request.headers.get("User-Agent", "")


def _address() -> str:
    """Who asks, for the audit."""
    return (request.remote_addr or "").removeprefix("::ffff:")
