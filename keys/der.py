"""
Writing DER by hand, where bytes must be put around bytes that were made elsewhere, or quickly. Pure.

Source: ITU-T X.690 §8.1.3, §10, §11 (distinguished encoding); RFC 5280 §4.1, §5.1 (the frame of signed things).
"""

from __future__ import annotations

from collections.abc import Mapping

from base.clock import as_utc
from keys.algorithms import Algorithm

INTEGER, BIT_STRING, OCTET_STRING, GENERALIZED_TIME = 0x02, 0x03, 0x04, 0x18
SEQUENCE, SET, CONTEXT = 0x30, 0x31, 0xA0
ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
"""AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 §3.2)."""
_PSS_PARAMETERS = (
    "a00f300d06096086480165030402010500"  # hashAlgorithm: SHA-256
    "a11c301a06092a864886f70d010108300d06096086480165030402010500"  # maskGenAlgorithm: MGF1 with SHA-256
    "a203020120"  # saltLength: 32
)
SIGNATURE_ALGORITHMS: Mapping[Algorithm, bytes] = {
    Algorithm.ES256: ECDSA_WITH_SHA256,
    Algorithm.ES384: bytes.fromhex("300a06082a8648ce3d040303"),
    Algorithm.ES512: bytes.fromhex("300a06082a8648ce3d040304"),
    Algorithm.RS256: bytes.fromhex("300d06092a864886f70d01010b0500"),
    Algorithm.PS256: bytes.fromhex("304106092a864886f70d01010a3034" + _PSS_PARAMETERS),
    Algorithm.EDDSA: bytes.fromhex("300506032b6570"),
    Algorithm.ML_DSA_44: bytes.fromhex("300b0609608648016503040311"),
    Algorithm.ML_DSA_65: bytes.fromhex("300b0609608648016503040312"),
    Algorithm.ML_DSA_87: bytes.fromhex("300b0609608648016503040313"),
}
"""
AlgorithmIdentifier of each signature: in certificates and lists, OCSP answers, and SignerInfo.

Source: RFC 5758 §3.2 (ECDSA, no parameters), RFC 4055 §5 (PKCS #1 v1.5, parameters NULL), §3.1 (PSS), RFC 8410 §3
(Ed25519), RFC 9881 §2 (ML-DSA, no parameters).
"""


def wrapped(tag: int, content: bytes) -> bytes:
    """Tag, length in short or long form, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    coded = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(coded))) + coded + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of encoded parts."""
    return wrapped(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF encoded parts, in the order that DER asks for (§11.6)."""
    return wrapped(SET, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    """INTEGER, two's complement, as short as possible."""
    length = (value + (value < 0)).bit_length() // 8 + 1
    return wrapped(INTEGER, value.to_bytes(length, "big", signed=True))


def generalized_time(seconds: int) -> bytes:
    """GeneralizedTime of epoch seconds, UTC, without fraction."""
    return wrapped(GENERALIZED_TIME, as_utc(seconds).strftime("%Y%m%d%H%M%SZ").encode())


def signed_frame(to_be_signed: bytes, signature: bytes, algorithm: Algorithm) -> bytes:
    """A certificate, revocation list or OCSP answer: SEQUENCE { signed part, AlgorithmIdentifier, BIT STRING }."""
    return sequence(to_be_signed, SIGNATURE_ALGORITHMS[algorithm], wrapped(BIT_STRING, b"\x00" + signature))


def split(joined: bytes) -> tuple[bytes, ...]:
    """DER objects that were written one after the other; each says how long it is."""
    found = []
    while joined:
        size = joined[1] & 0x7F if joined[1] & 0x80 else 0
        length = 2 + size + (int.from_bytes(joined[2 : 2 + size], "big") if size else joined[1])
        found.append(joined[:length])
        joined = joined[length:]
    return tuple(found)
