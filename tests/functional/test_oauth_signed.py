"""Signed requests (JAR) by value, here and pushed, and signed responses (JARM)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from base.clock import FixedClock
from base.web.edge import FallThrough
from tests.proofs import ISSUER, HeldKey, said
from tests.provider import REQUEST, Provider, Registered, Reply, browser_cookies

KEY = HeldKey("PS256")


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True, jwks=KEY.jwks)


@pytest.fixture
def strict(provider: Provider) -> Registered:
    """Of the profile fapi2, and signs what it sends."""
    added = provider.client(
        profile="fapi2",
        jwks=KEY.jwks,
        trusted=True,
        require_signed_request_object=True,
        id_token_signed_response_alg=None,
        token_endpoint_auth_method=None,
    )
    return Registered(added.client, "", KEY)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def signed(provider: Provider, client: Registered, key: HeldKey = KEY, **changes: Any) -> str:
    now = provider.now
    claims = {"iss": client.id, "aud": ISSUER, "nbf": now, "exp": now + 300, "client_id": client.id, **REQUEST}
    return key.sign(claims, {"kid": "k1", "typ": "oauth-authz-req+jwt"}, **changes)


def send(provider: Provider, client: Registered, cookie: str | None, request: str, **beside: str) -> Reply:
    query = {"client_id": client.id, "request": request, **beside}
    return provider.ask("/authorize", query=query, cookies=browser_cookies(cookie))


def test_a_signed_request(provider: Provider, client: Registered, cookie: str) -> None:
    answer = send(provider, client, cookie, signed(provider, client), state="outside")
    assert answer.params["state"] == "xyz"
    assert provider.redeem(client, answer.params["code"]).status == 200


def test_it_waits_for_the_person_and_then_still_counts(
    provider: Provider, client: Registered, cookie: str, clock: FixedClock
) -> None:
    to_login = send(provider, client, None, signed(provider, client)).location
    tx = dict(parse_qsl(urlsplit(to_login).query))["tx"]
    clock.move(900)
    assert "code" in provider.resume(f"/authorize?tx={tx}", provider.session(provider.person("an"))).params


BROKEN: list[dict[str, Any]] = [
    {"aud": "https://else.example.vn"},
    {"aud": None},
    {"iss": "somebody"},
    {"iss": None},
    {"exp": 1},
    {"nbf": 99_999_999_999},
    {"client_id": "somebody"},
    {"client_id": None},
    {"sub": "somebody"},
    {"request_uri": "x"},
    {"key": HeldKey("PS256")},
    {"key": HeldKey("ES256")},
]


@pytest.mark.parametrize("changes", BROKEN, ids=said)
def test_a_broken_one_is_told_to_the_client(provider: Provider, client: Registered, changes: dict[str, Any]) -> None:
    broken = signed(provider, client, **changes)
    told = send(provider, client, None, broken, redirect_uri=REQUEST["redirect_uri"], state="s")
    assert (told.params["error"], told.params["state"]) == ("invalid_request_object", "s")
    with pytest.raises(FallThrough):  # without an address of the client's, only the person can be told
        send(provider, client, None, broken)
    with pytest.raises(FallThrough):
        send(provider, client, None, broken, redirect_uri="https://evil.test/cb")


def test_one_that_never_ends(provider: Provider, client: Registered, cookie: str) -> None:
    """Who need not sign could leave the whole object out; who must sign has to say when it ends (see below)."""
    assert "code" in send(provider, client, cookie, signed(provider, client, exp=None)).params


def test_an_unsigned_one(provider: Provider, client: Registered) -> None:
    claims = {"iss": client.id, "aud": ISSUER, "client_id": client.id, "exp": provider.now + 60, **REQUEST}
    nothing: Any = None
    unsigned = jwt.encode(claims, nothing, algorithm="none")
    told = send(provider, client, None, unsigned, redirect_uri=REQUEST["redirect_uri"])
    assert told.params["error"] == "invalid_request_object"


def push(provider: Provider, client: Registered, request: str | None, **beside: str) -> Reply:
    return provider.posted("/par", client, request=request, **beside)


def test_a_signed_request_is_pushed(provider: Provider, strict: Registered, cookie: str) -> None:
    reply = push(provider, strict, signed(provider, strict), state="outside", scope="openid profile")
    assert reply.status == 201, reply.body
    answer = provider.begin(strict, reply.json["request_uri"], cookie).params
    assert answer["state"] == "xyz"
    assert push(provider, strict, signed(provider, strict, aud=[ISSUER, "x"])).status == 201
    assert push(provider, strict, signed(provider, strict, nbf=provider.now + 8)).status == 201


@pytest.mark.parametrize(
    "changes",
    [*BROKEN, {"exp": None}, {"nbf": None}, {"exp": 1_000_000_000_000}, {"nbf": 1}, {"key": HeldKey("RS256")}],
    ids=said,
)
def test_a_broken_one_is_refused_when_pushed(provider: Provider, strict: Registered, changes: dict[str, Any]) -> None:
    reply = push(provider, strict, signed(provider, strict, **changes))
    assert (reply.status, reply.json["error"]) == (400, "invalid_request_object")


def test_parameters_beside_count_for_nothing_where_signing_is_required(provider: Provider, strict: Registered) -> None:
    reply = push(
        provider, strict, signed(provider, strict, code_challenge=None), code_challenge=REQUEST["code_challenge"]
    )
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")
    assert provider.push(strict).json["error"] == "invalid_request"


def test_a_request_object_does_not_authenticate_its_client(provider: Provider, strict: Registered) -> None:
    form = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed(provider, strict, jti="1"),
    }
    assert provider.ask("/par", method="POST", form=form).json["error"] == "invalid_client"


class Field(HTMLParser):
    response = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("name") == "response":
            self.response = found["value"] or ""


def response_in(reply: Reply) -> str:
    if reply.status == 200:
        field = Field()
        field.feed(reply.body.decode())
        return field.response
    parts = urlsplit(reply.location)
    values = dict(parse_qsl(parts.fragment or parts.query))
    assert values.keys() == {"response"}
    return values["response"]


def opened(provider: Provider, client: Registered, response: str, alg: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_json(provider.ask("/jwks").body.decode())
    header = jwt.get_unverified_header(response)
    assert (header["alg"], header["typ"]) == (alg, "oauth-authz-resp+jwt")
    claims: dict[str, Any] = jwt.decode(
        response, keys[header["kid"]], [alg], audience=client.id, issuer=ISSUER, options={"verify_exp": False}
    )
    assert 0 < claims["exp"] - provider.now <= 600
    return claims


@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"])
def test_a_signed_response(provider: Provider, client: Registered, cookie: str, mode: str) -> None:
    claims = opened(provider, client, response_in(provider.authorize(client, cookie, response_mode=mode)), "RS256")
    assert claims["state"] == "xyz"
    assert provider.redeem(client, claims["code"]).status == 200
    refused = provider.authorize(client, cookie, response_mode=mode, scope=None)
    assert opened(provider, client, response_in(refused), "RS256")["error"].startswith("invalid")


def test_a_signed_response_of_fapi2(provider: Provider, strict: Registered, cookie: str) -> None:
    reply = push(provider, strict, signed(provider, strict, response_mode="jwt"))
    answer = provider.begin(strict, reply.json["request_uri"], cookie)
    assert opened(provider, strict, response_in(answer), "ES256")["code"]


def test_a_response_is_no_token_of_another_kind(provider: Provider, client: Registered, cookie: str) -> None:
    response = response_in(provider.authorize(client, cookie, response_mode="jwt"))
    assert provider.userinfo(response).status == 401
    assert provider.posted("/introspect", client, token=response).json == {"active": False}
    assert provider.authorize(client, cookie, id_token_hint=response).params["error"] == "invalid_request"


def test_an_unsigned_fragment(provider: Provider, client: Registered, cookie: str) -> None:
    location = provider.authorize(client, cookie, response_mode="fragment").location
    assert dict(parse_qsl(urlsplit(location).fragment)).keys() == {"code", "state", "iss", "session_state"}
    assert not urlsplit(location).query
