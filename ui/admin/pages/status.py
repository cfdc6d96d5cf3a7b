"""Small answers that every page needs: the time left, and the choice of language."""

from __future__ import annotations

from flask import Blueprint, abort, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from appliance.access import web_accounts
from ui.admin import guard, words
from ui.text.catalog import LANGUAGES

pages = Blueprint("status", __name__)


@pages.get("/window.json")
@guard.needs("viewer")
def window() -> Response:
    """Real seconds until the web admin closes."""
    return jsonify(remaining_s=g.window.remaining_s / guard.appliance().clock.speed)


@pages.post("/language/<code>")
@guard.needs(guard.ANYONE)
def language(code: str) -> Response:
    """Choose a language: kept for the account, and by the browser for the sign-in page."""
    if code not in LANGUAGES:
        abort(404)
    if g.who:
        web_accounts.choose_language(guard.appliance(), g.who, code)
    answer = redirect(url_for(_came_from()), 303)
    answer.set_cookie(words.COOKIE, code, secure=True, httponly=True, samesite="Strict", path="/", max_age=31536000)
    return answer


def _came_from() -> str:
    """The page the switch stood on, by its name among a few; never an address from the request."""
    known = ("overview.overview", "password.change", "sign_in.sign_in")
    asked = request.form.get("page", "")
    return asked if asked in known else "overview.overview"
