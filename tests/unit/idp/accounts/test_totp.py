"""One-time codes: RFC 6238 vectors, the window, and no step twice."""

from __future__ import annotations

import base64

import pytest

from idp.accounts.totp import (
    STEP_SECONDS,
    code_at,
    is_totp_secret,
    matching_timecode,
    new_totp_secret,
    provisioning_uri,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert code_at(RFC_SECRET, at) == code
    assert matching_timecode(RFC_SECRET, code, at, spent=0) == at // STEP_SECONDS


def test_window_is_one_step_to_either_side() -> None:
    now = 1_764_000_015
    step = now // STEP_SECONDS
    for distance in range(-3, 4):
        code = code_at(RFC_SECRET, now + distance * STEP_SECONDS)
        expected = step + distance if abs(distance) <= 1 else None
        assert matching_timecode(RFC_SECRET, code, now, spent=0) == expected


def test_a_spent_step_and_every_older_one_no_longer_match() -> None:
    now = 1_764_000_015
    step = now // STEP_SECONDS
    assert matching_timecode(RFC_SECRET, code_at(RFC_SECRET, now), now, spent=step) is None
    assert matching_timecode(RFC_SECRET, code_at(RFC_SECRET, now - STEP_SECONDS), now, spent=step) is None
    assert matching_timecode(RFC_SECRET, code_at(RFC_SECRET, now + STEP_SECONDS), now, spent=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "1" * 10_000])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert matching_timecode(RFC_SECRET, code, 59, spent=0) is None


def test_spaces_are_ignored() -> None:
    assert matching_timecode(RFC_SECRET, " 287 082 ", 59, spent=0) == 1


def test_secrets() -> None:
    first, second = new_totp_secret(), new_totp_secret()
    assert first != second
    assert [is_totp_secret(one) for one in (first, "JBSWY3DP", "not base32!")] == [True, False, False]
    assert "secret=" + first in provisioning_uri(first, username="hong", issuer_name="Ấn Tín")
