"""
Nine kinds of token at eight places: each is taken where it belongs, and nowhere else.

OA-27; RFC 8725 §3.11, §3.12; RFC 9068 §2.1, §5. Every token here is genuine, signed by the right key and in its time,
so that nothing but its kind can be the reason for a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from idp.flows.logout import request_logout
from idp.flows.logout_delivery import logout_claims
from keys.api import TokenType
from tests.proofs import ISSUER, HeldKey
from tests.provider import REQUEST, Provider, Registered, browser_cookies

KEY = HeldKey("ES256")
AS_TOKEN = {"Accept": "application/token-introspection+jwt"}


@dataclass
class World:
    """A provider; a client that has a secret and signs with KEY, one that authenticates by KEY; a person."""

    provider: Provider
    client: Registered
    by_key: Registered
    user_id: str
    cookie: str


@pytest.fixture
def world(provider: Provider) -> World:
    metadata = {"trusted": True, "jwks": KEY.jwks, "userinfo_signed_response_alg": "ES256"}
    client = provider.client(**metadata, authorization_signed_response_alg="ES256")
    added = provider.client(**metadata, token_endpoint_auth_method="private_key_jwt")
    user_id = provider.person()
    return World(provider, client, Registered(added.client, "", KEY), user_id, provider.session(user_id))


# ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────


def access_token(world: World) -> str:
    provider = world.provider
    return str(provider.redeem(world.client, provider.code(world.client, world.cookie)).json["access_token"])


def id_token(world: World) -> str:
    provider = world.provider
    return str(provider.redeem(world.client, provider.code(world.client, world.cookie)).json["id_token"])


def userinfo_token(world: World) -> str:
    return world.provider.userinfo(access_token(world)).body.decode()


def introspection_token(world: World) -> str:
    headers = {"Authorization": world.client.basic} | AS_TOKEN
    form = {"token": access_token(world)}
    return world.provider.ask("/introspect", method="POST", form=form, headers=headers).body.decode()


def response_token(world: World) -> str:
    return world.provider.authorize(world.client, world.cookie, response_mode="jwt").params["response"]


def logout_token(world: World) -> str:
    services = world.provider.services
    claims = logout_claims(services, world.client.client, sid="s", user_id=world.user_id)
    return services.keys.sign_jwt(claims, typ=TokenType.LOGOUT)


def request_object(world: World) -> str:
    client, now = world.client.id, world.provider.now
    claims = {"iss": client, "aud": ISSUER, "nbf": now, "exp": now + 60, "client_id": client, **REQUEST}
    return KEY.sign(claims, {"kid": "k1", "typ": "oauth-authz-req+jwt"})


def client_assertion(world: World) -> str:
    return KEY.assertion(world.by_key.id, world.provider.now)["client_assertion"]


def dpop_proof(world: World) -> str:
    return KEY.proof("/token", world.provider.now)


KINDS: dict[str, Callable[[World], str]] = {
    "access": access_token,
    "id": id_token,
    "userinfo": userinfo_token,
    "introspection": introspection_token,
    "response": response_token,
    "logout": logout_token,
    "request": request_object,
    "assertion": client_assertion,
    "proof": dpop_proof,
}

# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────


def at_userinfo(world: World, token: str) -> bool:
    return world.provider.userinfo(token).status == 200


def at_introspection(world: World, token: str) -> bool:
    return bool(world.provider.posted("/introspect", world.client, token=token).json["active"])


def as_hint(world: World, token: str) -> bool:
    return "code" in world.provider.authorize(world.client, world.cookie, id_token_hint=token).params


def as_logout_hint(world: World, token: str) -> bool:
    judged = request_logout(world.provider.services, {"id_token_hint": token}, world.cookie)
    return judged.ended is not None or judged.client is not None


def as_request(world: World, token: str) -> bool:
    query = {"client_id": world.client.id, "request": token, "redirect_uri": REQUEST["redirect_uri"]}
    return "code" in world.provider.ask("/authorize", query=query, cookies=browser_cookies(world.cookie)).params


def as_assertion(world: World, token: str) -> bool:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"client_assertion_type": kind, "client_assertion": token, **REQUEST}
    return world.provider.ask("/par", method="POST", form=form).status == 201


def as_proof(world: World, token: str) -> bool:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = world.provider.posted("/token", world.client, proof=token, **form)
    return bool(answer.json["error"] == "invalid_grant")  # the proof was taken, the refresh token is none


def as_refresh_token(world: World, token: str) -> bool:
    return world.provider.refresh(world.client, token).status == 200


PLACES: dict[str, tuple[Callable[[World, str], bool], str]] = {
    "userinfo": (at_userinfo, "access"),
    "introspection": (at_introspection, "access"),
    "id_token_hint": (as_hint, "id"),
    "logout_hint": (as_logout_hint, "id"),
    "request": (as_request, "request"),
    "client_assertion": (as_assertion, "assertion"),
    "dpop": (as_proof, "proof"),
    "refresh_token": (as_refresh_token, ""),
}
"""Place → how a token is presented there, and the one kind that belongs."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_right_kind_is_taken(world: World, kind: str, place: str) -> None:
    present, belongs = PLACES[place]
    assert present(world, KINDS[kind](world)) is (kind == belongs)


def test_every_kind_that_we_sign_has_a_type_of_its_own() -> None:
    assert len(set(TokenType)) == len(TokenType.__members__), "an alias would make two kinds one"
