"""Rules about request objects, one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from idp.errors import OAuthError, UnsafeToRedirect
from idp.protocol.checks.check_request_object import check_request_object
from idp.protocol.checks.use_request_object import use_request_object
from idp.protocol.client import Client
from idp.protocol.request import AuthorizeFacts, PushedRequest, RequestObject
from idp.protocol.request_objects import parameters_of
from tests.unit.idp.protocol.requests import client, facts, request, unverified

KEYS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]}
NOW = 1_000_000
CLAIMS = {"iss": "portal", "aud": "op", "exp": NOW + 60, "nbf": NOW, "jti": "1", "client_id": "portal"}
SIGNED = RequestObject({"client_id": "portal", "state": "signed"})
REFUSED = RequestObject(None, "broken")
FAPI2 = client(profile="fapi2", jwks=KEYS)
SIGNING = client(require_signed_request_object=True, jwks=KEYS)


def knowing(
    signed: RequestObject | None, of: Client | None = None, pushed: PushedRequest | None = None
) -> AuthorizeFacts:
    return replace(facts(of), request_object=signed, pushed=pushed)


def test_claims_become_parameters() -> None:
    given = {
        **CLAIMS,
        "max_age": 60,
        "claims": {"id_token": {"name": None}},
        "scope": "openid",
        "ui_locales": "vi",
        "nonce": "",
    }
    found = parameters_of(given, client(), NOW)
    assert found == {
        "client_id": "portal",
        "max_age": "60",
        "claims": json.dumps({"id_token": {"name": None}}),
        "scope": "openid",
        "ui_locales": "vi",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"client_id": None},
        {"sub": "portal"},
        {"request": "x"},
        {"request_uri": "x"},
        {"prompt": True},
        {"state": None},
    ],
    ids=str,
)
def test_objects_that_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as caught:
        parameters_of({**CLAIMS, **changes}, client(), NOW)
    assert caught.value.code == "invalid_request_object"


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"exp": NOW + 3600}, True),
        ({"nbf": NOW + 8}, True),
        ({"nbf": NOW - 3600, "exp": NOW}, True),
        ({"exp": NOW + 3601}, False),
        ({"nbf": NOW - 3601, "exp": NOW - 1}, False),
        ({"nbf": None}, False),
        ({"exp": None}, False),
        ({"nbf": "1"}, False),
    ],
    ids=str,
)
def test_a_bounded_life(changes: dict[str, Any], taken: bool) -> None:
    given = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    assert parameters_of(given, client(), NOW)
    if taken:
        assert parameters_of(given, FAPI2, NOW)
    else:
        with pytest.raises(OAuthError):
            parameters_of(given, FAPI2, NOW)


def test_what_is_signed_takes_the_place_of_what_is_not() -> None:
    given = unverified(request="x.y.z", state="outside", scope="openid")
    used = use_request_object(given, knowing(SIGNED))
    assert used.parameters["state"] == "signed"
    assert used.parameters["scope"] == "openid"
    assert "request" not in used.parameters
    assert use_request_object(given, knowing(SIGNED, SIGNING)).parameters == SIGNED.parameters
    assert use_request_object(given, knowing(None)) is given


def test_where_a_refusal_goes() -> None:
    given = unverified(request="x")
    assert use_request_object(given, knowing(REFUSED)) is given
    with pytest.raises(OAuthError) as caught:
        check_request_object(request(), knowing(REFUSED))
    assert caught.value.code == "invalid_request_object"
    with pytest.raises(UnsafeToRedirect) as nowhere:
        use_request_object(unverified(request="x", redirect_uri=None), knowing(REFUSED))
    assert nowhere.value.code == "invalid_request_object"


def test_who_must_sign() -> None:
    with pytest.raises(OAuthError) as caught:
        check_request_object(request(SIGNING), knowing(None, SIGNING))
    assert caught.value.code == "invalid_request"
    pushed = PushedRequest("r", "portal", {}, 1, False)
    for facts_of in (knowing(SIGNED, SIGNING), knowing(None, SIGNING, pushed)):
        assert check_request_object(request(SIGNING), facts_of).client is SIGNING
    assert check_request_object(request(), knowing(None)).client.require_signed is False
