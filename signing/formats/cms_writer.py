"""
A CMS SignedData for AdES: signed attributes first, the whole around a signature value later.

Source: RFC 5652 §5; RFC 5035 §3 (signing-certificate-v2); EN 319 122-1 §5; EN 319 142-1 §6.3 (no signing-time attribute
in a PDF signature); RFC 3161 Appendix A (the time stamp is an unsigned attribute over the signature value).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from asn1crypto import x509

from signing.errors import SignatureRefused
from signing.formats.der import NULL, integer, octets, oid, sequence, set_of, tlv

_DATA = oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")
_TIME_STAMP_TOKEN = oid("1.2.840.113549.1.9.16.2.14")
_SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"))
_SIGNATURE_ALGORITHMS = {
    "ec": sequence(oid("1.2.840.10045.4.3.2")),
    "rsa": sequence(oid("1.2.840.113549.1.1.11"), NULL),
}


def signed_attributes(content_digest: bytes, certificate: bytes) -> bytes:
    """DER of the SET OF signed attributes over a SHA-256 digest; its SHA-256 is what the key signs."""
    return set_of(
        (
            _attribute(_CONTENT_TYPE, _DATA),
            _attribute(_MESSAGE_DIGEST, octets(content_digest)),
            _signing_certificate(certificate),
        )
    )


def signed_data(
    attributes: bytes, signature: bytes, certificate: bytes, chain: tuple[bytes, ...], stamp: bytes | None
) -> bytes:
    """
    The ContentInfo around a signature value, DER.

    `attributes` is the SET OF that was signed; inside, it carries the implicit tag [0] instead.
    """
    issuer_and_serial, algorithm = _signer(certificate)
    parts = [
        integer(1),
        issuer_and_serial,
        _SHA256,
        b"\xa0" + attributes[1:],
        algorithm,
        octets(signature),
    ]
    if stamp is not None:
        parts.append(set_of((_attribute(_TIME_STAMP_TOKEN, stamp),), tag=0xA1))
    body = sequence(
        integer(1),
        set_of((_SHA256,)),
        sequence(_DATA),
        set_of(dict.fromkeys((certificate, *chain)), tag=0xA0),
        set_of((sequence(*parts),)),
    )
    return sequence(_SIGNED_DATA, tlv(0xA0, body))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return sequence(kind, tlv(0x31, value))


@lru_cache(maxsize=512)
def _signing_certificate(certificate: bytes) -> bytes:
    """The signing-certificate-v2 attribute: SHA-256 is the default algorithm and therefore not written."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    issuer = sequence(tlv(0xA4, parsed["issuer"].dump()))
    ess_id = sequence(octets(hashlib.sha256(certificate).digest()), sequence(issuer, parsed["serial_number"].dump()))
    return _attribute(_SIGNING_CERTIFICATE_V2, sequence(sequence(ess_id)))


@lru_cache(maxsize=512)
def _signer(certificate: bytes) -> tuple[bytes, bytes]:
    """IssuerAndSerialNumber and the signature AlgorithmIdentifier that fits the certificate's key."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    kind = parsed["subject_public_key_info"].algorithm
    if kind not in _SIGNATURE_ALGORITHMS:
        raise SignatureRefused(
            "key_type",
            vi="Loại khóa của chứng thư số này chưa được hỗ trợ.",
            en="The type of key in this certificate is not supported.",
            hint=str(kind),
        )
    return sequence(parsed["issuer"].dump(), parsed["serial_number"].dump()), _SIGNATURE_ALGORITHMS[kind]
