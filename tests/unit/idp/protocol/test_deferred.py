"""Codes that people type, and registrations for grants that are answered on another device."""

from __future__ import annotations

from typing import Any

import pytest

from idp.errors import OAuthError, RegistrationRefused
from idp.protocol.checks.check_binding_message import check_binding_message
from idp.protocol.client import client_from
from idp.protocol.deferred import CIBA, DEVICE_CODE
from idp.protocol.registration import validated
from idp.protocol.user_codes import ALPHABET, shown_code, typed_code
from tests.unit.idp.protocol.requests import client, facts, request

JWKS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}]}


def test_a_code_has_at_least_twenty_bits_and_no_letter_that_looks_like_another() -> None:
    assert len(ALPHABET) ** 8 > 2**34
    assert not set(ALPHABET) & set("AEIOUY01O5S8B2Z") - set("BSZ")
    assert len(set(ALPHABET)) == len(ALPHABET)


@pytest.mark.parametrize("typed", ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BCDF\u2013GHJK", "b-c-d-f-g-h-j-k"])
def test_what_is_typed_is_read_kindly(typed: str) -> None:
    assert typed_code(typed) == "BCDFGHJK"
    assert shown_code("BCDFGHJK") == "BCDF-GHJK"


@pytest.mark.parametrize(
    "typed", ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "BCDF-GHJ1", "ß" * 4, "B" * 41, "ſcdfghjk"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert typed_code(typed) is None


def registered(**changes: Any) -> dict[str, Any]:
    metadata = {"client_id": "kiosk", "grant_types": [CIBA], "jwks": JWKS} | changes
    return validated({name: value for name, value in metadata.items() if value is not None}, has_organisation=False)


def test_a_device_needs_no_redirect_address() -> None:
    valid = registered(grant_types=[DEVICE_CODE, "refresh_token"], token_endpoint_auth_method="none")
    assert valid["response_types"] == []
    assert "openid" in valid["scope"]
    assert "offline_access" in valid["scope"]


def test_the_backchannel_is_polled_where_nothing_is_said() -> None:
    assert registered()["backchannel_token_delivery_mode"] == "poll"
    assert client_from(registered()).backchannel.delivery_mode == "poll"


def test_a_client_of_the_strict_profile_signs() -> None:
    valid = registered(profile="fapi2", backchannel_authentication_request_signing_alg="PS256")
    assert client_from(valid).backchannel.signing_alg == "PS256"


WRONG: list[dict[str, Any]] = [
    {"backchannel_token_delivery_mode": "push"},
    {"backchannel_token_delivery_mode": "ping"},
    {"backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": "http://x.example.vn/p"},
    {"backchannel_token_delivery_mode": 1},
    {"backchannel_user_code_parameter": True},
    {"backchannel_user_code_parameter": "no"},
    {"backchannel_authentication_request_signing_alg": "none"},
    {"backchannel_authentication_request_signing_alg": "HS256"},
    {"backchannel_authentication_request_signing_alg": "ES256", "jwks": None},
    {"token_endpoint_auth_method": "none"},
    {"profile": "fapi2"},
    {"profile": "fapi2", "backchannel_authentication_request_signing_alg": "RS256"},
    {"profile": "fapi2", "grant_types": [DEVICE_CODE]},
    {"profile": "machine"},
    {"profile": "machine", "grant_types": [DEVICE_CODE]},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_what_does_not_belong_together_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        registered(**changes)


@pytest.mark.parametrize("text", ["", "Cuộc gọi 4711", "1022: hồ sơ số 5/2026 (HĐND)", "W4SCT", "x" * 60])
def test_messages_that_people_can_compare(text: str) -> None:
    judged = check_binding_message(request(client(), binding_message=text), facts())
    assert judged.elsewhere.binding_message == text


@pytest.mark.parametrize(
    "text", ["x" * 61, "<b>", "a\u200bb", "\u202eabc", "e\u0301", "Аbc", "ＡＢＣ", "🙂", "a\tb", '"']
)
def test_messages_that_could_deceive(text: str) -> None:
    with pytest.raises(OAuthError, match="letters"):
        check_binding_message(request(client(), binding_message=text), facts())
