"""
The registered claims of a token whose signature was checked. Pure.

Source: RFC 7519 §4.1; RFC 8725 §3.8, §3.9; RFC 9207 §2.4 (identifiers are compared as strings, without normalising).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys.errors import JoseError

CLOCK_SKEW_SECONDS = 60
LATEST = 1 << 53
"""Numbers beyond are not exact in every JSON reader; as a time they lie 285 million years ahead."""


def check_times(
    claims: Mapping[str, Any], *, now: int, leeway: int, allow_expired: bool = False, needs_exp: bool = True
) -> None:
    """
    `exp` is ahead, and required unless the caller says otherwise; `nbf` and `iat`, when present, are not ahead (beyond
    a clock skew of a minute).

    Raises: JoseError("claims_malformed" | "expired" | "not_yet_valid").
    """
    expires_at = _time(claims, "exp")
    if expires_at is None and needs_exp:
        raise JoseError("claims_malformed", "exp is missing")
    if expires_at is not None and not allow_expired and expires_at + leeway <= now:
        raise JoseError("expired", f"exp {expires_at}")
    for name in ("nbf", "iat"):
        begins_at = _time(claims, name)
        if begins_at is not None and begins_at > now + max(leeway, CLOCK_SKEW_SECONDS):
            raise JoseError("not_yet_valid", f"{name} {begins_at}")


def check_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """Raises: JoseError("issuer_refused"): not exactly this string."""
    found = claims.get("iss")
    if not isinstance(found, str) or found != issuer:
        raise JoseError("issuer_refused")


def check_audience(claims: Mapping[str, Any], audience: str) -> None:
    """Raises: JoseError("audience_refused"): `aud` is neither this string nor a list of strings that holds it."""
    found = claims.get("aud")
    listed = found if isinstance(found, list) else [found]
    if not audience or not all(isinstance(item, str) for item in listed) or audience not in listed:
        raise JoseError("audience_refused")


def _time(claims: Mapping[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        raise JoseError("claims_malformed", name)
    return int(value)
