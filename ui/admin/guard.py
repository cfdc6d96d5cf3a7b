"""Who may call what. Deny by default: a route that names no role does not answer.

Before every request: who asks must be in the local network, whatever a router
lets through; the window must be open (the same deadline as the port's), the
route must say whom it is for, the session must belong to this opening, and as
long as the password is the default nothing opens but its change. Requests that
change something must also come from our own pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, g, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from appliance.access import local_peers, web_sessions, web_window
from appliance.access.web_sessions import WebSession
from appliance.errors import N_
from appliance.network import addresses
from appliance.opened import Opened
from ui.admin import words

COOKIE = "__Host-wattward"  # the prefix makes browsers insist on Secure, Path=/ and no Domain
ANYONE = "anyone"
FILES = ("static", "bootstrap.static")  # styles and scripts, the same in every installation
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
WANTED = "access token to be confirmed"  # in the signed cookie: its number, never an address
WITH_DEFAULT_PASSWORD = ("password.change", "sign_in.sign_out", "status.window", "status.language")

FOREIGN = N_("The web admin answers in the local network only.")
CLOSED = N_("The web admin is closed now. Enable it again at the touchscreen, then sign in again.")

View = TypeVar("View", bound=Callable[..., object])


def needs(role: str) -> Callable[[View], View]:
    """Say whom a route is for: 'anyone', 'viewer', 'operator' or 'admin'."""
    if role not in (ANYONE, *web_sessions.ROLES):
        raise ValueError(role)

    def mark(view: View) -> View:
        view.needed_role = role  # type: ignore[attr-defined]  # an annotation on the function itself
        return view

    return mark


def needed_role(app: Flask, endpoint: str) -> str | None:
    """Whom a route is for; None when it does not say."""
    if endpoint in FILES:
        return ANYONE
    return cast("str | None", getattr(app.view_functions[endpoint], "needed_role", None))


def appliance() -> Opened:
    """The appliance this app serves."""
    return cast(Opened, current_app.extensions["wattward"])


def who() -> WebSession:
    """The signed-in person. Only where the route needs a role."""
    return cast(WebSession, g.who)


def install(app: Flask) -> None:
    """Stand before every request."""
    app.before_request(_admit)


def keep(answer: BaseResponse, token: str) -> BaseResponse:
    """Hand the browser its session."""
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def forget(answer: BaseResponse) -> BaseResponse:
    """Take the session from the browser."""
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def _admit() -> BaseResponse | None:
    """None lets the request through."""
    opened = appliance()
    g.who = None
    g.window = web_window.state(opened.store, opened.clock)
    peer = request.remote_addr or ""
    if not local_peers.is_local(peer) and not local_peers.is_local(peer, addresses.own_networks()):
        return Response(words.gettext(FOREIGN), 403, mimetype="text/plain")
    if not g.window.open or g.window.opening != current_app.config["OPENING"]:
        return _closed()
    token = request.cookies.get(COOKIE)
    g.who = web_sessions.of_token(opened, token) if token else None
    if request.endpoint is None:
        return None  # the router answers 404 or 405
    needed = needed_role(current_app, request.endpoint)
    if needed is None:
        abort(404)
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    return None if needed == ANYONE else _require(g.who, needed)


def _require(person: WebSession | None, needed: str) -> BaseResponse | None:
    if person is None:
        return _unknown()
    if person.must_change and request.endpoint not in WITH_DEFAULT_PASSWORD:
        if request.method in SAFE_METHODS and not wants_json():
            return redirect(url_for("password.change"))
        abort(403)
    if not person.may(needed):
        abort(403)
    return None


def _unknown() -> BaseResponse:
    if request.method in SAFE_METHODS and not wants_json():
        if request.endpoint == "access_tokens.access_tokens" and request.args.get("token", type=int) is not None:
            session[WANTED] = request.args.get("token", type=int)
        return redirect(url_for("sign_in.sign_in"))
    abort(401)


def onward() -> str:
    """Where one goes after signing in: to the access token that an app asked to have confirmed, else the overview."""
    number = session.get(WANTED)
    return url_for("overview.overview") if number is None else url_for("access_tokens.access_tokens", token=number)


def _closed() -> BaseResponse:
    """The window ended while this connection was still open; of a new one another program has the port."""
    if g.window.open and request.method in SAFE_METHODS and not wants_json():
        query = f"?{quote(request.query_string, safe='=&%+')}" if request.query_string else ""
        return redirect(quote(request.path) + query)  # over a new connection: this program is ending
    answer = jsonify(closed=True) if wants_json() else Response(words.gettext(CLOSED), mimetype="text/plain")
    answer.status_code = 503
    answer.headers["Connection"] = "close"
    return answer


def wants_json() -> bool:
    """Tell whether a script asks, which does not follow redirects to a page."""
    return request.path.endswith(".json") or request.headers.get("Sec-Fetch-Dest") == "empty"
