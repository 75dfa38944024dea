"""
Forged tokens at every door that takes one: the same rules hold wherever a token comes in.

CR-01, CR-03, CR-05, CR-06, CR-07; X45, X47, X48, X50, X51, X52, X55. What each forgery is about is tested against
keys/jose.py in tests/unit/keys; here it is that no door goes round it.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from base.web.edge import FallThrough
from idp.errors import UnsafeToRedirect
from idp.flows.authorize import Incoming, authorize
from tests.proofs import ISSUER, HeldKey
from tests.provider import BROWSER, REQUEST, Provider, Registered, Reply, browser_cookies
from tests.readers import Published, published_keys

KEY = HeldKey("ES256")
RSA = HeldKey("RS256")
JWKS = {"keys": [*KEY.jwks["keys"], {**RSA.jwk, "kid": "r1", "alg": "RS256", "use": "sig"}]}
ATTACKER = HeldKey("ES256")
Door = Callable[[Provider, Registered, str], Reply]


@pytest.fixture
def client(provider: Provider) -> Registered:
    added = provider.client(trusted=True, jwks=JWKS, token_endpoint_auth_method="private_key_jwt")
    return Registered(added.client, "", KEY)


@pytest.fixture
def canary() -> Iterator[Published]:
    """An address that nobody should ever visit."""
    with published_keys() as published:
        published.keys = ATTACKER.jwks["keys"]
        yield published


# ── Doors ────────────────────────────────────────────────────────────────────────────────────────────────────────


def bearer(provider: Provider, _client: Registered, token: str) -> Reply:
    return provider.userinfo(token)


def introspection(provider: Provider, client: Registered, token: str) -> Reply:
    reply = provider.posted("/introspect", client, token=token)
    return Reply(200 if reply.json.get("active") else 400, reply.headers, reply.body)


def hint(provider: Provider, client: Registered, token: str) -> Reply:
    return asked(provider, {"client_id": client.id, **REQUEST, "id_token_hint": token, "prompt": "none"})


def request(provider: Provider, client: Registered, token: str) -> Reply:
    return asked(provider, {"client_id": client.id, "request": token, "redirect_uri": REQUEST["redirect_uri"]})


def asked(provider: Provider, query: dict[str, str]) -> Reply:
    """A redirect with an error in it, or the page that tells the person, as the 400 that they stand for."""
    try:
        reply = provider.ask("/authorize", query=query, cookies=browser_cookies(None))
    except FallThrough:
        with pytest.raises(UnsafeToRedirect):  # and not some other error
            authorize(provider.services, Incoming(urlencode(query).encode(), BROWSER, None))
        return Reply(400, {}, b"")
    return Reply(400 if reply.params.get("error", "").startswith("invalid") else 200, reply.headers, reply.body)


def pushed(provider: Provider, client: Registered, token: str) -> Reply:
    return provider.posted("/par", client, request=token)


def assertion(provider: Provider, _client: Registered, token: str) -> Reply:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {
        "client_assertion_type": kind,
        "client_assertion": token,
        "grant_type": "refresh_token",
        "refresh_token": "x",
    }
    reply = provider.ask("/token", method="POST", form=form)
    return Reply(200 if reply.json["error"] == "invalid_grant" else reply.status, reply.headers, reply.body)


def proof(provider: Provider, client: Registered, token: str) -> Reply:
    reply = provider.posted("/token", client, proof=token, grant_type="refresh_token", refresh_token="x")
    return Reply(200 if reply.json["error"] == "invalid_grant" else reply.status, reply.headers, reply.body)


DOORS: dict[str, Door] = {
    "bearer": bearer,
    "introspection": introspection,
    "hint": hint,
    "request": request,
    "pushed": pushed,
    "assertion": assertion,
    "proof": proof,
}
OURS = ("bearer", "introspection", "hint")
"""Doors for tokens that we have signed ourselves."""


def genuine(provider: Provider, client: Registered, door: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims that this door takes, if the right key signs them."""
    now = provider.now
    if door in OURS:
        kid = next(key["kid"] for key in provider.ask("/jwks").json["keys"] if key["alg"] == "ES256")
        typ = "JWT" if door == "hint" else "at+jwt"
        claims = {
            "iss": ISSUER,
            "sub": "u",
            "aud": client.id if door == "hint" else ISSUER,
            "exp": now + 60,
            "iat": now,
        }
        return {"kid": kid, "typ": typ, "alg": "ES256"}, claims | {
            "client_id": client.id,
            "scope": "openid",
            "jti": "j",
        }
    if door == "proof":
        claims = {"jti": "j" * 22, "htm": "POST", "htu": ISSUER + "/token", "iat": now}
        return {"typ": "dpop+jwt", "jwk": KEY.jwk, "alg": "ES256"}, claims
    common = {"iss": client.id, "aud": ISSUER, "exp": now + 60, "nbf": now}
    if door == "assertion":
        return {"kid": "k1", "alg": "ES256"}, common | {"sub": client.id, "jti": "j" * 22}
    return {"kid": "k1", "alg": "ES256"}, common | {"client_id": client.id, **REQUEST}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def built(header: dict[str, Any], claims: Any, sign: Callable[[bytes], bytes]) -> str:
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(body)}"
    return f"{signing_input}.{b64(sign(signing_input.encode()))}"


def hs256(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha256")


def es256(message: bytes, held: HeldKey = KEY) -> bytes:
    return bytes(jwt.get_algorithm_by_name("ES256").sign(message, held.key))


def refused(provider: Provider, client: Registered, door: str, token: str) -> Reply:
    reply = DOORS[door](provider, client, token)
    assert reply.status in (400, 401), (door, reply)
    return reply


@pytest.mark.parametrize("door", ["request", "pushed", "assertion", "proof"])
def test_the_genuine_token_is_taken(provider: Provider, client: Registered, door: str) -> None:
    header, claims = genuine(provider, client, door)
    assert DOORS[door](provider, client, built(header, claims, es256)).status in (200, 201)


@pytest.mark.parametrize("door", DOORS)
def test_no_signature_and_foreign_signatures(provider: Provider, client: Registered, door: str) -> None:
    """CR-01, X45: none in any spelling; HMAC under every public key as text; another algorithm than the key's."""
    header, claims = genuine(provider, client, door)
    for alg in ("none", "None", "nOnE", "NONE", ""):
        refused(provider, client, door, built(header | {"alg": alg}, claims, lambda _: b""))
        refused(provider, client, door, built(header | {"alg": alg}, claims, es256))
    public = [KEY.key.public_key(), RSA.key.public_key()]
    spelled = [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in public]
    spelled += [provider.ask("/jwks").body, json.dumps(KEY.jwk).encode(), b"", b"secret", b"null"]
    for secret in spelled:
        refused(provider, client, door, built(header | {"alg": "HS256"}, claims, partial(hs256, secret)))
    for alg in ("RS256", "PS256", "EdDSA", "ES384", "HS512", "es256"):
        refused(provider, client, door, built(header | {"alg": alg}, claims, es256))
    refused(provider, client, door, built(header, claims, lambda message: es256(message, ATTACKER)))


@pytest.mark.parametrize("door", DOORS)
def test_keys_from_headers(provider: Provider, client: Registered, canary: Published, door: str) -> None:
    """CR-03, X48: a key that a token brings or names is not used, and nobody goes and fetches one."""
    header, claims = genuine(provider, client, door)
    for name, value in {
        "jwk": ATTACKER.jwk,
        "jku": canary.address,
        "x5u": canary.address,
        "x5c": [base64.b64encode(b"x").decode()],
    }.items():
        if not (door == "proof" and name == "jwk"):  # there it is the point; what may stand in it is tested elsewhere
            refused(provider, client, door, built(header | {name: value}, claims, lambda m: es256(m, ATTACKER)))
        if name != "jwk":
            refused(provider, client, door, built(header | {name: value}, claims, es256))
    assert canary.asked == 0


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"crit": []},
        {"crit": "exp"},
        {"crit": ["https://example.vn/must-understand"], "https://example.vn/must-understand": True},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_headers_that_must_be_understood(
    provider: Provider, client: Registered, door: str, more: dict[str, Any]
) -> None:
    """CR-05, X50: also when the signature is genuine."""
    header, claims = genuine(provider, client, door)
    refused(provider, client, door, built(header | more, claims, es256))


@pytest.mark.parametrize("door", DOORS)
def test_too_much(provider: Provider, client: Registered, door: str) -> None:
    """CR-07, X52: a byte over the limit, a giant header or signature, a thousand levels: a 400 in 20 ms of our time."""
    header, claims = genuine(provider, client, door)
    nested = b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"
    attacks = [
        built(header, {**claims, "pad": "x" * 16_384}, es256),
        built(header | {"pad": "x" * 16_384}, claims, es256),
        built(header, claims, lambda _: bytes(16_384)),
        f"{b64(nested)}.e30.AAAA",
        built(header, nested, es256),
        "." * 16_000,
        "e" * 16_385,
    ]
    for attack in attacks:
        begun = time.process_time()
        DOORS[door](provider, client, attack)
        first = time.process_time() - begun
        begun = time.process_time()
        refused(provider, client, door, attack)
        assert min(first, time.process_time() - begun) < 0.02, (door, attack[:40])


@pytest.mark.parametrize("door", ["request", "pushed", "assertion"])
@pytest.mark.parametrize("way", ["prefix", "suffix", "list", "case", "none"])
def test_a_name_that_almost_fits(provider: Provider, client: Registered, door: str, way: str) -> None:
    """X55: of the issuer; and the same of the audience, but for a list where a list may stand."""
    header, claims = genuine(provider, client, door)

    def spoilt(name: str) -> Any:
        return {"prefix": name[:-1], "suffix": f"{name}/", "list": [name], "case": name.upper(), "none": None}[way]

    refused(provider, client, door, built(header, claims | {"iss": spoilt(client.id)}, es256))
    if way != "list":
        refused(provider, client, door, built(header, claims | {"aud": spoilt(ISSUER)}, es256))


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "logout+jwt", "oauth-authz-req+jwt", "x", "JWT", None])
def test_the_type_of_an_assertion(provider: Provider, client: Registered, typ: str | None) -> None:
    header, claims = genuine(provider, client, "assertion")
    token = built(header if typ is None else header | {"typ": typ}, claims, es256)
    assert (assertion(provider, client, token).status == 200) is (typ in ("JWT", None))
    fresh = built(header | {"typ": "client-authentication+jwt"}, claims | {"jti": "k" * 22}, es256)
    assert assertion(provider, client, fresh).status == 200
