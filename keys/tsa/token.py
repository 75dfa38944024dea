"""
Making a TimeStampToken: TSTInfo inside CMS SignedData, signed by the time-stamping unit.

Source: RFC 3161 §2.4.2; ETSI EN 319 422 §5.2 (accuracy at most one second, version 1); RFC 5652 §5 (SignedData, with
the signature over the attributes as SET OF); RFC 9882 §3 (ML-DSA).
"""

from __future__ import annotations

import hashlib
import secrets

from asn1crypto import cms, core

from keys.der import (
    CONTEXT,
    OCTET_STRING,
    SET,
    SIGNATURE_ALGORITHMS,
    generalized_time,
    integer,
    sequence,
    set_of,
    wrapped,
)
from keys.tsa.request import DIGEST_BYTES, ImprintOrder
from keys.tsa.unit import TimestampUnit, hash_algorithm

ACCURACY_SECONDS = 1
SERIAL_BITS = 128
_HASHES = {name: hash_algorithm(name) for name in DIGEST_BYTES}
_TST_INFO = cms.ContentType("tst_info").dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_CONTENT_TYPE = cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}).dump()
_MESSAGE_DIGEST = cms.CMSAttributeType("message_digest").dump()


def make_token(unit: TimestampUnit, order: ImprintOrder, *, policy: str, gen_time: int) -> bytes:
    """
    The ContentInfo, DER. gen_time: epoch seconds.

    1. The TSTInfo, with a serial number of 128 random bits.
    2. The signed attributes bind its digest and the unit's certificate.
    3. The signature; the certificates only when asked for (RFC 3161 §2.4.1 certReq).
    """
    content = _tst_info(unit, order, policy, gen_time)
    digest = wrapped(OCTET_STRING, hashlib.new(unit.digest, content).digest())
    attributes = set_of(_CONTENT_TYPE, sequence(_MESSAGE_DIGEST, set_of(digest)), unit.reference)
    signer = sequence(
        integer(1),
        unit.sid,
        _HASHES[unit.digest],
        bytes((CONTEXT,)) + attributes[1:],  # IMPLICIT [0]: another tag in front of the same SET OF
        SIGNATURE_ALGORITHMS[unit.algorithm],
        wrapped(OCTET_STRING, unit.sign(attributes)),
    )
    signed = sequence(
        integer(3),
        set_of(_HASHES[unit.digest]),
        sequence(_TST_INFO, wrapped(CONTEXT, wrapped(OCTET_STRING, content))),
        wrapped(CONTEXT, unit.certificates) if order.with_certificates else b"",
        wrapped(SET, signer),
    )
    return sequence(_SIGNED_DATA, wrapped(CONTEXT, signed))


def _tst_info(unit: TimestampUnit, order: ImprintOrder, policy: str, gen_time: int) -> bytes:
    return sequence(
        integer(1),
        core.ObjectIdentifier(policy).dump(),
        sequence(_HASHES[order.algorithm], wrapped(OCTET_STRING, order.imprint)),
        integer(secrets.randbits(SERIAL_BITS) | 1),
        generalized_time(gen_time),
        sequence(integer(ACCURACY_SECONDS)),
        integer(order.nonce) if order.nonce is not None else b"",
        wrapped(CONTEXT, unit.name),
    )
