"""
Checking a logout token. Pure: the keys and the time are given.

Source: OpenID Connect Back-Channel Logout 1.0 §2.4 (the token), §2.6 (its validation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
MOST_BYTES = 8192
MOST_AGE_SECONDS = 300
LEEWAY_SECONDS = 30


class LogoutTokenRefused(Exception):
    """The token does not hold; the text says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """What a valid logout token says; at least one of sid and sub is there."""

    jti: str
    expires_at: int
    sid: str | None
    sub: str | None


def check_logout_token(
    token: str, *, keys: Mapping[str, Any], algorithm: str, issuer: str, client_id: str, now: int
) -> LogoutNotice:
    """
    Check signature and claims of a logout token.

    Raises: LogoutTokenRefused; joserfc's InvalidKeyIdError when no key has the token's `kid` (fetch the keys anew).

    1. Signature, by the one algorithm this client registered; `typ`.
    2. iss, aud, iat, exp.
    3. The event is there, a nonce is not (an ID token must not pass for a logout token).
    4. jti, and sid or sub.
    """
    if len(token) > MOST_BYTES:
        raise LogoutTokenRefused("too long")
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=[algorithm])  # type: ignore[arg-type]  # joserfc asks for its own TypedDict of the same shape
    except (JoseError, ValueError) as error:
        if error.__class__.__name__ == "InvalidKeyIdError":
            raise
        raise LogoutTokenRefused(f"signature: {error}") from error
    header, claims = decoded.header, decoded.claims
    _require(str(header.get("typ", "")).lower().removeprefix("application/") == "logout+jwt", "typ")
    _require(claims.get("iss") == issuer, "iss")
    _require(claims.get("aud") in (client_id, [client_id]), "aud")
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    _require(now - MOST_AGE_SECONDS <= issued <= now + LEEWAY_SECONDS, "iat")
    _require(expires > now - LEEWAY_SECONDS, "exp")
    events = claims.get("events")
    _require(isinstance(events, dict) and isinstance(events.get(EVENT), dict), "events")
    _require("nonce" not in claims, "nonce")
    sid, sub = _word(claims, "sid"), _word(claims, "sub")
    _require(sid is not None or sub is not None, "sid and sub")
    jti = _word(claims, "jti")
    if not jti:
        raise LogoutTokenRefused("jti")
    return LogoutNotice(jti=jti, expires_at=expires + LEEWAY_SECONDS, sid=sid, sub=sub)


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise LogoutTokenRefused(rule)


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:  # a bool is an int to isinstance
        raise LogoutTokenRefused(name)
    return value


def _word(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise LogoutTokenRefused(name)
    return value
