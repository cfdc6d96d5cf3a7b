"""What every page of the web admin says to the browser; a host name that is none gets no answer."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from ui.serving import answers

HEADERS = answers.headers("form-action 'self'")
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
        if (request.endpoint or "").endswith("static") and answer.status_code in (200, 304):
            return answers.file(answer, packed)
        if request.endpoint != "front.file" or answer.status_code != 200:  # those say for how long they are good
            answer.headers["Cache-Control"] = "no-store"
        return answer
