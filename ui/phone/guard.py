"""Who may call what. Deny by default: a route that says nothing about it does not answer.

Before every request: the peer must be in the local network, the service
switched on, and the token in the Authorization header good for this route.
There are no cookies, so nothing a foreign page sends is ever signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, current_app, g, request

from appliance.access import app_service, local_peers, tokens, tokens_check
from appliance.access.tokens import Token
from appliance.access.tokens_check import Answer
from appliance.errors import N_
from appliance.opened import Opened

ANYONE = "anyone"
HOLDER = "holder"  # of any token of this installation, good or not: may ask about it and give it back
NEEDS = (ANYONE, HOLDER, *tokens.ROLES)
INSTALLATION = "Wattward-Installation"  # header
SAFE_METHODS = ("GET", "HEAD")
HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:[]_")
SENTENCES = {
    "token_missing": N_("Send an access token: Authorization: Bearer ww_…"),
    Answer.NOT_CONFIRMED: N_("This access token is not confirmed yet: confirm it at the appliance."),
    Answer.REVOKED: N_("This access token was revoked: make a new one."),
    Answer.EXPIRED: N_("This access token has expired: make a new one."),
    Answer.UNKNOWN: N_("The appliance does not know this access token: make a new one."),
    Answer.MALFORMED: N_("This access token is mistyped or cut off: scan or copy it again."),
    Answer.BOUND_ELSEWHERE: N_("This access token belongs to another installation: each needs its own."),
    "role": N_("This access token may not do this: its role is '{role}'."),
    "not_local": N_("This service answers in the local network only."),
    "off": N_("The service for apps is switched off."),
    "cross_site": N_("This request came from another site."),
    "not_found": N_("There is no such address; see /api/v1/openapi.json."),
    "bad_request": N_("This request was not understood."),
}

View = TypeVar("View", bound=Callable[..., object])


class Denied(Exception):
    """Ends a request: `status`, a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.values = values
        self.fields: dict[str, object] = {}


def needs(what: str) -> Callable[[View], View]:
    """Say whom a route is for: of NEEDS."""
    if what not in NEEDS:
        raise ValueError(what)

    def mark(view: View) -> View:
        view.needed = what  # type: ignore[attr-defined]  # an annotation on the function itself
        return view

    return mark


def needed(app: Flask, endpoint: str) -> str | None:
    """Whom a route is for; None when it does not say."""
    if endpoint == "static":
        return ANYONE
    return cast("str | None", getattr(app.view_functions[endpoint], "needed", None))


def appliance() -> Opened:
    """The appliance this app serves."""
    return cast(Opened, current_app.extensions["wattward"])


def token() -> Token:
    """The token of this request. Only where the route needs one."""
    return cast(Token, g.checked.token)


def install(app: Flask) -> None:
    """Stand before every request."""
    app.before_request(_admit)


def _admit() -> None:
    """Let the request through, or raise Denied."""
    g.checked = tokens_check.Checked(Answer.UNKNOWN)
    host = request.environ.get("HTTP_HOST", "")
    if not host or len(host) > 260 or not set(host.lower()) <= HOST_LETTERS:
        raise denied(400, "bad_request")
    if not local_peers.is_local(request.remote_addr or ""):
        raise denied(403, "not_local")
    if not app_service.is_on(appliance().store):
        raise denied(503, "off")
    if request.endpoint is None:
        return  # the router answers 404 or 405
    what = needed(current_app, request.endpoint)
    if what is None:
        raise denied(404, "not_found")
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site", "none") not in (
        "same-origin",
        "none",
    ):
        raise denied(403, "cross_site")
    if what != ANYONE:
        _require(what)


def _require(what: str) -> None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise denied(401, "token_missing")
    g.checked = tokens_check.check(
        appliance(), secret.strip(), request.headers.get(INSTALLATION), request.remote_addr or ""
    )
    answer, found = g.checked.answer, g.checked.token
    if found is None or answer is Answer.BOUND_ELSEWHERE:
        raise of_answer(answer)
    if what == HOLDER:
        return
    if answer is not Answer.VALID:
        raise of_answer(answer)
    if not found.may(what):
        raise denied(403, "role", role=found.role)


def denied(status: int, code: str, **values: object) -> Denied:
    """A refusal by its code."""
    return Denied(status, code, SENTENCES[code], **values)


def of_answer(answer: Answer) -> Denied:
    """What a token that is not good gets to hear."""
    found = Denied(401, f"token_{answer}", SENTENCES[answer])
    found.fields = {"status": str(answer)}
    return found
