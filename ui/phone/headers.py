"""What every answer says to the browser: run only our own files, keep nothing, tell nobody."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
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
PACKED = ("text/html", "application/json", "text/css", "text/javascript", "application/javascript", "image/svg+xml")


def install(app: Flask) -> None:
    """Put the headers on every answer."""
    packed: dict[str, bytes] = {}

    @app.after_request
    def _finish(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if request.endpoint == "static" and answer.status_code in (200, 304):
            answer.headers["Cache-Control"] = "public, max-age=86400, immutable" if request.args else "no-cache"
            return _packed(answer, packed)
        answer.headers["Cache-Control"] = "no-store"
        return _packed(answer) if request.blueprint == "page" else answer


def _packed(answer: Response, known: dict[str, bytes] | None = None) -> Response:
    """Compress what belongs to everybody: files, the page, its words. Answers of the API are left as they are.

    A file is known by its tag, which no visitor chooses; its address can be written in endless ways.
    """
    answer.headers["Vary"] = "Accept-Encoding"
    if (
        answer.status_code != 200
        or answer.mimetype not in PACKED
        or "gzip" not in request.headers.get("Accept-Encoding", "")
    ):
        return answer
    answer.direct_passthrough = False
    etag = answer.get_etag()[0]
    body = None if known is None or etag is None else known.get(etag)
    if body is None:
        plain = answer.get_data()
        if len(plain) < SMALLEST_BYTES:
            return answer
        body = gzip.compress(plain)
    if known is not None and etag is not None:
        known[etag] = body
    answer.set_data(body)
    answer.headers["Content-Encoding"] = "gzip"
    if etag:
        answer.set_etag(etag, weak=True)  # the same file, other bytes: asked again, it is not sent
    return answer
