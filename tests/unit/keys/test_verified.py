"""A token that was found genuine is not checked twice, and nothing else gets in that way."""

from __future__ import annotations

from typing import Any

import pytest

from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys, TokenType
from keys.errors import JoseError
from keys.jose import VerificationKey
from keys.services import jobs
from keys.verified import VerifiedTokens
from tests.unit.keys.conftest import ISSUER, SETTINGS


def verify(held: Keys, token: str, typ: TokenType = TokenType.ACCESS, **more: Any) -> dict[str, Any]:
    return held.verify_own_jwt(token, typ=typ, issuer=ISSUER, **more)


def refusal(held: Keys, token: str, typ: TokenType = TokenType.ACCESS) -> str:
    with pytest.raises(JoseError) as refused:
        verify(held, token, typ)
    return refused.value.code


def test_a_signature_is_checked_once(held: Keys, claims: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    check = VerificationKey.check

    def counted(key: VerificationKey, unverified: Any) -> None:
        checked.append(key.kid)
        check(key, unverified)

    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    monkeypatch.setattr(VerificationKey, "check", counted)
    assert [verify(held, token) for _ in range(5)] == [claims] * 5
    assert len(checked) == 1


def test_what_is_only_like_a_genuine_token_is_refused(held: Keys, claims: dict[str, Any]) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    verify(held, token)
    last = token[-1]
    for other in "AQgw":
        if other != last:
            assert refusal(held, token[:-1] + other) in ("signature_invalid", "malformed")
    assert refusal(held, token + "A") in ("signature_invalid", "malformed")
    assert refusal(held, token.replace(".", "..", 1)) == "malformed"
    assert refusal(held, token + "\ud800") == "malformed"
    assert refusal(held, token, TokenType.ID) == "typ_refused"


def test_times_and_issuer_are_judged_every_time(held: Keys, claims: dict[str, Any], clock: FixedClock) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    verify(held, token)
    with pytest.raises(JoseError, match="issuer_refused"):
        held.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=ISSUER + "/other")
    clock.at = claims["exp"]
    assert refusal(held, token) == "expired"


def test_nobody_can_change_what_is_kept(held: Keys, claims: dict[str, Any]) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    verify(held, token)["sub"] = "somebody else"
    verify(held, token)["sub"] = "somebody else"
    assert verify(held, token)["sub"] == claims["sub"]


def test_a_key_that_goes_takes_its_tokens_along(
    held: Keys, services: BaseServices, claims: dict[str, Any], clock: FixedClock
) -> None:
    token = held.sign_jwt(claims, typ=TokenType.ACCESS)
    verify(held, token)
    held.rotate("token", "ES256", force=True)
    assert verify(held, token) == claims  # the retired key still counts
    clock.move(SETTINGS.retired_key_published_seconds)
    next(job for job in jobs(held) if job.name == "rotate keys").run()
    with pytest.raises(JoseError, match="key_unknown"):
        verify(held, token, allow_expired=True)


def test_little_is_kept_and_what_is_used_stays() -> None:
    kept = VerifiedTokens(most=10)
    kept.keep("used", "at+jwt", {"n": -1})
    for number in range(100):
        kept.keep(f"t{number}", "at+jwt", {"n": number})
        assert kept.claims("used", "at+jwt") == {"n": -1}
    assert kept.claims("t99", "at+jwt") == {"n": 99}
    assert kept.claims("t5", "at+jwt") is None
    assert kept.claims("used", "JWT") is None
    assert len(kept._young) + len(kept._old) <= 20
