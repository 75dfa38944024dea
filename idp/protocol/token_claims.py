"""
Claims of access tokens.

Source: RFC 9068 §2.2 (JWT profile for access tokens); RFC 9396 §9.1 (authorization_details). `gid` names the
authorization a token came from, so that one look at `grants` tells whether it was revoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.protocol.authorization import Authorization
from idp.protocol.client import Client


def audience_of(client: Client, issuer: str, *, scope: frozenset[str], has_details: bool) -> str:
    """
    Who the token is for: exactly one place, so that no receiver can carry it on to another.

    A plain sign-in is for our userinfo endpoint; authorization details, and tokens without a person, are for the
    resource that the client was registered with.

    Source:  RFC 9068 §3; RFC 9700 §2.3.
    """
    if client.resource is None or ("openid" in scope and not has_details):
        return issuer
    return client.resource


def person_token(
    client: Client,
    authorization: Authorization,
    *,
    scope: frozenset[str],
    audience: str,
    subject: str,
    issuer: str,
    jti: str,
    now: int,
    lifetime: int,
) -> dict[str, Any]:
    """Claims of an access token that acts for a person. scope: what this one token is limited to."""
    proof = authorization.proof
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "client_id": client.client_id,
        "scope": " ".join(sorted(scope)),
        "iat": now,
        "exp": min(now + lifetime, authorization.expires_at),
        "jti": jti,
        "gid": authorization.id,
        "acr": proof.acr,
        "auth_time": proof.auth_time,
    }
    if proof.otp_time is not None:
        claims["otp_time"] = proof.otp_time
    if authorization.details:
        claims["authorization_details"] = [dict(detail) for detail in authorization.details]
    return claims


def machine_token(
    client: Client, *, scope: frozenset[str], audience: str, issuer: str, jti: str, now: int, lifetime: int
) -> Mapping[str, Any]:
    """Claims of an access token that a client holds for itself (RFC 9068 §2.2: `sub` is then the client)."""
    return {
        "iss": issuer,
        "sub": client.client_id,
        "aud": audience,
        "client_id": client.client_id,
        "scope": " ".join(sorted(scope)),
        "iat": now,
        "exp": now + lifetime,
        "jti": jti,
    }
