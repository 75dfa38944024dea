"""Protected resource metadata (RFC 9728): what opens our own endpoints, and challenges that lead there."""

from __future__ import annotations

import re

import pytest

from idp.flows.resource_metadata import PROTECTED
from tests.proofs import ISSUER
from tests.provider import Provider

WELL_KNOWN = "/.well-known/oauth-protected-resource"


@pytest.mark.parametrize("path", PROTECTED)
def test_each_resource_describes_itself(provider: Provider, path: str) -> None:
    reply = provider.ask(WELL_KNOWN + path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    metadata = reply.json
    assert metadata["resource"] == ISSUER + path
    assert metadata["authorization_servers"] == [ISSUER]
    assert metadata["bearer_methods_supported"] == ["header", "body"]
    server = provider.ask("/.well-known/oauth-authorization-server").json
    assert set(metadata.get("scopes_supported", ())) <= set(server["scopes_supported"])
    assert metadata["dpop_signing_alg_values_supported"] == server["dpop_signing_alg_values_supported"]


@pytest.mark.parametrize("path", [path for path in PROTECTED if path])
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "DPoP wrong"])
def test_a_challenge_leads_there(provider: Provider, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    reply = provider.ask(path, headers=headers)
    assert reply.status == 401
    named = re.search(r'resource_metadata="([^"]*)"', reply.headers["WWW-Authenticate"])
    assert named is not None
    found = provider.ask(named[1].removeprefix(ISSUER)).json
    assert found["resource"] == ISSUER + path


def test_what_it_says_of_tokens_is_so(provider: Provider) -> None:
    client, cookie = provider.client(trusted=True), provider.session(provider.person())
    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    assert provider.userinfo(token).status == 200
    by_body = provider.ask("/userinfo", method="POST", form={"access_token": token})
    assert by_body.status == 200
    assert provider.ask("/userinfo", query={"access_token": token}).status == 401
