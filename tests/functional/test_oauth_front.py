"""Tokens from the authorization endpoint: for whom, what they hold, what they are tied to, and what ends them."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from base.ids import hash_secret
from idp.errors import RegistrationRefused
from idp.flows.end_session import end_all
from idp.flows.interactions import read_interaction, refuse
from idp.protocol.response_types import RESPONSE_TYPES
from tests.provider import BROWSER, CHALLENGE, REDIRECT, VERIFIER, Provider, Registered, Reply

FRONT = [one.name for one in RESPONSE_TYPES if one.is_front]
WITH_TOKEN = [one.name for one in RESPONSE_TYPES if one.has_token]
UNCHALLENGED = {"code_challenge": None, "code_challenge_method": None}


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def half_hash(value: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).decode().rstrip("=")


def front_client(provider: Provider, response_type: str, **more: Any) -> Registered:
    by_code = ["authorization_code", "refresh_token"] if "code" in response_type.split() else []
    return provider.client(response_types=[response_type], grant_types=[*by_code, "implicit"], **more)


def signed_in(provider: Provider, client: Registered) -> tuple[str, str]:
    """A person who has allowed everything: identifier and cookie."""
    person = provider.person()
    provider.consent(person, client.client)
    return person, provider.session(person)


def answered(
    provider: Provider, response_type: str, *, trusted: bool = False, **changes: str | None
) -> tuple[Registered, str, Reply]:
    client = front_client(provider, response_type, trusted=trusted)
    _, cookie = signed_in(provider, client)
    return client, cookie, provider.authorize(client, cookie, response_type=response_type, **changes)


@pytest.mark.parametrize("response_type", FRONT)
def test_what_is_asked_for_comes_in_the_fragment_and_nothing_else(provider: Provider, response_type: str) -> None:
    client, _, reply = answered(provider, response_type, scope="openid profile email")
    assert reply.location.startswith(REDIRECT + "#")
    words, values = set(response_type.split()), reply.params
    with_token = {"access_token", "token_type", "expires_in", "scope"} if "token" in words else set()
    assert values.keys() == (words - {"token"}) | with_token | {"state", "iss", "session_state"}
    if "token" in words:
        assert (values["token_type"], values["expires_in"]) == ("Bearer", "600")
        assert provider.userinfo(values["access_token"]).json["name"] == "Nguyễn Thị Lan"
    if "id_token" in words:
        claims = claims_of(values["id_token"])
        assert (claims["aud"], claims["nonce"], claims["s_hash"]) == (client.id, "n-1", half_hash("xyz"))
        assert claims.get("at_hash") == (half_hash(values["access_token"]) if "token" in words else None)
        assert claims.get("c_hash") == (half_hash(values["code"]) if "code" in words else None)
        assert ("email" in claims) == (response_type == "id_token")  # with an access token it is userinfo's to tell
    if "code" in words:
        tokens = provider.redeem(client, values["code"]).json
        later = claims_of(tokens["id_token"])
        assert "c_hash" not in later
        if "id_token" in words:
            assert {later[name] for name in ("sub", "auth_time")} == {claims[name] for name in ("sub", "auth_time")}


@pytest.mark.parametrize("response_type", FRONT)
def test_without_a_registration_for_it_no_token_leaves(provider: Provider, response_type: str) -> None:
    client = provider.client()
    _, cookie = signed_in(provider, client)
    reply = provider.authorize(client, cookie, response_type=response_type)
    assert reply.location.startswith(REDIRECT + "#error=unauthorized_client")
    assert reply.params.keys() == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize("response_type", FRONT)
def test_an_operator_can_forbid_it_altogether(provider: Provider, response_type: str) -> None:
    client = front_client(provider, response_type)
    _, cookie = signed_in(provider, client)
    strict = provider.with_settings(front_channel_tokens=False)
    assert strict.authorize(client, cookie, response_type=response_type).params["error"] == "unsupported_response_type"
    with pytest.raises(RegistrationRefused):
        front_client(strict, response_type)


@pytest.mark.parametrize("response_type", FRONT)
def test_a_refusal_travels_as_the_tokens_would(provider: Provider, response_type: str) -> None:
    asked = provider.authorize(
        front_client(provider, response_type), provider.session(provider.person()), response_type=response_type
    )
    waiting = read_interaction(provider.services, asked.params["tx"], hash_secret(BROWSER))
    headers = dict(refuse(provider.services, waiting).headers)
    assert headers["Location"].startswith(REDIRECT + "#error=access_denied")


@pytest.mark.parametrize("response_type", FRONT)
@pytest.mark.parametrize("mode", ["query", "query.jwt"])
def test_a_token_never_travels_in_a_query(provider: Provider, response_type: str, mode: str) -> None:
    _, _, reply = answered(provider, response_type, response_mode=mode)
    assert reply.location.startswith(REDIRECT + "#error=invalid_request")


@pytest.mark.parametrize("response_type", FRONT)
@pytest.mark.parametrize(("mode", "form"), [("jwt", False), ("fragment.jwt", False), ("form_post.jwt", True)])
def test_a_signed_answer_holds_all_of_it(provider: Provider, response_type: str, mode: str, form: bool) -> None:
    client, _, reply = answered(provider, response_type, response_mode=mode)
    if form:
        response = reply.body.decode().split('name="response" value="')[1].split('"')[0]
    else:
        assert reply.location.startswith(REDIRECT + "#response=")
        response = reply.params["response"]
    inside = claims_of(response)
    assert inside["aud"] == client.id
    wanted = {"access_token" if word == "token" else word for word in response_type.split()}
    assert wanted <= inside.keys()


@pytest.mark.parametrize("response_type", FRONT)
def test_the_nonce_is_needed_where_an_id_token_leaves(provider: Provider, response_type: str) -> None:
    _, _, reply = answered(provider, response_type, nonce=None)
    if "id_token" in response_type.split():
        assert reply.params["error"] == "invalid_request"
    else:
        assert "code" in reply.params


@pytest.mark.parametrize("response_type", [name for name in WITH_TOKEN if "code" in name])
def test_a_code_that_comes_back_ends_the_token_that_was_handed_out_with_it(
    provider: Provider, response_type: str
) -> None:
    client, _, reply = answered(provider, response_type)
    first = reply.params["access_token"]
    second = provider.redeem(client, reply.params["code"]).json["access_token"]
    assert provider.userinfo(first).status == provider.userinfo(second).status == 200
    assert provider.redeem(client, reply.params["code"]).json["error"] == "invalid_grant"
    assert provider.userinfo(first).status == provider.userinfo(second).status == 401
    assert provider.posted("/introspect", client, token=first).json == {"active": False}


@pytest.mark.parametrize("response_type", WITH_TOKEN)
def test_the_end_of_the_session_ends_it(provider: Provider, response_type: str) -> None:
    client = front_client(provider, response_type)
    person, cookie = signed_in(provider, client)
    token = provider.authorize(client, cookie, response_type=response_type).params["access_token"]
    assert provider.userinfo(token).status == 200
    end_all(provider.services, person, "person")
    assert provider.userinfo(token).status == 401


@pytest.mark.parametrize("response_type", WITH_TOKEN)
def test_revoked_by_its_client_it_goes_alone(provider: Provider, response_type: str) -> None:
    client, _, reply = answered(provider, response_type)
    assert provider.posted("/revoke", client, token=reply.params["access_token"]).status == 200
    assert provider.userinfo(reply.params["access_token"]).status == 401


def test_no_lasting_access_without_a_code(provider: Provider) -> None:
    both = {
        "response_types": ["code", "id_token token"],
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
    }
    client = provider.client(**both)
    _, cookie = signed_in(provider, client)
    scope = "openid offline_access"
    assert provider.authorize(client, cookie, response_type="id_token token", scope=scope).params["scope"] == "openid"
    assert "refresh_token" in provider.redeem(client, provider.code(client, cookie, scope=scope)).json


def test_silent_renewal(provider: Provider) -> None:
    client, cookie, first = answered(provider, "id_token token")
    again = provider.authorize(client, cookie, response_type="token id_token", prompt="none")
    assert claims_of(again.params["id_token"])["auth_time"] == claims_of(first.params["id_token"])["auth_time"]
    stranger = provider.authorize(client, None, response_type="id_token token", prompt="none")
    assert stranger.location.startswith(REDIRECT + "#error=login_required")


def test_claims_of_an_id_token_alone(provider: Provider) -> None:
    asked = json.dumps({"id_token": {"birthdate": None}, "userinfo": {"gender": None}})
    _, _, reply = answered(provider, "id_token", trusted=True, scope="openid official address", claims=asked)
    claims = claims_of(reply.params["id_token"])
    assert claims["birthdate"] == "1990-05-17"
    assert claims["address"] == {"formatted": "1 Tràng Tiền, Hà Nội"}
    assert not {"gender", "email", "name"} & claims.keys()


def test_named_claims_wait_for_the_token_endpoint_where_there_is_one(provider: Provider) -> None:
    asked = json.dumps({"id_token": {"birthdate": {"essential": True}}})
    client, _, reply = answered(provider, "code id_token", trusted=True, claims=asked)
    assert "birthdate" not in claims_of(reply.params["id_token"])
    assert claims_of(provider.redeem(client, reply.params["code"]).json["id_token"])["birthdate"] == "1990-05-17"


def test_a_client_registered_without_pkce(provider: Provider) -> None:
    client = provider.client(require_pkce=False)
    _, cookie = signed_in(provider, client)
    code = provider.code(client, cookie, **UNCHALLENGED)
    assert provider.redeem(client, code, code_verifier=None).status == 200
    # A verifier for a code without a challenge: somebody took the challenge out of the request (RFC 9700 §4.8.2).
    code = provider.code(client, cookie, **UNCHALLENGED)
    assert provider.redeem(client, code).json["error"] == "invalid_grant"
    assert provider.redeem(client, code, code_verifier=None).json["error"] == "invalid_grant"
    # A challenge that was sent counts.
    for verifier in (None, "x" * 43):
        code = provider.code(client, cookie)
        assert provider.redeem(client, code, code_verifier=verifier).json["error"] == "invalid_grant"
    assert provider.redeem(client, provider.code(client, cookie)).status == 200
    plain = provider.authorize(client, cookie, code_challenge=VERIFIER, code_challenge_method="plain")
    assert plain.params["error"] == "invalid_request"
    bare = provider.authorize(client, cookie, code_challenge=CHALLENGE, code_challenge_method=None)
    assert bare.params["error"] == "invalid_request"


def test_what_a_registration_leaves_open_the_installation_says(provider: Provider) -> None:
    lenient = provider.with_settings(pkce_required=False)
    assert not lenient.client().client.require_pkce
    assert lenient.client(token_endpoint_auth_method="none").client.require_pkce
    assert lenient.client(require_pkce=True).client.require_pkce
    assert provider.client().client.require_pkce
