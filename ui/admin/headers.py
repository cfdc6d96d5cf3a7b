"""What every answer says to the browser: run only our own files, keep nothing, tell nobody.

Styles and scripts come from our own files only; there is none inside a page, so
a hostile name in a page can be shown but never run.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, abort, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SMALLEST_BYTES = 1024  # below this compressing gains nothing
PACKED_TYPES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:[]_")


def install(app: Flask) -> None:
    """Put the headers on every answer and refuse host names that are none."""
    packed: dict[str, bytes] = {}

    @app.before_request
    def _check_host() -> None:
        host = request.environ.get("HTTP_HOST", "")
        if not host or len(host) > 260 or not set(host.lower()) <= HOST_LETTERS:
            abort(400)

    @app.after_request
    def _finish(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if (request.endpoint or "").endswith("static") and answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, max-age=86400, immutable" if request.args else "no-cache"
            return _packed(answer, packed)
        if request.endpoint != "front.file" or answer.status_code != 200:  # those say for how long they are good
            answer.headers["Cache-Control"] = "no-store"
        return answer


def _packed(answer: Response, known: dict[str, bytes]) -> Response:
    """Compress our own files, never pages: those carry secrets beside what a stranger could have typed.

    A file is known by its tag, which no visitor chooses; its address can be written in endless ways.
    """
    answer.headers["Vary"] = "Accept-Encoding"
    tag = answer.get_etag()[0]
    if not tag or answer.mimetype not in PACKED_TYPES or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return answer
    answer.direct_passthrough = False
    if tag not in known:
        body = answer.get_data()
        if len(body) < SMALLEST_BYTES:
            return answer
        known[tag] = gzip.compress(body)
    answer.set_data(known[tag])
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("ETag", None)
    return answer
