"""Rules before a redirect is safe: they raise what becomes a page, and nothing else."""

from __future__ import annotations

import dataclasses

import pytest

from idp.errors import OAuthError, UnsafeToRedirect
from idp.protocol.checks.check_client import check_client
from idp.protocol.checks.check_redirect_uri import check_redirect_uri
from idp.protocol.checks.reject_front_duplicates import reject_front_duplicates
from idp.protocol.request import AuthorizeFacts, read_parameters
from tests.unit.idp.protocol.requests import REDIRECT, client, facts, unverified


def test_the_two_errors_are_not_related() -> None:
    assert not issubclass(UnsafeToRedirect, OAuthError)
    assert not issubclass(OAuthError, UnsafeToRedirect)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_decides_the_target_comes_once(name: str) -> None:
    with pytest.raises(UnsafeToRedirect):
        reject_front_duplicates(unverified(duplicated=frozenset({name})), facts())
    fine = unverified(duplicated=frozenset({"scope"}))
    assert reject_front_duplicates(fine, facts()) is fine


def test_unknown_and_disabled_clients() -> None:
    with pytest.raises(UnsafeToRedirect):
        check_client(unverified(), AuthorizeFacts("https://op.example.vn", None))
    with pytest.raises(UnsafeToRedirect):
        check_client(unverified(), facts(dataclasses.replace(client(), disabled=True)))


def test_a_registered_address_is_proven() -> None:
    proven = check_redirect_uri(unverified(), facts())
    assert (proven.target.redirect_uri, proven.target.state) == (REDIRECT, "s")
    assert check_redirect_uri(unverified(duplicated=frozenset({"state"})), facts()).target.state is None


@pytest.mark.parametrize("given", [None, REDIRECT + "/", REDIRECT[:-1], REDIRECT + "?", REDIRECT.upper(), "x"])
def test_any_other_is_not(given: str | None) -> None:
    with pytest.raises(UnsafeToRedirect):
        check_redirect_uri(unverified(redirect_uri=given), facts())


@pytest.mark.parametrize(
    ("registered", "given", "allowed"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", True),
        ("http://127.0.0.1:80/cb", "http://127.0.0.1:5000/cb", True),
        ("http://[::1]/cb", "http://[::1]:5000/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/other", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb?x", False),
        ("http://127.0.0.1/cb", "http://[::1]:5000/cb", False),
        ("http://127.0.0.1/cb", "https://127.0.0.1:5000/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:port/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", False),
        ("http://localhost/cb", "http://localhost:5000/cb", False),
        ("https://portal.example.vn/cb", "http://127.0.0.1:5000/cb", False),
    ],
)
def test_the_port_of_a_loopback_address(registered: str, given: str, allowed: bool) -> None:
    native = client(redirect_uris=[registered], token_endpoint_auth_method="none")
    if allowed:
        assert check_redirect_uri(unverified(redirect_uri=given), facts(native)).target.redirect_uri == given
    else:
        with pytest.raises(UnsafeToRedirect):
            check_redirect_uri(unverified(redirect_uri=given), facts(native))
    confidential = client(redirect_uris=[registered])
    with pytest.raises(UnsafeToRedirect):
        check_redirect_uri(unverified(redirect_uri=given), facts(confidential))


def test_reading_parameters() -> None:
    read = read_parameters(b"a=1&b=&c=%E1%BA%BF&a=2")
    assert read.parameters == {"a": "2", "c": "ế"}
    assert read.duplicated == {"a"}
    for raw in (b"a=%ff", b"x" * 17_000, b"&".join(b"p%d=1" % n for n in range(99))):
        with pytest.raises(UnsafeToRedirect):
            read_parameters(raw)
