"""What every answer over HTTPS says to the browser: run only our own files, keep nothing, tell nobody.

Styles and scripts come from our own files only; there is none inside a page, so
a hostile name in a page can be shown but never run.
"""

from __future__ import annotations

import gzip

from flask import Response, request

POLICY = (
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
)  # fmt: skip
FILES = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")  # worth compressing
FOR_A_DAY, ASK_FIRST = "public, max-age=86400, immutable", "no-cache"
SMALLEST_BYTES = 1024  # below this compressing gains nothing


def headers(*sources: str) -> dict[str, str]:
    """The headers of every answer; `sources` are what the policy allows beside our own files."""
    return {
        "Content-Security-Policy": "; ".join((*POLICY, *sources)),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def file(answer: Response, known: dict[str, bytes]) -> Response:
    """One of our files: kept by the browser under an address that names its version, and compressed."""
    answer.headers["Cache-Control"] = FOR_A_DAY if request.args else ASK_FIRST
    return packed(answer, FILES, known)


def packed(answer: Response, types: tuple[str, ...], known: dict[str, bytes] | None = None) -> Response:
    """Compress what belongs to everybody, never what carries a secret beside what a stranger could have typed.

    What was compressed is known by its tag, which no visitor chooses; an address can be written in endless ways.
    """
    answer.headers["Vary"] = "Accept-Encoding"
    accepted = "gzip" in request.headers.get("Accept-Encoding", "")
    if answer.status_code != 200 or answer.mimetype not in types or not accepted:
        return answer
    answer.direct_passthrough = False
    tag = answer.get_etag()[0]
    body = None if known is None or tag is None else known.get(tag)
    if body is None:
        plain = answer.get_data()
        if len(plain) < SMALLEST_BYTES:
            return answer
        body = gzip.compress(plain)
    if known is not None and tag is not None:
        known[tag] = body
    answer.set_data(body)
    answer.headers["Content-Encoding"] = "gzip"
    if tag:
        answer.set_etag(tag, weak=True)  # the same file, other bytes: asked again, it is not sent
    return answer
