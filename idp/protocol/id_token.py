"""
Claims of ID tokens.

Source: OpenID Connect Core §2, §3.1.3.6 (at_hash), §3.1.3.7, §3.3.2.11 (c_hash); FAPI 1.0 Advanced §5.2.2.1 (s_hash).
By §5.4 the claims of scopes are delivered by userinfo wherever there is an access token, so personal claims are here
only when the claims parameter asked for them, or when there will be none. No `azp`: one audience.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from base.ids import letters_of
from idp.protocol.authorization import Authorization


def id_token(
    authorization: Authorization,
    *,
    subject: str,
    issuer: str,
    access_token: str | None,
    alg: str,
    nonce: str | None,
    device_secret: str | None = None,
    personal: Mapping[str, Any],
    now: int,
    lifetime: int,
    code: str | None = None,
    state: str | None = None,
) -> dict[str, Any]:
    """
    The claims. alg: what it will be signed with; nonce: of the request, None on a refresh (§12.2); personal: claims
    granted for the ID token; access_token, code, state, device_secret: what travels beside it and is tied to it by a
    hash (Native SSO §3.3 for the last).

    auth_time, acr and amr are those of the grant: a refresh never raises or lowers them.
    """
    proof = authorization.proof
    claims: dict[str, Any] = {
        **personal,
        "iss": issuer,
        "sub": subject,
        "aud": authorization.client_id,
        "iat": now,
        "exp": now + lifetime,
        "auth_time": proof.auth_time,
        "acr": proof.acr,
        "amr": list(proof.amr),
    }
    beside = {"at_hash": access_token, "c_hash": code, "s_hash": state, "ds_hash": device_secret}
    claims |= {name: half_hash(value, alg) for name, value in beside.items() if value is not None}
    if proof.sid is not None:
        claims["sid"] = proof.sid
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


_HALVED = {"ES256": "sha256", "RS256": "sha256", "PS256": "sha256", "ES384": "sha384"}


def half_hash(value: str, alg: str) -> str:
    """
    Left half of a hash, base64url.

    Source:  OpenID Connect Core §3.1.3.6: the hash is that of the ID token's `alg`: SHA-256 for ES256, RS256 and PS256,
             SHA-384 for ES384, SHA-512 for ES512; Ed25519 hashes with SHA-512 (RFC 8032 §5.1), and that is what relying
             parties take for EdDSA. ML-DSA names none; it gets SHA-512 as well.
    """
    digest = hashlib.new(_HALVED.get(alg, "sha512"), value.encode()).digest()
    return letters_of(digest[: len(digest) // 2])
