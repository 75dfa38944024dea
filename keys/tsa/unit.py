"""
The time-stamping unit, with everything that is the same in each of its tokens already encoded.

asn1crypto takes 50 ms to build a token from objects; what does not change is made once, when the key is opened, and
written by hand there too: every process that starts opens the unit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import algos, x509

from keys.algorithms import CMS_DIGESTS, Algorithm
from keys.der import CONTEXT, OCTET_STRING, integer, sequence, set_of, wrapped

_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
"""Its object identifier, 1.2.840.113549.1.9.16.2.47."""


@dataclass(frozen=True, slots=True)
class TimestampUnit:
    """
    The unit that signs. sign: over a message, with `algorithm`. Times are the certificate's, epoch seconds.

    digest: name of the hash that goes with that algorithm. The rest is DER:

    certificates:  the unit's and the chain above it without the root, in the order of a SET OF.
    name:          its subject as a GeneralName; sid: issuer and serial number, as a SignerInfo names its signer.
    reference:     the signed attribute that binds the certificate.
    """

    sign: Callable[[bytes], bytes]
    algorithm: Algorithm
    digest: str
    not_before: int
    not_after: int
    certificates: bytes
    name: bytes
    sid: bytes
    reference: bytes


def open_unit(
    sign: Callable[[bytes], bytes],
    algorithm: Algorithm,
    certificate: bytes,
    chain: tuple[bytes, ...],
    *,
    not_before: int,
    not_after: int,
) -> TimestampUnit:
    """Make the unit from its key and its certificate (DER; chain: issuing authority first, without the root)."""
    parsed = x509.Certificate.load(certificate)["tbs_certificate"]
    issuer, serial = directory_name(parsed["issuer"].dump()), integer(parsed["serial_number"].native)
    return TimestampUnit(
        sign=sign,
        algorithm=algorithm,
        digest=CMS_DIGESTS[algorithm],
        not_before=not_before,
        not_after=not_after,
        certificates=b"".join(sorted((certificate, *chain))),  # DER orders a SET OF
        name=directory_name(parsed["subject"].dump()),
        sid=sequence(parsed["issuer"].dump(), serial),
        reference=_reference(certificate, sequence(sequence(issuer), serial), CMS_DIGESTS[algorithm]),
    )


def hash_algorithm(name: str) -> bytes:
    """AlgorithmIdentifier of a hash, DER."""
    return bytes(algos.DigestAlgorithm({"algorithm": name}).dump())


def directory_name(name: bytes) -> bytes:
    """GeneralName of a Name: [4], explicit, because a Name is a choice (RFC 5280 §4.2.1.6)."""
    return wrapped(CONTEXT | 4, name)


def _reference(certificate: bytes, issuer_serial: bytes, name: str) -> bytes:
    """Source: RFC 5816 §2.2.1: ESSCertIDv2; SHA-256 is its default and then left out."""
    digest = wrapped(OCTET_STRING, hashlib.new(name, certificate).digest())
    reference = sequence(b"" if name == "sha256" else hash_algorithm(name), digest, issuer_serial)
    return sequence(_SIGNING_CERTIFICATE_V2, set_of(sequence(sequence(reference))))
