"""Operations of the API: a route, whom it is for, what it takes and what it answers, said in one place.

Each is a Flask view and an entry of the OpenAPI document, both made from the
same words, so neither can say what the other does not do. What comes in is
checked by its schema before a view sees it; what goes out is written by one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from appliance.errors import N_
from ui.phone import guard
from ui.phone.guard import Denied

JSON = "application/json"
WRONG_FIELD = N_("The field '{field}' is wrong: see the description of the API.")
NO_FIELD = N_("The field '{field}' is missing.")
NO_OBJECT = N_("Send a JSON object as application/json.")

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as the document describes it. `path` is Flask's, without the prefix."""

    method: str
    path: str
    name: str
    needs: str
    summary: str
    answer: type[Schema] | None
    status: int
    query: type[Schema] | None
    body: type[Schema] | None
    refusals: Mapping[int, str]
    content: str


class Subject:
    """The operations of one module, and their blueprint."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pages = Blueprint(f"api_{name}", __name__, url_prefix="/api/v1")
        self.operations: list[Operation] = []

    def operation(
        self, method: str, path: str, *, needs: str, answer: type[Schema] | None = None, status: int = 200,
        query: type[Schema] | None = None, body: type[Schema] | None = None,
        refusals: Mapping[int, str] | None = None, content: str = JSON,
    ) -> Callable[[View], View]:  # fmt: skip
        """Make a function an operation; its docstring is the summary. It gets path, query and body as arguments."""

        def make(view: View) -> View:
            summary = (view.__doc__ or "").strip().partition("\n")[0]
            name = f"{self.name}_{view.__name__}"
            one = Operation(
                method, path, name, needs, summary, answer, status, query, body, refusals or {}, content
            )  # fmt: skip
            self.operations.append(one)
            self.pages.add_url_rule(
                path, view.__name__, _route(one, view), methods=[method], provide_automatic_options=False
            )
            return view

        return make


def _route(one: Operation, view: View) -> View:
    @guard.needs(one.needs)
    @functools.wraps(view)
    def called(**arguments: object) -> Response:
        if one.query is not None:
            arguments |= _checked(one.query, _only_once())
        elif request.args:
            raise _wrong(next(iter(request.args)))
        if one.body is not None:
            arguments |= _checked(one.body, _sent())
        found = view(**arguments)
        if isinstance(found, Response):
            return found
        answer = jsonify(one.answer().dump(found)) if one.answer is not None else Response("", mimetype=JSON)
        answer.status_code = one.status
        if one.status == 204:
            answer.headers.pop("Content-Type", None)
        return answer

    return called


def _only_once() -> dict[str, str]:
    """The query, in which nothing may stand twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise _wrong(name)
    return request.args.to_dict()


def _sent() -> dict[str, object]:
    """The JSON object of this request."""
    try:
        found = request.get_json() if request.mimetype == JSON else None
    except (BadRequest, RecursionError):  # no JSON, or brackets in brackets without end
        found = None
    if not isinstance(found, dict):
        raise Denied(400, "bad_request", NO_OBJECT)
    return found


def _checked(schema: type[Schema], given: Mapping[str, object]) -> dict[str, object]:
    try:
        found: dict[str, object] = schema().load(given)
    except ValidationError as error:
        names = list(error.messages) if isinstance(error.messages, dict) else []
        name = str(names[0]) if names else "?"
        raise _wrong(name, WRONG_FIELD if name in given or name not in schema().fields else NO_FIELD) from error
    return found


def _wrong(field: str, sentence: str = WRONG_FIELD) -> Denied:
    found = Denied(400, "bad_field", sentence, field=field[:40])
    found.fields = {"field": field[:40]}
    return found


def openapi_path(path: str) -> str:
    """`/points/<int:point_id>` as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
