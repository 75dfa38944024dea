"""
Time-based one-time codes: the only door to pyotp.

Six digits, 30-second step, SHA-1 as every authenticator application expects. pyotp keeps no memory, so a code is only
*recognised* here; it is *spent* by one conditional UPDATE (idp/store/users.py: spend_timecode).
Source: RFC 6238 §4-5.2; OWASP ASVS 5.0 §6.5.1, 6.5.5.
"""

from __future__ import annotations

import hmac

import pyotp

STEP_SECONDS = 30
DIGITS = 6
WINDOW_STEPS = 1
"""How far the person's clock may be from ours, in steps to either side."""


def new_totp_secret() -> str:
    """160 random bits in base32 (32 characters). Source: RFC 4226 §4, R6."""
    return pyotp.random_base32(32)


def is_totp_secret(secret: str) -> bool:
    """Whether a given secret is base32 of at least 128 bits."""
    try:
        return len(pyotp.TOTP(secret).byte_secret()) >= 16
    except ValueError:
        return False


def matching_timecode(secret: str, code: str, now: int, *, spent: int) -> int | None:
    """
    The time step whose code this is, or None.

    Reads:  base32 secret; the code as typed (spaces are ignored); now in epoch seconds; the highest step already spent.
    Only steps after `spent` are looked at, so a code that was used, and every older one, no longer matches.
    """
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    generator, step = pyotp.TOTP(secret), now // STEP_SECONDS
    found = None
    for candidate in range(step - WINDOW_STEPS, step + WINDOW_STEPS + 1):
        if hmac.compare_digest(generator.generate_otp(candidate), digits) and candidate > spent and found is None:
            found = candidate
    return found


def code_at(secret: str, now: int) -> str:
    """The code of the moment; for the demo's printed sign-ins and for tests."""
    return pyotp.TOTP(secret).generate_otp(now // STEP_SECONDS)


def provisioning_uri(secret: str, *, username: str, issuer_name: str) -> str:
    """The `otpauth://` address that an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer_name)
