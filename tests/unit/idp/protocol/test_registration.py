"""Client metadata: what is refused, what is filled in."""

from __future__ import annotations

from typing import Any

import pytest

from idp.errors import RegistrationRefused
from idp.protocol.client import client_from
from idp.protocol.registration import check_client_id, validated

REDIRECT = "https://portal.example.vn/cb"
PUBLIC_KEY = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}


def judged(*, has_organisation: bool = False, **metadata: Any) -> dict[str, Any]:
    given = {"client_id": "portal", "redirect_uris": [REDIRECT]} | metadata
    kept = {name: value for name, value in given.items() if value is not None}
    return validated(kept, has_organisation=has_organisation)


def test_defaults_are_written_out() -> None:
    valid = judged()
    assert valid["grant_types"] == ["authorization_code"]
    assert valid["response_types"] == ["code"]
    assert valid["token_endpoint_auth_method"] == "client_secret_basic"
    assert valid["id_token_signed_response_alg"] == "RS256"
    assert valid["subject_type"] == "pairwise"
    assert "offline_access" not in valid["scope"]
    assert "official" not in valid["scope"]


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://portal.example.vn/cb",
        "http://localhost.evil.test/cb",
        "http://localhost:80@evil.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "https://*.example.vn/cb",
        "https://portal.example.vn/*",
        "https://portal.example.vn/cb#f",
        "https://portal.example.vn/cb#",
        "https://user@portal.example.vn/cb",
        "https://portal.example.vn/c b",
        "https://portal.example.vn/cb\r\nX: y",
        "https:///cb",
        "https://[::1",
        "https://portal.example.vn:99999/cb",
        "https://pörtal.example.vn/cb",
        "//portal.example.vn/cb",
        "/cb",
        "cb",
        "vn.example.app:/cb",
        "https://portal.example.vn/" + "x" * 2000,
    ],
)
def test_addresses_that_are_refused(uri: str) -> None:
    with pytest.raises(RegistrationRefused) as caught:
        judged(redirect_uris=[uri])
    assert caught.value.code == "invalid_redirect_uri"
    for name in ("post_logout_redirect_uris", "backchannel_logout_uri"):
        with pytest.raises(RegistrationRefused) as caught:
            judged(has_organisation=False, **{name: [uri] if name.endswith("s") else uri})
        assert caught.value.code == "invalid_client_metadata"


@pytest.mark.parametrize(
    "uri",
    [
        REDIRECT + "?a=b&c=d",
        "http://localhost:8001/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:9000/cb",
        "https://portal.example.vn:8443/cb",
    ],
)
def test_addresses_that_are_taken(uri: str) -> None:
    assert judged(redirect_uris=[uri])["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    "metadata",
    [
        {"redirect_uris": None},
        {"redirect_uris": []},
        {"redirect_uris": "https://portal.example.vn/cb"},
        {"redirect_uris": [1]},
        {"redirect_uris": [REDIRECT] * 21},
        {"redirect_uris": [REDIRECT, "https://other.example.vn/cb"]},
        {"grant_types": ["refresh_token"], "response_types": []},
        {"grant_types": ["authorization_code"], "response_types": []},
        {"grant_types": "authorization_code"},
        {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none", "scope": "x"},
        {"grant_types": ["client_credentials"], "scope": "openid"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [PUBLIC_KEY | {"d": "x"}]}},
        {"jwks": {"keys": [{"kty": "oct", "k": "x"}]}},
        {"jwks": []},
        {"default_max_age": -1},
        {"default_max_age": True},
        {"default_max_age": "60"},
        {"require_auth_time": "true"},
        {"scope": ["openid"]},
        {"scope": 'open"id'},
        {"authorization_details_types": ["x"]},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"sector_identifier_uri": "http://x.test"},
        {"request_uris": ["http://x.test/r"]},
        {"initiate_login_uri": "http://localhost/begin"},
        {"client_name": "x" * 2001},
        {"logo_uri": "javascript:alert(1)"},
        {"resource": "https://api.example.vn/#f"},
    ],
    ids=str,
)
def test_metadata_that_is_refused(metadata: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        judged(**metadata)


@pytest.mark.parametrize(
    ("response_types", "grant_types"),
    [
        (["id_token"], ["implicit"]),
        (["token id_token"], ["implicit"]),
        (["code token"], ["authorization_code", "implicit"]),
        (["code", "id_token token"], ["authorization_code", "implicit"]),
    ],
)
def test_tokens_in_the_front_channel_have_to_be_registered_for(
    response_types: list[str], grant_types: list[str]
) -> None:
    valid = judged(response_types=response_types, grant_types=grant_types)
    assert [set(name.split()) for name in valid["response_types"]] == [set(name.split()) for name in response_types]
    assert "openid" in valid["scope"]
    wrongs: tuple[dict[str, Any], ...] = (
        {"grant_types": ["authorization_code"]},
        {"grant_types": [*grant_types, "client_credentials"], "profile": "fapi2"},
        {"redirect_uris": None},
        {"response_types": []},
        {"response_types": [*response_types, "token"]},
    )
    for wrong in wrongs:
        with pytest.raises(RegistrationRefused):
            judged(**{"response_types": response_types, "grant_types": grant_types} | wrong)


def test_no_token_that_cannot_be_bound_is_registered_for_a_client_that_binds() -> None:
    for bound in ("dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"):
        hybrid: dict[str, Any] = {"grant_types": ["authorization_code", "implicit"], bound: True}
        assert judged(response_types=["code id_token"], **hybrid)
        with pytest.raises(RegistrationRefused):
            judged(response_types=["code token"], **hybrid)


def test_pkce_is_left_out_only_where_a_registration_says_so_and_the_client_can_prove_who_it_is() -> None:
    assert judged()["require_pkce"] is True
    assert judged(require_pkce=False)["require_pkce"] is False
    assert not client_from(judged(require_pkce=False)).require_pkce
    assert client_from({**judged(), "require_pkce": False, "token_endpoint_auth_method": "none"}).require_pkce
    given = {"client_id": "portal", "redirect_uris": [REDIRECT]}
    assert validated(given, has_organisation=False, pkce_required=False)["require_pkce"] is False
    public = given | {"token_endpoint_auth_method": "none"}
    assert validated(public, has_organisation=False, pkce_required=False)["require_pkce"] is True
    for wrong in (
        {"token_endpoint_auth_method": "none"},
        {"profile": "fapi2", "jwks": {"keys": [PUBLIC_KEY]}, "token_endpoint_auth_method": "private_key_jwt"},
    ):
        with pytest.raises(RegistrationRefused, match="require_pkce"):
            judged(require_pkce=False, **wrong)


def test_unknown_fields_are_left_out() -> None:
    assert "favourite_colour" not in judged(favourite_colour="red")


@pytest.mark.parametrize("client_id", ["", "a b", "ế", "-x", "a" * 81, "a/b", None])
def test_client_ids(client_id: Any) -> None:
    with pytest.raises(RegistrationRefused):
        check_client_id(client_id)


def test_sectors() -> None:
    two_hosts = [REDIRECT, "https://other.example.vn/cb"]
    with_organisation = client_from(judged(redirect_uris=two_hosts, has_organisation=True), organisation_id="org_1")
    assert with_organisation.sector == "org:org_1"
    assert client_from(judged()).sector == "portal.example.vn"
    machine = judged(redirect_uris=None, grant_types=["client_credentials"], scope="x")
    assert client_from(machine).sector == "client:portal"
    assert client_from(judged()).origins == {"https://portal.example.vn"}
