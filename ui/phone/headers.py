"""What every answer of the phone page and the API says to the browser."""

from __future__ import annotations

from flask import Flask, Response, request

from ui.serving import answers

HEADERS = answers.headers("form-action 'none'", "manifest-src 'self'")
PAGE = ("text/html", "application/json", *answers.FILES)  # the page and its words are the same for everybody


def install(app: Flask) -> None:
    """Put the headers on every answer. Answers of the API are not compressed."""
    packed: dict[str, bytes] = {}

    @app.after_request
    def _finish(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if request.endpoint == "static" and answer.status_code in (200, 304):
            return answers.file(answer, packed)
        answer.headers["Cache-Control"] = "no-store"
        return answers.packed(answer, PAGE) if request.blueprint == "page" else answer
