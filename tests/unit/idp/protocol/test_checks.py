"""Rules after the target is proven, one by one."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.errors import OAuthError
from idp.protocol.checks.check_acr_values import check_acr_values
from idp.protocol.checks.check_authorization_details import check_authorization_details
from idp.protocol.checks.check_claims import check_claims
from idp.protocol.checks.check_id_token_hint import check_id_token_hint
from idp.protocol.checks.check_max_age import check_max_age
from idp.protocol.checks.check_pkce import check_pkce
from idp.protocol.checks.check_prompt import check_prompt
from idp.protocol.checks.check_resource import check_resource
from idp.protocol.checks.check_response_mode import check_response_mode
from idp.protocol.checks.check_response_type import check_response_type
from idp.protocol.checks.check_scope import check_scope
from idp.protocol.checks.reject_duplicates import reject_duplicates
from idp.protocol.checks.reject_request_objects import reject_request_objects
from idp.protocol.request import Hint
from tests.unit.idp.protocol.requests import CHALLENGE, client, facts, request


def code_of(caught: pytest.ExceptionInfo[OAuthError]) -> str:
    return caught.value.code


def test_response_mode() -> None:
    assert check_response_mode(request(), facts()).target.response_mode == "query"
    asked = request(response_mode="form_post")
    assert check_response_mode(asked, facts()).target.response_mode == "form_post"
    with pytest.raises(OAuthError) as caught:
        check_response_mode(request(response_mode="body"), facts())
    assert code_of(caught) == "invalid_request"


def test_duplicates() -> None:
    twice = dataclasses.replace(request(), duplicated=frozenset({"scope"}))
    with pytest.raises(OAuthError) as caught:
        reject_duplicates(twice, facts())
    assert code_of(caught) == "invalid_request"
    assert reject_duplicates(request(), facts()) == request()


@pytest.mark.parametrize("name", ["request_uri", "registration"])
def test_request_objects(name: str) -> None:
    with pytest.raises(OAuthError) as caught:
        reject_request_objects(request(None, **{name: "x"}), facts())
    assert code_of(caught) == f"{name}_not_supported"
    assert reject_request_objects(request(), facts()) == request()


def test_response_type() -> None:
    assert check_response_type(request(response_type="code"), facts()).response_type == "code"
    for given_type, error in ((None, "invalid_request"), ("token", "unsupported_response_type")):
        asked = request() if given_type is None else request(response_type=given_type)
        with pytest.raises(OAuthError) as caught:
            check_response_type(asked, facts())
        assert code_of(caught) == error
    machine = dataclasses.replace(client(), grant_types=frozenset({"client_credentials"}))
    with pytest.raises(OAuthError) as caught:
        check_response_type(request(machine, response_type="code"), facts())
    assert code_of(caught) == "unauthorized_client"


def test_pkce_takes_the_rfcs_example() -> None:
    asked = request(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert check_pkce(asked, facts()).code_challenge == CHALLENGE


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
        {"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE[:-1] + "+", "code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE + "\n", "code_challenge_method": "S256"},
    ],
)
def test_pkce_is_required_of_every_client(public: bool, parameters: dict[str, str]) -> None:
    of = client(token_endpoint_auth_method="none" if public else "client_secret_basic")
    with pytest.raises(OAuthError) as caught:
        check_pkce(request(of, **parameters), facts(of))
    assert code_of(caught) == "invalid_request"


def test_scope() -> None:
    asked = check_scope(request(scope="openid profile unheard-of"), facts())
    assert asked.scope == {"openid", "profile"}
    without_refresh = client(grant_types=["authorization_code"])
    assert check_scope(request(without_refresh, scope="openid offline_access"), facts()).scope == {"openid"}
    assert check_scope(request(authorization_details="[]"), facts()).scope == frozenset()
    narrow = client(scope="openid")
    for of, scope in ((narrow, "openid email"), (None, ""), (None, "unheard-of"), (None, 'a"b'), (None, "a  b")):
        with pytest.raises(OAuthError) as caught:
            check_scope(request(of, **({"scope": scope} if scope else {})), facts())
        assert code_of(caught) == "invalid_scope"


def test_prompt() -> None:
    assert check_prompt(request(prompt="login consent"), facts()).prompts == {"login", "consent"}
    assert check_prompt(request(), facts()).prompts == frozenset()
    for prompt in ("none login", "create", "NONE"):
        with pytest.raises(OAuthError) as caught:
            check_prompt(request(prompt=prompt), facts())
        assert code_of(caught) == "invalid_request"


def test_max_age() -> None:
    assert check_max_age(request(max_age="0"), facts()).max_age == 0
    assert check_max_age(request(), facts()).max_age is None
    assert check_max_age(request(client(default_max_age=60)), facts()).max_age == 60
    for wrong in ("-1", "1.5", "x", "٣", "9" * 10):
        with pytest.raises(OAuthError) as caught:
            check_max_age(request(max_age=wrong), facts())
        assert code_of(caught) == "invalid_request"


def test_acr_values() -> None:
    asked = request(acr_values="urn:else urn:vn:xt:2 urn:vn:xt:1")
    assert check_acr_values(asked, facts()).acr_values == ("urn:vn:xt:2", "urn:vn:xt:1")
    registered = client(default_acr_values=["urn:vn:xt:2"])
    assert check_acr_values(request(registered), facts()).acr_values == ("urn:vn:xt:2",)


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ("{", "invalid_request"),
        ("[]", "invalid_request"),
        ('{"userinfo": []}', "invalid_request"),
        ('{"userinfo": {"name": 1}}', "invalid_request"),
        ('{"id_token": {"acr": {"values": 1}}}', "invalid_request"),
        ('{"userinfo": {"position": null}}', "invalid_scope"),
        ('{"id_token": {"acr": {"essential": true, "value": "urn:else"}}}', "unmet_authentication_requirements"),
        ("[" * 3000, "invalid_request"),
    ],
)
def test_wrong_claims(claims: str, error: str) -> None:
    of = client(scope="openid profile")
    asked = dataclasses.replace(request(of, claims=claims), scope=frozenset({"openid"}))
    with pytest.raises(OAuthError) as caught:
        check_claims(asked, facts(of))
    assert code_of(caught) == error


def test_claims() -> None:
    given_claims = '{"id_token": {"name": {"essential": true}, "secret": null}, "userinfo": {"email": null}, "x": 1}'
    asked = dataclasses.replace(request(claims=given_claims), scope=frozenset({"openid"}))
    judged = check_claims(asked, facts()).claims
    assert judged.personal == {"name", "email"}
    assert judged.id_token["name"].essential
    with pytest.raises(OAuthError):
        check_claims(request(claims="{}"), facts())
    assert check_claims(request(), facts()) == request()


def test_id_token_hint() -> None:
    assert check_id_token_hint(request(), facts()).hinted_subject is None
    assert check_id_token_hint(request(), facts(hint=Hint("sub"))).hinted_subject == "sub"
    with pytest.raises(OAuthError) as caught:
        check_id_token_hint(request(), facts(hint=Hint(None)))
    assert code_of(caught) == "invalid_request"


def test_resource() -> None:
    assert check_resource(request(), facts()) == request()
    named = request(resource="https://api.example.vn")
    assert check_resource(named, facts()).resources == ("https://api.example.vn",)
    with pytest.raises(OAuthError) as caught:
        check_resource(request(resource="https://api.example.vn/"), facts())
    assert code_of(caught) == "invalid_target"


def test_authorization_details_of_an_unregistered_type() -> None:
    assert check_authorization_details(request(), facts()).details == ()
    for wrong in ("[]", "{}", "[{}]", '[{"type": "x"}]', '[{"type": ["x"]}]', "x", "[" * 3000):
        with pytest.raises(OAuthError) as caught:
            check_authorization_details(request(authorization_details=wrong), facts())
        assert code_of(caught) == "invalid_authorization_details"


@given(st.text())
def test_error_descriptions_are_printable(text: str) -> None:
    described = OAuthError("invalid_request", text).description
    assert all(" " <= character <= "~" and character not in '"\\' for character in described)
