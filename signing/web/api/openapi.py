"""The OpenAPI 3.1 description of the API, made from the table of operations."""

from __future__ import annotations

import re
from typing import Any

from signing.flows.api.registration import SCOPES
from signing.web.api.operations import BASE, OPERATIONS, Answers, Operation
from signing.web.api.problems import MEDIA_TYPE
from signing.web.api.schemas import SCHEMAS, ref

DESCRIPTION = (
    "Signatures for the applications of agencies. An application never signs: it puts a document before an official, "
    "who signs at the desk with their own key and second factor. Access tokens are for the resource "
    "<issuer>/api/signatures (RFC 8707); bound ones (DPoP, mutual TLS) are honoured. Whatever is kept is deleted when "
    "its time is over."
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key with the same form gets the same answer and is acted on once; with another form, 422.",
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "respond-async: a job in any case (RFC 7240).",
}


def document(issuer: str) -> dict[str, Any]:
    """OpenAPI 3.1, plain data. issuer: of the identity provider whose tokens are taken."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _described(operation)
    scopes = {word: said.en for word, said in SCOPES.items()}
    flow = {"tokenUrl": f"{issuer}/token", "scopes": scopes}
    flows = {
        "clientCredentials": flow,
        "authorizationCode": {**flow, "authorizationUrl": f"{issuer}/authorize"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ấn Tín: signature API", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": issuer}],
        "paths": paths,
        "components": {
            "schemas": dict(SCHEMAS),
            "securitySchemes": {"provider": {"type": "oauth2", "flows": flows}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    parameters: list[Any] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    answers = {str(status): _answer(status, answer) for status, answer in operation.answers.items()}
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": [{"provider": [scope]} for scope in operation.scopes],
        "responses": {
            **answers,
            "default": {"description": "RFC 9457", "content": {MEDIA_TYPE: {"schema": ref("Problem")}}},
        },
    }
    if operation.form is not None:
        parameters.append(_KEY)
        if 202 in operation.answers:
            parameters.append(_PREFER)
        found["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": operation.form}}}
    if parameters:
        found["parameters"] = parameters
    return found


def _answer(status: int, answer: Answers) -> dict[str, Any]:
    found: dict[str, Any] = {"description": answer.description}
    if answer.content:
        found["content"] = {kind: {"schema": schema} if schema else {} for kind, schema in answer.content.items()}
    if status in (201, 202):
        found["headers"] = {"Location": {"schema": {"type": "string"}}}
    return found
