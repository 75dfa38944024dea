"""The logout notice: the valid one passes, and each rule refuses the token that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import ECKey, KeySet

from demo.logout_token import EVENT, LogoutNotice, LogoutTokenRefused, check_logout_token

NOW = 1_764_000_000
ISSUER, CLIENT = "https://id.example.vn", "portal"
KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "iat": NOW - 2,
    "exp": NOW + 100,
    "jti": "n1",
    "sid": "s1",
    "sub": "p1",
    "events": {EVENT: {}},
}


def _token(claims: dict[str, Any], *, key: ECKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "k1", "typ": "logout+jwt", **header}, claims, key, algorithms=["ES256"])


def _check(token: str) -> LogoutNotice:
    keys = KeySet([KEY]).as_dict(private=False)
    return check_logout_token(token, keys=keys, algorithm="ES256", issuer=ISSUER, client_id=CLIENT, now=NOW)


def test_a_valid_notice_is_read() -> None:
    notice = _check(_token(GOOD))
    assert (notice.jti, notice.sid, notice.sub) == ("n1", "s1", "p1")
    assert notice.expires_at >= GOOD["exp"]


@pytest.mark.parametrize("name", ["sid", "sub"])
def test_one_of_sid_and_sub_is_enough(name: str) -> None:
    notice = _check(_token({key: value for key, value in GOOD.items() if key != name}))
    assert (notice.sid, notice.sub) == (None if name == "sid" else "s1", None if name == "sub" else "p1")


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"aud": "onestop"},
        {"aud": [CLIENT, "onestop"]},
        {"iat": NOW - 3600},
        {"iat": NOW + 600},
        {"iat": True},
        {"exp": NOW - 60},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"events": {EVENT: True}},
        {"nonce": "n"},
        {"sid": None, "sub": None},
        {"sid": 7},
    ],
    ids=str,
)
def test_a_broken_claim_is_refused(change: dict[str, Any]) -> None:
    claims = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(LogoutTokenRefused):
        _check(_token(claims))


def test_an_id_token_does_not_pass_for_a_notice() -> None:
    with pytest.raises(LogoutTokenRefused, match="typ"):
        _check(_token(GOOD, typ="JWT"))


def test_a_forged_signature_is_refused() -> None:
    with pytest.raises(LogoutTokenRefused, match="signature"):
        _check(_token(GOOD, key=OTHER))


def test_an_unsigned_token_is_refused() -> None:
    head, body, _ = _token(GOOD).split(".")
    with pytest.raises(LogoutTokenRefused):
        _check(f"eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.{body}.")
    with pytest.raises(LogoutTokenRefused):
        _check(f"{head}.{body}.")


def test_an_unknown_key_asks_for_the_keys_again() -> None:
    with pytest.raises(InvalidKeyIdError):
        _check(_token(GOOD, key=ECKey.generate_key("P-256", {"kid": "k2"}), kid="k2"))


def test_an_endless_token_is_refused() -> None:
    with pytest.raises(LogoutTokenRefused, match="long"):
        _check("a" * 9000)
