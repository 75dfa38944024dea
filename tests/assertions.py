"""A neighbouring province whose assertions we trust, and what it signs."""

from __future__ import annotations

from typing import Any

from base.ids import new_id
from tests.proofs import ISSUER, HeldKey

PROVINCE = "https://sso.binhduong.example.vn"
PROVINCE_KEY = HeldKey()


def trusting(*clients: str, **changes: Any) -> dict[str, Any]:
    """The province as an operator describes it; a change to None leaves a member out."""
    described = {
        "issuer": PROVINCE,
        "jwks": PROVINCE_KEY.jwks,
        "clients": list(clients),
        "scope": "records.read records.write",
        "subject": {"claim": "sub", "users": {"bd-0001": "lan"}},
    } | changes
    return {name: value for name, value in described.items() if value is not None}


def assertion(now: int, key: HeldKey = PROVINCE_KEY, **changes: Any) -> str:
    """An honest assertion about the person we know as lan; a change to None leaves a claim out."""
    claims = {"iss": PROVINCE, "sub": "bd-0001", "aud": ISSUER, "iat": now, "exp": now + 300, "jti": new_id("j")}
    return key.sign(claims, **changes)
