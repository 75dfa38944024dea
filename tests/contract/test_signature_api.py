"""The description of the API says all of it: every route, every scope, schemas that are schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from jsonschema import Draft202012Validator

from base.services import BaseServices
from signing.flows.api.registration import SCOPES
from signing.web.api.openapi import document
from signing.web.api.operations import BASE, OPERATIONS
from signing.web.api.schemas import SCHEMAS
from tests.api_caller import ISSUER, PROBLEM, application, code_of
from tests.desk_city import DeskCity, desk_city

DESCRIBED = document(ISSUER)


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def test_every_route_is_described_and_every_description_is_a_route(city: DeskCity) -> None:
    routes = {
        (method.lower(), re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in city.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(BASE) and rule.endpoint != "signature_api.openapi"
    }
    told = {(method, path) for path, operations in DESCRIBED["paths"].items() for method in operations}
    assert routes == told
    assert len(told) == len(OPERATIONS)


def test_it_is_served_to_everybody(city: DeskCity) -> None:
    answer = city.app.test_client().get(f"{BASE}/openapi.json")
    assert (answer.status_code, json.loads(answer.data)) == (200, document(city.base.base.issuer))


def test_its_schemas_are_schemas_and_its_references_lead_somewhere() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(dict(schema))
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DESCRIBED)))
    assert references == set(SCHEMAS)
    names = [operation["operationId"] for path in DESCRIBED["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)


def test_every_scope_opens_something_and_each_operation_names_its_own() -> None:
    named = {scope for operation in OPERATIONS for scope in operation.scopes}
    assert named == set(SCOPES)
    assert all(operation.scopes for operation in OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_nothing_opens_without_a_token_or_with_the_scope_of_another(city: DeskCity, operation: object) -> None:
    assert isinstance(operation, type(OPERATIONS[0]))
    path = re.sub(r"{\w+}", "x", operation.path)
    answer = city.app.test_client().open(BASE + path, method=operation.method)
    assert code_of(answer) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="antin", scope="signatures:')
    assert "error=" not in answer.headers["WWW-Authenticate"]
    other = next(scope for scope in SCOPES if scope not in operation.scopes)
    answer = application(city, scope=f"openid {other}").call(operation.method, path)
    assert code_of(answer) == (403, "insufficient_scope")
    assert f'scope="{" ".join(operation.scopes)}"' in answer.headers["WWW-Authenticate"]


def test_every_error_is_a_problem_in_both_languages(city: DeskCity) -> None:
    app = application(city)
    answer = app.get("/jobs/job_x", headers={"Accept-Language": "en", "Accept": "text/html"})
    body = json.loads(answer.data)
    assert (answer.content_type, answer.headers["Content-Language"]) == (PROBLEM, "en")
    assert (
        body["detail"]
        == body["messages"]["en"]
        == "Your application has no such job; results are deleted when their time is over."
    )
    assert body["messages"]["vi"].startswith("Ứng dụng của bạn không có")
    answer = app.client.patch(f"{BASE}/jobs/x")
    assert (answer.status_code, answer.headers["Allow"]) == (
        405,
        "DELETE, GET, HEAD, OPTIONS",
    ) or answer.status_code == 405
