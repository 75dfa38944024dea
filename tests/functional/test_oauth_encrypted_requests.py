"""Requests that a client encrypts to us, and what a client may register about encryption."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.errors import RegistrationRefused
from idp.protocol.protection import ON_DEMAND
from tests.proofs import ISSUER, HeldKey
from tests.provider import REQUEST, Provider, Registered, Reply, browser_cookies
from tests.readers import ALGORITHMS, CONTENTS, ReadingKey, sealed_for

SIGNING = HeldKey("ES256")
READING = {alg: ReadingKey(alg, f"e{number}") for number, alg in enumerate(ALGORITHMS)}
JWKS = {"keys": [*SIGNING.jwks["keys"], *(key.jwk for key in READING.values())]}


def jwks_of(provider: Provider) -> dict[str, Any]:
    return provider.ask("/jwks").json


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


# ── Requests encrypted to us ─────────────────────────────────────────────────────────────────────────────────────


def signed_request(provider: Provider, client: Registered, **changes: Any) -> str:
    now = provider.now
    claims = {"iss": client.id, "aud": ISSUER, "nbf": now, "exp": now + 300, "client_id": client.id, **REQUEST}
    header = {"kid": "k1", "typ": changes.pop("typ", "oauth-authz-req+jwt")}
    return SIGNING.sign(claims, {name: value for name, value in header.items() if value is not None}, **changes)


def send(provider: Provider, client: Registered, cookie: str, request: str) -> Reply:
    query = {"client_id": client.id, "request": request, "redirect_uri": REQUEST["redirect_uri"]}
    return provider.ask("/authorize", query=query, cookies=browser_cookies(cookie))


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("enc", CONTENTS)
def test_an_encrypted_request(provider: Provider, cookie: str, alg: str, enc: str) -> None:
    client = provider.client(
        trusted=True, jwks=JWKS, request_object_encryption_alg=alg, request_object_encryption_enc=enc
    )
    sealed = sealed_for(jwks_of(provider), alg, signed_request(provider, client), enc)
    assert send(provider, client, cookie, sealed).params["state"] == "xyz"
    pushed = provider.posted("/par", client, request=sealed)
    assert pushed.status == 201, pushed.body
    assert "code" in provider.begin(client, pushed.json["request_uri"], cookie).params


def test_rotation_of_our_encryption_key_loses_no_request(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, jwks=JWKS)
    cached = jwks_of(provider)
    for alg in ALGORITHMS:
        provider.services.keys.rotate("encryption", alg)
        assert {key["kid"] for key in jwks_of(provider)["keys"]} != {key["kid"] for key in cached["keys"]}
        for keys in (cached, jwks_of(provider)):
            sealed = sealed_for(keys, alg, signed_request(provider, client))
            assert "code" in send(provider, client, cookie, sealed).params


def test_whatever_is_wrong_with_an_encrypted_request_the_answer_is_the_same(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, jwks=JWKS)
    good = sealed_for(jwks_of(provider), "RSA-OAEP-256", signed_request(provider, client))
    stranger = ReadingKey("RSA-OAEP-256")
    answers = {
        send(provider, client, cookie, broken).params["error_description"]
        for broken in (
            good[:-4] + "AAAA",
            ".".join([good.split(".")[0], "AAAA", *good.split(".")[2:]]),
            good[8:],
            "....",
            sealed_for({"keys": [stranger.jwk]}, "RSA-OAEP-256", "a.b.c"),
            sealed_for(jwks_of(provider), "RSA-OAEP-256", "é"),
        )
    }
    assert answers == {"the request object does not verify (not_decrypted)"}


def test_what_is_inside_is_judged_like_any_request(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, jwks=JWKS)
    keys = jwks_of(provider)
    for inside in (
        signed_request(provider, client, exp=1),
        HeldKey("ES256").sign({"client_id": client.id}),
        json.dumps({"client_id": client.id, **REQUEST}),
        sealed_for(keys, "ECDH-ES", signed_request(provider, client)),  # twice encrypted
    ):
        answer = send(provider, client, cookie, sealed_for(keys, "ECDH-ES", inside))
        assert answer.params["error"] == "invalid_request_object"


@pytest.mark.parametrize(
    ("typ", "taken"),
    [
        ("", True),  # PyJWT then leaves it out
        ("JWT", True),
        ("jwt", True),
        ("oauth-authz-req+jwt", True),
        ("application/oauth-authz-req+jwt", True),
        ("at+jwt", False),
        ("dpop+jwt", False),
        ("logout+jwt", False),
        ("client-authentication+jwt", False),
        ("oauth-authz-resp+jwt", False),
        ("x", False),
    ],
)
def test_type_of_a_request_object(provider: Provider, cookie: str, typ: str | None, taken: bool) -> None:
    client = provider.client(trusted=True, jwks=JWKS)
    answer = send(provider, client, cookie, signed_request(provider, client, typ=typ)).params
    assert ("code" in answer) is taken
    assert taken or answer["error"] == "invalid_request_object"


# ── Registration and discovery ───────────────────────────────────────────────────────────────────────────────────


def register(provider: Provider, message: str, alg: Any, enc: Any = None, **more: Any) -> Registered:
    names = {f"{message}_encrypted_response_alg": alg, f"{message}_encrypted_response_enc": enc}
    return provider.client(**{"jwks": JWKS} | names | more)


NO_READING = {"jwks": SIGNING.jwks}


@pytest.mark.parametrize("message", ["id_token", "userinfo", "authorization", "introspection"])
@pytest.mark.parametrize(
    ("alg", "enc", "more"),
    [
        (None, "A128GCM", {}),
        ("RSA1_5", None, {}),
        ("RSA-OAEP", None, {}),
        ("dir", None, {}),
        ("A128KW", None, {}),
        ("PBES2-HS256+A128KW", None, {}),
        ("ECDH-ES+A192KW", None, {}),
        ("none", None, {}),
        ("ECDH-ES", "A192GCM", {}),
        ("ECDH-ES", "none", {}),
        ("ECDH-ES", 7, {}),
        (7, None, {}),
        ("ECDH-ES", None, {"jwks": None}),
        ("ECDH-ES", None, NO_READING),
        ("RSA-OAEP-256", None, {"jwks": {"keys": [READING["ECDH-ES"].jwk]}}),
    ],
)
def test_registrations_that_are_refused(
    provider: Provider, message: str, alg: Any, enc: Any, more: dict[str, Any]
) -> None:
    with pytest.raises(RegistrationRefused):
        register(provider, message, alg, enc, **more)


@pytest.mark.parametrize(
    "metadata",
    [
        {"userinfo_signed_response_alg": "none"},
        {"userinfo_signed_response_alg": "HS256"},
        {"introspection_signed_response_alg": "RS384"},
        {"request_object_encryption_alg": "RSA1_5"},
        {"request_object_encryption_enc": "A128GCM"},
        {"request_object_encryption_alg": "ECDH-ES", "request_object_encryption_enc": "x"},
    ],
    ids=str,
)
def test_other_algorithms_are_refused(provider: Provider, metadata: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        provider.client(jwks=JWKS, **metadata)


def test_the_profile_fapi2_signs_nothing_with_rs256(provider: Provider) -> None:
    for message in ("userinfo", "introspection"):
        with pytest.raises(RegistrationRefused):
            provider.client(
                profile="fapi2",
                jwks=JWKS,
                token_endpoint_auth_method=None,
                **{f"{message}_signed_response_alg": "RS256"},
            )


def test_defaults_are_written_out(provider: Provider) -> None:
    client = register(provider, "userinfo", "ECDH-ES")
    assert client.client.encryptions["userinfo"].enc == "A128CBC-HS256"
    assert client.client.userinfo_alg is None


def test_discovery_lists_what_works(provider: Provider) -> None:
    metadata = provider.ask("/.well-known/openid-configuration").json
    for name in ("id_token", "userinfo", "authorization", "introspection", "request_object"):
        assert sorted(metadata[f"{name}_encryption_alg_values_supported"]) == sorted(ALGORITHMS)
        assert sorted(metadata[f"{name}_encryption_enc_values_supported"]) == sorted(CONTENTS)
        made_on_demand = set(ON_DEMAND) if name in ("id_token", "userinfo", "introspection") else set()
        listed = set(metadata[f"{name}_signing_alg_values_supported"])
        assert listed == {"ES256", "RS256", "PS256", "EdDSA"} | made_on_demand
