"""The description of the API says what the API does (Schemathesis asks it everything it can think of)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from schemathesis.checks import not_a_server_error
from schemathesis.openapi.checks import JsonSchemaError
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from appliance.access import throttle, tokens_charging
from appliance.opened import Opened
from appliance.store import settings
from tests.ui.phone.house import ADMIN, MINE, App, token_of
from ui.phone import guard
from ui.phone.api import document, operations

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection, unsupported_method,
]  # fmt: skip
EXAMPLES = 25


def test_it_is_openapi_3_1_and_names_every_operation(app: App, flask: Flask) -> None:
    found = app("/openapi.json").json
    assert found["openapi"].startswith("3.1")
    described = {(path, method) for path, methods in found["paths"].items() for method in methods}
    routes = {
        (operations.openapi_path(rule.rule), method.lower())
        for rule in flask.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert described == routes and len(routes) >= 17


def test_every_operation_says_what_it_does_and_whom_it_is_for(app: App) -> None:
    for path, methods in app("/openapi.json").json["paths"].items():
        for one in methods.values():
            assert one["summary"].endswith("."), path
            is_open = path.endswith(("/capabilities", "/openapi.json")) or one["operationId"] == "token_ask"
            assert (one.get("security") is None) == is_open, path


def test_the_page_of_the_manual_is_what_the_document_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    missing = [
        f"{one.method} /api/v1{operations.openapi_path(one.path)}"
        for subject in document.SUBJECTS
        for one in subject.operations
        if f"`{one.method} /api/v1{operations.openapi_path(one.path)}`" not in page
    ]
    assert missing == []


OPERATIONS = [
    (one.method, f"/api/v1{operations.openapi_path(one.path)}")
    for subject in document.SUBJECTS
    for one in subject.operations
    if one.path != "/stream"  # does not end; test_stream looks at it
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_schemathesis_finds_nothing(flask: Flask, opened: Opened, method: str, path: str) -> None:
    """Right and wrong questions of every kind, with a token that may do everything."""
    token, secret = token_of(opened, "admin")
    tokens_charging.lend(opened, token.id, 1, ADMIN)
    asking = App(flask.test_client(), secret)
    settings.put(opened.store, opened.clock.now(), ADMIN, "service.metrics", "on")
    schema = schemathesis.openapi.from_dict(_without_sign_in(asking("/openapi.json").json))
    statuses = _ask_everything(schema[path][method], at_home(flask), secret, opened)
    assert 2 in statuses, "no question was a right one"
    assert 4 in statuses or not _takes_anything(schema[path][method]), "no question was a wrong one"


def test_schemathesis_would_notice_an_answer_that_is_not_as_described(flask: Flask, opened: Opened) -> None:
    _, secret = token_of(opened, "admin")
    described = _without_sign_in(App(flask.test_client())("/openapi.json").json)
    described["components"]["schemas"]["Live"]["properties"]["grid_w"] = {"type": "string"}
    operation = schemathesis.openapi.from_dict(described)["/api/v1/live"]["GET"]
    with pytest.raises(BaseExceptionGroup) as caught:
        _ask_everything(operation, at_home(flask), secret, opened)
    assert caught.group_contains(JsonSchemaError)


def _without_sign_in(described: dict[str, Any]) -> dict[str, Any]:
    """The description less the two headers, which are sent right with every question; test_guard sends wrong ones."""
    for methods in described["paths"].values():
        for one in methods.values():
            one.pop("security", None)
            one["parameters"] = [given for given in one["parameters"] if given["in"] != "header"]
    return described


def at_home(flask: Flask) -> Any:  # noqa: ANN401 - a WSGI app
    """The app as somebody in the house reaches it."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - as WSGI has it
        return flask(environ | {"REMOTE_ADDR": "192.168.1.20"}, start_response)

    return app


def _ask_everything(operation: Any, app: Any, secret: str, it: Opened) -> set[int]:  # noqa: ANN401 - theirs
    """Ask what may be asked, and what may not; return the hundreds of the answers."""
    statuses: set[int] = set()
    state = "pending" if operation.method.upper() == "PATCH" else "active"  # only one that waits names itself
    strategy = operation.as_strategy()
    if _takes_anything(operation):
        strategy |= operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=strategy)
    def ask(case: Any) -> None:  # noqa: ANN401 - theirs
        with it.store.write() as db:  # so many questions are too many for one address; that has its own test
            for name in db.execute("SELECT name FROM throttles").fetchall():
                throttle.forgive(db, name[0])
            db.execute("DELETE FROM access_tokens WHERE created_by GLOB 'phone:*'")
            db.execute("UPDATE access_tokens SET state=?, ended_at=NULL, ended_by=NULL", (state,))
        headers = {"Authorization": f"Bearer {secret}", guard.INSTALLATION: MINE}
        answer = case.call(app=app, headers=headers, base_url="https://localhost")
        statuses.add(answer.status_code // 100)
        case.validate_response(answer, checks=CHECKS)

    ask()
    return statuses


def _takes_anything(operation: Any) -> bool:  # noqa: ANN401 - theirs
    return bool(operation.body) or bool(operation.query) or bool(operation.path_parameters)
