"""The Flask app of the web admin: one blueprint a file, everything refused unless said otherwise."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Flask, g, render_template
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]  # ships no types
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # ships no types
from werkzeug.exceptions import HTTPException

from appliance import errors, heartbeat
from appliance.access import web_window
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import settings
from ui.admin import forms, front, guard, headers, uploading, words
from ui.admin.pages import (
    access_tokens,
    accounts,
    attempts,
    backup_upload,
    backups,
    browsers,
    charging,
    charging_authorization,
    counters,
    factory,
    guests,
    help,
    history,
    identifications,
    learning,
    machine,
    meter_search,
    meters,
    overview,
    password,
    point,
    point_form,
    preferences,
    reports,
    restore,
    second_factor,
    security,
    sessions,
    sign_in,
    status,
    tariffs,
    tasks,
    trail,
    updates,
    user_import,
    user_rules,
    users,
)

log = logging.getLogger("wattward.admin")

LARGEST_FORM_BYTES = 64 * 1024  # a route that takes more says so (uploading.py)
PAGES = (
    front.pages,
    sign_in.pages,
    password.pages,
    status.pages,
    overview.pages,
    history.pages,
    charging.pages,
    point.pages,
    point_form.pages,
    attempts.pages,
    guests.pages,
    tariffs.pages,
    charging_authorization.pages,
    users.pages,
    user_import.pages,
    identifications.pages,
    learning.pages,
    user_rules.pages,
    sessions.pages,
    reports.pages,
    meter_search.pages,
    meters.pages,
    counters.pages,
    backups.pages,
    restore.pages,
    backup_upload.pages,
    preferences.pages,
    trail.pages,
    access_tokens.pages,
    accounts.pages,
    second_factor.pages,
    browsers.pages,
    security.pages,
    machine.pages,
    factory.pages,
    updates.pages,
    tasks.pages,
    help.pages,
)
TITLES = {
    400: N_("This request was not understood."),
    401: N_("You are not signed in any more."),
    403: N_("You may not do this."),
    404: N_("There is no such page."),
    405: N_("There is no such page."),
    413: N_("What was sent is too large."),
}
OLD_FORM = N_("This form is too old: go back, reload the page and try again.")
ErrorPage = tuple[str, int] | tuple[str, int, dict[str, str]]
BROKEN = N_("Something went wrong. It has been noted in the log of the appliance.")


def create_app(opened: Opened) -> Flask:
    """The app for one appliance."""
    app = Flask("ui.admin")
    app.extensions["wattward"] = opened
    opening = web_window.state(opened.store, opened.clock).opening
    app.config.update(
        OPENING=opening,
        SECRET_KEY=opened.key().derive(f"web forms {opening}"),  # forms of another opening are worth nothing
        SESSION_COOKIE_NAME="__Host-forms",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=1),
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_BYTES,
        MAX_FORM_PARTS=100,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,  # they end with the window
        WTF_CSRF_SSL_STRICT=False,  # browsers send no Referer here; guard looks at Sec-Fetch-Site instead
        TEMPLATES_AUTO_RELOAD=False,
    )
    headers.install(app)
    guard.install(app)
    uploading.install(app)
    CSRFProtect(app)
    Bootstrap5(app)
    words.install(app)
    forms.install(app)
    front.install(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    _install_errors(app)
    app.context_processor(_frame)
    return app


def _frame() -> dict[str, object]:
    """What every page shows around its content."""
    opened = guard.appliance()
    window = g.window
    return {
        "who": g.get("who"),
        "site_name": settings.text(opened.store, "site.name"),
        "remaining_s": window.remaining_s / opened.clock.speed,
        "version": heartbeat.version(),
    }


def _install_errors(app: Flask) -> None:
    """Errors are pages of ours with one sentence, never a traceback."""

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> ErrorPage:
        return _page(words.gettext(OLD_FORM), 400)

    @app.errorhandler(errors.WattwardError)
    def _ours(error: errors.WattwardError) -> ErrorPage:
        status = 503 if isinstance(error, errors.StoreError) else 409
        if isinstance(error, errors.NotFound):
            status = 404
        log.warning("%s", error)
        return _page(words.sentence(error), status)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ErrorPage:
        code = error.code or 500
        return _page(words.gettext(TITLES.get(code, BROKEN)), code)

    @app.errorhandler(500)
    def _broken(_error: object) -> ErrorPage:
        return _page(words.gettext(BROKEN), 500)


def _page(sentence: str, status: int) -> ErrorPage:
    if guard.wants_json():
        return "{}", status
    if g.get("window") is None or status == 503:  # what a whole page needs is not there
        return sentence, status, {"Content-Type": "text/plain; charset=utf-8"}
    return render_template("error.html", sentence=sentence), status
