"""
Discovery lists exactly what works: every value of every list does something, and what is not listed is refused.

Lists that come straight from a registry with a contract suite of its own (grants, client authentication, signing
algorithms) are tried here for being accepted in a registration, as a client would that has read the document.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.idp_site import Site
from tests.functional.registrar import Registrar
from tests.proofs import ISSUER, HeldKey
from tests.provider import REQUEST, Provider

KEYS = {alg: HeldKey(alg) for alg in ("ES256", "PS256", "RS256", "EdDSA")}
ALL_KEYS = {"keys": [{**key.jwk, "kid": alg, "alg": alg, "use": "sig"} for alg, key in KEYS.items()]}
UNLISTED = {
    "response_types_supported": ["token", "none", "code none"],
    "grant_types_supported": ["password", "urn:ietf:params:oauth:grant-type:saml2-bearer"],
    "token_endpoint_auth_methods_supported": ["client_secret_jwt", "tls_client_auth", "attest_jwt_client_auth"],
    "id_token_signing_alg_values_supported": ["none", "HS256", "ES256K"],
    "request_object_signing_alg_values_supported": ["none", "HS256"],
    "authorization_signing_alg_values_supported": ["none", "HS256", "ML-DSA-65"],
    "subject_types_supported": ["ephemeral"],
}
FIELDS = {
    "token_endpoint_auth_methods_supported": "token_endpoint_auth_method",
    "id_token_signing_alg_values_supported": "id_token_signed_response_alg",
    "request_object_signing_alg_values_supported": "request_object_signing_alg",
    "authorization_signing_alg_values_supported": "authorization_signed_response_alg",
    "subject_types_supported": "subject_type",
}


@pytest.fixture
def registrar(open_site_for_all: Site) -> Registrar:
    return Registrar(open_site_for_all)


def metadata_of(site: Site) -> dict[str, Any]:
    return dict(site.app.test_client().get("/.well-known/openid-configuration").get_json())


def registered(registrar: Registrar, name: str, value: str) -> int:
    """The status of a registration that relies on that value of that list."""
    changes: dict[str, Any] = {"jwks": ALL_KEYS}
    if name == "response_types_supported":
        words = set(value.split())
        grants = (["authorization_code"] if "code" in words else []) + (["implicit"] if words - {"code"} else [])
        changes |= {"response_types": [value], "grant_types": grants}
    elif name == "grant_types_supported":
        changes |= grant_of(value)
    else:
        changes[FIELDS[name]] = value
    return registrar.register(**changes).status_code


def grant_of(value: str) -> dict[str, Any]:
    """A registration for one grant type, with what belongs to it."""
    if value in ("authorization_code", "refresh_token"):
        return {"grant_types": ["authorization_code", "refresh_token"]}
    if value == "implicit":
        return {"grant_types": ["implicit"], "response_types": ["id_token"]}
    if value == "urn:openid:params:grant-type:ciba":
        poll = {"backchannel_token_delivery_mode": "poll"}
        return {"grant_types": [value], "response_types": [], "redirect_uris": None, **poll}
    if "device" in value:
        return {"grant_types": [value], "response_types": [], "redirect_uris": None}
    scope = {"scope": "records.read"}
    return {"grant_types": [value, "client_credentials"], "response_types": [], "redirect_uris": None, **scope}


@pytest.mark.parametrize("name", UNLISTED)
def test_every_listed_value_can_be_registered_and_no_other(registrar: Registrar, name: str) -> None:
    listed = metadata_of(registrar.site)[name]
    assert {value: registered(registrar, name, value) for value in listed} == dict.fromkeys(listed, 201)
    unlisted = [value for value in UNLISTED[name] if value not in listed]
    assert unlisted
    assert {value: registered(registrar, name, value) for value in unlisted} == dict.fromkeys(unlisted, 400)


def test_every_listed_endpoint_is_routed(open_site_for_all: Site) -> None:
    browser = open_site_for_all.app.test_client()
    for name, value in metadata_of(open_site_for_all).items():
        if name.endswith(("_endpoint", "jwks_uri", "check_session_iframe")):
            statuses = {browser.open(value.removeprefix(ISSUER), method=how).status_code for how in ("GET", "POST")}
            assert 404 not in statuses, name


@pytest.fixture
def metadata(provider: Provider) -> dict[str, Any]:
    return provider.ask("/.well-known/openid-configuration").json


def test_every_listed_response_mode_answers_and_no_other(provider: Provider, metadata: dict[str, Any]) -> None:
    client, cookie = provider.client(trusted=True), provider.session(provider.person())
    for mode in metadata["response_modes_supported"]:
        reply = provider.authorize(client, cookie, response_mode=mode)
        sent = reply.location + reply.body.decode()
        assert "code=" in sent or "response=" in sent or 'name="code"' in sent or 'name="response"' in sent, mode
    assert provider.authorize(client, cookie, response_mode="web_message").params["error"] == "invalid_request"


def test_every_listed_prompt_leads_somewhere_and_no_other(provider: Provider, metadata: dict[str, Any]) -> None:
    client, cookie = provider.client(), provider.session(provider.person())
    for prompt in metadata["prompt_values_supported"]:
        reply = provider.authorize(client, cookie, prompt=prompt)
        if prompt == "none":
            assert reply.params["error"] == "consent_required"
        else:
            assert reply.location.startswith("/"), prompt
    assert provider.authorize(client, cookie, prompt="magic").params["error"] == "invalid_request"


def test_every_listed_scope_is_granted_and_no_other(provider: Provider, metadata: dict[str, Any]) -> None:
    listed = metadata["scopes_supported"]
    client, cookie = provider.client(trusted=True, scope=" ".join(listed)), provider.session(provider.person())
    tokens = provider.redeem(client, provider.code(client, cookie, scope=" ".join(listed))).json
    assert set(tokens.get("scope", " ".join(listed)).split()) == set(listed)
    beyond = provider.redeem(client, provider.code(client, cookie, scope="openid unlisted")).json
    assert beyond["scope"] == "openid"


def test_every_listed_acr_can_be_asked_for(provider: Provider, metadata: dict[str, Any]) -> None:
    client = provider.client(trusted=True)
    cookie = provider.session(provider.person(), otp=True)
    for acr in metadata["acr_values_supported"]:
        assert "code" in provider.authorize(client, cookie, acr_values=acr).params


def test_every_listed_code_challenge_method_counts_and_no_other(provider: Provider, metadata: dict[str, Any]) -> None:
    client, cookie = provider.client(trusted=True), provider.session(provider.person())
    for method in metadata["code_challenge_methods_supported"]:
        assert "code" in provider.authorize(client, cookie, code_challenge_method=method).params
    assert provider.authorize(client, cookie, code_challenge_method="plain").params["error"] == "invalid_request"


def test_every_algorithm_for_request_objects_counts(provider: Provider, metadata: dict[str, Any]) -> None:
    client, cookie = provider.client(trusted=True, jwks=ALL_KEYS), provider.session(provider.person())
    for alg in metadata["request_object_signing_alg_values_supported"]:
        claims = {"iss": client.id, "aud": ISSUER, "client_id": client.id, "exp": provider.now + 60, **REQUEST}
        signed = KEYS[alg].sign(claims, {"kid": alg})
        assert "code" in provider.authorize(client, cookie, request=signed).params, alg


def test_listed_claims_can_be_asked_for_by_name(provider: Provider, metadata: dict[str, Any]) -> None:
    client, cookie = provider.client(trusted=True), provider.session(provider.person())
    assert metadata["claims_parameter_supported"] is True
    for name in metadata["claims_supported"]:
        claims = json.dumps({"userinfo": {name: None}, "id_token": {name: None}})
        assert "code" in provider.authorize(client, cookie, claims=claims).params, name
