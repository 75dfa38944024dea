"""
The time-stamping unit, with everything that is the same in each of its tokens already encoded.

asn1crypto takes 50 ms to build a token from objects; what does not change is made once, when the key is opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import algos, cms, tsp, x509


@dataclass(frozen=True, slots=True)
class TimestampUnit:
    """
    The unit that signs. sign: ES256 over a message. Times are the certificate's, epoch seconds. The rest is DER:

    certificates:  the unit's and the chain above it without the root, in the order of a SET OF.
    name:          its subject as a GeneralName; sid: issuer and serial number, as a SignerInfo names its signer.
    reference:     the signed attribute that binds the certificate.
    """

    sign: Callable[[bytes], bytes]
    not_before: int
    not_after: int
    certificates: bytes
    name: bytes
    sid: bytes
    reference: bytes


def open_unit(
    sign: Callable[[bytes], bytes], certificate: bytes, chain: tuple[bytes, ...], *, not_before: int, not_after: int
) -> TimestampUnit:
    """Make the unit from its key and its certificate (DER; chain: issuing authority first, without the root)."""
    parsed = x509.Certificate.load(certificate)
    sid = cms.IssuerAndSerialNumber({"issuer": parsed.issuer, "serial_number": parsed.serial_number})
    return TimestampUnit(
        sign=sign,
        not_before=not_before,
        not_after=not_after,
        certificates=b"".join(sorted((certificate, *chain))),  # DER orders a SET OF
        name=x509.GeneralName("directory_name", parsed.subject).dump(),
        sid=sid.dump(),
        reference=_reference(parsed, certificate).dump(),
    )


def hash_algorithm(name: str) -> bytes:
    """AlgorithmIdentifier of a hash, DER."""
    return bytes(algos.DigestAlgorithm({"algorithm": name}).dump())


def _reference(parsed: x509.Certificate, der: bytes) -> cms.CMSAttribute:
    """Source: RFC 5816 §2.2.1: ESSCertIDv2; SHA-256 is its default and then left out."""
    reference = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(der).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName("directory_name", parsed.issuer)],
                "serial_number": parsed.serial_number,
            },
        }
    )
    values = [tsp.SigningCertificateV2({"certs": [reference]})]
    return cms.CMSAttribute({"type": "signing_certificate_v2", "values": values})
