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
PACKED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


def install(app: Flask) -> None:
    """Put the headers on every answer."""
    packed: dict[str, bytes] = {}

    @app.after_request
    def _finish(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if request.endpoint == "static" and answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, max-age=86400, immutable" if request.args else "no-cache"
            return _packed(answer, packed)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _packed(answer: Response, known: dict[str, bytes]) -> Response:
    """Compress our own files; answers of the API carry what belongs to nobody else, and are left as they are."""
    answer.headers["Vary"] = "Accept-Encoding"
    if answer.mimetype not in PACKED or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return answer
    answer.direct_passthrough = False
    if request.path not in known:
        body = answer.get_data()
        if len(body) < SMALLEST_BYTES:
            return answer
        known[request.path] = gzip.compress(body)
    answer.set_data(known[request.path])
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("ETag", None)
    return answer
