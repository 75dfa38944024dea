"""An application at `/api/signatures`: it sends forms, and holds every answer against the published description."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from signing.flows.api.registration import SCOPES
from signing.web.api.openapi import document
from signing.web.api.operations import BASE
from tests.desk_city import DeskCity

ISSUER = "http://localhost:8000"
PROBLEM = "application/problem+json"


class Application:
    """One application with its access token."""

    def __init__(self, client: FlaskClient, token: str, scheme: str = "Bearer") -> None:
        self.client = client
        self.token = token
        self.scheme = scheme

    def call(
        self,
        method: str,
        path: str,
        document: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        name: str = "Quyết định 12.pdf",
        detached: bytes | None = None,
        **fields: str,
    ) -> TestResponse:
        """path: below BASE. The answer fits its description, or this fails."""
        sent: dict[str, Any] = dict(fields)
        if document is not None:
            sent["document"] = FileStorage(io.BytesIO(document), filename=name)
        if detached is not None:
            sent["detached"] = FileStorage(io.BytesIO(detached), filename="content")
        given = {"Authorization": f"{self.scheme} {self.token}", **(headers or {})}
        options: dict[str, Any] = {}
        if method == "POST":
            boundary, body = encode_multipart(sent)
            options = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
        address = path if path.startswith(BASE) else BASE + path
        answer = self.client.open(address, method=method, headers=given, **options)
        fits(method, address, answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, document: bytes | None, **options: Any) -> TestResponse:
        return self.call("POST", path, document, **options)


def application(city: DeskCity, name: str = "portal", scope: str = " ".join(SCOPES), **claims: Any) -> Application:
    """An application whose token the city's provider knows."""
    token = f"at.{name}.{len(city.provider.applications)}"
    known = {"active": True, "client_id": name, "scope": scope, "aud": city.services.api, **claims}
    city.provider.applications[token] = known
    return Application(city.app.test_client(), token)


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.content_type == PROBLEM
    return answer.status_code, json.loads(answer.data)["code"]


def fits(method: str, path: str, answer: TestResponse) -> None:
    """Hold an answer against the description of its operation."""
    operation = _operation(method, path)
    described = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    if answer.status_code >= 400:
        described = operation["responses"]["default"]
    content = described.get("content", {})
    if not content:
        assert answer.data == b"", path
        return
    assert answer.content_type in content, (answer.status_code, answer.content_type)
    schema = content[answer.content_type].get("schema")
    if schema is not None:
        wrong = [error.message for error in _validator(json.dumps(schema)).iter_errors(json.loads(answer.data))]
        assert not wrong, wrong
    for name in described.get("headers", {}):
        assert name in answer.headers


@cache
def described() -> dict[str, Any]:
    """The description."""
    return document(ISSUER)


def _operation(method: str, path: str) -> dict[str, Any]:
    for address, operations in described()["paths"].items():
        wanted, given = address.split("/"), path.split("/")
        pairs = list(zip(wanted, given, strict=False))
        if len(wanted) == len(given) and all(one == other or one.startswith("{") for one, other in pairs):
            found: dict[str, Any] = operations[method.lower()]
            return found
    raise AssertionError(f"{path} is not described")


@cache
def _validator(schema: str) -> Any:
    return Draft202012Validator({**json.loads(schema), "components": described()["components"]})
