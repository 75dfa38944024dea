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
from idp.protocol.checks.check_dpop_jkt import check_dpop_jkt
from idp.protocol.checks.check_id_token_hint import check_id_token_hint
from idp.protocol.checks.check_max_age import check_max_age
from idp.protocol.checks.check_nonce import check_nonce
from idp.protocol.checks.check_pkce import check_pkce
from idp.protocol.checks.check_prompt import check_prompt
from idp.protocol.checks.check_redirect_uri import check_redirect_uri
from idp.protocol.checks.check_request_uri import check_request_uri
from idp.protocol.checks.check_resource import check_resource
from idp.protocol.checks.check_response_mode import check_response_mode
from idp.protocol.checks.check_response_type import check_response_type
from idp.protocol.checks.check_scope import check_scope
from idp.protocol.checks.reject_duplicates import reject_duplicates
from idp.protocol.checks.reject_registration import reject_registration
from idp.protocol.profiles import FAPI2
from idp.protocol.request import Hint
from idp.protocol.response_types import CODE, RESPONSE_TYPES, response_type_of
from tests.unit.idp.protocol.requests import CHALLENGE, client, facts, front_client, request, unverified

FRONT_TYPES = [one.name for one in RESPONSE_TYPES if one.is_front]


def code_of(caught: pytest.ExceptionInfo[OAuthError]) -> str:
    return caught.value.code


def test_response_mode() -> None:
    assert check_response_mode(request(), facts()).target.response_mode == "query"
    asked = request(response_mode="form_post")
    assert check_response_mode(asked, facts()).target.response_mode == "form_post"
    assert check_response_mode(request(response_mode="jwt"), facts()).target.response_mode == "query.jwt"
    with pytest.raises(OAuthError) as caught:
        check_response_mode(request(response_mode="body"), facts())
    assert code_of(caught) == "invalid_request"


@pytest.mark.parametrize("response_type", ["id_token", "token", "token code", "id_token unheard-of"])
def test_what_may_hold_a_token_never_travels_in_the_query(response_type: str) -> None:
    assert check_redirect_uri(unverified(response_type=response_type), facts()).target.response_mode == "fragment"
    assert check_response_mode(request(response_type=response_type), facts()).target.response_mode == "fragment"
    signed = request(response_type=response_type, response_mode="jwt")
    assert check_response_mode(signed, facts()).target.response_mode == "fragment.jwt"
    for mode in ("form_post", "form_post.jwt"):
        asked = request(response_type=response_type, response_mode=mode)
        assert check_response_mode(asked, facts()).target.response_mode == mode
    for mode in ("query", "query.jwt"):
        with pytest.raises(OAuthError) as caught:
            check_response_mode(request(response_type=response_type, response_mode=mode), facts())
        assert code_of(caught) == "invalid_request"


def test_duplicates() -> None:
    twice = dataclasses.replace(request(), duplicated=frozenset({"scope"}))
    with pytest.raises(OAuthError) as caught:
        reject_duplicates(twice, facts())
    assert code_of(caught) == "invalid_request"
    assert reject_duplicates(request(), facts()) == request()


def test_registration_inside_a_request() -> None:
    with pytest.raises(OAuthError) as caught:
        reject_registration(request(None, registration="x"), facts())
    assert code_of(caught) == "registration_not_supported"
    assert reject_registration(request(), facts()) == request()


def test_a_reference_that_was_not_followed() -> None:
    with pytest.raises(OAuthError, match="too far") as caught:
        check_request_uri(
            request(None, request_uri="https://x.test"), dataclasses.replace(facts(), reference_problem="too far")
        )
    assert code_of(caught) == "invalid_request_uri"
    assert check_request_uri(request(), facts()) == request()


def test_response_type() -> None:
    assert check_response_type(request(response_type="code"), facts()).response_type == CODE
    wrong = [(name, "unsupported_response_type") for name in ("token", "none", "code code", "code ", "CODE")]
    for given_type, error in [(None, "invalid_request"), ("code id_token", "unauthorized_client"), *wrong]:
        asked = request() if given_type is None else request(response_type=given_type)
        with pytest.raises(OAuthError) as caught:
            check_response_type(asked, facts())
        assert code_of(caught) == error
    machine = dataclasses.replace(client(), grant_types=frozenset({"client_credentials"}))
    with pytest.raises(OAuthError) as caught:
        check_response_type(request(machine, response_type="code"), facts())
    assert code_of(caught) == "unauthorized_client"


@pytest.mark.parametrize("name", FRONT_TYPES)
def test_response_types_with_tokens_are_for_clients_registered_for_them(name: str) -> None:
    of, backwards = front_client(name), " ".join(reversed(name.split()))
    for given_type in (name, backwards):
        judged = check_response_type(request(of, response_type=given_type), facts(of)).response_type
        assert judged.name == name
    others = {
        "unauthorized_client": (
            dataclasses.replace(of, grant_types=of.grant_types - {"implicit"}),
            dataclasses.replace(of, response_types=frozenset({"code"})),
            dataclasses.replace(of, profile=FAPI2),
        ),
    }
    for error, clients in others.items():
        for other in clients:
            with pytest.raises(OAuthError) as caught:
                check_response_type(request(other, response_type=name), facts(other))
            assert code_of(caught) == error
    with pytest.raises(OAuthError) as caught:
        check_response_type(request(of, response_type=name), dataclasses.replace(facts(of), front_channel=False))
    assert code_of(caught) == "unsupported_response_type"


@pytest.mark.parametrize("name", FRONT_TYPES)
@pytest.mark.parametrize("bound", ["dpop_bound", "certificate_bound"])
def test_a_client_that_binds_its_tokens_gets_none_that_cannot_be_bound(name: str, bound: str) -> None:
    of = dataclasses.replace(front_client(name), **{bound: True})  # type: ignore[arg-type]  # either of two flags
    asked = request(of, response_type=name)
    if "token" not in name.split():
        assert check_response_type(asked, facts(of)).response_type.name == name
        return
    with pytest.raises(OAuthError) as caught:
        check_response_type(asked, facts(of))
    assert code_of(caught) == "unauthorized_client"


@pytest.mark.parametrize("name", [one.name for one in RESPONSE_TYPES])
def test_a_nonce_is_needed_where_an_id_token_is_handed_out(name: str) -> None:
    asked = dataclasses.replace(request(), response_type=response_type_of(name) or CODE)
    assert check_nonce(dataclasses.replace(asked, parameters={"nonce": "n"}), facts()).nonce == "n"
    if "id_token" not in name.split():
        assert check_nonce(asked, facts()) is asked
        return
    with pytest.raises(OAuthError) as caught:
        check_nonce(asked, facts())
    assert code_of(caught) == "invalid_request"


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


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [
        ({}, True),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, True),
        ({"code_challenge": CHALLENGE}, False),
        ({"code_challenge_method": "S256"}, False),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, False),
        ({"code_challenge": CHALLENGE[:-1], "code_challenge_method": "S256"}, False),
    ],
)
def test_a_client_registered_without_pkce_may_leave_it_out_and_nothing_else(
    parameters: dict[str, str], accepted: bool
) -> None:
    of = client(require_pkce=False)
    if accepted:
        assert check_pkce(request(of, **parameters), facts(of)).code_challenge == parameters.get("code_challenge")
        return
    with pytest.raises(OAuthError) as caught:
        check_pkce(request(of, **parameters), facts(of))
    assert code_of(caught) == "invalid_request"


def test_where_no_code_is_handed_out_no_challenge_is_needed() -> None:
    asked = dataclasses.replace(request(), response_type=response_type_of("id_token token") or CODE)
    assert check_pkce(asked, facts()).code_challenge is None


def test_tokens_in_the_browser_carry_no_powers_and_no_lasting_access() -> None:
    for name in FRONT_TYPES:
        of = front_client(name)
        asked = dataclasses.replace(request(of), response_type=response_type_of(name) or CODE)
        judged = check_scope(dataclasses.replace(asked, parameters={"scope": "openid offline_access"}), facts(of))
        assert ("offline_access" in judged.scope) == ("code" in name.split())
        with pytest.raises(OAuthError) as caught:
            check_authorization_details(
                dataclasses.replace(asked, parameters={"authorization_details": "[]"}), facts(of)
            )
        assert code_of(caught) == "invalid_request"
        with pytest.raises(OAuthError) as caught:
            check_scope(dataclasses.replace(asked, parameters={"scope": "profile"}), facts(of))
        assert code_of(caught) == "invalid_scope"
        if "token" in name.split():
            named = dataclasses.replace(asked, parameters={"resource": "https://api.example.vn"})
            with pytest.raises(OAuthError) as caught:
                check_resource(named, facts(of))
            assert code_of(caught) == "invalid_target"
            with pytest.raises(OAuthError) as caught:
                check_dpop_jkt(dataclasses.replace(asked, parameters={"dpop_jkt": CHALLENGE}), facts(of))
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
    for prompt in ("none login", "none create", "unheard-of", "NONE"):
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


def test_an_acr_that_is_not_essential_is_a_wish() -> None:
    wish = '{"id_token": {"acr": {"values": ["urn:else", "urn:vn:xt:2"]}}}'
    asked = dataclasses.replace(request(claims=wish), scope=frozenset({"openid"}))
    assert check_claims(asked, facts()).acr_values == ("urn:vn:xt:2",)
    both = dataclasses.replace(asked, acr_values=("urn:vn:xt:1",))
    assert check_claims(both, facts()).acr_values == ("urn:vn:xt:1",)
    condition = wish.replace('{"values"', '{"essential": true, "values"')
    essential = dataclasses.replace(asked, parameters={"claims": condition})
    assert check_claims(essential, facts()).acr_values == ()


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
