"""A request that comes back is judged once, and never by what its client was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.flows import judging
from idp.flows.judging import LONGEST, judged
from idp.flows.request_facts import gather_facts
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, Hint, UnverifiedRequest
from idp.protocol.steps import Refused
from tests.provider import REQUEST, Provider, Registered


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client()


def asked(client: Registered, **changes: str) -> UnverifiedRequest:
    return UnverifiedRequest({"client_id": client.id, **REQUEST, **changes})


def facts_of(provider: Provider, unverified: UnverifiedRequest) -> AuthorizeFacts:
    return gather_facts(provider.services, unverified, provider.now)


def test_the_same_request_is_judged_once(provider: Provider, client: Registered) -> None:
    first, again = asked(client), asked(client)
    found = judged(first, facts_of(provider, first))
    assert judged(again, facts_of(provider, again)) is found
    assert found == AuthorizeRequest(**{name: getattr(found, name) for name in AuthorizeRequest.__slots__})
    assert (found.client, found.nonce) == (client.client, REQUEST["nonce"])


@pytest.mark.parametrize(("name", "value"), [("state", "other"), ("nonce", "other"), ("scope", "openid email")])
def test_another_request_is_another(provider: Provider, client: Registered, name: str, value: str) -> None:
    first, other = asked(client), asked(client, **{name: value})
    assert judged(first, facts_of(provider, first)).parameters[name] == REQUEST[name]
    assert judged(other, facts_of(provider, other)).parameters[name] == value


def test_a_client_that_has_changed_is_judged_as_it_is_now(provider: Provider, client: Registered) -> None:
    unverified = asked(client)
    facts = facts_of(provider, unverified)
    assert facts.client is not None
    assert judged(unverified, facts).client is facts.client
    narrowed = replace(facts, client=replace(facts.client, redirect_uris=("https://elsewhere.example/cb",)))
    with pytest.raises(Exception, match="redirect"):
        judged(unverified, narrowed)
    same = replace(facts, client=replace(facts.client))
    assert judged(unverified, same).client is same.client


def test_other_facts_are_other_judgements(provider: Provider, client: Registered) -> None:
    unverified = asked(client)
    facts = facts_of(provider, unverified)
    found = judged(unverified, facts)
    for other in (replace(facts, begun_at=1), replace(facts, issuer="https://other.example")):
        assert judged(unverified, other) is not found
    hinted = replace(facts, hint=Hint("somebody"))
    request = asked(client, id_token_hint="x.y.z")
    assert judged(request, hinted).hinted_subject == "somebody"
    assert judged(request, replace(facts, hint=Hint("another"))).hinted_subject == "another"


def test_refusals_and_long_requests_are_not_kept(provider: Provider, client: Registered) -> None:
    before = judging._kept.cache_info().currsize
    refused = asked(client, scope="nothing-of-ours openid", prompt="none login")
    long = asked(client, state="s" * LONGEST)
    for _ in range(2):
        with pytest.raises(Refused):
            judged(refused, facts_of(provider, refused))
        assert judged(long, facts_of(provider, long)).target.state == "s" * LONGEST
    assert judging._kept.cache_info().currsize == before
