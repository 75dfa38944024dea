"""
The protected header that we write: who signs, when, and what is stated, each in its standard form.

Source: TS 119 182-1 §5.1, §5.2, §6.3 (baseline B-B: alg, iat, one header that names the certificate, x5c; sigD and b64
critical); RFC 7515 §4.1.10 (media types without `application/`); RFC 3061 (identifiers as URN).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from signing.formats.base import PrepareRequest, SignaturePolicy, Statements
from signing.formats.json_strict import base64url
from signing.formats.jws_algorithms import DIGEST_NAMES
from signing.formats.refusals import stamped

_COMMITMENTS = {
    "1.2.840.113549.1.9.16.6.1": "ProofOfOrigin",
    "1.2.840.113549.1.9.16.6.2": "ProofOfReceipt",
    "1.2.840.113549.1.9.16.6.3": "ProofOfDelivery",
    "1.2.840.113549.1.9.16.6.4": "ProofOfSender",
    "1.2.840.113549.1.9.16.6.5": "ProofOfApproval",
    "1.2.840.113549.1.9.16.6.6": "ProofOfCreation",
}
_COMMITMENT_ADDRESS = "http://uri.etsi.org/01903/v1.2.2#"


def protected_header(
    request: PrepareRequest, digest: str, about: dict[str, Any], stamp_over: bytes | None
) -> dict[str, Any]:
    """
    digest:     of the reference to the certificate. about: what is said of the content: b64, sigD, cty.
    stamp_over: what a content time stamp is made over; None for a counter-signature, which has none.
    Raises: what the timestamper of the statements raises; SignatureRefused: no stamp came.
    """
    header: dict[str, Any] = {
        "alg": request.algorithm,
        "iat": request.signing_time,
        **_certificate(request.certificate, digest),
        "x5c": [base64.b64encode(one).decode("ascii") for one in (request.certificate, *request.chain)],
        **about,
        **_about_signer(request.statements),
    }
    if stamp_over is not None and request.statements.stamp_content is not None:
        token = stamped(request.statements.stamp_content, hashlib.sha256(stamp_over).digest())
        header["adoTst"] = container(token)
    critical = [name for name in ("b64", "sigD") if name in header]
    return {**header, **({"crit": critical} if critical else {})}


def container(token: bytes) -> dict[str, Any]:
    """A time stamp as JAdES holds it (§5.4.3.3)."""
    return {"tstTokens": [pki_object(token)]}


def pki_object(der: bytes) -> dict[str, str]:
    """DER as JAdES holds it (§5.4.2)."""
    return {"val": base64.b64encode(der).decode("ascii")}


def media_type(written: str) -> str:
    """Without `application/` where no other slash follows."""
    rest = written.removeprefix("application/")
    return rest if "/" not in rest else written


def _certificate(certificate: bytes, digest: str) -> dict[str, Any]:
    value = base64url(hashlib.new(digest, certificate).digest())
    if digest == "sha256":
        return {"x5t#S256": value}
    return {"x5t#o": {"digAlg": DIGEST_NAMES[digest], "digVal": value}}


def _about_signer(statements: Statements) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if statements.commitment:
        known = _COMMITMENTS.get(statements.commitment)
        address = f"{_COMMITMENT_ADDRESS}{known}" if known else f"urn:oid:{statements.commitment}"
        found["srCms"] = [{"commId": {"id": address}}]
    place = {"addressCountry": statements.country, "addressLocality": statements.locality}
    if any(place.values()):
        found["sigPl"] = {name: value for name, value in place.items() if value}
    if statements.role:
        claimed = {"mediaType": "text/plain", "encoding": "binary", "qVals": [statements.role]}
        found["srAts"] = {"claimed": [claimed]}
    if statements.policy is not None:
        found["sigPId"] = _policy(statements.policy)
    return found


def _policy(policy: SignaturePolicy) -> dict[str, Any]:
    where = {"sigPQuals": [{"spURI": policy.address}]} if policy.address else {}
    return {
        "id": {"id": f"urn:oid:{policy.identifier}"},
        "digAlg": DIGEST_NAMES["sha256"],
        "digVal": base64url(policy.sha256),
        **where,
    }
