"""Request objects by reference: registered addresses alone, fetched once, within bounds (OpenID Connect Core §6.2)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from idp.oauth.request_references import MOST_BYTES
from tests.functional.idp_site import CALLBACK, CHALLENGE, Browser, Site, answer_of
from tests.hosts import Host
from tests.proofs import HeldKey

KEY = HeldKey("RS256")
PATH = "/request.jwt"


def signed(site: Site, client_id: str = "portal", key: HeldKey = KEY, **changes: Any) -> bytes:
    claims = {
        "iss": client_id,
        "aud": site.services.issuer,
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "state": "inside",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return key.sign(claims, **changes).encode()


@pytest.fixture
def reference(site: Site, host: Host) -> str:
    """The address of an honest request object, and the client that has registered it."""
    site.add_client(jwks=KEY.jwks, request_uris=[host.url(PATH)], request_object_signing_alg="RS256")
    site.add_user("hong", email="hong@example.vn")
    return host.serve(PATH, signed(site))


def begin(site: Site, request_uri: str, **more: str) -> Browser:
    browser = site.browser()
    browser.get(site.authorize_url(request_uri=request_uri, state="outside", **more))
    return browser


def error_of(site: Site, request_uri: str, **more: str) -> str:
    page = begin(site, request_uri, **more).page
    assert page is not None
    return answer_of(page)["error"]


def test_a_person_signs_in_on_it_and_it_is_fetched_once(site: Site, host: Host, reference: str) -> None:
    browser = begin(site, reference)
    host.serve(PATH, signed(site, scope="openid email phone", state="swapped"))  # it counts as it was at the beginning
    browser.submit("/login", username="hong", password="con trâu đi trước cái cày theo sau")
    assert browser.path == "/consent"
    assert "thoại" not in browser.text.partition("<form")[0]
    answer = answer_of(browser.submit("/consent", decision="allow"))
    assert answer["state"] == "inside"
    assert answer["code"]
    assert host.visits == [PATH]


@pytest.mark.parametrize("suffix", ["?x=1", "/", ".", "%2e", "\\", "@evil.test/"])
def test_the_address_must_be_registered_to_the_letter(site: Site, host: Host, reference: str, suffix: str) -> None:
    assert error_of(site, reference + suffix) == "invalid_request_uri"
    assert host.visits == []


def test_another_client_cannot_use_it(site: Site, host: Host, reference: str) -> None:
    site.add_client("other", jwks=KEY.jwks)
    assert error_of(site, reference, client_id="other") == "invalid_request_uri"
    assert host.visits == []


def test_it_stands_alone(site: Site, host: Host, reference: str) -> None:
    assert error_of(site, reference, request=signed(site).decode()) == "invalid_request_uri"
    assert host.visits == []


def test_a_client_that_pushes_has_nothing_fetched(site: Site, host: Host, reference: str) -> None:
    site.add_client("strict", jwks=KEY.jwks, request_uris=[reference], require_pushed_authorization_requests=True)
    begin(site, reference, client_id="strict")
    assert host.visits == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "invalid_request_uri"),
        (b"a" * (MOST_BYTES + 1), "invalid_request_uri"),
        ("khóa".encode(), "invalid_request_uri"),
        (b"not a token", "invalid_request_object"),
        (b"eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJwb3J0YWwifQ.", "invalid_request_object"),
        (b"", "invalid_request_object"),
    ],
    ids=["missing", "long", "not ASCII", "no token", "unsigned", "empty"],
)
def test_what_may_be_found_there(site: Site, host: Host, reference: str, content: Any, error: str) -> None:
    if content is None:
        host.paths.clear()
    else:
        host.serve(PATH, content)
    assert error_of(site, reference) == error


def test_one_that_somebody_else_signed(site: Site, host: Host, reference: str) -> None:
    host.serve(PATH, signed(site, key=HeldKey("RS256")))
    assert error_of(site, reference) == "invalid_request_object"


def test_a_redirect_is_not_followed(site: Site, host: Host, reference: str) -> None:
    host.redirects[PATH] = host.serve("/elsewhere.jwt", signed(site))
    assert error_of(site, reference) == "invalid_request_uri"
    assert host.visits == [PATH]


def test_without_an_address_of_the_client_only_the_person_is_told(site: Site, host: Host, reference: str) -> None:
    host.paths.clear()
    browser = begin(site, reference, redirect_uri="https://evil.test/cb")
    assert browser.page is not None
    assert browser.page.status_code == 400
    assert "Location" not in browser.page.headers


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def test_a_true_digest_in_the_fragment_keeps_it(site: Site, host: Host, reference: str) -> None:
    named = f"{reference}#{digest(host.paths[PATH])}"
    for _ in range(3):
        assert begin(site, named).path == "/login"
    assert host.visits == [PATH]


def test_another_fragment_keeps_nothing(site: Site, host: Host, reference: str) -> None:
    """The official plans register an address with the digest of something else."""
    for _ in range(2):
        assert begin(site, f"{reference}#{digest(b'something else')}").path == "/login"
    assert host.visits == [PATH, PATH]


def test_keys_behind_jwks_uri_are_fetched_anew_for_an_unknown_kid(site: Site, host: Host) -> None:
    key, jwks_uri = HeldKey("RS256"), host.serve("/jwks", KEY.jwks)
    site.add_client(jwks_uri=jwks_uri, request_uris=[host.url(PATH)])
    site.add_user("hong")
    reference = host.serve(PATH, signed(site))
    assert begin(site, reference).path == "/login"
    host.serve("/jwks", {"keys": [{**key.jwk, "kid": "k2", "alg": "RS256"}]})
    host.serve(
        PATH, key.sign({"iss": "portal", "aud": site.services.issuer, "client_id": "portal"}, {"kid": "k2"}).encode()
    )
    site.clock.move(31)  # not more often than that
    assert begin(site, reference).path == "/login"
    assert host.visits.count("/jwks") == 2


def test_one_network_cannot_have_it_fetched_without_end(site: Site, host: Host, reference: str) -> None:
    narrow = site.with_settings(fetches_per_network=2)
    assert [begin(narrow, reference).path for _ in range(2)] == ["/login"] * 2
    page = begin(narrow, reference).page
    assert page is not None
    assert (page.status_code, int(page.headers["Retry-After"]) > 0) == (429, True)
    assert host.visits == [PATH] * 2
    assert narrow.browser("198.51.100.7").get(narrow.authorize_url(request_uri=reference)).status_code == 200
