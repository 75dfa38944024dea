"""
Who signs answers about the certificates of one authority: the responder's key with the certificate that this authority
gave it for that alone, and how requests name that authority.

Source: RFC 6960 §4.2.2.2 (delegated responder), §4.1.1 (how an issuer is named).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.algorithms import Algorithm
from keys.der import BIT_STRING, OCTET_STRING, wrapped
from keys.handles import KeyHandle
from keys.ocsp.reading import SEQUENCE, Reader, only

BY_KEY = 0xA2
IssuerName = tuple[str, bytes, bytes]
"""algorithm, hash of the issuer's name, hash of its public key."""


@dataclass(frozen=True, slots=True)
class ResponderUnit:
    """
    sign: over a message, with `algorithm`. issuer: handle of the authority whose certificates it speaks of.
    certificate: the responder's own, DER, in its time from not_before to not_after (epoch seconds).
    responder: its ResponderID, DER. names: how requests name the authority.
    """

    sign: Callable[[bytes], bytes]
    algorithm: Algorithm
    issuer: KeyHandle
    certificate: bytes
    not_before: int
    not_after: int
    responder: bytes
    names: tuple[IssuerName, ...]


def open_responder(
    sign: Callable[[bytes], bytes],
    algorithm: Algorithm,
    certificate: bytes,
    issuer: KeyHandle,
    issuer_certificate: bytes,
    *,
    not_before: int,
    not_after: int,
) -> ResponderUnit:
    """Make the unit from its key, its certificate and that of the authority (DER)."""
    own = x509.load_der_x509_certificate(certificate)
    above = x509.load_der_x509_certificate(issuer_certificate)
    name, key = above.subject.public_bytes(), _key_bits(above)
    by_key = hashlib.sha1(_key_bits(own), usedforsecurity=False).digest()  # KeyHash is SHA-1, RFC 6960 §4.2.1
    return ResponderUnit(
        sign=sign,
        algorithm=algorithm,
        issuer=issuer,
        certificate=certificate,
        not_before=not_before,
        not_after=not_after,
        responder=wrapped(BY_KEY, wrapped(OCTET_STRING, by_key)),
        names=tuple((word, _digest(word, name), _digest(word, key)) for word in ("sha1", "sha256")),
    )


def _digest(word: str, data: bytes) -> bytes:
    return hashlib.new(word, data, usedforsecurity=False).digest()  # a name for a certificate, no protection


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The BIT STRING of the public key, without tag, length and number of unused bits."""
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fields = Reader(only(info, SEQUENCE).content)
    fields.take(SEQUENCE)
    return fields.take(BIT_STRING).content[1:]
