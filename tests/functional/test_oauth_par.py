"""Pushed authorization requests: sent ahead, begun with until they expire, used up by the grant, nobody else's."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from base.clock import FixedClock
from base.web.edge import FallThrough
from idp.errors import UnsafeToRedirect
from idp.flows.authorize import Incoming, authorize
from idp.flows.background import reap
from idp.protocol.request import PUSHED_PREFIX
from tests.provider import BROWSER, CHALLENGE, REDIRECT, Provider, Registered


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def refused(provider: Provider, client: Registered, request_uri: str, cookie: str | None) -> str:
    """The code of the page that such a request ends at."""
    with pytest.raises(FallThrough):
        provider.begin(client, request_uri, cookie)
    raw = f"client_id={client.id}&request_uri={request_uri}".encode()
    with pytest.raises(UnsafeToRedirect) as caught:
        authorize(provider.services, Incoming(raw, BROWSER, cookie))
    return caught.value.code


def test_a_request_is_pushed_and_granted(provider: Provider, client: Registered, cookie: str) -> None:
    reply = provider.push(client)
    assert reply.status == 201
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.json["expires_in"] == 60
    assert len(reply.json["request_uri"].removeprefix(PUSHED_PREFIX)) == 43
    answer = provider.begin(client, reply.json["request_uri"], cookie).params
    assert answer["state"] == "xyz"
    tokens = provider.redeem(client, answer["code"])
    assert tokens.status == 200
    assert "id_token" in tokens.json


def test_it_may_be_begun_again_until_something_was_granted(provider: Provider, client: Registered, cookie: str) -> None:
    request_uri = provider.pushed(client)
    for _ in range(3):
        assert provider.begin(client, request_uri).location.startswith("/login?")
    assert "code" in provider.begin(client, request_uri, cookie).params
    assert refused(provider, client, request_uri, cookie) == "invalid_request_uri"


def test_it_expires(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    request_uri = provider.pushed(client)
    clock.move(59)
    assert provider.begin(client, request_uri).status == 303
    clock.move(1)
    assert refused(provider, client, request_uri, cookie) == "invalid_request_uri"


def test_who_began_in_time_may_finish(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    to_login = provider.begin(client, provider.pushed(client)).location
    tx = parse_qs(urlsplit(to_login).query)["tx"][0]
    clock.move(600)
    again = provider.resume(f"/authorize?tx={tx}", cookie)
    assert "code" in again.params, again
    with pytest.raises(FallThrough):  # used up by now, whatever the tx says
        provider.resume(f"/authorize?tx={tx}", cookie)


def test_the_address_of_our_pages_does_not_hold_the_request(provider: Provider, client: Registered) -> None:
    long = provider.begin(client, provider.pushed(client, login_hint="x" * 9000)).location
    assert len(long) < 800


def test_another_clients_request_is_refused(provider: Provider, client: Registered, cookie: str) -> None:
    request_uri = provider.pushed(client)
    thief = provider.client(trusted=True)
    assert refused(provider, thief, request_uri, cookie) == "invalid_request_uri"
    assert "code" in provider.begin(client, request_uri, cookie).params


@pytest.mark.parametrize("name", ["x", "", "A" * 43])
def test_an_unknown_request_uri(provider: Provider, client: Registered, cookie: str, name: str) -> None:
    assert refused(provider, client, PUSHED_PREFIX + name, cookie) == "invalid_request_uri"


def test_parameters_outside_count_for_nothing(provider: Provider, client: Registered, cookie: str) -> None:
    request_uri = provider.pushed(client)
    answer = provider.begin(
        client, request_uri, cookie, redirect_uri="https://evil.test/cb", state="other", scope="openid email"
    )
    assert answer.location.startswith(REDIRECT)
    assert answer.params["state"] == "xyz"
    assert provider.redeem(client, answer.params["code"]).json["scope"] == "openid"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": PUSHED_PREFIX + "x"}, "invalid_request"),
        ({"request_uri": "https://portal.example.vn/request"}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/cb"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"response_type": "code x"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"resource": "https://else.example.vn"}, "invalid_target"),
        ({"authorization_details": "{"}, "invalid_authorization_details"),
    ],
    ids=str,
)
def test_what_authorize_would_refuse_is_refused_here(
    provider: Provider, client: Registered, changes: dict[str, str | None], error: str
) -> None:
    reply = provider.push(client, **changes)
    assert (reply.status, reply.json["error"]) == (400, error)


def test_the_client_must_prove_who_it_is(provider: Provider, client: Registered) -> None:
    reply = provider.push(Registered(client.client, "x" * 43))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_a_client_cannot_push_for_another(provider: Provider, client: Registered) -> None:
    assert provider.push(client, client_id=provider.client().id).status == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH"])
def test_other_methods(provider: Provider, client: Registered, method: str) -> None:
    reply = provider.ask("/par", method=method, headers={"Authorization": client.basic})
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_a_client_that_pushes_is_not_served_directly(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, require_pushed_authorization_requests=True)
    assert provider.authorize(client, cookie).params["error"] == "invalid_request"
    assert "code" in provider.begin(client, provider.pushed(client), cookie).params


def test_secrets_are_not_kept(provider: Provider) -> None:
    client = provider.client(token_endpoint_auth_method="client_secret_post")
    form = {
        "client_id": client.id,
        "client_secret": client.secret,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    reply = provider.ask("/par", method="POST", form=form)
    assert reply.status == 201
    with provider.services.base.db.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM pushed_requests").all())
    assert client.secret not in kept
    assert reply.json["request_uri"] not in kept
    assert reply.json["request_uri"].removeprefix(PUSHED_PREFIX) not in kept


def test_abandoned_ones_are_cleared_away(provider: Provider, client: Registered, clock: FixedClock) -> None:
    provider.pushed(client)
    clock.move(60 + 3600)
    reap(provider.services)
    assert count(provider) == 1
    clock.move(1)
    reap(provider.services)
    assert count(provider) == 0


def count(provider: Provider) -> int:
    with provider.services.base.db.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM pushed_requests").scalar_one())
