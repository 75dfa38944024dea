"""Rules about a DPoP proof, one by one."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts
from idp.protocol.dpop.proof import PROOF_CHECKS, judge_proof

NOW = 1_000_000
ATH = base64.urlsafe_b64encode(hashlib.sha256(b"token").digest()).rstrip(b"=").decode()
GOOD = {"jti": "1", "htm": "POST", "htu": "https://op.example.vn/token", "iat": NOW}
FACTS = ProofFacts("POST", "https://op.example.vn/token", NOW, ("fresh", "last"), False)


def error_of(facts: ProofFacts = FACTS, **changes: Any) -> str | None:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    try:
        judge_proof(Proof("t" * 43, claims), facts)
    except OAuthError as error:
        return error.code
    return None


def test_every_rule_cites_its_source() -> None:
    assert all("Source:" in (check.__doc__ or "") for check in PROOF_CHECKS)
    assert [check.__name__ for check in PROOF_CHECKS] == [check.__module__.rpartition(".")[2] for check in PROOF_CHECKS]


def test_an_honest_proof() -> None:
    assert error_of() is None
    assert error_of(exp=1, nbf=99_999_999_999, extra=True) is None  # tolerated: iat alone decides


@pytest.mark.parametrize("jti", [None, "", 7, "x" * 201, ["x"]])
def test_jti(jti: Any) -> None:
    assert error_of(jti=jti) == "invalid_dpop_proof"


@pytest.mark.parametrize("htm", [None, "GET", "post", "", 1])
def test_htm(htm: Any) -> None:
    assert error_of(htm=htm) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "htu",
    [
        "https://op.example.vn/token?a=b",
        "https://op.example.vn/token#f",
        "HTTPS://OP.Example.VN/token",
        "https://op.example.vn:443/token",
    ],
)
def test_one_address_in_other_words(htu: str) -> None:
    assert error_of(htu=htu) is None


@pytest.mark.parametrize(
    "htu",
    [
        None,
        "",
        7,
        "/token",
        "token",
        "https://op.example.vn/Token",
        "https://op.example.vn/token/",
        "https://op.example.vn/userinfo",
        "https://op.example.vn",
        "http://op.example.vn/token",
        "https://op.example.vn:8443/token",
        "https://evil.test/token",
        "https://x@op.example.vn/token",
        "https://op.example.vn.evil.test/token",
        "https://op.example.vn:99999/token",
        "https://[::1/token",
        "ftp://op.example.vn/token",
    ],
)
def test_other_addresses(htu: Any) -> None:
    assert error_of(htu=htu) == "invalid_dpop_proof"


@pytest.mark.parametrize("drift", [-60, -10, 0, 10, 60])
def test_clocks_may_differ_a_little(drift: int) -> None:
    assert error_of(iat=NOW + drift) is None


@pytest.mark.parametrize("iat", [None, "1000000", True, NOW - 61, NOW + 61, NOW - 3600, NOW + 3600, 0, -NOW])
def test_iat(iat: Any) -> None:
    assert error_of(iat=iat) == "invalid_dpop_proof"


@pytest.mark.parametrize("ath", [None, "", "x", ATH + "=", ATH.lower(), 7])
def test_ath(ath: Any) -> None:
    with_token = replace(FACTS, access_token="token")
    assert error_of(with_token, ath=ATH) is None
    assert error_of(with_token, ath=ath) == "invalid_dpop_proof"


def test_nonce() -> None:
    strict = replace(FACTS, needs_nonce=True)
    for nonce in ("fresh", "last"):
        assert error_of(strict, nonce=nonce) is None
        assert error_of(nonce=nonce) is None
    assert error_of(strict) == "use_dpop_nonce"
    for wrong in ("old", "", 7, ["fresh"]):
        assert error_of(strict, nonce=wrong) == "use_dpop_nonce"
        assert error_of(nonce=wrong) == "use_dpop_nonce"


def test_only_a_proof_that_is_right_otherwise_is_sent_for_a_nonce() -> None:
    strict = replace(FACTS, needs_nonce=True)
    assert error_of(strict, htm="GET") == "invalid_dpop_proof"
    with pytest.raises(OAuthError) as caught:
        judge_proof(Proof("t" * 43, GOOD), strict)
    assert caught.value.nonce == "fresh"
