"""
Does the sender of this request hold the key that its access token is bound to? A DPoP proof, judged and used up.

A nonce in it is one that we handed out a moment ago; whether there has to be one is a setting. Nonces are not stored:
each is a MAC of the stretch of time it is handed out in, so that all workers agree.

Source: RFC 9449 §4.2, §4.3, §7.1, §9 (nonces of a resource server), §11.1 (a proof counts once, and for a minute).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from keys.errors import JoseError
from signing.services import SigningServices
from signing.store import api_answers

ALGORITHMS = ("ES256", "PS256", "EdDSA")
WINDOW_SECONDS = 60
WRONG_NONCE = "use the nonce of the DPoP-Nonce header"
_PORTS = {"https": 443, "http": 80}


def check_proof(
    services: SigningServices, unverified: str | None, method: str, address: str, token: str, bound_to: str
) -> str:
    """What is wrong with a proof, for its developer; empty: nothing, and it is used up."""
    if unverified is None:
        return "the DPoP proof is missing"
    try:
        proven = services.keys.verify_possession(unverified.strip(), algs=ALGORITHMS, typ="dpop+jwt")
    except JoseError as error:
        return f"the DPoP proof does not verify ({error.code})"
    if not hmac.compare_digest(proven.thumbprint, bound_to):
        return "the access token is bound to another key"
    now = services.base.clock.now()
    wrong = _judge(proven.claims, method, address, token, now) or _judge_nonce(services, proven.claims, now)
    if wrong:
        return wrong
    identifier = f"{proven.thumbprint}\0{proven.claims['jti']}"
    with services.base.db.begin() as connection:
        fresh = api_answers.spend_proof(connection, identifier, expires_at=now + 2 * WINDOW_SECONDS + 1)
    return "" if fresh else "the DPoP proof was used before"


def fresh_nonce(services: SigningServices) -> str:
    """The nonce that is handed out now."""
    return _nonces_at(services, services.base.clock.now())[0]


def _judge_nonce(services: SigningServices, claims: Mapping[str, Any], now: int) -> str:
    nonce = claims.get("nonce")
    if nonce is None and not services.settings.api_dpop_nonce_required:
        return ""
    return "" if nonce in _nonces_at(services, now) else WRONG_NONCE


def _nonces_at(services: SigningServices, now: int) -> tuple[str, str]:
    """The one handed out at this moment, and the one before it."""
    stretch = now // services.settings.api_dpop_nonce_seconds
    return _nonce(services, stretch), _nonce(services, stretch - 1)


def _nonce(services: SigningServices, stretch: int) -> str:
    mac = services.keys.mac("signing.dpop_nonce", str(stretch))
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _judge(claims: Mapping[str, Any], method: str, address: str, token: str, now: int) -> str:
    jti, iat, htu, ath = claims.get("jti"), claims.get("iat"), claims.get("htu"), claims.get("ath")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
        return "jti is missing or too long"
    if not isinstance(iat, int) or isinstance(iat, bool) or abs(now - iat) > WINDOW_SECONDS:
        return "iat is not of this minute"
    if claims.get("htm") != method:
        return "htm is not the method of this request"
    if not isinstance(htu, str) or _normal(htu) is None or _normal(htu) != _normal(address):
        return "htu is not the address of this request"
    wanted = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=")
    if not isinstance(ath, str) or not hmac.compare_digest(ath.encode(), wanted):
        return "ath is not the hash of the access token"
    return ""


def _normal(address: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path; None: no address of the web. Query and fragment count for nothing."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path or "/"
