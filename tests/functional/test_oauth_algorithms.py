"""Every algorithm we offer for ID tokens and signed responses, as a client sees it: key, hash, refusals."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest

from idp.errors import RegistrationRefused
from idp.protocol.protection import ON_DEMAND
from tests.proofs import ISSUER, HeldKey
from tests.provider import Provider, Registered

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]


def checked(provider: Provider, token: str, alg: str, audience: str) -> dict[str, Any]:
    """The claims, checked with the one published key that bears the token's `kid`."""
    header = jwt.get_unverified_header(token)
    assert header["alg"] == alg
    published = [key for key in provider.ask("/jwks").json["keys"] if key["kid"] == header["kid"]]
    assert [(key["alg"], key["use"]) for key in published] == [(alg, "sig")]
    options: Any = {"verify_exp": False}
    found: dict[str, Any] = jwt.decode(
        token, jwt.PyJWK(published[0]), [alg], audience=audience, issuer=ISSUER, options=options
    )
    return found


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_an_id_token_in_every_algorithm(provider: Provider, alg: str) -> None:
    client = provider.client(trusted=True, id_token_signed_response_alg=alg)
    tokens = provider.redeem(client, provider.code(client, provider.session(provider.person()))).json
    claims = checked(provider, tokens["id_token"], alg, client.id)
    sha = hashlib.sha512 if alg == "EdDSA" else hashlib.sha256
    digest = sha(tokens["access_token"].encode()).digest()
    assert claims["at_hash"] == base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
    hinted = provider.authorize(client, provider.session(provider.person("an")), id_token_hint=tokens["id_token"])
    assert "error" in hinted.params or "/login" in hinted.location  # read, and of somebody else


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_signed_response_in_every_algorithm(provider: Provider, alg: str) -> None:
    client = provider.client(trusted=True, authorization_signed_response_alg=alg)
    answer = provider.authorize(client, provider.session(provider.person()), response_mode="jwt")
    assert checked(provider, answer.params["response"], alg, client.id)["code"]


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_profile_fapi2_has_no_rs256(provider: Provider, alg: str) -> None:
    def register() -> Registered:
        return provider.client(
            profile="fapi2",
            jwks=HeldKey("ES256").jwks,
            token_endpoint_auth_method=None,
            id_token_signed_response_alg=alg,
            authorization_signed_response_alg=alg,
        )

    if alg == "RS256":
        with pytest.raises(RegistrationRefused):
            register()
    else:
        assert register().client.id_token_alg == alg


def test_discovery_lists_them(provider: Provider) -> None:
    metadata = provider.ask("/.well-known/openid-configuration").json
    assert sorted(metadata["authorization_signing_alg_values_supported"]) == sorted(ALGORITHMS)
    assert sorted(metadata["id_token_signing_alg_values_supported"]) == sorted([*ALGORITHMS, *ON_DEMAND])


def test_the_key_set_holds_public_keys_of_known_kinds_only(provider: Provider) -> None:
    keys = json.loads(provider.ask("/jwks").body)["keys"]
    assert {key["kty"] for key in keys} <= {"EC", "RSA", "OKP"}
    assert not any({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} & key.keys() for key in keys)
    assert len({key["kid"] for key in keys}) == len(keys)
