"""The Flask app for apps and phones: the API and one page, everything refused unless said otherwise."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from appliance import errors
from appliance.access.tokens_request import TooMany
from appliance.errors import N_, WattwardError
from appliance.opened import Opened
from ui.phone import guard, headers, page, words
from ui.phone.api import document
from ui.phone.guard import Denied

log = logging.getLogger("wattward.phone")

LARGEST_BYTES = 16 * 1024  # of what an app sends
BROKEN = N_("Something went wrong. It has been noted in the log of the appliance.")
TITLES = {413: N_("What was sent is too large."), 405: N_("This address takes other methods.")}


def create_app(it: Opened) -> Flask:
    """The app for one appliance."""
    app = Flask("ui.phone")
    app.extensions["wattward"] = it
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BYTES, MAX_FORM_MEMORY_SIZE=LARGEST_BYTES, MAX_FORM_PARTS=10)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of Flask's own provider
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the same
    headers.install(app)
    guard.install(app)
    for subject in document.SUBJECTS:
        app.register_blueprint(subject.pages)
    app.register_blueprint(page.pages)
    document.document()
    _install_errors(app)
    return app


def _install_errors(app: Flask) -> None:
    """Errors are one sentence of ours, for programs and people; never a traceback."""
    app.register_error_handler(Denied, _denied)
    app.register_error_handler(WattwardError, _ours)
    app.register_error_handler(HTTPException, _http)


def _denied(error: Denied) -> Response:
    answer = _refusal(error.status, error.code, words.filled(error.message, **error.values), **error.fields)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if "wait_s" in error.fields:
        answer.headers["Retry-After"] = str(error.fields["wait_s"])
    return answer


def _ours(error: WattwardError) -> Response:
    match error:
        case TooMany():
            seconds = int(error.wait_s)
            answer = _refusal(429, "too_many", words.sentence(error), wait_s=seconds)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        case errors.NotFound():
            return _refusal(404, "not_found", words.sentence(error))
        case errors.BadInput():
            return _refusal(400, "bad_field", words.sentence(error), field=error.field)
        case errors.StoreError():
            log.warning("%s", error)
            return _refusal(503, "store", words.sentence(error))
        case _:
            return _refusal(409, "refused", words.sentence(error))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code = "not_found" if status == 404 else "broken" if status >= 500 else f"http_{status}"
    sentence = guard.SENTENCES["not_found"] if status == 404 else TITLES.get(status, guard.SENTENCES["bad_request"])
    answer = _refusal(status, code, words.filled(BROKEN if status >= 500 else sentence))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _refusal(status: int, code: str, message: str, /, **fields: object) -> Response:
    answer = jsonify({"error": code, "message": message} | fields)
    answer.status_code = status
    return answer
