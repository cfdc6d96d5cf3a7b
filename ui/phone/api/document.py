"""The API described by itself: OpenAPI 3.1, made from the operations as they are."""

from __future__ import annotations

import functools
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, jsonify

from ui.phone import guard
from ui.phone.api import about, metrics, now, past, schemas, stream, token
from ui.phone.api.operations import JSON, Operation, Subject, openapi_path

subject = Subject("document")
SUBJECTS = (about.subject, token.subject, now.subject, past.subject, stream.subject, metrics.subject, subject)
TITLE = "Wattward for apps"
DESCRIPTION = (
    "Access in the local network with an access token that a person confirmed at the appliance. "
    "Send it in the header Authorization: Bearer, never in an address, and name this installation in the header "
    "Wattward-Installation, as when the token was asked for."
)
REFUSALS = {
    400: "Not understood.", 401: "No good access token; `status` says why.", 403: "This token may not do this.",
    409: "Not now; `message` says why.", 413: "What was sent is too large.", 422: "Understood, and not possible.",
    503: "The appliance cannot answer now.",
}  # fmt: skip


@subject.operation("GET", "/openapi.json", needs=guard.ANYONE)
def described() -> Response:
    """This description."""
    return jsonify(document())


@functools.cache
def document() -> dict[str, Any]:
    """The description as an object."""
    spec = APISpec(
        title=TITLE, version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()],
        info={"description": DESCRIPTION},
    )  # fmt: skip
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Refusal", schema=schemas.Refusal)
    for one in (operation for subject in SUBJECTS for operation in subject.operations):
        spec.path(path=openapi_path(f"/api/v1{one.path}"), operations={one.method.lower(): _operation(one)})
    made: dict[str, Any] = spec.to_dict()
    return made


def _operation(one: Operation) -> dict[str, Any]:
    protected = one.needs != guard.ANYONE
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.name.partition("_")[0]],
        "parameters": _parameters(one, protected),
        "responses": _answers(one, protected),
    }
    if protected:
        described["security"] = [{"token": []}]
        described["description"] = f"Needs: {one.needs}."
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": one.body}}}
    return described


def _parameters(one: Operation, protected: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 2**53}}
        for name in ("point_id", "token_id")
        if f"{name}>" in one.path
    ]
    if one.query is not None:
        found.append({"in": "query", "schema": one.query})
    if protected:
        shape = {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"}
        found.append({"in": "header", "name": guard.INSTALLATION, "required": False, "schema": shape})
    return found


def _answers(one: Operation, protected: bool) -> dict[str, Any]:
    codes = {400, 403, 503} | ({401} if protected else set()) | ({409} if one.method in ("POST", "PATCH") else set())
    codes |= {413} if one.body is not None else set()
    codes |= {422} if one.query is not None else set()
    good: dict[str, Any] = {"description": "Done." if one.status == 204 else "Here it is."}
    if one.answer is not None:
        good["content"] = {JSON: {"schema": one.answer}}
    elif one.status != 204:
        good["content"] = {one.content: {"schema": {"type": "object"} if one.content == JSON else {"type": "string"}}}
    refusal = {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    said = {code: REFUSALS[code] for code in sorted(codes)} | dict(one.refusals)
    answers = {str(code): {"description": text, "content": refusal} for code, text in sorted(said.items())}
    return {str(one.status): good} | answers
