"""
A CMS SignedData for AdES: signed attributes first, the whole around a signature value later.

Source: RFC 5652 §5; RFC 9882 (ML-DSA); RFC 5035 §3 (signing-certificate-v2); EN 319 122-1 §5; EN 319 142-1 §6.3 (no
signing-time attribute in a PDF signature); RFC 3161 Appendix A (the time stamp is an unsigned attribute over the
signature value).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from asn1crypto import x509

from signing.formats.der import integer, octets, oid, sequence, set_of, tlv
from signing.formats.signature_algorithms import DIGEST_IDENTIFIERS, algorithm_of

_DATA = oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")
_TIME_STAMP_TOKEN = oid("1.2.840.113549.1.9.16.2.14")


def signed_attributes(content_digest: bytes, certificate: bytes, algorithm: str = "ES256") -> bytes:
    """
    DER of the SET OF signed attributes, the message that the key signs.

    content_digest: with the hash that goes with the algorithm of the key (signature_algorithms.py).
    """
    return set_of(
        (
            _attribute(_CONTENT_TYPE, _DATA),
            _attribute(_MESSAGE_DIGEST, octets(content_digest)),
            signing_certificate(certificate, algorithm_of(algorithm).digest),
        )
    )


def signed_data(
    attributes: bytes,
    signature: bytes,
    certificate: bytes,
    chain: tuple[bytes, ...],
    stamp: bytes | None,
    algorithm: str = "ES256",
) -> bytes:
    """
    The ContentInfo around a signature value, DER.

    `attributes` is the SET OF that was signed; inside, it carries the implicit tag [0] instead.
    """
    signs = algorithm_of(algorithm)
    parts = [
        integer(1),
        issuer_and_serial(certificate),
        signs.digest_identifier,
        b"\xa0" + attributes[1:],
        signs.identifier,
        octets(signature),
    ]
    if stamp is not None:
        parts.append(set_of((_attribute(_TIME_STAMP_TOKEN, stamp),), tag=0xA1))
    body = sequence(
        integer(1),
        set_of((signs.digest_identifier,)),
        sequence(_DATA),
        set_of(dict.fromkeys((certificate, *chain)), tag=0xA0),
        set_of((sequence(*parts),)),
    )
    return sequence(_SIGNED_DATA, tlv(0xA0, body))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return sequence(kind, tlv(0x31, value))


@lru_cache(maxsize=512)
def signing_certificate(certificate: bytes, digest: str) -> bytes:
    """The signing-certificate-v2 attribute: SHA-256 is the default algorithm and therefore not written."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    issuer = sequence(tlv(0xA4, parsed["issuer"].dump()))
    named = b"" if digest == "sha256" else DIGEST_IDENTIFIERS[digest]
    value = octets(hashlib.new(digest, certificate).digest())
    ess_id = sequence(named, value, sequence(issuer, parsed["serial_number"].dump()))
    return _attribute(_SIGNING_CERTIFICATE_V2, sequence(sequence(ess_id)))


@lru_cache(maxsize=512)
def issuer_and_serial(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber, as a SignerInfo names its certificate."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    return sequence(parsed["issuer"].dump(), parsed["serial_number"].dump())
