"""Rules about pushed requests, one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.errors import OAuthError, UnsafeToRedirect
from idp.protocol.checks.check_pushed import check_pushed
from idp.protocol.checks.reject_request_uri import reject_request_uri
from idp.protocol.checks.use_pushed_request import use_pushed_request
from idp.protocol.request import PUSHED_PREFIX, AuthorizeFacts, PushedRequest, UnverifiedRequest, kept_parameters
from tests.unit.idp.protocol.requests import client, facts, request, unverified

URI = PUSHED_PREFIX + "x" * 43
KEPT = PushedRequest("r" * 43, "portal", {"client_id": "portal", "state": "kept"}, 100, False)


def knowing(pushed: PushedRequest | None, begun_at: int = 99) -> AuthorizeFacts:
    return replace(facts(), pushed=pushed, begun_at=begun_at)


def test_what_was_pushed_replaces_what_the_address_says() -> None:
    used = use_pushed_request(unverified(request_uri=URI, state="outside"), knowing(KEPT))
    assert used.parameters == KEPT.parameters


@pytest.mark.parametrize(
    "changes",
    [{"is_used": True}, {"expires_at": 99}, {"client_id": "other"}, None],
    ids=["used", "late", "other", "no"],
)
def test_what_is_refused(changes: dict[str, Any] | None) -> None:
    pushed = None if changes is None else replace(KEPT, **changes)
    with pytest.raises(UnsafeToRedirect) as caught:
        use_pushed_request(unverified(request_uri=URI), knowing(pushed))
    assert caught.value.code == "invalid_request_uri"


def test_two_request_uris_are_refused() -> None:
    twice = unverified(request_uri=URI, duplicated=frozenset({"request_uri"}))
    with pytest.raises(UnsafeToRedirect):
        use_pushed_request(twice, knowing(KEPT))


@pytest.mark.parametrize("request_uri", [None, "https://portal.example.vn/r"])
def test_other_requests_pass(request_uri: str | None) -> None:
    given = unverified(request_uri=request_uri)
    assert use_pushed_request(given, knowing(None)) is given


def test_a_pushed_request_names_no_other() -> None:
    assert reject_request_uri(unverified(), facts()).parameters
    with pytest.raises(UnsafeToRedirect):
        reject_request_uri(unverified(request_uri=URI), facts())


def test_who_must_push() -> None:
    pushing = client(require_pushed_authorization_requests=True)
    with pytest.raises(OAuthError) as caught:
        check_pushed(request(pushing), facts(pushing))
    assert caught.value.code == "invalid_request"
    assert check_pushed(request(pushing), replace(facts(pushing), pushed=KEPT)).pushed == KEPT.reference
    assert check_pushed(request(), facts()).pushed is None


def test_an_interaction_carries_the_reference_alone() -> None:
    assert kept_parameters(unverified(request_uri=URI)) == {"client_id": "portal", "request_uri": URI}
    direct = UnverifiedRequest({"client_id": "portal", "state": "s"})
    assert kept_parameters(direct) == direct.parameters
