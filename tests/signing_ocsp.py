"""OCSP answers for the PKI of the signature tests, honest ones and every kind of others."""

from __future__ import annotations

from typing import Any

from asn1crypto import core, ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import (
    OCSPCertStatus,
    OCSPResponderEncoding,
    OCSPResponseBuilder,
    OCSPResponseStatus,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing_pki import DAY, NOW, Holder, issue, moment


def answer(
    holder: Holder,
    issuer: Holder,
    *,
    by: Holder | None = None,
    at: int = NOW - 600,
    until: int | None = NOW + DAY,
    revoked: int | None = None,
    reason: str = "keyCompromise",
    unknown: bool = False,
    nonce: bytes = b"",
    algorithm: Any = None,
    digest: Any = None,
    with_certificate: bool = True,
    named_by: OCSPResponderEncoding = OCSPResponderEncoding.HASH,
) -> bytes:
    """What `by` (the issuer itself, or a delegate) says about a certificate, DER."""
    signer = by or issuer
    status = OCSPCertStatus.REVOKED if revoked else OCSPCertStatus.UNKNOWN if unknown else OCSPCertStatus.GOOD
    builder = OCSPResponseBuilder().add_response(
        cert=holder.certificate,
        issuer=issuer.certificate,
        algorithm=algorithm or hashes.SHA1(),
        cert_status=status,
        this_update=moment(at),
        next_update=moment(until) if until is not None else None,
        revocation_time=moment(revoked) if revoked else None,
        revocation_reason=x509.ReasonFlags(reason) if revoked else None,
    )
    builder = builder.responder_id(named_by, signer.certificate)
    if by is not None and with_certificate:
        builder = builder.certificates([by.certificate])
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    made = builder.sign(signer.key, digest or hashes.SHA256()).public_bytes(Encoding.DER)
    return _produced(made, at, signer, digest or hashes.SHA256())


def _produced(der: bytes, at: int, signer: Holder, digest: Any) -> bytes:
    """The same answer, made at a time of ours: the library takes the machine's."""
    whole = ocsp.OCSPResponse.load(der)
    basic = whole["response_bytes"]["response"].parsed
    basic["tbs_response_data"]["produced_at"] = moment(at)
    basic["signature"] = signer.key.sign(basic["tbs_response_data"].dump(force=True), ec.ECDSA(digest))
    done = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {
                "response_type": "basic_ocsp_response",
                "response": core.ParsableOctetString(basic.dump(force=True)),
            },
        }
    )
    return bytes(done.dump())


def not_successful(status: OCSPResponseStatus = OCSPResponseStatus.TRY_LATER) -> bytes:
    return OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def delegate(issuer: Holder, *, without_check: bool = True, **wanted: Any) -> Holder:
    """Somebody who answers for an authority."""
    wanted.setdefault("purposes", (ExtendedKeyUsageOID.OCSP_SIGNING,))
    made = issue("Trả lời OCSP thử nghiệm", issuer, organisation="Thành phố", **wanted)
    return _without_check(made) if without_check else made


def _without_check(holder: Holder) -> Holder:
    """The same certificate with id-pkix-ocsp-nocheck."""
    old, above = holder.certificate, holder.issuer
    assert above is not None
    builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number)
    builder = builder.not_valid_before(old.not_valid_before_utc).not_valid_after(old.not_valid_after_utc)
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return Holder(holder.key, builder.sign(above.key, hashes.SHA256()), above)


def nonce_of(request: bytes) -> bytes:
    found = ocsp.OCSPRequest.load(request).nonce_value
    return bytes(found.native)


def serials_of(request: bytes) -> list[int]:
    asked = ocsp.OCSPRequest.load(request)["tbs_request"]["request_list"]
    return [one["req_cert"]["serial_number"].native for one in asked]
