"""A client of the profile fapi2, from its request to its tokens, and every way around its rules."""

from __future__ import annotations

from typing import Any

import pytest

from base.clock import FixedClock
from tests.proofs import ISSUER, HeldKey
from tests.provider import REDIRECT, VERIFIER, Provider, Registered, Reply

PROOF = HeldKey()


def registered(provider: Provider, key: HeldKey, **metadata: Any) -> Registered:
    client = provider.client(
        **{
            "profile": "fapi2",
            "jwks": key.jwks,
            "trusted": True,
            "id_token_signed_response_alg": None,
            "token_endpoint_auth_method": None,
            **metadata,
        }
    )
    return Registered(client.client, "", key)


@pytest.fixture
def client(provider: Provider) -> Registered:
    return registered(provider, HeldKey("PS256"))


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def code(provider: Provider, client: Registered, cookie: str) -> str:
    return provider.begin(client, provider.pushed(client), cookie).params["code"]


def redeem(provider: Provider, client: Registered, code: str, proof: str | None) -> Reply:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return provider.posted("/token", client, proof=proof, **form)


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_the_whole_way(provider: Provider, cookie: str, alg: str) -> None:
    client = registered(provider, HeldKey(alg))
    answer = provider.begin(client, provider.pushed(client), cookie).params
    assert answer["iss"] == ISSUER
    reply = redeem(provider, client, answer["code"], PROOF.proof("/token", provider.now))
    assert reply.json["token_type"] == "DPoP"
    proof = PROOF.proof("/token", provider.now)
    again = provider.posted(
        "/token", client, proof=proof, grant_type="refresh_token", refresh_token=reply.json["refresh_token"]
    )
    assert again.json["token_type"] == "DPoP"


def test_no_request_from_the_street(provider: Provider, client: Registered, cookie: str) -> None:
    assert provider.authorize(client, cookie).params["error"] == "invalid_request"


def test_no_token_without_a_proof(provider: Provider, client: Registered, cookie: str) -> None:
    one = code(provider, client, cookie)
    reply = redeem(provider, client, one, None)
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")
    assert redeem(provider, client, one, PROOF.proof("/token", provider.now)).status == 200


def test_no_weak_signature(provider: Provider) -> None:
    client = registered(provider, HeldKey("RS256"))
    reply = provider.push(client)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_a_code_lives_a_minute(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    early, late = code(provider, client, cookie), code(provider, client, cookie)
    clock.move(55)
    assert redeem(provider, client, early, PROOF.proof("/token", provider.now)).status == 200
    clock.move(6)
    assert redeem(provider, client, late, PROOF.proof("/token", provider.now)).json["error"] == "invalid_grant"


@pytest.mark.parametrize("audience", [[ISSUER], ISSUER + "/par", ISSUER + "/token", ISSUER + "/"], ids=str)
def test_an_assertion_is_for_the_issuer(provider: Provider, client: Registered, audience: Any) -> None:
    assert client.key is not None
    form = client.key.assertion(client.id, provider.now, aud=audience)
    assert provider.ask("/par", method="POST", form=form).json["error"] == "invalid_client"
