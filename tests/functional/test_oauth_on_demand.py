"""ES384, ES512 and ML-DSA: a key exists from the first client on that asks; AKP keys stay out of the usual key set."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from base.services import BaseServices
from idp.errors import RegistrationRefused
from idp.protocol.protection import ON_DEMAND
from keys.api import TokenType
from keys.errors import KeyRefused, KeysUnavailable
from keys.jose import verify_with
from keys.lifecycle.states import ON_DEMAND_ALGORITHMS
from keys.services import open_keys
from tests.proofs import ISSUER, HeldKey
from tests.provider import SETTINGS, Provider

ML_DSA = [alg for alg in ON_DEMAND if alg.startswith("ML-DSA")]


def key_set(provider: Provider, path: str) -> dict[str, Any]:
    found: dict[str, Any] = provider.ask(path).json
    return found


def kinds(provider: Provider, path: str) -> set[str]:
    return {key["alg"] for key in key_set(provider, path)["keys"]}


def test_both_parts_name_the_same() -> None:
    assert list(ON_DEMAND) == [str(one) for one in ON_DEMAND_ALGORITHMS]


@pytest.mark.parametrize("alg", ON_DEMAND)
def test_an_id_token_for_a_client_that_asks(provider: Provider, alg: str) -> None:
    assert not kinds(provider, "/jwks/akp") & set(ON_DEMAND)
    client = provider.client(trusted=True, id_token_signed_response_alg=alg)
    tokens = provider.redeem(client, provider.code(client, provider.session(provider.person()))).json
    published = key_set(provider, "/jwks/akp")
    claims = verify_with(tokens["id_token"], published, algs=[alg], typ="JWT")
    assert (claims["aud"], claims["iss"]) == (client.id, ISSUER)
    sha = hashlib.sha384 if alg == "ES384" else hashlib.sha512
    digest = sha(tokens["access_token"].encode()).digest()
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] != alg
    hinted = provider.authorize(client, provider.session(provider.person("an")), id_token_hint=tokens["id_token"])
    assert "error" in hinted.params or "/login" in hinted.location  # our own signature is known again


def test_akp_keys_only_where_they_were_asked_for(provider: Provider) -> None:
    before = key_set(provider, "/jwks")
    for alg in ON_DEMAND:
        provider.client(id_token_signed_response_alg=alg)
    usual, whole = key_set(provider, "/jwks"), key_set(provider, "/jwks/akp")
    assert {key["kty"] for key in usual["keys"]} == {"EC", "RSA", "OKP"}
    assert [key for key in usual["keys"] if key not in before["keys"]] == [
        key for key in whole["keys"] if key["alg"] in ("ES384", "ES512")
    ]
    assert sorted(key["alg"] for key in whole["keys"] if key["kty"] == "AKP") == sorted(ML_DSA)
    assert not any("priv" in key for key in whole["keys"])
    metadata = provider.ask("/.well-known/openid-configuration").json
    assert metadata["akp_jwks_uri"] == ISSUER + "/jwks/akp"
    jwt.PyJWKSet.from_dict(usual)  # a library that has never heard of AKP reads the usual set


def test_one_key_for_all_clients(provider: Provider) -> None:
    for _ in range(3):
        provider.client(id_token_signed_response_alg="ML-DSA-44")
    made = [one for one in provider.services.keys.list_keys() if one.algorithm == "ML-DSA-44"]
    assert [(one.purpose, one.state) for one in made] == [("token", "active")]


def test_another_process_signs_at_once(provider: Provider) -> None:
    elsewhere = open_keys(provider.services.base)
    claims = {"iss": ISSUER, "sub": "u1", "exp": provider.now + 60}
    with pytest.raises(KeysUnavailable):
        elsewhere.sign_jwt(claims, typ=TokenType.ID, alg="ML-DSA-65")
    provider.client(id_token_signed_response_alg="ML-DSA-65")
    elsewhere.custody.ring._looked_at = float("-inf")
    token = elsewhere.sign_jwt(claims, typ=TokenType.ID, alg="ML-DSA-65")
    assert provider.services.keys.verify_own_jwt(token, typ=TokenType.ID, issuer=ISSUER) == claims


def test_such_a_key_rotates_like_the_others(make_base: Callable[..., BaseServices]) -> None:
    held = open_keys(make_base(*SETTINGS))
    with pytest.raises(KeyRefused, match="not_rotatable"):
        held.rotate("token", "ML-DSA-65")
    held.provide_token_key("ML-DSA-65")
    now = held.custody.base.clock.now()
    claims = {"iss": ISSUER, "sub": "u1", "exp": now + 60}
    before = held.sign_jwt(claims, typ=TokenType.ID, alg="ML-DSA-65")
    active = held.rotate("token", "ML-DSA-65", force=True)
    after = held.sign_jwt(claims, typ=TokenType.ID, alg="ML-DSA-65")
    assert jwt.get_unverified_header(after)["kid"] == active != jwt.get_unverified_header(before)["kid"]
    published = json.loads(held.jwks_with_akp())
    for token in (before, after):
        assert verify_with(token, published, algs=["ML-DSA-65"], typ="JWT") == claims


@pytest.mark.parametrize("alg", ["ES384", "ML-DSA-65"])
def test_where_they_are_not_offered(provider: Provider, alg: str) -> None:
    """FAPI 2.0 leaves them out; an authorization response has to fit into an address."""
    with pytest.raises(RegistrationRefused):
        provider.client(authorization_signed_response_alg=alg)
    with pytest.raises(RegistrationRefused):
        provider.client(
            profile="fapi2",
            jwks=HeldKey("ES256").jwks,
            token_endpoint_auth_method=None,
            id_token_signed_response_alg=alg,
        )
    assert not kinds(provider, "/jwks/akp") & set(ON_DEMAND)
    with pytest.raises(KeyRefused, match="wrong_algorithm"):
        provider.services.keys.provide_token_key("ECDH-ES")
