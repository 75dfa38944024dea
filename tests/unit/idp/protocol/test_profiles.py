"""One word sets all rules of a client, at its registration and at every request."""

from __future__ import annotations

from typing import Any

import pytest

from idp.errors import OAuthError, RegistrationRefused
from idp.protocol.checks.check_pushed import check_pushed
from idp.protocol.client import client_from
from idp.protocol.profiles import FAPI2, OIDC, PROFILES
from idp.protocol.registration import validated
from idp.protocol.sender_constraint import Sender, confirmation_of
from tests.unit.idp.protocol.requests import client, facts, request

KEYS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]}


def judged(**metadata: Any) -> dict[str, Any]:
    given = {"client_id": "portal", "redirect_uris": ["https://portal.example.vn/cb"]} | metadata
    return validated(given, has_organisation=False)


def test_the_profile_of_most_clients_is_oidc() -> None:
    assert judged()["profile"] == "oidc"
    assert client().profile is OIDC


def test_fapi2_writes_its_rules_out() -> None:
    valid = judged(profile="fapi2", jwks=KEYS)
    assert valid["token_endpoint_auth_method"] == "private_key_jwt"
    assert valid["id_token_signed_response_alg"] == "ES256"
    assert valid["require_pushed_authorization_requests"] is True
    assert valid["dpop_bound_access_tokens"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"token_endpoint_auth_method": "none"},
        {"id_token_signed_response_alg": "RS256"},
        {"require_pushed_authorization_requests": False},
        {"dpop_bound_access_tokens": False},
        {"jwks": None},
    ],
    ids=str,
)
def test_fapi2_cannot_be_weakened(changes: dict[str, Any]) -> None:
    given = {"profile": "fapi2", "jwks": KEYS} | changes
    with pytest.raises(RegistrationRefused):
        judged(**{name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_types": ["authorization_code"]},
        {"grant_types": ["client_credentials", "authorization_code"]},
        {"token_endpoint_auth_method": "none"},
    ],
    ids=str,
)
def test_a_machine_acts_for_itself_alone(changes: dict[str, Any]) -> None:
    assert judged(profile="machine", scope="records.read")["grant_types"] == ["client_credentials"]
    with pytest.raises(RegistrationRefused):
        judged(profile="machine", scope="records.read", **changes)


@pytest.mark.parametrize("word", ["", "FAPI2", "fapi1", "x"])
def test_other_words(word: str) -> None:
    with pytest.raises(RegistrationRefused):
        judged(profile=word)


def test_a_request_is_held_to_the_profile_whatever_the_metadata_say() -> None:
    kept = judged(profile="fapi2", jwks=KEYS) | {
        "require_pushed_authorization_requests": False,
        "dpop_bound_access_tokens": False,
    }
    tampered = client_from(kept)
    with pytest.raises(OAuthError):
        check_pushed(request(tampered), facts(tampered))
    with pytest.raises(OAuthError):
        confirmation_of(Sender(tampered))
    assert confirmation_of(Sender(tampered, "t" * 43)) == {"jkt": "t" * 43}


def test_fapi2_binds_by_a_key_or_a_certificate() -> None:
    valid = judged(profile="fapi2", jwks=KEYS, tls_client_certificate_bound_access_tokens=True)
    assert "dpop_bound_access_tokens" not in valid
    bound = client_from(valid)
    assert (bound.dpop_bound, bound.certificate_bound) == (False, True)
    with pytest.raises(OAuthError):
        confirmation_of(Sender(bound))
    assert confirmation_of(Sender(bound, None, "c" * 43)) == {"x5t#S256": "c" * 43}
    assert confirmation_of(Sender(bound, "t" * 43, "c" * 43)) == {"jkt": "t" * 43, "x5t#S256": "c" * 43}


def test_algorithms() -> None:
    assert "RS256" not in FAPI2.algorithms
    for profile in PROFILES.values():
        assert not {"none", "HS256"} & set(profile.algorithms)
