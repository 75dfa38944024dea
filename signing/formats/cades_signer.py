"""The SignerInfo around a signature value. Source: RFC 5652 §5.3; EN 319 122-1 §5.3 (signature-time-stamp)."""

from __future__ import annotations

import hashlib

from signing.formats.base import Level, Prepared, Timestamper
from signing.formats.cms_build import with_unsigned
from signing.formats.cms_writer import issuer_and_serial
from signing.formats.der import integer, octets, oid, sequence
from signing.formats.refusals import stamped
from signing.formats.signature_algorithms import algorithm_of

SIGNATURE_TIME_STAMP = oid("1.2.840.113549.1.9.16.2.14")


def new_signer(prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
    """Raises: SignatureRefused, and what the timestamper raises: there is no B-T without its stamp."""
    signs = algorithm_of(prepared.algorithm)
    signer = sequence(
        integer(1),
        issuer_and_serial(prepared.certificate),
        signs.digest_identifier,
        b"\xa0" + prepared.signed_attributes[1:],
        signs.identifier,
        octets(signature),
    )
    if prepared.level is Level.B_B:
        return signer
    return with_unsigned(signer, SIGNATURE_TIME_STAMP, stamped(timestamper, hashlib.sha256(signature).digest()))
