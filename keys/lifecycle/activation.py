"""
What makes a signature activation acceptable. Pure.

The token is an access token of our own provider, made after the signer saw label and digest of the document and proved
a fresh second factor. It binds signer, key and document.

Source: Cloud Signature Consortium API 2.2 (2025), authorization details `…/2025/credential`; RFC 9396; the idea of
EN 419 241-1 SCAL2 (we follow the protocol; certified hardware is another matter).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.errors import KeyRefused
from keys.handles import KeyHandle

DETAIL_TYPE = "https://cloudsignatureconsortium.org/2025/credential"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
TWO_FACTORS = frozenset({"urn:vn:xt:2"})
"""Authentication contexts that rest on two different factors."""


@dataclass(frozen=True, slots=True)
class ActivationFacts:
    """What an accepted activation says. Times are epoch seconds; document_digest: hexadecimal SHA-256."""

    handle: KeyHandle
    owner: str
    jti: str
    document_digest: str
    acr: str
    auth_time: int
    otp_time: int
    expires_at: int


def judge_activation(
    claims: Mapping[str, Any],
    *,
    handle: KeyHandle,
    owner: str,
    document_digest: str,
    now: int,
    factor_seconds: int,
) -> ActivationFacts:
    """
    Hold verified claims against the key, its owner and the document at hand.

    claims: signature, issuer, audience and times were checked before.
    Raises: KeyRefused("activation_refused" | "activation_expired").

    1. The approver is the owner of the key.
    2. Two factors, the second one fresh.
    3. This key and this document were approved, by SHA-256, no more often than documents were shown.
    """
    if "cnf" in claims:  # whoever brings it would have to prove a key, which nobody here can check: no downgrade
        raise _refused("cnf")
    if not _same(claims.get("sub"), owner):
        raise _refused("sub is not the owner")
    acr = claims.get("acr")
    if not isinstance(acr, str) or acr not in TWO_FACTORS:
        raise _refused("acr")
    otp_time, auth_time = _moment(claims, "otp_time"), _moment(claims, "auth_time")
    if otp_time + factor_seconds < now:
        raise KeyRefused("activation_expired", debug="second factor too old")
    if not _covers(claims.get("authorization_details"), handle, document_digest):
        raise _refused("key or document was not approved")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 16 <= len(jti) <= 120:
        raise _refused("jti")
    return ActivationFacts(
        handle=handle,
        owner=owner,
        jti=jti,
        document_digest=document_digest,
        acr=acr,
        auth_time=auth_time,
        otp_time=otp_time,
        expires_at=int(claims["exp"]),
    )


def _covers(details: Any, handle: KeyHandle, document_digest: str) -> bool:
    if not isinstance(details, list):
        return False
    return any(isinstance(detail, dict) and _detail_covers(detail, handle, document_digest) for detail in details)


def _detail_covers(detail: Mapping[str, Any], handle: KeyHandle, document_digest: str) -> bool:
    if detail.get("type") != DETAIL_TYPE or detail.get("hashAlgorithmOID") != SHA256_OID:
        return False
    digests, count = detail.get("documentDigests"), detail.get("numSignatures")
    if not isinstance(digests, list) or not digests or isinstance(count, bool) or count != len(digests):
        return False
    wanted = base64.b64encode(bytes.fromhex(document_digest)).decode()
    listed = [item.get("hash") for item in digests if isinstance(item, dict) and item.get("hashType") == "SDR"]
    return _same(detail.get("credentialID"), handle) and any(_same(digest, wanted) for digest in listed)


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused(name)
    return value


def _same(found: Any, wanted: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(found.encode(), wanted.encode())


def _refused(why: str) -> KeyRefused:
    return KeyRefused("activation_refused", debug=why)
