"""Wrong requests: which become a page, which travel to the client, and that nothing leaks to a foreign address."""

from __future__ import annotations

import pytest

from base.web.edge import FallThrough
from idp.errors import InteractionInvalid, UnsafeToRedirect
from idp.flows.authorize import Incoming, authorize
from tests.provider import BROWSER, CHALLENGE, REDIRECT, Provider, Registered

MUTANTS = [
    REDIRECT + "/",
    REDIRECT + "?",
    REDIRECT + "?x=1",
    REDIRECT + "#f",
    REDIRECT.upper(),
    REDIRECT.replace("cb", "CB"),
    REDIRECT.replace("https", "http"),
    REDIRECT.replace(".vn", ".vn:443"),
    REDIRECT.replace(".vn", ".vn."),
    REDIRECT.replace("portal", "evil.portal"),
    REDIRECT.replace("portal.example.vn", "portal.example.vn.evil.test"),
    REDIRECT.replace("portal.example.vn", "portal.example.vn@evil.test"),
    REDIRECT.replace("https://", "https://x@"),
    REDIRECT.replace("/cb", "//cb"),
    REDIRECT.replace("/cb", "/./cb"),
    REDIRECT.replace("/cb", "/x/../cb"),
    REDIRECT.replace("/cb", "/%63b"),
    REDIRECT.replace("/cb", "\\cb"),
    REDIRECT + "%00",
    " " + REDIRECT,
    "javascript:alert(1)",
    "//portal.example.vn/cb",
    "",
]


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client()


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_foreign_address_becomes_a_page(provider: Provider, client: Registered, mutant: str) -> None:
    with pytest.raises(FallThrough):  # Flask makes the page
        provider.authorize(client, redirect_uri=mutant or None)
    raw = f"client_id={client.id}&response_type=code".encode()
    with pytest.raises(UnsafeToRedirect):
        authorize(provider.services, Incoming(raw, BROWSER, None))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"response_mode": "body.jwt"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid\topenid"}, "invalid_scope"),
        ({"prompt": "none create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"request": "x"}, "invalid_request_object"),
        ({"request_uri": "https://x.test"}, "invalid_request_uri"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"resource": "https://api.test"}, "invalid_target"),
        ({"authorization_details": "{}"}, "invalid_authorization_details"),
    ],
)
@pytest.mark.parametrize("public", [False, True])
def test_errors_travel_with_state_and_issuer(
    provider: Provider, changes: dict[str, str | None], error: str, public: bool
) -> None:
    client = provider.client(token_endpoint_auth_method="none" if public else "client_secret_basic")
    reply = provider.authorize(client, **changes)
    assert reply.location.startswith(REDIRECT + "?")
    assert reply.params["error"] == error
    assert reply.params["state"] == "xyz"
    assert reply.params["iss"] == "http://localhost:8000"
    assert "code" not in reply.params
    assert all(" " <= character <= "~" and character not in '"\\' for character in reply.params["error_description"])


def test_duplicates(provider: Provider, client: Registered) -> None:
    base = f"client_id={client.id}&redirect_uri={REDIRECT}&response_type=code&state=a"
    reply = provider.ask("/authorize", query=base + "&scope=openid&scope=openid")
    assert (reply.params["error"], reply.params["state"]) == ("invalid_request", "a")
    assert "state" not in provider.ask("/authorize", query=base + "&state=b").params
    with pytest.raises(UnsafeToRedirect):
        authorize(provider.services, Incoming((base + "&redirect_uri=https://evil.test").encode(), BROWSER, None))


def test_a_known_scope_beyond_the_registration(provider: Provider) -> None:
    client = provider.client(scope="openid")
    assert provider.authorize(client, scope="openid official").params["error"] == "invalid_scope"
    assert provider.authorize(client, scope="openid unheard-of").status == 303
    named = provider.authorize(client, claims='{"userinfo":{"position":null}}')
    assert named.params["error"] == "invalid_scope"


def test_loopback_port_is_free_for_public_clients_alone(provider: Provider) -> None:
    native = provider.client(redirect_uris=["http://127.0.0.1/cb"], token_endpoint_auth_method="none")
    web = provider.client(redirect_uris=["http://127.0.0.1/cb"])
    assert provider.authorize(native, redirect_uri="http://127.0.0.1:51004/cb").location.startswith("/login")
    for uri in ("http://localhost:51004/cb", "http://127.0.0.1:51004/cb/", "http://127.0.0.1.evil.test:1/cb"):
        with pytest.raises(UnsafeToRedirect):
            authorize(provider.services, Incoming(f"client_id={native.id}&redirect_uri={uri}".encode(), BROWSER, None))
    with pytest.raises(UnsafeToRedirect):
        query = f"client_id={web.id}&redirect_uri=http://127.0.0.1:51004/cb"
        authorize(provider.services, Incoming(query.encode(), BROWSER, None))


def test_a_forged_interaction(provider: Provider, client: Registered) -> None:
    location = provider.authorize(client).location
    token = location.split("tx=")[1]
    last, first = ("B" if token[at] == "A" else "A" for at in (-1, 0))
    for forged in (token[:-1] + last, first + token[1:], token[:43], "tx"):
        with pytest.raises(InteractionInvalid):
            authorize(provider.services, Incoming(f"tx={forged}".encode(), BROWSER, None))


def test_long_state_and_nonce_come_back_whole(provider: Provider) -> None:
    client = provider.client(trusted=True)
    cookie = provider.session(provider.person())
    long = "s" * 1500
    assert provider.authorize(client, cookie, state=long, nonce=long).params["state"] == long


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unauthorized_client"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": "nope"}, 400, "invalid_grant"),
    ],
)
def test_token_errors(
    provider: Provider, client: Registered, changes: dict[str, str | None], status: int, error: str
) -> None:
    reply = provider.redeem(client, "x", **changes)
    assert (reply.status, reply.json["error"]) == (status, error)
    assert reply.headers["Cache-Control"] == "no-store"


def test_parameters_in_the_address_do_not_count(provider: Provider) -> None:
    machine = provider.machine()
    reply = provider.ask(
        "/token",
        method="POST",
        query="grant_type=client_credentials",
        form={},
        headers={"Authorization": machine.basic},
    )
    assert reply.json["error"] == "invalid_request"
    twice = provider.ask(
        "/token",
        method="POST",
        form="grant_type=client_credentials&grant_type=client_credentials",
        headers={"Authorization": machine.basic},
    )
    assert twice.json["error"] == "invalid_request"
    json_body = provider.ask(
        "/token", method="POST", form="{}", headers={"Content-Type": "application/json", "Authorization": machine.basic}
    )
    assert (json_body.status, json_body.json["error"]) == (400, "invalid_request")
    assert provider.ask("/token").status == 405
